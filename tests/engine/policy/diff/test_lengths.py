"""Comparing lengths of time is safe: "never later" holds for every moment on the calendar."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.policy.diff.lengths import never_exceeds, never_later
from engine.policy.durations import Anchor, Duration
from engine.retention.calendar import expires_at

BERLIN = ZoneInfo("Europe/Berlin")
UNITS = {"days": 800, "weeks": 120, "months": 26, "years": 3, "hours": 2000}
ANCHORS = [
    "record.created",
    "end of the month of record.created",
    "end of the year of record.created",
]


def _duration(count, unit):
    return Duration.parse(f"{count} {unit[:-1] if count == 1 else unit}")


durations = st.sampled_from(sorted(UNITS)).flatmap(
    lambda unit: st.integers(0, UNITS[unit]).map(lambda count: _duration(count, unit))
)


@settings(max_examples=300)
@given(
    durations,
    st.sampled_from(ANCHORS).map(Anchor.parse),
    durations,
    st.sampled_from(ANCHORS).map(Anchor.parse),
    st.integers(0, 6000 * 24).map(lambda h: datetime(2019, 1, 1, tzinfo=UTC) + timedelta(hours=h)),
)
def test_what_is_called_never_later_never_expires_later(one, after, other, than_after, moment):
    if never_later(one, after, other, than_after):
        early = expires_at(one, after, moment, BERLIN)
        assert early <= expires_at(other, than_after, moment, BERLIN)


@pytest.mark.parametrize(
    ("one", "other", "never"),
    [
        ("30 days", "30 days", True),
        ("31 days", "30 days", False),
        ("28 days", "1 month", True),
        ("29 days", "1 month", False),
        ("1 month", "33 days", True),
        ("1 month", "31 days", False),
        ("12 months", "1 year", True),
        ("1 year", "12 months", True),
        ("365 days", "1 year", True),
        ("366 days", "1 year", False),
        ("200 years", "100 years", False),
        ("2 weeks", "14 days", True),
        ("0 days", "0 days", True),
    ],
)
def test_durations_compare_over_every_calendar(one, other, never):
    assert never_exceeds(Duration.parse(one), Duration.parse(other)) is never


def test_a_record_is_there_before_what_happens_to_it():
    created, cancelled = Anchor.parse("record.created"), Anchor.parse("account.cancelled")
    thirty, ninety = Duration.parse("30 days"), Duration.parse("90 days")
    assert never_later(thirty, created, ninety, cancelled)
    assert not never_later(thirty, cancelled, ninety, created)
