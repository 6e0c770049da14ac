"""What bounds the keeping of one category: ceilings from the policy's rules, floors from statutes.

Pure. A ceiling says when data must go, a floor until when it must stay. Within one `then` the earliest
ceiling wins; of stages, a stronger action that is due earlier or equally subsumes the weaker.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from engine.policy.durations import INDEFINITELY, LAW, Anchor, Duration
from engine.policy.models import RetentionRule, Statute
from engine.policy.models.retention import Action
from engine.policy.policy import Policy
from engine.policy.regions import lies_in
from engine.retention.terms import Term

STRENGTH: dict[Action, int] = {"restrict": 0, "anonymise": 1, "delete": 2}
BACKUP = "backup.taken"

# Verifying asks for the same few of them once for every row.
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Floor:
    """A statute: the data must be kept until the term has passed. `regions` is None if it binds everybody."""

    statute: str
    term: Term
    regions: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A rule, for one category: due when *all* terms have passed; `law` = the latest of these floors."""

    rule: RetentionRule
    then: Action
    terms: tuple[Term, ...]
    law: tuple[Floor, ...] | None = None

    def events(self) -> set[str]:
        """The events that it counts from."""
        floors = [floor.term for floor in self.law or ()]
        return {term.after.event for term in (*self.terms, *floors)}


@lru_cache(maxsize=_REMEMBERED)
def ceilings_of(policy: Policy, leaf: str) -> tuple[Ceiling, ...]:
    """Every ceiling of a leaf category, in file order. `indefinitely` sets none."""
    return tuple(
        _ceiling(policy, rule, leaf)
        for rule in policy.retention
        if rule.then is not None and rule.keep is not INDEFINITELY
        if leaf in policy.data_leaves(rule.data)
    )


@lru_cache(maxsize=_REMEMBERED)
def floors_of(policy: Policy, leaf: str) -> tuple[Floor, ...]:
    """Every statute that may require this category to be kept."""
    return tuple(
        _floor(statute)
        for statute in policy.statutes
        if leaf in policy.data_leaves(statute.data) and _binds(policy, statute)
    )


def lawless(policy: Policy) -> tuple[tuple[RetentionRule, str], ...]:
    """(rule, category) where `as required by law` meets no statute: nothing of it may be deleted."""
    return tuple(
        (rule, leaf)
        for rule in policy.retention
        if rule.keep is LAW
        for leaf in policy.data_leaves(rule.data)
        if not floors_of(policy, leaf)
    )


def overruled(policy: Policy, rule: RetentionRule, floor: Floor, today: date) -> bool:
    """Whether an officer has decided, and the decision is in date, that the rule goes before the statute."""
    told = {"rule": rule.id, "statute": floor.statute}
    return any(
        accepted.finding == "RETENTION_CONFLICT"
        and accepted.decide == "policy"
        and accepted.review >= today
        and all(told.get(key, wanted) == wanted for key, wanted in accepted.names().items())
        for accepted in policy.header.accepted
    )


@lru_cache(maxsize=_REMEMBERED)
def _term(keep: Duration, after: Anchor) -> Term:
    """Equal terms are one, so that what is known of it for a row is known for every category."""
    return Term(keep, after)


def _ceiling(policy: Policy, rule: RetentionRule, leaf: str) -> Ceiling:
    then: Action = rule.then or "delete"
    later = tuple(_term(term.keep, term.after) for term in rule.or_later)
    if isinstance(rule.keep, Duration) and rule.after is not None:
        return Ceiling(rule, then, (_term(rule.keep, rule.after), *later))
    return Ceiling(rule, then, later, floors_of(policy, leaf))


def _floor(statute: Statute) -> Floor:
    term = _term(statute.at_least, statute.after)
    return Floor(statute.id, term, statute.regions if statute.of == "subject" else None)


def _binds(policy: Policy, statute: Statute) -> bool:
    """Whether the statute may bind at all: of a controller, by the country; of subjects, perhaps."""
    if statute.of == "subject":
        return True
    country = policy.header.controller.country
    places = (country,) if country else policy.header.jurisdictions
    return any(lies_in(place, statute.regions) is not False for place in places)
