"""Expiry and its inverse: golden cases, awkward time zones, the properties purging rests on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from engine.errors import InvalidInput
from engine.policy.durations import Anchor, Duration, MonthDay, PeriodEnd, Unit
from engine.retention.calendar import (
    NEVER,
    cutoff,
    day_end,
    day_start,
    expires_at,
    last_day,
    local_day,
)

SHANGHAI = "Asia/Shanghai"
BERLIN = "Europe/Berlin"
TICK = timedelta(microseconds=1)
EARLIEST = datetime.min.replace(tzinfo=UTC)

# Besides ordinary zones: days left out (Apia, Kwajalein, Manila) or repeated (Kwajalein, Juneau),
# midnight skipped (Sao_Paulo, Beirut, Toronto in 1919) or shown twice (Havana, St_Johns).
ZONES = [
    "UTC",
    SHANGHAI,
    BERLIN,
    "America/New_York",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "America/St_Johns",
    "America/Havana",
    "America/Toronto",
    "America/Juneau",
    "Asia/Beirut",
    "Asia/Manila",
    "Africa/Casablanca",
    "Pacific/Kwajalein",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
]


def at(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def expiry(keep: str, after: str, event: datetime, zone: str, fiscal: str = "12-31") -> datetime:
    return expires_at(
        Duration.parse(keep), Anchor.parse(after), event, ZoneInfo(zone), MonthDay.parse(fiscal)
    )


CREATED = "record.created"
CANCELLED = "account.cancelled"
YEAR_END = f"end of the year of {CREATED}"
MONTH_END = f"end of the month of {CREATED}"
FISCAL_END = f"end of the fiscal year of {CREATED}"


@pytest.mark.parametrize(
    ("keep", "after", "event", "zone", "expected"),
    [
        ("30 days", CREATED, "2026-05-01T12:00", SHANGHAI, "2026-05-31T12:00"),
        ("30 days", CANCELLED, "2026-05-10T09:00", SHANGHAI, "2026-06-09T09:00"),
        ("90 days", CREATED, "2026-05-01T12:00", SHANGHAI, "2026-07-30T12:00"),
        ("30 days", CREATED, "2026-01-31T15:00", BERLIN, "2026-03-02T15:00"),
        ("0 days", CANCELLED, "2026-05-10T09:00", SHANGHAI, "2026-05-10T09:00"),
        # The clocks of Berlin go forward on 29 March 2026: one day is 24 hours all the same.
        ("1 day", CREATED, "2026-03-28T12:00", BERLIN, "2026-03-29T13:00"),
        ("2 weeks", CREATED, "2026-05-01T12:00", SHANGHAI, "2026-05-15T12:00"),
        ("36 hours", CREATED, "2026-05-01T12:00", SHANGHAI, "2026-05-03T00:00"),
        ("5 hours", MONTH_END, "2026-05-01T12:00", SHANGHAI, "2026-06-01T05:00"),
    ],
)
def test_exact_durations_expire_to_the_minute(
    keep: str, after: str, event: str, zone: str, expected: str
) -> None:
    assert expiry(keep, after, at(event, zone), zone) == at(expected, zone)


@pytest.mark.parametrize(
    ("keep", "after", "event", "zone", "through"),
    [
        ("30 years", YEAR_END, "2026-05-10T09:00", SHANGHAI, date(2056, 12, 31)),
        ("1 month", CREATED, "2026-01-31T15:00", BERLIN, date(2026, 2, 28)),
        ("8 years", YEAR_END, "2026-02-03T00:00", BERLIN, date(2034, 12, 31)),
        ("20 years", "patient.last_stay", "2010-05-04T00:00", BERLIN, date(2030, 5, 4)),
        ("28 years", "person.born", "2006-07-01T00:00", BERLIN, date(2034, 7, 1)),
        ("1 year", CREATED, "2024-02-29T08:00", SHANGHAI, date(2025, 2, 28)),
        ("4 years", CREATED, "2024-02-29T08:00", SHANGHAI, date(2028, 2, 29)),
        ("0 months", CREATED, "2024-02-29T08:00", SHANGHAI, date(2024, 2, 29)),
        ("1 month", MONTH_END, "2025-02-10T08:00", BERLIN, date(2025, 3, 31)),
        ("1 month", MONTH_END, "2025-01-10T08:00", BERLIN, date(2025, 2, 28)),
        ("0 days", MONTH_END, "2025-01-10T08:00", BERLIN, date(2025, 1, 31)),
        # The clocks go forward between: dates are counted, not hours.
        ("30 days", MONTH_END, "2026-03-10T08:00", BERLIN, date(2026, 4, 30)),
        ("2 weeks", MONTH_END, "2026-03-10T08:00", BERLIN, date(2026, 4, 14)),
    ],
)
def test_calendar_durations_expire_at_the_end_of_the_local_day(
    keep: str, after: str, event: str, zone: str, through: date
) -> None:
    instant = expiry(keep, after, at(event, zone), zone)
    assert last_day(instant, ZoneInfo(zone)) == through
    assert instant == day_start(through + timedelta(days=1), ZoneInfo(zone))


def test_the_local_date_decides_in_which_year_an_event_lies() -> None:
    event = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
    shanghai = expiry("30 years", YEAR_END, event, SHANGHAI)
    assert last_day(shanghai, ZoneInfo(SHANGHAI)) == date(2056, 12, 31)
    assert shanghai == datetime(2056, 12, 31, 16, tzinfo=UTC)
    assert expiry("30 years", YEAR_END, event, "UTC") == datetime(2056, 1, 1, tzinfo=UTC)


def test_the_later_of_two_terms_is_through_the_28th_birthday() -> None:
    stay = expiry("20 years", "patient.last_stay", at("2010-05-04", BERLIN), BERLIN)
    born = expiry("28 years", "person.born", at("2006-07-01", BERLIN), BERLIN)
    assert last_day(max(stay, born), ZoneInfo(BERLIN)) == date(2034, 7, 1)


def test_one_month_after_31_january_ends_before_30_days_do() -> None:
    received = at("2026-01-31T15:00", BERLIN)
    assert expiry("1 month", CREATED, received, BERLIN) == at("2026-03-01T00:00", BERLIN)
    assert expiry("30 days", CREATED, received, BERLIN) == at("2026-03-02T15:00", BERLIN)


@pytest.mark.parametrize(
    ("fiscal", "event", "through"),
    [
        ("03-31", "2026-03-31T23:59", date(2027, 3, 31)),
        ("03-31", "2026-04-01T00:00", date(2028, 3, 31)),
        ("12-31", "2026-04-01T00:00", date(2027, 12, 31)),
        ("02-29", "2026-04-01T00:00", date(2028, 2, 29)),
        ("02-29", "2026-01-01T00:00", date(2027, 2, 28)),
    ],
)
def test_a_fiscal_year_ends_on_the_policys_own_day(fiscal: str, event: str, through: date) -> None:
    instant = expiry("1 year", FISCAL_END, at(event, BERLIN), BERLIN, fiscal)
    assert last_day(instant, ZoneInfo(BERLIN)) == through


@pytest.mark.parametrize(
    ("zone", "day", "start"),
    [
        (SHANGHAI, date(2026, 5, 1), "2026-04-30T16:00"),
        # Midnight skipped: the day begins at 01:00.
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00"),
        # Clocks jumped from 23:30 to 00:30.
        ("America/Toronto", date(1919, 3, 31), "1919-03-31T04:30"),
        # Clocks fell back from 00:01 to 23:01: the day had begun a minute before.
        ("America/St_Johns", date(2010, 11, 7), "2010-11-07T02:30"),
        # Midnight shown twice on one day: the first counts.
        ("America/Havana", date(2025, 11, 2), "2025-11-02T04:00"),
        # The whole 30 December 2011 was left out: it began and ended at once.
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00"),
        ("Pacific/Apia", date(2011, 12, 31), "2011-12-30T10:00"),
    ],
)
def test_a_day_begins_at_the_first_instant_of_its_date(zone: str, day: date, start: str) -> None:
    assert day_start(day, ZoneInfo(zone)) == datetime.fromisoformat(start).replace(tzinfo=UTC)


def test_a_repeated_evening_belongs_to_the_day_that_had_begun() -> None:
    zone = ZoneInfo("America/St_Johns")
    evening_again = datetime(2010, 11, 7, 2, 31, tzinfo=UTC)
    assert evening_again.astimezone(zone).date() == date(2010, 11, 6)
    assert local_day(evening_again, zone) == date(2010, 11, 7)


INSTANTS = st.datetimes(timezones=st.just(UTC))
NEAR = st.datetimes(
    datetime(1840, 1, 1),  # noqa: DTZ001 - hypothesis wants bounds without a zone
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
DURATIONS = st.builds(
    Duration,
    st.integers(0, 40) | st.integers(0, 999_999),
    st.sampled_from(Unit),
)
ANCHORS = st.builds(Anchor, st.just(CREATED), st.none() | st.sampled_from(PeriodEnd))
FISCAL = st.sampled_from(["12-31", "03-31", "02-28", "02-29", "04-05", "01-30"]).map(MonthDay.parse)
ZONE = st.sampled_from(ZONES).map(ZoneInfo)
GAPS = st.timedeltas(timedelta(0), timedelta(hours=50))


@given(ZONE, NEAR | INSTANTS)
def test_every_instant_lies_in_exactly_one_day(zone: ZoneInfo, instant: datetime) -> None:
    day = local_day(instant, zone)
    assert day == date.min or day_start(day, zone) <= instant
    assert day == date.max or instant < day_end(day, zone)


@given(ZONE, st.dates(date(1840, 1, 1), date(2100, 1, 1)))
def test_a_days_start_is_the_first_instant_of_its_date(zone: ZoneInfo, day: date) -> None:
    start = day_start(day, zone)
    assert start.astimezone(zone).date() >= day
    assert (start - TICK).astimezone(zone).date() < day


@given(DURATIONS, ANCHORS, NEAR | INSTANTS, GAPS, ZONE, FISCAL)
def test_a_later_event_never_expires_earlier(
    duration: Duration,
    anchor: Anchor,
    event: datetime,
    gap: timedelta,
    zone: ZoneInfo,
    fiscal: MonthDay,
) -> None:
    later = event + min(gap, NEVER - event)
    first = expires_at(duration, anchor, event, zone, fiscal)
    assert event <= first <= expires_at(duration, anchor, later, zone, fiscal)


@settings(max_examples=150)
@given(DURATIONS, ANCHORS, NEAR | INSTANTS, NEAR | INSTANTS, ZONE, FISCAL)
@example(
    Duration(1, Unit.MONTHS),
    Anchor(CREATED),
    datetime(2011, 11, 30, 12, tzinfo=UTC),
    datetime(2011, 12, 30, 10, tzinfo=UTC),
    ZoneInfo("Pacific/Apia"),
    MonthDay(12, 31),
)
def test_the_cutoff_divides_events_exactly_as_their_expiry_does(
    duration: Duration,
    anchor: Anchor,
    event: datetime,
    due_by: datetime,
    zone: ZoneInfo,
    fiscal: MonthDay,
) -> None:
    def is_due(when: datetime, by: datetime) -> bool:
        return expires_at(duration, anchor, when, zone, fiscal) <= by

    limit = cutoff(duration, anchor, due_by, zone, fiscal)
    assert (limit is not None and event <= limit) == is_due(event, due_by)
    if limit is not None:
        assert is_due(limit, due_by)
        assert limit == NEVER or not is_due(limit + TICK, due_by)
    # At the very instant of expiry the event is within the cutoff; a tick before, it is not.
    expiry_time = expires_at(duration, anchor, event, zone, fiscal)
    at_expiry = cutoff(duration, anchor, expiry_time, zone, fiscal)
    assert at_expiry is not None
    assert event <= at_expiry
    assume(expiry_time > EARLIEST)
    before = cutoff(duration, anchor, expiry_time - TICK, zone, fiscal)
    assert before is None or before < event


def test_a_cutoff_for_days_is_the_moment_itself_and_for_months_the_end_of_a_day() -> None:
    now, zone = at("2026-07-30T12:00", SHANGHAI), ZoneInfo(SHANGHAI)
    days = cutoff(Duration.parse("90 days"), Anchor(CREATED), now, zone)
    assert days == at("2026-05-01T12:00", SHANGHAI)
    months = cutoff(Duration.parse("3 months"), Anchor(CREATED), now, zone)
    assert months == at("2026-04-30T00:00", SHANGHAI) - TICK


@pytest.mark.parametrize("keep", ["999999 years", "999999 months", "999999 weeks"])
@pytest.mark.parametrize("after", [CREATED, YEAR_END])
def test_what_outlasts_the_calendar_never_expires(keep: str, after: str) -> None:
    event = at("2026-05-01T12:00", SHANGHAI)
    assert expiry(keep, after, event, SHANGHAI) == NEVER
    duration, anchor = Duration.parse(keep), Anchor.parse(after)
    assert cutoff(duration, anchor, event, ZoneInfo(SHANGHAI)) is None


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="`2026-05-01T12:00:00` has no time zone"):
        expiry("90 days", CREATED, datetime(2026, 5, 1, 12), SHANGHAI)  # noqa: DTZ001
