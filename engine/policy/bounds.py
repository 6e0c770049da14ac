"""Is every category bound in time? The retention ceilings of a leaf, under every assignment of facts.

A leaf is bound if, whatever is known about a person, some rule deletes or anonymises it. The grades, best
first: `bounded` (counted from the record itself), `event-bounded` (an event may never come), `indefinite`
(kept on purpose, or as law requires where no statute applies), `none`. The worst assignment counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import product

from engine.policy import regions
from engine.policy.durations import INDEFINITELY, LAW
from engine.policy.models import Guard, RetentionRule, Statute
from engine.policy.models.common import EVERYTHING
from engine.policy.policy import Policy
from engine.policy.vocabulary import covers

ELSEWHERE = "ZZ"
"""A region that no policy names (a user-assigned code of ISO 3166-1)."""

_STATES = ("none", "active", "suspended", "cancelled")


class Grade(IntEnum):
    """How firmly a leaf is bound in time; the higher the firmer."""

    NONE = 0
    INDEFINITE = 1
    EVENT_BOUNDED = 2
    BOUNDED = 3

    def __str__(self) -> str:
        return self.name.lower().replace("_", "-")


Assignment = Mapping[str, str]
"""Facts about one person: `account`, `region`, `subject`, `age`, `choice NAME`."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What bounds one leaf. `worst` holds the facts under which the grade is reached; `stated` is whether
    some clause of the text gives a bound under every assignment; `rules` are the ceilings, in file order."""

    leaf: str
    grade: Grade
    rules: tuple[RetentionRule, ...]
    worst: Assignment
    stated: bool


def bound_of(policy: Policy, leaf: str) -> Bound:
    """How a leaf category is bound in time."""
    rules = ceilings(policy, leaf)
    stated = [rule for rule in rules if not rule.unstated]
    graded = [(_grade(policy, leaf, rules, facts), facts) for facts in _assignments(policy, rules)]
    grade, worst = min(graded, key=lambda pair: pair[0])
    all_stated = all(
        any(_applies(rule, facts) for rule in stated) for facts in _assignments(policy, rules)
    )
    return Bound(leaf, grade, rules, worst, all_stated)


def ceilings(policy: Policy, leaf: str) -> tuple[RetentionRule, ...]:
    """The rules that end the keeping of a leaf. Restricting is no end: the data stays."""
    return tuple(
        rule for rule in policy.retention if rule.then != "restrict" and _about(rule.data, leaf)
    )


def never_collected(policy: Policy, leaf: str) -> bool:
    """Whether a prohibition without conditions keeps a leaf from being collected at all."""
    return any(
        rule.denies and rule.when is None and rule.unless is None and _about(rule.data, leaf)
        for rule in policy.collection
    )


def statutes_for(policy: Policy, leaf: str) -> tuple[Statute, ...]:
    """The floors on a leaf that bind this controller, or that may bind it for somebody it serves."""
    return tuple(s for s in policy.statutes if _about(s.data, leaf) and _may_bind(policy, s))


def binds_always(policy: Policy, statute: Statute) -> bool:
    """Whether a floor holds for everybody: through the controller's country, or in every jurisdiction."""
    if statute.of == "controller":
        return (
            regions.lies_in(policy.header.controller.country or ELSEWHERE, statute.regions) is True
        )
    return all(
        regions.lies_in(place, statute.regions) is True for place in policy.header.jurisdictions
    )


def _may_bind(policy: Policy, statute: Statute) -> bool:
    if statute.of == "controller":
        return binds_always(policy, statute)
    return any(
        regions.lies_in(place, statute.regions) is not False
        for place in policy.header.jurisdictions
    )


def _about(data: tuple[str, ...], leaf: str) -> bool:
    return any(name == EVERYTHING or covers(name, leaf) for name in data)


def _grade(policy: Policy, leaf: str, rules: tuple[RetentionRule, ...], facts: Assignment) -> Grade:
    applying = [rule for rule in rules if _applies(rule, facts)]
    return max((_grade_of_rule(policy, leaf, rule) for rule in applying), default=Grade.NONE)


def _grade_of_rule(policy: Policy, leaf: str, rule: RetentionRule) -> Grade:
    if rule.keep == INDEFINITELY:
        return Grade.INDEFINITE
    if rule.keep == LAW:
        binding = [s for s in statutes_for(policy, leaf) if binds_always(policy, s)]
        return _by_events([s.after.event for s in binding]) if binding else Grade.INDEFINITE
    terms = [term.after.event for term in rule.or_later]
    return _by_events([*([rule.after.event] if rule.after else []), *terms])


def _by_events(events: list[str]) -> Grade:
    """The latest of several terms counts, so each must come for certain."""
    certain = all(event.startswith("record.") for event in events)
    return Grade.BOUNDED if certain else Grade.EVENT_BOUNDED


def _assignments(policy: Policy, rules: tuple[RetentionRule, ...]) -> Iterator[Assignment]:
    guards = [guard for rule in rules for guard in (rule.when, rule.unless) if guard]
    axes = _axes(policy, guards)
    for values in product(*axes.values()):
        yield dict(zip(axes, values, strict=True))


def _axes(policy: Policy, guards: Sequence[Guard]) -> dict[str, tuple[str, ...]]:
    axes: dict[str, tuple[str, ...]] = {}
    if any(guard.account for guard in guards):
        axes["account"] = _STATES
    if any(guard.subject for guard in guards):
        axes["subject"] = policy.subjects
    if any(guard.region for guard in guards):
        named = regions.places(place for guard in guards for place in guard.region or ())
        axes["region"] = (*named, ELSEWHERE)
    ages = sorted({guard.age_below for guard in guards if guard.age_below})
    if ages:
        axes["age"] = (*(str(age - 1) for age in ages), str(ages[-1]))
    for name in sorted({name for guard in guards for name in guard.choice or ()}):
        axes[f"choice {name}"] = ("on", "off")
    return axes


def _applies(rule: RetentionRule, facts: Assignment) -> bool:
    wanted = rule.when is None or _holds(rule.when, facts)
    return wanted and not (rule.unless is not None and _holds(rule.unless, facts))


def _holds(guard: Guard, facts: Assignment) -> bool:
    parts = [
        guard.account is None or facts["account"] in guard.account,
        guard.subject is None or facts["subject"] in guard.subject,
        guard.region is None or regions.lies_in(facts["region"], guard.region) is True,
        guard.age_below is None or int(facts["age"]) < guard.age_below,
        guard.choice is None or any(facts[f"choice {name}"] == "on" for name in guard.choice),
    ]
    return all(parts)
