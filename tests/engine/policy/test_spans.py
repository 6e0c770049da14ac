"""Durations compared without a calendar: a ceiling is safe only if it is at its shortest."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.policy.durations import Anchor, Duration, Unit
from engine.policy.spans import reaches, same_length

CREATED = "record.created"


@pytest.mark.parametrize(
    ("ceiling", "after", "floor", "floor_after", "safe"),
    [
        ("7 months", CREATED, "6 months", CREATED, True),
        ("6 months", CREATED, "6 months", CREATED, True),
        ("180 days", CREATED, "6 months", CREATED, False),
        ("184 days", CREATED, "6 months", CREATED, True),
        ("6 months", CREATED, "184 days", CREATED, False),
        ("1 year", CREATED, "12 months", CREATED, True),
        ("1 day", CREATED, "24 hours", CREATED, True),
        ("8 years", CREATED, "8 years", f"end of the year of {CREATED}", False),
        ("9 years", f"end of the year of {CREATED}", "8 years", f"end of the year of {CREATED}", True),
        ("30 days", "account.cancelled", "6 months", CREATED, False),
        ("3 years", "account.cancelled", "24 months", CREATED, True),
        ("50 years", CREATED, "1 day", "account.cancelled", False),
    ],
)  # fmt: skip
def test_a_ceiling_reaches_a_floor(
    ceiling: str, after: str, floor: str, floor_after: str, *, safe: bool
) -> None:
    told = Duration.parse(ceiling), Anchor.parse(after)
    wanted = Duration.parse(floor), Anchor.parse(floor_after)
    assert reaches(*told, *wanted) is safe


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("1 year", "12 months", True), ("2 weeks", "14 days", True), ("1 day", "24 hours", True),
     ("1 month", "30 days", False), ("90 days", "3 months", False)],
)  # fmt: skip
def test_durations_of_one_length(one: str, other: str, *, same: bool) -> None:
    assert same_length(Duration.parse(one), Duration.parse(other)) is same


@given(st.integers(1, 6000), st.integers(1, 400_000))
def test_a_ceiling_of_days_is_safe_only_above_every_count_of_months(months: int, days: int) -> None:
    anchor = Anchor(CREATED)
    if reaches(Duration(days, Unit.DAYS), anchor, Duration(months, Unit.MONTHS), anchor):
        assert timedelta(days=days) >= timedelta(days=months * 30.4)
