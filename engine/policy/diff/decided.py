"""What an officer decided about a change takes the place of what its kind asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from engine.policy.diff.model import Change, Consequence, Decided, Diff
from engine.policy.models import DecidedChange
from engine.policy.models.common import EVERYONE, EVERYTHING
from engine.policy.vocabulary import covers


def decided(change: Change, decisions: Iterable[DecidedChange]) -> Change:
    """The change with the consequence of the first decision that is about it, or as it is."""
    for decision in decisions:
        if is_about(decision, change):
            told = Decided(change.consequence, decision.reason, decision.decided_by)
            given = Consequence(decision.consequence)
            return replace(change, consequence=given, review=False, decided=told)
    return change


def carried(change: Change, earlier: Iterable[Change]) -> Change:
    """The change with what was decided about it in versions before the last.

    Less than usual is asked only if the very same change was decided about; more, whatever it has become.
    """
    for one in earlier:
        same = (one.kind, one.sentence) == (change.kind, change.sentence)
        more = one.consequence.gravity > change.consequence.gravity and _overlaps(one, change)
        if change.decided is None and (same or more):
            return replace(change, consequence=one.consequence, review=False, decided=one.decided)
    return change


def _overlaps(one: Change, other: Change) -> bool:
    """Whether two changes of one kind are about the same thing, as far as they name any."""
    if one.kind != other.kind:
        return False
    pairs = (
        (one.rules, other.rules),
        (one.data, other.data),
        (one.choices, other.choices),
        (one.recipients, other.recipients),
    )
    return all(not (a and b) or set(a) & set(b) for a, b in pairs)


def decisions(found: Diff) -> list[dict[str, object]]:
    """What officers decided about changes between two versions, as the ledger keeps it."""
    return [
        {
            "change": change.kind,
            "rules": list(change.rules),
            "usually": change.decided.was.value,
            "consequence": change.consequence.value,
            "reason": change.decided.reason,
            "by": change.decided.by,
        }
        for change in found.changes
        if change.decided
    ]


def unused(decisions: Sequence[DecidedChange], changes: Sequence[Change]) -> tuple[int, ...]:
    """The places of the decisions that no change is about, or that an earlier decision leaves nothing to."""
    taken = {_first(decisions, change) for change in changes}
    return tuple(number for number in range(len(decisions)) if number not in taken)


def _first(decisions: Sequence[DecidedChange], change: Change) -> int | None:
    found = (number for number, one in enumerate(decisions) if is_about(one, change))
    return next(found, None)


def is_about(decision: DecidedChange, change: Change) -> bool:
    """Whether a change is of the kind, and all that it concerns is among the names of the decision."""
    if decision.change != change.kind:
        return False
    concerned = {
        "rule": change.rules,
        "data": change.data,
        "purpose": tuple(key.purpose for key in change.scopes if key.purpose),
        "recipient": change.recipients,
        "choice": change.choices,
    }
    return all(_all_named(concerned[key], names) for key, names in decision.names().items())


def _all_named(concerned: Sequence[str], names: Sequence[str]) -> bool:
    return bool(concerned) and all(
        any(name in (EVERYTHING, EVERYONE) or covers(name, one) for name in names)
        for one in concerned
    )
