"""Why a request is due when it is: whose law, its period, what days off moved, the policy's own. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.policy.durations import Duration
from engine.policy.models.rights import RightRule
from engine.policy.policy import Policy
from engine.retention.calendar import local_day
from engine.rights import deadlines, due
from engine.rights.deadlines import Deadline
from engine.rights.regimes import Period, Regime, Term, load, regime_for
from engine.rights.workdays import WorkCalendar

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day on which the deadline may not end, and why."""

    day: date
    why: str


@dataclass(frozen=True, slots=True)
class ByLaw:
    """What the law alone would set. `first` is the day on which its period ends, before days off move it.

    `where` says why this law applies: the person is there, or the policy names the place. `calendar` is the
    place whose working days count.
    """

    regime: str
    name: str
    source: str
    where: str
    period: str
    first: date
    moved: tuple[DayOff, ...]
    calendar: str
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class DeadlineExplained:
    """The deadline that binds; what the law and what the policy would set by themselves."""

    rule: RightRule
    deadline: Deadline
    law: ByLaw | None
    policy: Deadline | None
    cooling_until: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came in."""

    right: str
    region: str | None
    received_at: datetime
    verified_at: datetime | None = None
    extended: bool = False


def explain_deadline(policy: Policy, request: Received) -> DeadlineExplained:
    """By when a request is answered, and why.

    Raises UnknownName for a right that the policy does not grant, Conflict for an extension that no law
    allows, InvalidInput where nothing sets a deadline.
    """
    rule = due.rule_of(policy, request.right)
    found = due.deadline(
        policy,
        rule,
        request.region,
        request.received_at,
        verified_at=request.verified_at,
        extended=request.extended,
    )
    law = _by_law(policy, request)
    own = _by_policy(policy, rule, request)
    cooling = due.cooling_until(policy, rule, request.verified_at or request.received_at)
    return DeadlineExplained(rule, found, law, own, cooling, _reason(found, law, own))


def _by_law(policy: Policy, request: Received) -> ByLaw | None:
    zone = policy.header.zone
    day = local_day(request.received_at, zone)
    name = regime_for(request.region, policy.header.jurisdictions, on=day)
    if name is None:
        return None
    right = due.counted_as(request.right)
    alone = deadlines.due(
        name,
        right,
        request.received_at,
        zone=zone,
        extended=request.extended,
        identity_received_at=request.verified_at,
    )
    regime = load().regime(name)
    calendar = load().calendar(regime.calendar)
    first = alone.rolled_from or alone.legal_day
    return ByLaw(
        name,
        regime.name,
        regime.source,
        _where(regime, request.region),
        str(_period(regime.term(right), extended=request.extended)),
        first,
        tuple(_off(first, alone.legal_day, calendar)),
        calendar.place,
        alone,
    )


def _by_policy(policy: Policy, rule: RightRule, request: Received) -> Deadline | None:
    if not isinstance(rule.answer_within, Duration):
        return None
    return deadlines.due(
        None,
        due.counted_as(rule.right),
        request.received_at,
        zone=policy.header.zone,
        answer_within=rule.answer_within,
    )


def _period(term: Term, *, extended: bool) -> Period:
    return (term.extended if extended else None) or term.answer


def _where(regime: Regime, region: str | None) -> str:
    if region is not None and {region, region.partition("-")[0]} & set(regime.regions):
        return f"the person is in {region}"
    return "the strictest of the policy's jurisdictions"


def _off(first: date, last: date, calendar: WorkCalendar) -> list[DayOff]:
    """The days off between the end of the period and the day on which the deadline ends instead."""
    days = (first + _DAY * number for number in range((last - first).days))
    return [DayOff(day, calendar.why_off(day)) for day in days]


def _reason(found: Deadline, law: ByLaw | None, own: Deadline | None) -> str:
    if law is None:
        return "the policy sets it: no law with a deadline is known for the person or the policy"
    if own is None:
        return f"the law sets it, {law.name}: the policy says `as required by law`"
    if found.set_by == "policy":
        return f"the policy sets it, which is earlier than the law, {law.name}"
    return f"the law sets it, {law.name}, which is not later than the policy's own time"
