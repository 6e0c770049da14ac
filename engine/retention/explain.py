"""Why something expires when it does: every ceiling, every statute, every hold, and which of them wins. Pure.

Computed forward from events and facts that are given, like a policy's own tests about retention; a test
compares the two on random stories. What the officers decided about conflicts is taken as it stands at `now`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.datamap.map import DataMap
from engine.decisions.explain import Condition, State
from engine.decisions.facts import answer
from engine.policy.cases.models import ROW
from engine.policy.compiled.conditions import Demand, facts_of
from engine.policy.compiled.words import label, phrase
from engine.policy.models import RetentionRule
from engine.policy.models.retention import Action
from engine.policy.policy import Policy
from engine.policy.regions import lies_in
from engine.retention.arithmetic import steps
from engine.retention.calendar import NEVER
from engine.retention.ceilings import (
    BACKUP,
    STRENGTH,
    Ceiling,
    Floor,
    ceilings_of,
    floors_of,
    overruled,
)
from engine.retention.explained import (
    CategoryExplained,
    Dues,
    FloorExplained,
    PartExplained,
    RuleExplained,
    Standing,
    TermExplained,
    Told,
)
from engine.retention.terms import Days, Term


@dataclass(frozen=True)
class Explainer:
    """Explains by the versions of `chain`, oldest first; the last is the one that applies."""

    chain: Sequence[Policy]
    told: Told
    now: datetime

    @property
    def policy(self) -> Policy:
        """The version that applies."""
        return self.chain[-1]

    def category(self, leaf: str, *, backup: bool = False) -> CategoryExplained:
        """When data of a leaf category is due, whatever row it lies in."""
        rules = tuple(
            self._rule(policy, ceiling, leaf, backup)
            for policy in (self.policy, *self._still_binding())
            for ceiling in ceilings_of(policy, leaf)
            if (BACKUP in ceiling.events()) == backup
        )
        held = self._holding((leaf,))
        found = {action: _earliest(rules, action) for action in STRENGTH}
        due = {action: rule.due if rule else None for action, rule in found.items()}
        winners = {action: rule.rule for action, rule in found.items() if rule}
        standing = tuple(_stand(rule, found) for rule in rules)
        return CategoryExplained(leaf, standing, due, winners, held)

    def row(
        self, leaves: Sequence[str], others: Iterable[str] = (), *, backup: bool = False
    ) -> PartExplained:
        """When a row of these leaves is due; `others` are categories of its fields, which may keep it."""
        categories = tuple(self.category(leaf, backup=backup) for leaf in leaves)
        every = tuple(dict.fromkeys((*leaves, *others)))
        keeping = self._keeping(leaves, every, backup)
        until = max((floor.term.until or NEVER for floor in keeping), default=None)
        due: Dues = {action: _of_row(categories, action, backup=backup) for action in STRENGTH}
        if until is not None and due["delete"] is not None:
            due["delete"] = None if until == NEVER else max(due["delete"], until)
        held = self._holding(every)
        winners = _setting(categories, due, backup)
        return PartExplained(
            ROW, _unless_held(due, held), winners, categories, held, keeping, until
        )

    def field(self, name: str, leaf: str) -> PartExplained:
        """When a field of this category is due by itself."""
        category = self.category(leaf)
        due = _unless_held(category.due, category.held)
        return PartExplained(name, due, category.winners, (category,), category.held)

    def _still_binding(self) -> tuple[Policy, ...]:
        """The older versions that bind somebody who has not agreed to anything newer."""
        if not self.told.people:
            return ()
        versions = [policy.version for policy in self.chain]
        reached = versions.index(self.told.agreed) if self.told.agreed in versions else -1
        return tuple(p for number, p in enumerate(self.chain[:-1]) if reached <= number)

    def _rule(self, policy: Policy, ceiling: Ceiling, leaf: str, backup: bool) -> RuleExplained:
        conditions = tuple(self._conditions(ceiling.rule))
        applies = _applies(conditions, ceiling.rule)
        law = tuple(self._floor(floor) for floor in ceiling.law or ())
        binding = tuple(floor for floor in law if floor.binds)
        floors = tuple(dict.fromkeys((*law, *self._floors(ceiling, leaf, backup))))
        own = tuple(self._term(term) for term in ceiling.terms)
        terms = (*own, *(floor.term for floor in binding))
        lawless = ceiling.law is not None and not binding  # then nothing may be deleted
        due = _latest(terms, floors) if applies and not lawless else None
        version = "" if policy is self.policy else policy.version
        return RuleExplained(
            ceiling.rule.id, ceiling.rule.clause, version, ceiling.then, terms,
            ceiling.law is not None, conditions, applies, floors, due,
            str(ceiling.rule.notice) if ceiling.rule.notice else None,
        )  # fmt: skip

    def _floors(self, ceiling: Ceiling, leaf: str, backup: bool) -> tuple[FloorExplained, ...]:
        if ceiling.then == "restrict":
            return ()  # what must be kept may well be restricted
        return tuple(
            self._floor(floor, ceiling.rule)
            for floor in floors_of(self.policy, leaf)
            if (floor.term.after.event == BACKUP) == backup
        )

    def _floor(self, floor: Floor, *rules: RetentionRule) -> FloorExplained:
        law = next(s for s in self.policy.statutes if s.id == floor.statute)
        today = self.now.date()
        gone = bool(rules) and all(overruled(self.policy, rule, floor, today) for rule in rules)
        binds, term = self._binds(floor), self._term(floor.term)
        return FloorExplained(floor.statute, law.source, law.as_of, binds, gone, term)

    def _keeping(
        self, leaves: Sequence[str], every: Sequence[str], backup: bool
    ) -> tuple[FloorExplained, ...]:
        """The statutes that keep the whole row, the last of them first."""
        rules = [
            ceiling.rule
            for policy in self.chain
            for leaf in leaves
            for ceiling in ceilings_of(policy, leaf)
            if ceiling.then != "restrict"
        ]
        found = dict.fromkeys(
            self._floor(floor, *rules)
            for leaf in every
            for floor in floors_of(self.policy, leaf)
            if (floor.term.after.event == BACKUP) == backup
        )
        keeping = [floor for floor in found if floor.keeps]
        return tuple(sorted(keeping, key=lambda f: f.term.until or NEVER, reverse=True))

    def _binds(self, floor: Floor) -> bool:
        regions = floor.regions
        if regions is None:
            return True
        known = [lies_in(p.region, regions) for p in self.told.people if p.region is not None]
        return True in known or False not in known

    def _term(self, term: Term) -> TermExplained:
        event = term.after.event
        happened = self.told.events.get(event)
        if happened is None:
            return TermExplained(str(term), event, None, None, ())
        days = Days.of(self.policy)
        until = days.expires_at(term, happened)
        shown = steps(term, happened, days)
        return TermExplained(str(term), event, happened, None if until == NEVER else until, shown)

    def _conditions(self, rule: RetentionRule) -> Iterable[Condition]:
        for source, guard, holds in (("when", rule.when, True), ("unless", rule.unless, False)):
            for fact in facts_of(guard):
                demand = Demand(fact, holds)
                state = self._state(demand)
                yield Condition(phrase(demand), label(demand), source, state)  # type: ignore[arg-type]  # both are sources

    def _state(self, demand: Demand) -> State:
        """Of several people one is enough, as for the rows of a dataset."""
        known = [answer(demand.fact, person) for person in self.told.people]
        verdict = True if True in known else (False if False in known else None)
        if verdict is None:
            return "unknown"
        return "holds" if verdict == demand.holds else "fails"

    def _holding(self, leaves: Iterable[str]) -> tuple[str, ...]:
        """The holds that are about one of these categories."""
        data = self.policy.hold_reasons()
        wanted = set(leaves)
        return tuple(
            name
            for name in self.told.held
            if wanted.intersection(self.policy.data_leaves(data.get(name, ())))
        )


def _applies(conditions: Sequence[Condition], rule: RetentionRule) -> bool:
    """Unless it is known not to: one condition of `when` fails, or all of `unless` are known to be met."""
    if any(c.source == "when" and c.state == "fails" for c in conditions):
        return False
    exceptions = [c for c in conditions if c.source == "unless"]
    return rule.unless is None or not all(c.state == "fails" for c in exceptions)


def _latest(terms: Sequence[TermExplained], floors: Sequence[FloorExplained]) -> datetime | None:
    """When all have passed; None if one never does, or if there is nothing to count."""
    counted = [*terms, *(floor.term for floor in floors if floor.keeps)]
    if not terms or any(term.until is None for term in counted):
        return None
    return max(term.until for term in counted if term.until is not None)


def _earliest(rules: Sequence[RuleExplained], action: Action) -> RuleExplained | None:
    """The rule that is first to do this or more."""
    acting = [r for r in rules if r.due is not None and STRENGTH[r.then] >= STRENGTH[action]]
    return min(acting, key=lambda rule: rule.due or NEVER, default=None)


def _stand(rule: RuleExplained, found: Mapping[Action, RuleExplained | None]) -> RuleExplained:
    return replace(rule, standing=_standing(rule, found))


def _standing(rule: RuleExplained, found: Mapping[Action, RuleExplained | None]) -> Standing:
    if not rule.applies:
        return "does not apply"
    if rule.due is None:
        return "not counting yet"
    winner = found[rule.then]
    if winner is rule:
        return "wins"
    stronger = winner is not None and STRENGTH[winner.then] > STRENGTH[rule.then]
    return "subsumed" if stronger else "later"


def _of_row(
    categories: Sequence[CategoryExplained], action: Action, *, backup: bool
) -> datetime | None:
    """The latest among the leaves, as the row is whole; a backup goes with the first of them."""
    dues = [category.due[action] for category in categories]
    known = [due for due in dues if due is not None]
    if backup:
        return min(known, default=None)
    return max(known) if known and len(known) == len(dues) else None


def _setting(categories: Sequence[CategoryExplained], due: Dues, backup: bool) -> dict[Action, str]:
    """The rule that sets each date of a row: that of the leaf which is due last (of a backup, first)."""
    pick = min if backup else max
    found: dict[Action, str] = {}
    for action, at in due.items():
        dated = [(d, c) for c in categories if (d := c.due[action]) is not None]
        if at is not None and dated:
            found[action] = pick(dated, key=lambda item: item[0])[1].winners[action]
    return found


def _unless_held(due: Dues, held: Sequence[str]) -> Dues:
    """A hold keeps from deletion and anonymising, not from restricting."""
    return {action: None if held and action != "restrict" else at for action, at in due.items()}


def explain_dataset(
    explainer: Explainer, datamap: DataMap, dataset: str
) -> tuple[PartExplained, ...]:
    """The row of a dataset, and each personal field that is erased or made anonymous before it."""
    spec = datamap.datasets[dataset]
    backup = bool(spec.backup_of)
    leaves, others = _categories(explainer.policy, datamap, dataset)
    row = explainer.row(leaves, others, backup=backup)
    if backup:
        return (row,)
    fields = [explainer.field(n, use.category) for n, use in spec.fields.items() if use.category]
    return (row, *(field for field in fields if _goes_before(field, row)))


def _categories(
    policy: Policy, datamap: DataMap, dataset: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The leaves of what a row is, and those of all that it holds; a backup is all that it copies."""
    spec = datamap.datasets[dataset]
    leaves = policy.categories.leaves_under(spec.row) if spec.row else ()
    others = tuple(use.category for use in spec.fields.values() if use.category)
    for copied in spec.backup_of or ():
        more = _categories(policy, datamap, copied)
        leaves = (*leaves, *more[0], *more[1])
    return tuple(dict.fromkeys(leaves)), tuple(dict.fromkeys(others))


def _goes_before(field: PartExplained, row: PartExplained) -> bool:
    """Whether a field goes by itself; what is of the row's own categories stays with a row that is kept."""
    own = field.categories[0].leaf in {category.leaf for category in row.categories}
    actions: tuple[Action, ...] = ("anonymise", "delete")
    for action in actions:
        at = field.due[action]
        whole = _of_row(row.categories, action, backup=False) if own else row.due[action]
        if at is not None and (whole is None or at < whole):
            return True
    return False
