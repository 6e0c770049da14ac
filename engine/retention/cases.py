"""Run a policy's own tests about retention: is a row, and each field, due when the officers expect it?

Each expectation is checked twice: not due an instant before, and due then. The judge is the one that looks
again after purges, fed with the events and facts of the case instead of rows from a store.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.datamap.map import DataMap
from engine.datamap.model import Dataset
from engine.policy.cases import ROW, CaseFile, Due, Given, RetentionCase
from engine.policy.models.retention import Action
from engine.policy.policy import Policy
from engine.ports import Record
from engine.retention.calendar import day_end
from engine.retention.chronicle import Person, Story
from engine.retention.due import Setting
from engine.retention.forward import Fate, Judge
from engine.retention.guards import Facts
from engine.retention.terms import Days

_SOMEBODY = "somebody"
_INSTANT = timedelta(microseconds=1)
_LIFETIME = timedelta(days=200 * 365)


@dataclass(frozen=True, slots=True)
class RetentionResult:
    """One case, and each way in which the policy says something else."""

    case: RetentionCase
    problems: tuple[str, ...]


def run_retention_cases(
    file: CaseFile, chain: Sequence[Policy], datamap: DataMap
) -> tuple[RetentionResult, ...]:
    """Judge every retention case of a file, in its order.

    `chain` ends with the version that the file is about; the older ones still bind whoever has not agreed.
    """
    return tuple(
        RetentionResult(case, tuple(_problems(case, file.given, chain, datamap)))
        for case in file.retention
    )


def _problems(
    case: RetentionCase, given: Given, chain: Sequence[Policy], datamap: DataMap
) -> Iterator[str]:
    spec = datamap.datasets.get(case.dataset)
    if spec is None:
        yield f"the data map has no dataset `{case.dataset}`"
        return
    case_of = _Case(case, given.replaced_by(case.given), chain, datamap, spec)
    for name, dues in case.expect.items():
        if name != ROW and (name not in spec.fields or spec.fields[name].category is None):
            yield f"`{case.dataset}` has no personal field `{name}`"
            continue
        for action, due in dues.items():
            yield from case_of.compare(name, action, due)
    yield from case_of.unlisted()


@dataclass(frozen=True)
class _Case:
    """One case with what it is judged by."""

    case: RetentionCase
    given: Given
    chain: Sequence[Policy]
    datamap: DataMap
    spec: Dataset

    @property
    def policy(self) -> Policy:
        """The version that the case is about."""
        return self.chain[-1]

    def compare(self, name: str, action: Action, due: Due) -> Iterator[str]:
        what = "the row" if name == ROW else f"`{name}`"
        at = self._instant(due)
        if at is None:
            if self._is_due(name, action, self._last_event() + _LIFETIME):
                yield f"{what} should never be due to {action}, but is within 200 years"
            return
        if self._is_due(name, action, at - _INSTANT):
            yield f"{what} is due to {action} before {_said(due)}"
        if not self._is_due(name, action, at):
            yield f"{what} is not due to {action} at {_said(due)}"

    def unlisted(self) -> Iterator[str]:
        """A field that is not listed goes with the row, so it is not due before that."""
        row = self.case.expect.get(ROW, {}).get("delete", Due())
        at = self._instant(row)
        moment = (at - _INSTANT) if at else self._last_event() + _LIFETIME
        fate = self._fate(moment)
        listed = {self.spec.fields[n].category for n in self.case.expect if n in self.spec.fields}
        for name, use in self.spec.fields.items():
            early = (
                use.category and use.category not in listed and fate.fields[use.category]["delete"]
            )
            if early and not fate.protected:
                yield f"`{name}` is due before the row, since {early:%Y-%m-%d %H:%M} UTC"

    def _is_due(self, name: str, action: Action, moment: datetime) -> bool:
        fate = self._fate(moment)
        if name == ROW:
            return fate.row[action] is not None and not (action == "delete" and fate.protected)
        return fate.fields[self.spec.fields[name].category or ""][action] is not None

    def _fate(self, moment: datetime) -> Fate:
        facts = Facts({}, moment, Days.of(self.policy))
        earlier = tuple(self.chain[:-1])
        setting = Setting(self.policy, self.datamap, facts, moment, moment, earlier)
        judge = Judge(setting, self.case.dataset, self._agreed_after, self._chose)
        return judge.fate(self._story)

    def _agreed_after(self, version: str) -> frozenset[str]:
        """The person, if they agreed to something newer; they did to everything unless the case says."""
        names = [policy.version for policy in self.chain]
        agreed = self.given.agreed or names[-1]
        newer = agreed in names and names.index(agreed) > names.index(version)
        return frozenset({_SOMEBODY} if newer else ())

    def _chose(self, choices: tuple[str, ...], on: bool) -> frozenset[str]:
        """The person, if the case says that they have one of the choices on, or all of them off."""
        said = [(self.given.choice or {}).get(choice) for choice in choices]
        chosen = "on" in said if on else all(one == "off" for one in said)
        return frozenset({_SOMEBODY} if chosen else ())

    @property
    def _story(self) -> Story:
        zone = self.policy.header.zone
        times = {event: moment.at(zone) for event, moment in self.case.events.items()}
        paths = self.datamap.paths(self.case.dataset)
        ends = dict.fromkeys(path[-1].target if path else self.case.dataset for path in paths)
        people = tuple(
            Person(name, _SOMEBODY, Record((0,), _stored(self.datamap.datasets[name], self.given)))
            for name in ends
        )
        return Story(Record((0,), {}), times, people)

    def _instant(self, due: Due) -> datetime | None:
        zone = self.policy.header.zone
        if due.through is not None:
            return day_end(due.through, zone)
        return due.moment.at(zone) if due.moment else None

    def _last_event(self) -> datetime:
        return max(moment.at(self.policy.header.zone) for moment in self.case.events.values())


def _stored(spec: Dataset, given: Given) -> Mapping[str, str]:
    """A person's row that says what is given, in the words of the store."""
    told = {"account": given.account, "region": given.region}
    told["age"] = None if given.age is None else str(given.age)
    row = {}
    for fact, source in spec.facts.items():
        value = told.get(fact)
        words = {meaning: raw for raw, meaning in (source.means or {}).items()}
        if value is not None:
            row[source.field] = words.get(value, value)
    return row


def _said(due: Due) -> str:
    if due.through is not None:
        return f"the end of {due.through}"
    return f"{due.moment.clock:%Y-%m-%d %H:%M}" if due.moment else "never"
