"""`upheld test`: a difference in its place, several mistakes at once, what nothing exercises, JUnit."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from upheld.cli import run

SEED = Path(__file__).parents[3] / "policies" / "aicodewith"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A copy of the policy that comes with the project, with one file of tests."""
    folder = tmp_path / "aicodewith"
    shutil.copytree(SEED, folder)
    for path in (folder / "tests").glob("*.yaml"):
        if path.name != "both-cookies.yaml":
            path.unlink()
    return folder


def write(folder: Path, text: str, name: str = "own.yaml") -> Path:
    path = folder / "tests" / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_policy_that_comes_with_the_project_exercises_every_rule(capsys):
    assert run(["test", str(SEED), "--every-rule"]) == 0
    assert "0 failed; 127 of 127 rules exercised" in capsys.readouterr().out


def test_who_has_no_test_yet_is_told_where_to_read_how(policy: Path, capsys):
    shutil.rmtree(policy / "tests")
    assert run(["test", str(policy)]) == 0
    out = capsys.readouterr().out
    assert "no test is about version 2026-10-01" in out
    assert out.count("docs/policy-tests.md") == 1


def test_a_failure_shows_both_sides_the_place_and_why(policy: Path, capsys):
    path = write(
        policy,
        "version: 2026-04-03\n"
        "retention:\n"
        "  - name: calls go\n"
        "    dataset: api_calls\n"
        "    events: {record.created: 2026-05-01 12:00}\n"
        "    expect: {row: 2026-08-01 12:00}\n",
    )
    assert run(["test", str(policy)]) == 1
    out = capsys.readouterr().out
    assert f"{path}:6:19: when the row is due to delete\n" in out
    assert "- expected  2026-08-01 12:00\n" in out
    assert "+ found     2026-07-30 12:00\n" in out
    assert "because   rule `api-call-logs-90-days` (clause 5.b): kept for 90 days" in out


def test_gates_deadlines_and_cookies_are_tested_too(policy: Path, capsys):
    write(
        policy,
        "version: 2026-10-01\n"
        "gates:\n"
        "  - {name: g, given: {agreed: 2026-04-03}, expect: ok, asked: [suggestions], told: [7.a],\n"
        "     choices: {suggestions: on}}\n"
        "deadlines:\n"
        "  - {name: d, given: {region: DE}, right: access, received: 2027-01-31 12:00,\n"
        "     expect: through 2027-02-28, by: policy, law: uk}\n"
        "cookies:\n"
        "  - {name: c, cookie: _ga, expect: permit, by: login-cookie}\n",
    )
    assert run(["test", str(policy), "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    wrong = {c["case"]: [(d["what"], d["found"]) for d in c["differences"]] for c in told["cases"]}
    assert wrong["g"][0] == ("the gate", "reconfirm")
    assert [what for what, _ in wrong["g"]] == [
        "the gate", "the choices asked", "the clauses told of", "the choice `suggestions`",
    ]  # fmt: skip
    assert wrong["d"] == [
        ("the deadline", "through 2027-03-01"),
        ("who sets the deadline", "law"),
        ("the law that applies", "`eu`"),
    ]
    assert wrong["c"] == [("the answer", "deny"), ("the rule", "`none`")]


def test_rules_that_no_test_exercises_are_named_with_their_place(policy: Path, capsys):
    assert run(["test", str(policy)]) == 0
    out = capsys.readouterr().out
    assert "no test of 2026-04-03 exercises" in out
    line = next(one for one in out.splitlines() if one.strip().startswith("no-card-numbers"))
    assert "collection.yaml:" in line
    assert "login-cookie " not in out
    assert run(["test", str(policy), "--every-rule"]) == 1


def test_a_control_is_not_asked_for_because_no_case_can_exercise_it(policy: Path, capsys):
    run(["test", str(policy), "--format", "json"])
    missed = json.loads(capsys.readouterr().out)["not_exercised"]
    assert {one["kind"] for one in missed} == {
        "collection", "use", "sharing", "retention", "hold", "right", "consent", "agreement",
    }  # fmt: skip
    assert "https" not in {one["rule"] for one in missed}


def test_every_mistake_in_every_file_is_told_in_one_go(policy: Path, capsys):
    write(
        policy,
        "version: [2026-04-03, 2026-10-10]\n"
        "decisions:\n"
        "  - {name: a, use: usage.contents, for: sel, expect: deny, by: no-sales}\n"
        "retention:\n"
        "  - {name: b, dataset: api_call, events: {record.created: 2026-05-01 12:00}, expect: {row: never}}\n"
        "  - {name: c, dataset: users, held: abuse, events: {record.created: 2026-05-01 12:00},\n"
        "     expect: {rows: never}}\n"
        "gates:\n"
        "  - {name: d, expect: ok, asked: [suggestion]}\n",
    )
    write(policy, "version: 2026-04-03\ncokies: []\n", "other.yaml")
    assert run(["test", str(policy)]) == 1
    err = capsys.readouterr().err
    for name in (
        "no version `2026-10-10`, did you mean `2026-10-01`?",
        "no category `usage.contents`, did you mean `usage.content`?",
        "no purpose `sel`, did you mean `sell`?",
        "no rule `no-sales`, did you mean `no-sale`?",
        "no dataset `api_call`, did you mean `api_calls`?",
        "no reason for a hold `abuse`, did you mean `abuse-case`?",
        "no personal field `rows`, did you mean `row`?",
        "no choice `suggestion`, did you mean `suggestions`?",
        "unknown key `cokies`, did you mean `cookies`?",
    ):
        assert name in err, err
    assert "own.yaml:3:20 error UNKNOWN_NAME" in err


def test_a_selection_runs_alone(policy: Path, capsys):
    assert run(["test", str(policy), "-k", "LANGUAGE", "--format", "json"]) == 0
    cases = json.loads(capsys.readouterr().out)["cases"]
    assert {case["case"] for case in cases} == {"a language is kept for the session"}
    assert run(["test", str(policy), "--rule", "login-cookie", "--format", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["cases"]) == 4
    assert run(["test", str(policy), "--rule", "login-cooky"]) == 2
    assert "did you mean `login-cookie`" in capsys.readouterr().err


def test_junit_counts_and_names_what_failed(policy: Path, tmp_path: Path, capsys):
    path = write(
        policy,
        'version: 2026-04-03\ncookies:\n  - {name: "<a> & \\u0001", cookie: _ga, expect: permit}\n',
    )
    target = tmp_path / "junit.xml"
    assert run(["test", str(policy), "--junit", str(target)]) == 1
    capsys.readouterr()
    root = ET.parse(target).getroot()  # noqa: S314  (written just now, by ourselves)
    assert (root.tag, root.get("tests"), root.get("failures")) == ("testsuites", "15", "1")
    suites = {suite.get("name"): suite for suite in root.iter("testsuite")}
    assert list(suites)[:2] == ["both-cookies.yaml 2026-04-03", "both-cookies.yaml 2026-10-01"]
    (failed,) = [case for case in root.iter("testcase") if case.find("failure") is not None]
    assert failed.get("classname") == "own.2026-04-03.cookies"
    assert failed.get("name") == "<a> & \ufffd"
    assert f"{path}:3:" in (failed[0].text or "")
    assert "no test exercises use accounting" in ET.tostring(root, "unicode")
    assert run(["test", str(policy), "--format", "junit"]) == 1
    assert capsys.readouterr().out == target.read_text(encoding="utf-8")
