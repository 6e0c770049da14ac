"""A policy's own tests, as officers write them: how they are read, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.errors import InvalidInput
from engine.policy.cases import CaseFile, Due, Given, Moment, check_cases, load_cases
from engine.policy.load import read_policy

SHANGHAI = ZoneInfo("Asia/Shanghai")
SEED = Path(__file__).parents[3] / "policies" / "aicodewith" / "2026-04-03"


def read(folder: Path, text: str) -> CaseFile:
    loaded = load_cases(written(folder, text))
    assert loaded.findings == ()
    assert loaded.file is not None
    return loaded.file


def written(folder: Path, text: str) -> Path:
    path = folder / "cases.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_case_says_what_is_asked_and_what_must_be_answered(tmp_path: Path) -> None:
    case = read(
        tmp_path,
        "version: 2026-04-03\ndecisions:\n"
        "- {name: n, share: a.b, for: c, with: d, given: {account: active}, expect: permit, by: e}\n",
    ).decisions[0]
    assert (case.operation, case.category, case.purpose, case.recipient) == (
        "share",
        "a.b",
        "c",
        "d",
    )
    assert (case.given.account, case.expect, case.by) == ("active", "permit", "e")


def test_a_case_replaces_the_facts_that_it_names_and_keeps_the_others() -> None:
    common = Given.model_validate({"account": "active", "region": "DE", "objected": []})
    facts = common.replaced_by(Given.model_validate({"region": "CN"}))
    assert (facts.account, facts.region, facts.objected, facts.age) == ("active", "CN", (), None)


def test_times_are_of_the_policys_zone_unless_they_say_utc() -> None:
    assert Moment.parse("2026-05-01 12:00").at(SHANGHAI) == datetime(2026, 5, 1, 4, tzinfo=UTC)
    assert Moment.parse("2026-05-01 12:00 UTC").at(SHANGHAI) == datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_a_date_alone_stands_for_deleting(tmp_path: Path) -> None:
    case = read(
        tmp_path,
        "version: 2026-04-03\nretention:\n- name: n\n  dataset: d\n"
        "  events: {record.created: 2026-05-01 12:00}\n"
        "  expect: {row: {restrict: 2026-06-09 09:00, delete: through 2056-12-31}, name: never}\n",
    ).retention[0]
    assert case.expect["row"]["delete"] == Due(through=date(2056, 12, 31))
    assert case.expect["row"]["restrict"] == Due(Moment(datetime(2026, 6, 9, 9)))  # noqa: DTZ001 (clock time)
    assert case.expect["name"] == {"delete": Due()}


@pytest.mark.parametrize(
    "text", ["tomorrow", "2026-02-30 10:00", "through 2026-13-01", "2026-05-01"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=text):
        Due.parse(text)


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("use: a, collect: b, for: c, expect: deny", "a case asks one thing"),
        ("for: c, expect: deny", "a case asks one thing"),
        ("use: a, expect: deny", "say `for` what"),
        ("use: a, for: b, with: c, expect: deny", "only `share`, says `with` whom"),
        ("use: a, for: b, expect: maybe", "`maybe` is not one of"),
        ("use: a, for: b, expect: deny, giver: {}", "unknown key `giver`, did you mean `given`?"),
    ],
)
def test_a_case_that_makes_no_sense_is_refused(tmp_path: Path, case: str, message: str) -> None:
    path = written(tmp_path, f"version: 2026-04-03\ndecisions:\n- {{name: n, {case}}}\n")
    loaded = load_cases(path)
    assert loaded.file is None
    assert message in loaded.findings[0].message


def test_a_name_that_the_policy_does_not_know_is_found_in_its_place(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "version: 2026-04-03\ndecisions:\n- {name: n, use: usage.contents, for: sell, expect: deny}\n",
    )
    (finding,) = check_cases(load_cases(path), read_policy(SEED))
    assert finding.message == "no category `usage.contents`, did you mean `usage.content`?"
    assert (finding.where.line, finding.where.column) == (3, 18)
