"""An explanation names the very moments at which things fall due, and what says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.datamap.load import read_datamap
from engine.decisions.facts import SubjectFacts
from engine.policy.cases import CaseFile
from engine.policy.cases.moments import in_words
from engine.policy.durations import CALENDAR_YEAR_END, Anchor, Duration
from engine.policy.load import read_policy
from engine.policy.policy import Policy
from engine.retention.arithmetic import steps
from engine.retention.cases import anywhere, run_retention_cases
from engine.retention.explain import Explainer, explain_dataset
from engine.retention.explained import PartExplained, Told
from engine.retention.people import people_of
from engine.retention.terms import Days, Term
from tests.support.policies import policy

SEED = Path(__file__).parents[3] / "policies" / "aicodewith"
ENVIRON = {"UPHELD_PLATFORM_URL": "sqlite://", "UPHELD_ACCESS_LOGS": "logs"}
CHAIN = [read_policy(SEED / version) for version in ("2026-04-03", "2026-10-01")]
DATAMAP = read_datamap(SEED / "datamap.yaml", ENVIRON)
SHANGHAI = ZoneInfo("Asia/Shanghai")
DATASETS = sorted(name for name, spec in DATAMAP.datasets.items() if spec.row)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def explained(dataset: str, **told: object) -> dict[str, PartExplained]:
    events = {name: at(text) for name, text in told.pop("events").items()}  # type: ignore[attr-defined]
    about = SubjectFacts(**told.pop("about", {}))  # type: ignore[arg-type]
    agreed, held = told.pop("agreed", "2026-10-01"), told.pop("held", ())
    people = people_of(DATAMAP, dataset, about)
    said = Told(events, people, agreed, held)  # type: ignore[arg-type]
    explainer = Explainer(CHAIN, said, at("2026-11-01"))
    return {part.name: part for part in explain_dataset(explainer, DATAMAP, dataset)}


_MINUTES = st.integers(0, 3 * 365 * 24 * 60)


@settings(max_examples=80)
@given(st.data())
def test_the_judge_of_purges_finds_the_same_moments(data: st.DataObject):
    """The explanation of a random story, written down as a test of the policy, passes."""
    dataset = data.draw(st.sampled_from(DATASETS))
    start = datetime(2025, 1, 1, tzinfo=SHANGHAI)
    names = data.draw(st.sets(st.sampled_from(["record.created", "account.cancelled"]), min_size=1))
    events = {
        name: f"{start + timedelta(minutes=data.draw(_MINUTES)):%Y-%m-%d %H:%M}"
        for name in sorted(names)
    }
    agreed = data.draw(st.sampled_from(["2026-04-03", "2026-10-01", "no"]))
    held = data.draw(st.sampled_from([(), ("abuse-case",), ("payment-dispute",)]))
    parts = explained(dataset, events=events, agreed=agreed, held=held)
    case = {
        "name": "as explained",
        "dataset": dataset,
        "given": {"agreed": agreed},
        "events": events,
        "expect": {
            name: {action: in_words(due, SHANGHAI) for action, due in part.due.items()}
            for name, part in parts.items()
        },
    }
    if held:
        case["held"] = list(held)
    file = CaseFile.model_validate({"version": "2026-10-01", "retention": [case]})
    (result,) = run_retention_cases(file, CHAIN, DATAMAP)
    assert [str(d) for d in result.differences] == [], case


def test_each_rule_says_how_it_stands():
    row = explained("web_sessions", events={"record.created": "2026-05-01 12:00"})["row"]
    (category,) = row.categories
    standing = {rule.rule: rule.standing for rule in category.rules}
    assert standing == {"cookies-30-days": "wins", "cookies-after-cancelling": "not counting yet"}
    assert row.winners["delete"] == "cookies-30-days"
    assert row.due["delete"] == at("2026-05-31 12:00")


def test_a_stronger_action_that_comes_no_later_subsumes_the_weaker(tmp_path: Path):
    def rule(keep: str, then: str) -> dict[str, object]:
        return {"data": ["usage.call"], "keep": keep, "after": "record.created", "then": then}

    small = policy(
        tmp_path,
        retention=[
            rule("90 days", "anonymise"),
            rule("60 days", "delete"),
            rule("70 days", "delete"),
        ],
    )
    events = {"record.created": datetime(2026, 1, 1, tzinfo=UTC)}
    found = Explainer([small], Told(events, (), None), datetime(2026, 1, 1, tzinfo=UTC))
    rules = {rule.rule: rule.standing for rule in found.category("usage.call").rules}
    assert rules == {"keep-0": "subsumed", "keep-1": "wins", "keep-2": "later"}


def test_a_statute_that_keeps_the_data_longer_is_named_with_its_source():
    parts = explained(
        "payments",
        events={"record.created": "2026-05-01 12:00", "account.cancelled": "2026-05-10 09:00"},
    )
    row = parts["row"]
    assert row.due["delete"] == at("2057-01-01 00:00")
    assert row.due["restrict"] == at("2026-06-09 09:00")
    assert (row.winners["restrict"], row.winners["delete"]) == (
        "payment-records-restricted",
        "payment-records-by-law",
    )
    assert [floor.statute for floor in row.protected_by] == ["cn-accounting-vouchers"]
    assert "GB/T" not in row.protected_by[0].source
    assert parts["processor_token"].winners["delete"] == "account-30-days"


def test_a_rule_says_how_long_before_people_are_told(tmp_path: Path):
    rule = {"data": "usage.call", "keep": "90 days", "after": "record.created", "then": "delete"}
    small = policy(tmp_path, retention=[rule | {"notice": "30 days"}, rule])
    told = Told({"record.created": datetime(2026, 1, 1, tzinfo=UTC)}, (), None)
    found = Explainer([small], told, datetime(2026, 1, 1, tzinfo=UTC)).category("usage.call")
    assert [one.notice for one in found.rules] == ["30 days", None]


def test_a_hold_keeps_what_would_be_due_and_says_so():
    events = {"record.created": "2024-05-01 12:00", "account.cancelled": "2026-05-10 09:00"}
    row = explained("users", events=events, held=("abuse-case",))["row"]
    assert (row.due["delete"], row.held) == (None, ("abuse-case",))
    assert row.winners["delete"] == "account-30-days"


def test_an_older_version_is_shown_as_long_as_it_binds():
    events = {"record.created": "2026-05-01 12:00"}
    row = explained("api_calls", events=events, agreed="2026-04-03")["row"]
    versions = {rule.rule: rule.version for rule in row.categories[0].rules}
    assert versions == {"api-call-logs-180-days": "", "api-call-logs-90-days": "2026-04-03"}
    assert row.winners["delete"] == "api-call-logs-90-days"


def test_a_condition_that_is_known_to_fail_leaves_a_rule_out_and_an_unknown_one_does_not(
    tmp_path: Path,
):
    rule = {"data": ["usage.call"], "keep": "30 days", "after": "record.created", "then": "delete"}
    small = policy(tmp_path, retention=[{**rule, "when": {"region": ["DE"]}}])

    def standing(about: SubjectFacts) -> tuple[str, str]:
        people = people_of(anywhere(small, "usage.call"), "anywhere", about)
        told = Told({"record.created": datetime(2026, 1, 1, tzinfo=UTC)}, people, None)
        (shown,) = (
            Explainer([small], told, datetime(2026, 1, 1, tzinfo=UTC)).category("usage.call").rules
        )
        return shown.standing, shown.conditions[0].state

    assert standing(SubjectFacts(region="FR")) == ("does not apply", "fails")
    assert standing(SubjectFacts()) == ("wins", "unknown")


@pytest.mark.parametrize(
    ("keep", "after", "event", "expected"),
    [
        ("30 days", "a.b", "2026-05-10 09:00",
         ("10 May 2026 09:00", "plus 30 days of 24 hours", "9 June 2026 09:00")),
        ("12 hours", "a.b", "2026-05-10 09:00",
         ("10 May 2026 09:00", "plus 12 hours", "10 May 2026 21:00")),
        ("7 months", "a.b", "2026-05-01 12:00",
         ("1 May 2026", "plus 7 months", "through the end of 1 December 2026")),
        ("1 month", "a.b", "2026-01-31 15:00",
         ("31 January 2026", "plus 1 month (February has no 31st)",
          "through the end of 28 February 2026")),
        ("1 year", "a.b", "2024-02-29 15:00",
         ("29 February 2024", "plus 1 year (February has no 29th)",
          "through the end of 28 February 2025")),
        ("30 years", "end of the year of a.b", "2026-05-01 12:00",
         ("1 May 2026", "the year ends on 31 December 2026", "plus 30 years",
          "through the end of 31 December 2056")),
        ("1 month", "end of the month of a.b", "2026-02-03 12:00",
         ("3 February 2026", "the month ends on 28 February 2026",
          "plus 1 month, kept at the end of the month", "through the end of 31 March 2026")),
        ("0 days", "end of the month of a.b", "2026-02-03 12:00",
         ("3 February 2026", "the month ends on 28 February 2026",
          "through the end of 28 February 2026")),
        ("9000 years", "a.b", "2026-02-03 12:00",
         ("3 February 2026 12:00", "plus 9000 years", "after the year 9999: never")),
    ],
)  # fmt: skip
def test_the_arithmetic_can_be_checked_with_a_calendar(keep, after, event, expected):
    term = Term(Duration.parse(keep), Anchor.parse(after))
    assert steps(term, at(event), Days(SHANGHAI, CALENDAR_YEAR_END)) == expected


def test_the_same_policy_is_explained_for_a_category_that_no_dataset_holds():
    policy_: Policy = CHAIN[-1]
    told = Told({"account.cancelled": at("2026-05-10 09:00")}, (SubjectFacts(),), "2026-10-01")
    found = Explainer(CHAIN, told, at("2026-11-01")).category("records.consent")
    assert found.winners["delete"] == "consent-records-3-years"
    assert in_words(found.due["delete"], policy_.header.zone) == "through 2029-05-10"
