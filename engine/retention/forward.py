"""When one row expires, computed forward from its own story; the independent twin of `due.py`.

Pure. No cutoffs and no conditions: each term is `expires_at` of the event's time, guards are judged from the
person's own values. What it finds due must be exactly what the conditions select; a property test says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from engine.datamap.model import Dataset
from engine.policy.models import Guard
from engine.policy.models.retention import Action
from engine.policy.policy import Policy
from engine.policy.regions import lies_in
from engine.retention.binding import binding
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
from engine.retention.chronicle import Person, Story
from engine.retention.due import Setting, categories_in, leaves_of_row
from engine.retention.events import is_record
from engine.retention.guards import grown_up
from engine.retention.terms import Days, Term, notice_term

Expiries = dict[int, datetime]
"""When terms end for one row, by the identity of the term (which lives as long as its policy)."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What should have become of a row: `due` since when, or None; the same of its fields' categories.

    `protected`: a statute keeps the row, by its category or by that of one of its fields.
    """

    row: dict[Action, datetime | None]
    fields: dict[str, dict[Action, datetime | None]]
    protected: bool

    def goes(self) -> bool:
        """Whether the row should be gone, holds apart."""
        return self.row["delete"] is not None and not self.protected

    @property
    def restricted(self) -> bool:
        """Whether the row, as long as it is there, is there for the law alone."""
        return self.row["restrict"] is not None


@dataclass(frozen=True, slots=True)
class Bound:
    """A ceiling of one category with what hinders it: the floors that protect the data from it."""

    ceiling: Ceiling
    policy: Policy
    floors: tuple[Floor, ...]

    @property
    def actions(self) -> tuple[Action, ...]:
        """What it makes due: its own action, and every weaker one."""
        own = STRENGTH[self.ceiling.then]
        return tuple(action for action, strength in STRENGTH.items() if strength <= own)


def _nobody(_choices: tuple[str, ...], _on: bool) -> frozenset[str]:
    return frozenset()


@dataclass(frozen=True)
class Judge:
    """Judges rows of one dataset. `agreed` tells who agreed to a version newer than a given one; `chose` who
    has any of some choices on, or turned off every one of them; `noticed` who was told by a time that their
    data goes by a rule (None: everybody, always in time).

    What does not depend on the row is worked out once: a verification asks for every row there is.
    """

    setting: Setting
    dataset: str
    agreed: Callable[[str], frozenset[str]]
    chose: Callable[[tuple[str, ...], bool], frozenset[str]] = _nobody
    noticed: Callable[[str, datetime], frozenset[str]] | None = None

    def fate(self, story: Story) -> Fate:
        """The fate of one row."""
        known: Expiries = {}
        each = {leaf: self._dues(story, leaf, known) for leaf in self._leaves}
        if self._backup:
            row = {
                a: min((d for d in (e[a] for e in each.values()) if d), default=None)
                for a in STRENGTH
            }
        else:
            of_row = [each[leaf] for leaf in self._row_leaves]
            row = {action: _latest(found[action] for found in of_row) for action in STRENGTH}
        return Fate(row, each, self._protected(story, known))

    def restricted_since(self, story: Story, leaf: str) -> datetime | None:
        """Since when a person's data of a category is restricted by events of theirs; None if it is not.

        `story` is that of the person's own row, which says nothing of other records.
        """
        known: Expiries = {}
        policies = (self.setting.policy, *self.setting.earlier)
        bounds = (Bound(c, p, ()) for p in policies for c in personal(p, leaf))
        dues = (self._ceiling(story, bound, known) for bound in bounds)
        return min((due for due in dues if due is not None), default=None)

    @cached_property
    def _spec(self) -> Dataset:
        return self.setting.datamap.datasets[self.dataset]

    @cached_property
    def _backup(self) -> bool:
        return bool(self._spec.backup_of)

    @cached_property
    def _leaves(self) -> tuple[str, ...]:
        return categories_in(self.setting, self.dataset)

    @cached_property
    def _row_leaves(self) -> tuple[str, ...]:
        return leaves_of_row(self.setting.policy, self._spec)

    @cached_property
    def _bounds(self) -> dict[str, tuple[Bound, ...]]:
        """The ceilings of each category, of the policy in force and of what not all have left."""
        now, earlier = self.setting.policy, self.setting.earlier
        return {
            leaf: tuple(
                Bound(ceiling, policy, self._hindering(leaf, ceiling))
                for policy in (now, *binding(earlier, now, leaf))
                for ceiling in ceilings_of(policy, leaf)
                if (BACKUP in ceiling.events()) == self._backup
            )
            for leaf in self._leaves
        }

    def _hindering(self, leaf: str, ceiling: Ceiling) -> tuple[Floor, ...]:
        if ceiling.then == "restrict":
            return ()  # what must be kept may well be restricted
        today = self.setting.now.date()
        return tuple(
            floor
            for floor in self._floors(leaf)
            if not overruled(self.setting.policy, ceiling.rule, floor, today)
        )

    def _dues(self, story: Story, leaf: str, known: Expiries) -> dict[Action, datetime | None]:
        """Since when the category is due for each action or a stronger one; None if not, at `by`."""
        dues: dict[Action, datetime | None] = dict.fromkeys(STRENGTH)
        for bound in self._bounds[leaf]:
            at = self._ceiling(story, bound, known)
            if at is None:
                continue
            for action in bound.actions:
                before = dues[action]
                dues[action] = at if before is None else min(before, at)
        return dues

    def _ceiling(self, story: Story, bound: Bound, known: Expiries) -> datetime | None:
        ceiling = bound.ceiling
        if any(self._later(story, term, self.setting.by, known) for term in ceiling.terms):
            return None
        if not self._applies(story, ceiling, bound.policy):
            return None
        if any(self._protects(story, floor, known) for floor in bound.floors):
            return None
        if self._waits(story, ceiling):
            return None
        expiries = [self._expiry(story, term, known) for term in ceiling.terms]
        if ceiling.law is not None:
            binding = [floor for floor in ceiling.law if self._binds(story, floor)]
            if not binding or any(self._protects(story, floor, known) for floor in binding):
                return None
            expiries += [self._expiry(story, floor.term, known) for floor in binding]
        expiry = max(expiries)
        return expiry if expiry <= self.setting.by and expiry != NEVER else None

    def _waits(self, story: Story, ceiling: Ceiling) -> bool:
        """Whether one of the row's people was not told long enough ago that it goes."""
        rule = ceiling.rule
        if rule.notice is None or self.noticed is None:
            return False
        cutoff = self._days.cutoff(notice_term(rule.notice), self.setting.by)
        told = frozenset() if cutoff is None else self.noticed(rule.id, cutoff)
        return any(person.subject not in told for person in story.people)

    def _applies(self, story: Story, ceiling: Ceiling, policy: Policy) -> bool:
        rule = ceiling.rule
        if policy is not self.setting.policy and not self._still_bound(story, policy):
            return False
        excluded = rule.when is not None and self._guard(story, rule.when) is False
        exempt = rule.unless is not None and self._guard(story, rule.unless) is True
        return not excluded and not exempt

    def _still_bound(self, story: Story, policy: Policy) -> bool:
        agreed = self.agreed(policy.version)
        return any(person.subject not in agreed for person in story.people)

    @cached_property
    def _keeping(self) -> tuple[Floor, ...]:
        """The floors that keep a row, by its category or by that of one of its fields."""
        policy, today = self.setting.policy, self.setting.now.date()
        policies = (policy, *self.setting.earlier)
        rules = [
            c.rule
            for p in policies
            for leaf in self._row_leaves
            for c in ceilings_of(p, leaf)
            if c.then != "restrict"
        ]
        return tuple(
            floor
            for leaf in self._leaves
            for floor in self._floors(leaf)
            if not (rules and all(overruled(policy, rule, floor, today) for rule in rules))
        )

    def _protected(self, story: Story, known: Expiries) -> bool:
        return any(self._protects(story, floor, known) for floor in self._keeping)

    def _floors(self, leaf: str) -> tuple[Floor, ...]:
        found = floors_of(self.setting.policy, leaf)
        return tuple(floor for floor in found if (floor.term.after.event == BACKUP) == self._backup)

    def _protects(self, story: Story, floor: Floor, known: Expiries) -> bool:
        return self._later(story, floor.term, self.setting.now, known) and self._binds(story, floor)

    def _binds(self, story: Story, floor: Floor) -> bool:
        regions = floor.regions
        if regions is None:
            return True
        return self._fact(story, "region", lambda region: lies_in(region, regions)) is not False

    @cached_property
    def _days(self) -> Days:
        return self.setting.days

    def _later(self, story: Story, term: Term, moment: datetime, known: Expiries) -> bool:
        """Whether the term ends after a moment; most ends need not be worked out to see that."""
        happened = story.times.get(term.after.event)
        if happened is None or moment - happened < self._shortest(term):
            return True
        return self._expiry(story, term, known) > moment

    def _shortest(self, term: Term) -> timedelta:
        found = self._shortests.get(id(term))
        if found is None:
            found = self._shortests[id(term)] = term.shortest
        return found

    @cached_property
    def _shortests(self) -> dict[int, timedelta]:
        return {}

    def _expiry(self, story: Story, term: Term, known: Expiries) -> datetime:
        """When the term ends for this row; `known` are those of this row that were asked for before."""
        key = id(term)
        if key not in known:
            happened = story.times.get(term.after.event)
            known[key] = NEVER if happened is None else self._days.expires_at(term, happened)
        return known[key]

    def _guard(self, story: Story, guard: Guard) -> bool | None:
        verdicts: list[bool | None] = []
        if guard.subject is not None:
            kinds = {self.setting.datamap.datasets[p.dataset].person for p in story.people}
            verdicts.append(bool(kinds.intersection(guard.subject)) if kinds else None)
        if guard.region is not None:
            places = guard.region
            verdicts.append(self._fact(story, "region", lambda region: lies_in(region, places)))
        if guard.account is not None:
            states = guard.account
            verdicts.append(self._fact(story, "account", lambda state: state in states))
        if guard.age_below is not None:
            verdicts.append(self._younger(story, guard.age_below))
        if guard.choice is not None:
            verdicts.append(self._chose(story, guard.choice))
        if False in verdicts:
            return False
        return None if None in verdicts else True

    def _chose(self, story: Story, choices: tuple[str, ...]) -> bool | None:
        on, off = self.chose(choices, True), self.chose(choices, False)
        people = [person.subject for person in story.people]
        return _any_known([True if p in on else False if p in off else None for p in people])

    def _younger(self, story: Story, below: int) -> bool | None:
        by_age = self._fact(story, "age", lambda age: int(age) < below if age.isdigit() else None)
        return _any_known([by_age, *(self._born_after(person, below) for person in story.people)])

    def _born_after(self, person: Person, below: int) -> bool | None:
        """Whether somebody is too young by their birth date; None if it is unknown, or yet to come."""
        if person.born is None or person.born > self.setting.now:
            return None
        return self._days.expires_at(grown_up(below), person.born) > self.setting.now

    def _fact(self, story: Story, name: str, verdict: Callable[[str], bool | None]) -> bool | None:
        """True if any of the row's people satisfies it, False if one does not and none does."""
        return _any_known([self._of_person(person, name, verdict) for person in story.people])

    def _of_person(
        self, person: Person, name: str, verdict: Callable[[str], bool | None]
    ) -> bool | None:
        source = self.setting.datamap.datasets[person.dataset].facts.get(name)  # type: ignore[call-overload]
        if source is not None and source.field is None:
            return verdict(source.always or "")
        raw = person.record.values.get(source.field) if source else None
        if source is None or raw is None:
            return None
        fact = str(raw) if source.means is None else source.means.get(str(raw))
        return None if fact is None else verdict(fact)


def personal(policy: Policy, leaf: str) -> tuple[Ceiling, ...]:
    """The ceilings that restrict a category by events of the person alone."""
    return tuple(
        ceiling
        for ceiling in ceilings_of(policy, leaf)
        if ceiling.then == "restrict"
        and not any(is_record(event) or event == BACKUP for event in ceiling.events())
    )


def _any_known(verdicts: Sequence[bool | None]) -> bool | None:
    if True in verdicts:
        return True
    return False if False in verdicts else None


def _latest(dues: Iterable[datetime | None]) -> datetime | None:
    found = list(dues)
    if not found or any(due is None for due in found):
        return None
    return max(due for due in found if due is not None)
