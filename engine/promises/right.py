"""Are rights requests answered in time? Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.policy.models import RightRule
from engine.promises.promise import State, Verdict
from engine.promises.words import count, span


@dataclass(frozen=True, slots=True)
class RightFacts:
    """The requests for one right. `overdue` are open past what law or policy allows, the first since
    `overdue_since`; `soon` are open and past the earlier, internal target; `late` were answered too late."""

    open: int = 0
    overdue: int = 0
    overdue_since: datetime | None = None
    soon: int = 0
    next_due: datetime | None = None
    closed: int = 0
    late: int = 0


def judge(rule: RightRule, facts: RightFacts, now: datetime) -> Verdict:
    """Broken by an open request that is overdue; at risk by one past its target, or by late answers."""
    about = f"right {rule.id}"
    figures = {
        "open": facts.open,
        "overdue": facts.overdue,
        "closed": facts.closed,
        "answered_late": facts.late,
        "next_due": facts.next_due.isoformat() if facts.next_due else None,
    }
    if facts.overdue:
        by = f", the first by {span(now - facts.overdue_since)}" if facts.overdue_since else ""
        line = f"{_requests(facts.overdue, rule)} overdue{by}"
        return Verdict(about, State.BROKEN, line, figures, (line,))
    doubts = []
    if facts.soon:
        left = f", {span(facts.next_due - now)} left" if facts.next_due else ""
        doubts.append(f"{_requests(facts.soon, rule)} due soon{left}")
    if facts.late:
        doubts.append(f"{count(facts.late, 'answer')} came too late")
    if doubts:
        return Verdict(about, State.AT_RISK, "; ".join(doubts), figures, tuple(doubts))
    return Verdict(about, State.KEPT, _fine(rule, facts, now), figures)


def _fine(rule: RightRule, facts: RightFacts, now: datetime) -> str:
    if not facts.open and not facts.closed:
        return f"no request for {rule.right} so far"
    left = f", the next due in {span(facts.next_due - now)}" if facts.next_due else ""
    return f"{rule.right}: {facts.open:,} open{left}; {facts.closed:,} closed in time"


def _requests(number: int, rule: RightRule) -> str:
    return count(number, f"request for {rule.right} is", f"requests for {rule.right} are")
