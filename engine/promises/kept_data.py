"""What the platform's stores hold of a rule's data, and what of it is overdue at this moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.datamap.map import DataMap
from engine.policy.durations import LAW, Duration
from engine.policy.models import RetentionRule
from engine.policy.policy import Policy
from engine.ports import Always, DataAdapter
from engine.promises.retention import DatasetFacts
from engine.retention.ceilings import lawless
from engine.retention.compiling import Compiler, Memory
from engine.retention.due import Setting, categories_in
from engine.retention.events import is_sighted
from engine.retention.guards import Facts
from engine.retention.holds import Hold
from engine.retention.plan import Step
from engine.retention.planning import Planner, read_facts
from engine.retention.steps import changes_of
from engine.retention.terms import Days, Term


@dataclass(frozen=True)
class KeptData:
    """Looks at the data of one rule at a time, as if it were the only rule: so what is overdue is overdue by
    that rule. It reads only, and neither uses nor makes a plan of the purge."""

    policy: Policy
    earlier: Sequence[Policy]
    datamap: DataMap
    adapters: Mapping[str, DataAdapter]
    memory: Memory
    now: datetime

    def lawless(self, rule: RetentionRule) -> tuple[str, ...]:
        """The leaves that the rule keeps as required by law, and that no statute is about."""
        return tuple(leaf for one, leaf in lawless(self.policy) if one.id == rule.id)

    def promised_before(self, rule: RetentionRule) -> tuple[str, ...]:
        """Other periods that older versions promise for this data, to who has agreed to nothing newer."""
        kept = [str(one.keep) for old in self.earlier for one in self._about_the_same(rule, old)]
        return tuple(dict.fromkeys(keep for keep in kept if keep != str(rule.keep)))

    def look(
        self, rule: RetentionRule, holds: tuple[Hold, ...], survivors: Mapping[str, int]
    ) -> tuple[DatasetFacts, ...]:
        """Every dataset that holds data of the rule. Raises StoreUnavailable."""
        compiler = Compiler(self.datamap, self.adapters, self.memory)
        setting = self._setting(rule, compiler)
        names = self._datasets(rule, setting)
        if not names:
            return ()
        plan = Planner(setting, compiler, holds).plan((), lambda *_: None, names)
        return tuple(
            self._facts(
                rule, setting, one.dataset, one.total, plan.steps_of(one.dataset), survivors
            )
            for one in plan.datasets
        )

    def _setting(self, rule: RetentionRule, compiler: Compiler) -> Setting:
        alone = replace(self.policy, retention=(rule,))
        before = [
            replace(old, retention=tuple(self._about_the_same(rule, old))) for old in self.earlier
        ]
        facts = Facts(read_facts(compiler), self.now, Days.of(self.policy))
        return Setting(alone, self.datamap, facts, self.now, self.now, tuple(before))

    def _about_the_same(self, rule: RetentionRule, old: Policy) -> list[RetentionRule]:
        leaves = set(self.policy.data_leaves(rule.data))
        return [
            r for r in old.retention if not r.unstated and leaves & set(old.data_leaves(r.data))
        ]

    def _datasets(self, rule: RetentionRule, setting: Setting) -> list[str]:
        leaves = set(self.policy.data_leaves(rule.data))
        return [
            name
            for name, spec in self.datamap.datasets.items()
            if spec.personal != "none" and leaves & set(categories_in(setting, name))
        ]

    def _facts(
        self,
        rule: RetentionRule,
        setting: Setting,
        name: str,
        total: int,
        steps: Sequence[Step],
        survivors: Mapping[str, int],
    ) -> DatasetFacts:
        judged = [step for step in steps if self._visible(name, step)]
        since = [at for step in judged if step.rows and (at := self._since(rule, setting, step))]
        return DatasetFacts(
            dataset=name,
            rows=total,
            overdue=sum(step.rows for step in judged),
            since=min(since, default=None),
            oldest=self._oldest(rule, name),
            held=sum(kept.rows for step in judged for kept in step.kept),
            survivors=survivors.get(name),
        )

    def _visible(self, name: str, step: Step) -> bool:
        """Whether the rows of a step are overdue: not restricted ones, and not those in which a hashed or
        truncated value cannot be told from one that is not."""
        if step.verb == "restrict":
            return False
        changes = changes_of(self.datamap.datasets[name], step)
        return changes is None or any(change.how == "set" for change in changes.values())

    def _since(self, rule: RetentionRule, setting: Setting, step: Step) -> datetime | None:
        """From when the oldest row was due, where plain periods say so; an older version's may be shorter."""
        oldest = step.oldest
        rules = [rule, *(r for old in setting.earlier for r in old.retention)]
        if oldest is None or any(one.or_later or one.keep == LAW for one in rules):
            return None
        due = [
            setting.days.expires_at(Term(one.keep, one.after), oldest)
            for one in rules
            if isinstance(one.keep, Duration) and one.after
        ]
        return min(due, default=None)

    def _oldest(self, rule: RetentionRule, name: str) -> datetime | None:
        if rule.after is None or rule.keep == LAW:
            return None
        spec = self.datamap.datasets[name]
        time = spec.times.get(rule.after.event)
        if time is None or is_sighted(time):
            return None
        if rule.after.event.startswith("record.") and not self._row_is_about(rule, name):
            return None
        return self.adapters[spec.store].extent(spec, Always(), time)[0]

    def _row_is_about(self, rule: RetentionRule, name: str) -> bool:
        row = self.datamap.datasets[name].row
        leaves = self.policy.categories.leaves_under(row) if row else ()
        return bool(set(leaves) & set(self.policy.data_leaves(rule.data)))
