"""Response deadlines: the golden cases of each regime, and what holds for all of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Conflict, InvalidInput, PolicyError, UnknownName
from engine.policy.durations import LAW, Duration
from engine.rights.deadlines import Deadline, due, lengthen, regime_for
from engine.rights.regimes import SHIPPED, DeadlineData, Regime, load, parse_period
from engine.rights.workdays import WEEKENDS_ONLY, WorkCalendar, work_calendar

BERLIN = ZoneInfo("Europe/Berlin")
LONDON = ZoneInfo("Europe/London")
PACIFIC = ZoneInfo("America/Los_Angeles")
SHANGHAI = ZoneInfo("Asia/Shanghai")
INDIA = ZoneInfo("Asia/Kolkata")
TORONTO = ZoneInfo("America/Toronto")
SAO_PAULO = ZoneInfo("America/Sao_Paulo")
GERMANY = work_calendar("DE")


def at(day: str, zone: ZoneInfo, hour: int = 15) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=zone)


@pytest.mark.parametrize(
    ("received", "holidays", "extended", "legal", "rolled_from"),
    [
        # 28 February 2026 is a Saturday.
        ("2026-01-31", WEEKENDS_ONLY, False, "2026-03-02", "2026-02-28"),
        # From receipt; chaining one month and then two would give 28 April.
        ("2026-01-31", WEEKENDS_ONLY, True, "2026-04-30", None),
        ("2026-08-31", WEEKENDS_ONLY, False, "2026-09-30", None),
        # 5 April 2026 is Easter Sunday, and Monday a holiday in Germany.
        ("2026-03-05", GERMANY, False, "2026-04-07", "2026-04-05"),
        ("2026-03-05", WEEKENDS_ONLY, False, "2026-04-06", "2026-04-05"),
        ("2027-12-31", WEEKENDS_ONLY, False, "2028-01-31", None),
        ("2028-01-31", WEEKENDS_ONLY, False, "2028-02-29", None),
        ("2026-04-01", GERMANY, False, "2026-05-04", "2026-05-01"),
    ],
)
def test_the_eu_answers_within_a_month_that_ends_on_a_working_day(
    received: str, holidays: WorkCalendar, extended: bool, legal: str, rolled_from: str | None
) -> None:
    deadline = due(
        "eu", "access", at(received, BERLIN), zone=BERLIN, holidays=holidays, extended=extended
    )
    assert deadline.legal_day == date.fromisoformat(legal)
    assert deadline.rolled_from == (date.fromisoformat(rolled_from) if rolled_from else None)
    assert holidays.is_working(deadline.target_day)
    assert deadline.target_day < deadline.legal_day
    assert (deadline.set_by, deadline.silence, deadline.acknowledge_by) == ("law", "breach", None)


def test_a_deadline_passes_at_the_end_of_the_local_day() -> None:
    deadline = due("eu", "access", at("2026-01-31", BERLIN), zone=BERLIN)
    assert deadline.legal_due == datetime(2026, 3, 3, tzinfo=BERLIN)
    assert deadline.legal_due.tzinfo is UTC
    assert deadline.received_at == datetime(2026, 1, 31, 14, tzinfo=UTC)
    assert deadline.received_at.tzinfo is UTC


def test_the_local_day_of_receipt_counts_not_the_day_in_utc() -> None:
    late_in_utc = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    assert due("eu", "access", late_in_utc, zone=BERLIN).legal_day == date(2026, 5, 1)
    assert due("eu", "access", late_in_utc, zone=ZoneInfo("UTC")).legal_day == date(2026, 4, 30)


def test_an_extension_must_be_announced_within_the_first_period() -> None:
    first = due("eu", "access", at("2026-01-31", BERLIN), zone=BERLIN)
    second = due("eu", "access", at("2026-01-31", BERLIN), zone=BERLIN, extended=True)
    assert first.extension_notice_by == second.extension_notice_by == first.legal_due


def test_the_uk_example_of_the_regulator() -> None:
    deadline = due("uk", "access", at("2025-09-03", LONDON), zone=LONDON)
    assert deadline.legal_day == date(2025, 10, 3)


@pytest.mark.parametrize(
    ("identity", "fee", "clarified", "legal"),
    [
        (None, None, [], "2025-10-03"),
        ("2025-09-10", None, [], "2025-10-10"),
        ("2025-09-10", "2025-09-15", [], "2025-10-15"),
        # Before the request: receipt is the latest of the three.
        ("2025-09-01", None, [], "2025-10-03"),
        # Asked on the 8th, answered on the 10th: three days do not count.
        (None, None, [("2025-09-08", "2025-09-10")], "2025-10-06"),
        # The same three days asked for twice.
        (None, None, [("2025-09-08", "2025-09-10"), ("2025-09-09", "2025-09-10")], "2025-10-06"),
        # Asked when the deadline had passed.
        (None, None, [("2025-10-06", "2025-10-20")], "2025-10-03"),
    ],
)
def test_the_uk_clock_starts_with_the_last_thing_needed_and_pauses(
    identity: str | None, fee: str | None, clarified: list[tuple[str, str]], legal: str
) -> None:
    deadline = due(
        "uk",
        "access",
        at("2025-09-03", LONDON),
        zone=LONDON,
        identity_received_at=at(identity, LONDON) if identity else None,
        fee_paid_at=at(fee, LONDON) if fee else None,
        clarifications=[(at(a, LONDON), at(b, LONDON)) for a, b in clarified],
    )
    assert deadline.legal_day == date.fromisoformat(legal)


@pytest.mark.parametrize(("regime", "zone"), [("eu", BERLIN), ("ccpa", PACIFIC)])
def test_elsewhere_neither_identity_nor_clarification_stops_the_clock(
    regime: str, zone: ZoneInfo
) -> None:
    received = at("2026-06-01", zone)
    plain = due(regime, "access", received, zone=zone)
    waited = due(
        regime,
        "access",
        received,
        zone=zone,
        identity_received_at=received + timedelta(days=9),
        clarifications=[(received, received + timedelta(days=5))],
    )
    assert waited == plain


@pytest.mark.parametrize("right", ["access", "export", "deletion", "correction"])
def test_california_answers_in_45_days_and_acknowledges_in_10_business_days(right: str) -> None:
    received = at("2026-11-23", PACIFIC)
    deadline = due("ccpa", right, received, zone=PACIFIC)
    assert deadline.legal_day == date(2027, 1, 7)
    assert deadline.target_day == date(2027, 1, 6)
    # Thanksgiving and the day after it are off.
    assert deadline.acknowledge_by == datetime(2026, 12, 10, tzinfo=PACIFIC)
    longer = due("ccpa", right, received, zone=PACIFIC, extended=True)
    assert longer.legal_day == date(2027, 2, 21)
    assert longer.extension_notice_by == deadline.legal_due


@pytest.mark.parametrize("right", ["opt-out", "objection", "restriction"])
def test_california_opts_people_out_in_15_business_days(right: str) -> None:
    deadline = due("ccpa", right, at("2026-11-23", PACIFIC), zone=PACIFIC)
    assert deadline.legal_day == date(2026, 12, 16)
    assert deadline.acknowledge_by is None


@pytest.mark.parametrize(
    ("received", "legal"),
    [
        # 20 September and 10 October are worked, 25 September and 1 to 7 October are off.
        ("2026-09-18", "2026-10-15"),
        # 26 January and 8 February 2025 are worked for the Spring Festival.
        ("2025-01-20", "2025-02-14"),
        ("2026-06-01", "2026-06-23"),
    ],
)
def test_china_counts_make_up_workdays(received: str, legal: str) -> None:
    deadline = due("pipl", "access", at(received, SHANGHAI), zone=SHANGHAI)
    assert deadline.legal_day == date.fromisoformat(legal)
    assert not deadline.provisional


def test_a_year_whose_workdays_are_not_announced_makes_a_deadline_provisional() -> None:
    deadline = due("pipl", "access", at("2026-12-21", SHANGHAI), zone=SHANGHAI)
    assert deadline.legal_day == date(2027, 1, 12)
    assert deadline.provisional


def test_a_years_notice_is_entered_as_data(tmp_path: Path) -> None:
    raw = yaml.load(SHIPPED.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506 - strings
    note = {"known_through": "2027-12-31", "working": ["2027-01-03"], "days_off": ["2027-01-04"]}
    raw["calendars"][0] |= note
    data = _written(raw, tmp_path)
    deadline = due("pipl", "access", at("2026-12-21", SHANGHAI), zone=SHANGHAI, data=data)
    assert deadline.legal_day == date(2027, 1, 12)
    assert not deadline.provisional
    calendar = data.calendar("CN")
    assert calendar.is_working(date(2027, 1, 3))
    assert not calendar.is_working(date(2027, 1, 4))


@pytest.mark.parametrize(
    ("regime", "zone", "received", "extended", "legal", "silence"),
    [
        ("lgpd", SAO_PAULO, "2026-06-01", False, "2026-06-16", "breach"),
        ("pipeda", TORONTO, "2026-06-01", False, "2026-07-01", "deemed refusal"),
        ("pipeda", TORONTO, "2026-06-01", True, "2026-07-31", "deemed refusal"),
        ("dpdp", INDIA, "2027-06-01", False, "2027-08-30", "breach"),
    ],
)
def test_calendar_days_count_through_weekends(
    regime: str, zone: ZoneInfo, received: str, extended: bool, legal: str, silence: str
) -> None:
    deadline = due(regime, "access", at(received, zone), zone=zone, extended=extended)
    assert deadline.legal_day == date.fromisoformat(legal)
    assert deadline.silence == silence
    assert deadline.rolled_from is None


def test_a_law_does_not_apply_before_it_is_in_force() -> None:
    with pytest.raises(InvalidInput, match="`dpdp` applies from 2027-05-13, after the request"):
        due("dpdp", "access", at("2026-11-23", INDIA), zone=INDIA)


@pytest.mark.parametrize("regime", ["lgpd", "pipl"])
def test_an_extension_that_the_law_does_not_know_is_refused(regime: str) -> None:
    with pytest.raises(Conflict, match="no law lets the answer to a request for `access`"):
        due(regime, "access", at("2026-06-01", SHANGHAI), zone=SHANGHAI, extended=True)


RECEIVED = at("2026-01-31", BERLIN)


def promised(within: str, regime: str | None = "eu", extended: bool = False) -> Deadline:
    return due(
        regime,
        "deletion",
        RECEIVED,
        zone=BERLIN,
        extended=extended,
        answer_within=Duration.parse(within),
    )


def test_the_earlier_of_policy_and_law_wins() -> None:
    # The law's month is rolled to the end of 2 March; 30 days end on it at the hour of receipt.
    thirty = promised("30 days")
    assert (thirty.set_by, thirty.legal_due) == ("policy", at("2026-03-02", BERLIN))
    assert thirty.source == "the policy: answer within 30 days"
    assert thirty.rolled_from is None
    assert thirty.regime == "eu"
    assert thirty.extension_notice_by is not None
    # The aim is the earlier of the two as well: the law's last working day before 2 March.
    assert thirty.target_day == date(2026, 2, 27)
    assert promised("31 days").set_by == "law"
    assert promised("45 days").legal_day == date(2026, 3, 2)


def test_an_extension_in_law_does_not_extend_the_policys_promise() -> None:
    assert promised("30 days", extended=True).legal_due == at("2026-03-02", BERLIN)


def test_where_no_law_is_known_the_policy_sets_the_deadline() -> None:
    deadline = promised("1 month", regime=None)
    assert deadline.legal_day == date(2026, 2, 28)
    assert (deadline.regime, deadline.silence, deadline.set_by) == (None, None, "policy")
    assert deadline.target_day == date(2026, 2, 27)


def test_a_promise_too_short_for_a_target_has_none_earlier() -> None:
    deadline = promised("1 hour")
    assert deadline.target_due == deadline.legal_due == RECEIVED + timedelta(hours=1)


def test_neither_law_nor_policy_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(InvalidInput) as caught:
        due(None, "access", RECEIVED, zone=BERLIN, answer_within=LAW)
    assert str(caught.value) == (
        "neither law nor policy says by when a request for `access` is answered:"
        " give its rule an `answer within` such as `30 days`"
    )


@pytest.mark.parametrize(
    ("regime", "right", "message"),
    [
        ("eeu", "access", "no regime `eeu`, did you mean `eu`?"),
        ("eu", "acess", "no deadline of `eu` for the right `acess`, did you mean `access`?"),
    ],
)
def test_an_unknown_name_is_explained(regime: str, right: str, message: str) -> None:
    with pytest.raises(UnknownName) as caught:
        due(regime, right, RECEIVED, zone=BERLIN)
    assert str(caught.value) == message


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="has no time zone"):
        due("eu", "access", datetime(2026, 1, 31), zone=BERLIN)  # noqa: DTZ001 - the point of it


@pytest.mark.parametrize(
    ("region", "jurisdictions", "regime"),
    [
        ("DE", [], "eu"),
        ("DE-BY", [], "eu"),
        ("NO", [], "eu"),
        ("GB", ["EU"], "uk"),
        ("GB-SCT", [], "uk"),
        ("US-CA", ["CN", "EU"], "ccpa"),
        ("CN", ["EU"], "pipl"),
        ("BR", [], "lgpd"),
        ("CA", [], "pipeda"),
        ("IN", [], "dpdp"),
        ("US-TX", [], None),
        ("CH", [], None),
        # No law of the region's own: the strictest that the policy submits to.
        ("US-TX", ["EU", "CN"], "pipl"),
        (None, ["EU", "CN"], "pipl"),
        (None, ["CN", "EU"], "pipl"),
        (None, ["EU", "US-CA"], "eu"),
        (None, ["DE"], "eu"),
        (None, [], None),
    ],
)
def test_a_persons_region_names_the_law(
    region: str | None, jurisdictions: list[str], regime: str | None
) -> None:
    assert regime_for(region, jurisdictions) == regime


def test_a_law_not_yet_in_force_is_left_out() -> None:
    assert regime_for("IN", ["EU"], date(2027, 5, 12)) == "eu"
    assert regime_for("IN", [], date(2027, 5, 12)) is None
    assert regime_for("IN", ["EU"], date(2027, 5, 13)) == "dpdp"


def test_every_regime_names_its_source_and_when_it_was_checked() -> None:
    data = load()
    for regime in data.regimes:
        assert regime.source
        assert regime.as_of <= date.fromisoformat(data.version)


def test_a_deadline_names_the_version_of_the_data_and_the_source() -> None:
    deadline = due("eu", "access", RECEIVED, zone=BERLIN)
    assert deadline.data_version == load().version
    assert deadline.source.startswith("GDPR art. 12(3)")
    assert not deadline.provisional


def _written(raw: object, folder: Path) -> DeadlineData:
    path = folder / "deadlines.yaml"
    path.write_text(yaml.safe_dump(raw, default_style='"'), encoding="utf-8")
    return load(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("answer: 1 month", "answer: 1 mnth", "did you mean `month`?"),
        ("answer: 1 month", "answer: 12 hours", "count in days, not hours"),
        ("target_lead: 1 day", "target_lead: 1 month", "a lead counts in days or working days"),
        ("regions: [BR]", "regions: [BR, CN]", "region `CN` stands twice"),
        ("id: lgpd", "id: pipl", "regime `pipl` stands twice"),
        ("roll: true", "rolls: true", "Extra inputs are not permitted"),
        ("regimes:", "regimes: [", "cannot be read"),
    ],
)
def test_deadline_data_with_a_mistake_is_not_used(
    old: str, new: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "deadlines.yaml"
    path.write_text(SHIPPED.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load(path)
    assert message in str(caught.value)


def test_a_region_without_known_holidays_has_weekends() -> None:
    calendar = work_calendar("QQ")
    assert calendar.is_working(date(2026, 12, 25))
    assert not calendar.is_working(date(2026, 12, 26))


def test_an_unknown_subdivision_has_the_countrys_holidays() -> None:
    assert not work_calendar("DE-QQ").is_working(date(2026, 10, 3))
    assert not work_calendar("DE-BY").is_working(date(2026, 1, 6))
    assert work_calendar("DE").is_working(date(2026, 1, 6))


def test_working_days_are_written_as_they_are_read() -> None:
    assert str(parse_period("15 working days")) == "15 working days"
    assert str(parse_period("1 working day")) == "1 working day"


REGIMES = st.sampled_from([r for r in load().regimes if r.effective_from is None])
MOMENTS = st.datetimes(
    datetime(2025, 1, 1),  # noqa: DTZ001 - hypothesis wants bounds without a zone
    datetime(2030, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
ZONES = st.sampled_from([BERLIN, LONDON, PACIFIC, SHANGHAI, ZoneInfo("Pacific/Apia")])


@given(REGIMES, st.data(), MOMENTS, st.timedeltas(timedelta(0), timedelta(days=40)), ZONES)
def test_deadlines_follow_receipt_in_order(
    regime: Regime, data: st.DataObject, received: datetime, gap: timedelta, zone: ZoneInfo
) -> None:
    term = data.draw(st.sampled_from(regime.terms))
    right = data.draw(st.sampled_from(term.rights))
    first = due(regime.id, right, received, zone=zone)
    assert received < first.target_due < first.legal_due
    assert first.legal_due <= due(regime.id, right, received + gap, zone=zone).legal_due
    if term.roll:
        assert load().calendar(regime.calendar).is_working(first.legal_day)
    if term.extended:
        longer = due(regime.id, right, received, zone=zone, extended=True)
        assert first.legal_due < longer.legal_due
        assert longer.extension_notice_by == first.legal_due


DAYS = st.dates(date(2026, 1, 1), date(2026, 3, 31))


@given(st.lists(st.tuples(DAYS, DAYS)))
def test_pauses_never_shorten_a_deadline_and_no_day_pauses_twice(
    pauses: list[tuple[date, date]],
) -> None:
    start, end = date(2026, 2, 1), date(2026, 3, 1)
    days = {
        asked + timedelta(days=n)
        for asked, answered in pauses
        for n in range((answered - asked).days + 1)
    }
    put_off = (lengthen(start, end, pauses) - end).days
    assert 0 <= put_off <= len({day for day in days if day >= start})
