"""Durations, keeps and anchors are written in one way and say plainly what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidInput
from engine.policy.durations import (
    INDEFINITELY,
    LAW,
    LONGEST,
    Anchor,
    Duration,
    Keep,
    MonthDay,
    PeriodEnd,
    Unit,
    parse_answer_within,
    parse_keep,
)

DURATIONS = st.builds(Duration, st.integers(0, LONGEST), st.sampled_from(Unit))


@given(DURATIONS)
def test_a_duration_reads_back_as_itself(duration: Duration) -> None:
    assert Duration.parse(str(duration)) == duration


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("90 days", "P90D"),
        ("0 days", "P0D"),
        ("1 day", "P1D"),
        ("12 hours", "PT12H"),
        ("2 weeks", "P2W"),
        ("6 months", "P6M"),
        ("30 years", "P30Y"),
    ],
)
def test_receipts_state_a_duration_in_iso_8601(text: str, iso: str) -> None:
    assert Duration.parse(text).iso8601 == iso


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("90 dyas", "no unit `dyas` in `90 dyas`, did you mean `days`?"),
        ("1 mnth", "no unit `mnth` in `1 mnth`, did you mean `month`?"),
        ("90 m", "no unit `m` in `90 m`: use hours, days, weeks, months or years"),
        ("5 decades", "no unit `decades` in `5 decades`: use hours, days, weeks, months or years"),
        ("1 days", "`1 days` is written `1 day`"),
        ("90 day", "`90 day` is written `90 days`"),
        ("90days", "`90days` is written `90 days`"),
        ("90 Days", "`90 Days` is written `90 days`"),
        ("007 days", "`007 days` is written `7 days`"),
        ("-1 days", "`-1 days` is negative: a duration counts forward, from 0"),
        ("1000000 days", "`1000000 days` is too long: count up to 999999, or say `indefinitely`"),
        (
            "thirty days",
            "`thirty days` is not a duration: write a whole number and a unit, such as `90 days`",
        ),
        (
            "1.5 years",
            "`1.5 years` is not a duration: write a whole number and a unit, such as `90 days`",
        ),
        (
            "٣ days",
            "`٣ days` is not a duration: write a whole number and a unit, such as `90 days`",
        ),
        ("", "`` is not a duration: write a whole number and a unit, such as `90 days`"),
    ],
)
def test_a_wrong_duration_is_explained(text: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Duration.parse(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "keep"),
    [
        ("90 days", Duration(90, Unit.DAYS)),
        ("0 days", Duration(0, Unit.DAYS)),
        ("as required by law", LAW),
        ("indefinitely", INDEFINITELY),
    ],
)
def test_a_keep_is_a_duration_the_law_or_without_end(text: str, keep: Keep) -> None:
    assert parse_keep(text) == keep
    assert str(parse_keep(text)) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "as required by the law",
            "`as required by the law` does not say how long, did you mean `as required by law`?",
        ),
        ("indefinitly", "`indefinitly` does not say how long, did you mean `indefinitely`?"),
        (
            "forever",
            (
                "`forever` does not say how long: write a duration such as `90 days`"
                ", or `as required by law`, or `indefinitely`"
            ),
        ),
        ("90 dyas", "no unit `dyas` in `90 dyas`, did you mean `days`?"),
    ],
)
def test_a_wrong_keep_is_explained(text: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_keep(text)
    assert str(caught.value) == message


def test_an_answer_cannot_take_indefinitely() -> None:
    assert parse_answer_within("as required by law") is LAW
    with pytest.raises(InvalidInput, match="does not say how long"):
        parse_answer_within("indefinitely")


@pytest.mark.parametrize(
    ("text", "anchor"),
    [
        ("account.cancelled", Anchor("account.cancelled")),
        ("patient.last_stay", Anchor("patient.last_stay")),
        ("end of the month of record.created", Anchor("record.created", PeriodEnd.MONTH)),
        ("end of the year of record.created", Anchor("record.created", PeriodEnd.YEAR)),
        ("end of the fiscal year of invoice.paid", Anchor("invoice.paid", PeriodEnd.FISCAL_YEAR)),
    ],
)
def test_an_anchor_is_an_event_or_the_end_of_its_period(text: str, anchor: Anchor) -> None:
    assert Anchor.parse(text) == anchor
    assert str(anchor) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "end of the yaer of invoice.paid",
            "no period `yaer` in `end of the yaer of invoice.paid`, did you mean `year`?",
        ),
        (
            "end of the quarter of invoice.paid",
            (
                "no period `quarter` in `end of the quarter of invoice.paid`"
                ": use month, year or fiscal year"
            ),
        ),
        (
            "end of year of invoice.paid",
            "`end of year of invoice.paid` is written `end of the year of invoice.paid`",
        ),
        (
            "the day after cancellation",
            (
                "`the day after cancellation` is not something to count from: write an event such as"
                " `record.created`, or `end of the year of record.created`"
            ),
        ),
        (
            "cancelled",
            (
                "`cancelled` is not something to count from: write an event such as"
                " `record.created`, or `end of the year of record.created`"
            ),
        ),
    ],
)
def test_a_wrong_anchor_is_explained(text: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Anchor.parse(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["12-31", "03-31", "02-29", "04-05"])
def test_a_fiscal_year_ends_on_a_day_of_the_year(text: str) -> None:
    assert str(MonthDay.parse(text)) == text


@pytest.mark.parametrize("text", ["31-12", "02-30", "00-10", "4-5", "2026-12-31", ""])
def test_what_is_no_day_of_the_year_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not a day of the year: write it like `12-31`"):
        MonthDay.parse(text)
