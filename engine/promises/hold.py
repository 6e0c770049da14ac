"""Is data held back only for the reasons named, and is each hold looked at again in time? Pure."""

from __future__ import annotations

from dataclasses import dataclass

from engine.policy.models import HoldReason
from engine.promises.promise import State, Verdict
from engine.promises.words import count


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """The holds in force for one reason, and how many of them are past their review."""

    active: int = 0
    overdue: int = 0


def judge(reason: HoldReason, facts: HoldFacts) -> Verdict:
    """At risk if a hold in force was not reviewed when it should have been."""
    about = f"hold {reason.id}"
    figures = {"holds": facts.active, "review_overdue": facts.overdue}
    if facts.overdue:
        line = f"{count(facts.overdue, 'hold')} for {reason.purpose}: the review is overdue"
        return Verdict(about, State.AT_RISK, line, figures, (line,))
    return Verdict(
        about, State.KEPT, f"{count(facts.active, 'hold')} for {reason.purpose}", figures
    )
