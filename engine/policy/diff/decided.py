"""What an officer decided about a change takes the place of what its kind asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from engine.policy.diff.model import Change, Consequence, Decided
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
