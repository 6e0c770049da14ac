"""By when a rights request must be answered: the earlier of law and policy.

Laws count in local days: the day of receipt does not count, months are clamped to the month's end,
and a period ends with the end of its last day; an extended period is counted from receipt, never
chained onto the first. A policy's own `answer within` counts as every duration of a policy does
(`engine.retention.calendar`); it is neither rolled nor extended, for the text promises neither.

Pure: the data is passed in or immutable.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from engine.errors import Conflict, InvalidInput
from engine.policy.durations import Anchor, Duration, Keep
from engine.retention.calendar import add_to_date, day_end, expires_at, last_day, local_day, to_utc
from engine.rights.regimes import (
    DeadlineData,
    Lead,
    Period,
    Regime,
    Silence,
    Term,
    WorkingDays,
    load,
    regime_for,
)
from engine.rights.workdays import WEEKENDS_ONLY, WorkCalendar

__all__ = ["Deadline", "Receipt", "count", "due", "lengthen", "regime_for"]

Span: TypeAlias = tuple[datetime, datetime]
_RECEIVED = Anchor("request.received")


@dataclass(frozen=True, slots=True)
class Deadline:
    """When an answer is due and why; all instants in UTC, and late means `now >= instant`.

    `legal_due` binds; `target_due` is the earlier internal aim. `rolled_from` is the day off from
    which the law's deadline was moved. `provisional`: it depends on working days not settled yet.
    """

    regime: str | None
    right: str
    received_at: datetime
    zone: ZoneInfo
    legal_due: datetime
    target_due: datetime
    acknowledge_by: datetime | None
    extension_notice_by: datetime | None
    rolled_from: date | None
    set_by: Literal["law", "policy"]
    silence: Silence | None
    provisional: bool
    data_version: str
    source: str

    @property
    def legal_day(self) -> date:
        """The last local day on which an answer can be in time."""
        return last_day(self.legal_due, self.zone)

    @property
    def target_day(self) -> date:
        """The last local day of the internal aim."""
        return last_day(self.target_due, self.zone)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a law may count from.

    `clarifications` are pairs (asked, answered); of one still open, pass the present moment as its
    answer, and compute again when the answer is there.
    """

    received_at: datetime
    identity_received_at: datetime | None = None
    fee_paid_at: datetime | None = None
    clarifications: Sequence[Span] = ()


def due(
    regime: str | None,
    right: str,
    received_at: datetime,
    *,
    zone: ZoneInfo,
    holidays: WorkCalendar | None = None,
    extended: bool = False,
    identity_received_at: datetime | None = None,
    fee_paid_at: datetime | None = None,
    clarifications: Sequence[Span] = (),
    answer_within: Keep | None = None,
    data: DeadlineData | None = None,
) -> Deadline:
    """Return by when a request must be answered.

    `regime` comes from `regime_for`, or is None where no law is known; `zone` is the jurisdiction's.
    `holidays` defaults to the calendar that the data names for the regime (for the EU weekends only:
    holidays are the member states'). Identity, fee and clarifications count only where the law says
    so. `answer_within` is the policy's own deadline: the earlier of the two wins.

    Raises UnknownName for a regime or right without data, Conflict for an extension that no law
    allows, InvalidInput where neither law nor policy sets a deadline or the law is not in force yet.
    """
    data = data or load()
    receipt = Receipt(to_utc(received_at), identity_received_at, fee_paid_at, clarifications)
    law = _Law.of(data, regime, right, receipt, zone, holidays) if regime else None
    if extended and (law is None or law.term.extended is None):
        raise Conflict(f"no law lets the answer to a request for `{right}` be extended here")
    by_law = law.deadline(data, right, extended=extended) if law else None
    if not isinstance(answer_within, Duration):
        if by_law is None:
            raise InvalidInput(
                f"neither law nor policy says by when a request for `{right}` is answered:"
                " give its rule an `answer within` such as `30 days`"
            )
        return by_law
    calendar = law.calendar if law else holidays or WEEKENDS_ONLY
    by_policy = _by_policy(data, by_law, right, receipt, zone, calendar, answer_within)
    return by_policy if by_law is None or by_policy.legal_due < by_law.legal_due else by_law


def _by_policy(
    data: DeadlineData,
    by_law: Deadline | None,
    right: str,
    receipt: Receipt,
    zone: ZoneInfo,
    calendar: WorkCalendar,
    within: Duration,
) -> Deadline:
    """The policy's own deadline, beside which a law's acknowledgement and notice remain."""
    received_at = receipt.received_at
    instant = expires_at(within, _RECEIVED, received_at, zone)
    own = Deadline(
        regime=None,
        right=right,
        received_at=received_at,
        zone=zone,
        legal_due=instant,
        target_due=_target(instant, data.target_lead, calendar, zone, received_at),
        acknowledge_by=None,
        extension_notice_by=None,
        rolled_from=None,
        set_by="policy",
        silence=None,
        provisional=False,
        data_version=data.version,
        source=f"the policy: answer within {within}",
    )
    if by_law is None:
        return own
    return replace(
        by_law,
        legal_due=own.legal_due,
        target_due=min(own.target_due, by_law.target_due),
        rolled_from=None,
        set_by=own.set_by,
        provisional=False,
        source=own.source,
    )


@dataclass(frozen=True, slots=True)
class _Law:
    """One regime's arithmetic for one request."""

    regime: Regime
    term: Term
    receipt: Receipt
    zone: ZoneInfo
    calendar: WorkCalendar

    @classmethod
    def of(
        cls,
        data: DeadlineData,
        name: str,
        right: str,
        receipt: Receipt,
        zone: ZoneInfo,
        holidays: WorkCalendar | None,
    ) -> _Law:
        regime = data.regime(name)
        if not regime.in_force(local_day(receipt.received_at, zone)):
            raise InvalidInput(
                f"`{name}` applies from {regime.effective_from}, after the request was received:"
                " answer it under another law or the policy's own deadline"
            )
        calendar = holidays or data.calendar(regime.calendar)
        return cls(regime, regime.term(right), receipt, zone, calendar)

    def deadline(self, data: DeadlineData, right: str, *, extended: bool) -> Deadline:
        term, received_at = self.term, self.receipt.received_at
        period = (term.extended if extended else None) or term.answer
        last, rolled = self.last(period), self.rolled(period)
        instant, lead = day_end(rolled, self.zone), term.target_lead or data.target_lead
        return Deadline(
            regime=self.regime.id,
            right=right,
            received_at=received_at,
            zone=self.zone,
            legal_due=instant,
            target_due=_target(instant, lead, self.calendar, self.zone, received_at),
            acknowledge_by=self.instant(term.acknowledge),
            extension_notice_by=self.instant(term.extension_notice),
            rolled_from=last if rolled != last else None,
            set_by="law",
            silence=self.regime.silence,
            provisional=self.depends_on_calendar(period) and not self.calendar.is_known(rolled),
            data_version=data.version,
            source=self.regime.source,
        )

    def start(self) -> date:
        """The day counting starts from: the latest of what this law waits for."""
        moments = {
            "received": self.receipt.received_at,
            "identity received": self.receipt.identity_received_at,
            "fee paid": self.receipt.fee_paid_at,
        }
        known = (moment for start in self.regime.starts if (moment := moments[start]))
        return max(local_day(moment, self.zone) for moment in known)

    def last(self, period: Period) -> date:
        """The last day of a period, before any roll."""
        start = self.start()
        end = count(start, period, self.calendar)
        if not self.regime.pauses:
            return end
        spans = self.receipt.clarifications
        days = [(local_day(a, self.zone), local_day(b, self.zone)) for a, b in spans]
        return lengthen(start, end, days)

    def rolled(self, period: Period) -> date:
        """The last day of a period, moved to a working day where this law says so."""
        last = self.last(period)
        return self.calendar.on_or_after(last) if self.term.roll else last

    def instant(self, period: Period | None) -> datetime | None:
        return day_end(self.rolled(period), self.zone) if period else None

    def depends_on_calendar(self, period: Period) -> bool:
        return isinstance(period, WorkingDays) or self.term.roll


def count(start: date, period: Period, calendar: WorkCalendar) -> date:
    """Return the last day of `period` counted from `start`, which itself does not count."""
    if isinstance(period, WorkingDays):
        return calendar.add(start, period.count)
    return add_to_date(start, period) or date.max


def lengthen(start: date, end: date, pauses: Iterable[tuple[date, date]]) -> date:
    """Return `end` put off by the days of the pauses, their first and last day included.

    A day shared by two pauses counts once, a day before `start` not at all; a pause that begins
    after the deadline comes too late to move it. (UK GDPR art. 12A: from the day on which the
    controller asks to the day on which it receives the answer.)
    """
    free = start
    for asked, answered in sorted(pauses):
        first = max(asked, free)
        if asked <= end and first <= answered:
            end += answered - first + timedelta(days=1)
            free = answered + timedelta(days=1)
    return end


def _target(
    legal_due: datetime, lead: Lead, calendar: WorkCalendar, zone: ZoneInfo, received_at: datetime
) -> datetime:
    """The end of the day `lead` before the last one; the deadline itself if that has no time left."""
    last = last_day(legal_due, zone)
    if isinstance(lead, WorkingDays):
        last = calendar.add(last, -lead.count)
    else:
        last -= timedelta(days=lead.count)
    target = day_end(last, zone)
    return target if target > received_at else legal_due
