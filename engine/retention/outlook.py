"""Of a step: since when its oldest row has been waiting to go, and when the next row will be due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from engine.ports import Condition
from engine.retention.ceilings import Ceiling
from engine.retention.compiling import Compiler
from engine.retention.due import Setting, applying, leaves_of_row
from engine.retention.events import is_sighted
from engine.retention.expressions import Expression, negated
from engine.retention.plan import Step
from engine.retention.terms import Term


@dataclass(frozen=True)
class Outlook:
    """Asks the stores for the times of rows."""

    setting: Setting
    compiler: Compiler

    def oldest(self, step: Step, rows: Expression) -> datetime | None:
        """The earliest time, of those that the step's rules count from, among these rows."""
        where = self.compiler.condition(step.dataset, rows)
        events = dict.fromkeys(cutoff.event for cutoff in step.cutoffs)
        found = [self._earliest(step.dataset, where, event) for event in events]
        return min((at for at in found if at is not None), default=None)

    def next_due(self, step: Step) -> datetime | None:
        """When the next row becomes due, where that follows from a time of the row itself."""
        where = self.compiler.condition(step.dataset, negated(step.due))
        earliest: dict[str, datetime | None] = {}
        found = []
        for term in self._terms(step):
            event = term.after.event
            if event not in earliest:
                earliest[event] = self._earliest(step.dataset, where, event)
            happened = earliest[event]
            if happened is not None:
                found.append(self.setting.days.expires_at(term, happened))
        return min((at for at in found if at > self.setting.by), default=None)

    def _terms(self, step: Step) -> Iterator[Term]:
        """The terms of the rules that have no other."""
        spec = self.setting.datamap.datasets[step.dataset]
        leaves = (step.category,) if step.category else leaves_of_row(self.setting.policy, spec)
        for leaf in leaves:
            for one in applying(self.setting, step.dataset, leaf):
                term = _only_term(one.ceiling)
                if term is not None:
                    yield term

    def _earliest(self, dataset: str, where: Condition, event: str) -> datetime | None:
        """The earliest time of the event that the rows themselves have."""
        spec = self.setting.datamap.datasets[dataset]
        time = spec.times.get(event)
        if time is None or is_sighted(time):
            return None
        return self.compiler.adapters[spec.store].extent(spec, where, time)[0]


def _only_term(ceiling: Ceiling) -> Term | None:
    return ceiling.terms[0] if len(ceiling.terms) == 1 and ceiling.law is None else None
