"""The seed policy decides as its own tests say, and a wrong expectation is told in words."""

from pathlib import Path

import pytest

from engine.decisions.cases import run_decision_cases
from engine.decisions.decision import Request
from engine.decisions.facts import NOTHING_KNOWN
from engine.decisions.table import compile_table
from engine.policy.cases import load_cases
from engine.policy.diff import stamps
from engine.policy.load import read_policy

SEED = Path(__file__).parents[3] / "policies" / "aicodewith"
OFF = "given: {choice: {improve-with-my-usage: off}}"
CASES = sorted(SEED.glob("tests/decisions-*.yaml"))


def _table(version):
    chain = [read_policy(path.parent) for path in sorted(SEED.glob("*/policy.yaml"))]
    upto = [policy for policy in chain if policy.version <= version]
    return compile_table(upto[-1], stamps(upto))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_seed_policy_decides_as_its_own_tests_say(path):
    file = load_cases(path).file
    for version in file.version:
        results = run_decision_cases(file, _table(version))
        assert results
        assert {r.name: list(map(str, r.differences)) for r in results if not r.passed} == {}


@pytest.mark.parametrize(
    ("request_", "clauses"),
    [
        (Request("use", "usage.content", "improve.quality-analysis"), ("1.2.c", "2.d")),
        (Request("use", "account.email", "suggestions"), ("2.e",)),
        (Request("use", "account.email", "provide-service"), ("2.a",)),
        (Request("share", "usage.content", "provide-service", "upstream"), ("4.c", "4.d")),
        (Request("share", "usage.content", "sell", "upstream"), ("3.c",)),
        (Request("collect", "payment"), ("1.1.b",)),
    ],
)
def test_the_seed_names_the_clauses_of_the_worked_examples(request_, clauses):
    table = _table("2026-04-03")
    assert table.decide(request_, table.facts(NOTHING_KNOWN)).clauses == clauses


def test_a_case_that_fails_says_what_was_expected_and_what_came(tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text(
        "version: 2026-04-03\n"
        "decisions:\n"
        "  - {name: wrong, use: usage.content, for: sell, expect: permit, by: no-sale,\n"
        "     missing: [account], must: [log]}\n"
    )
    (result,) = run_decision_cases(load_cases(path).file, _table("2026-04-03"))
    assert not result.passed
    assert [(d.what, d.expected, d.found) for d in result.differences] == [
        ("the answer", "permit", "deny"),
        ("the nearest rule", "`no-sale`", "`provide-service`"),
        ("what is missing", "`account`", "nothing"),
        ("the obligations", "`log`", "nothing"),
    ]
    assert "comes nearest, but does not name this purpose" in result.differences[0].why


@pytest.mark.parametrize(
    ("case", "exercised"),
    [
        # A permit, by the rule that gives it.
        ("use: account.email, for: accounting, expect: deny", set()),
        ("use: payment.record, for: accounting, expect: permit", {("use", "accounting")}),
        # A rule that only comes nearest is not exercised; the choice that it hangs on is.
        (
            f"use: usage.call, for: improve.quality-analysis, expect: deny, {OFF}",
            {("consent", "improve-with-my-usage")},
        ),
        # Part by part: two of four parts are permitted, one is forbidden, the token is only denied.
        (
            "collect: payment, expect: deny",
            {("collection", "no-card-numbers"), ("collection", "payment-details"),
             ("collection", "balance-and-top-ups")},
        ),
    ],
)  # fmt: skip
def test_a_case_exercises_the_rules_that_its_answer_rests_on(tmp_path, case, exercised):
    path = tmp_path / "one.yaml"
    path.write_text(
        "version: 2026-04-03\ngiven: {account: active, restricted: no, objected: []}\n"
        f"decisions:\n  - {{name: one, {case}}}\n"
    )
    (result,) = run_decision_cases(load_cases(path).file, _table("2026-04-03"))
    assert result.passed
    assert result.exercised == exercised
