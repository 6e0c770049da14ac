"""The policies' own tests pass, and a wrong expectation fails with what really happens."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.policy.versions import PolicyFolder
from upheld.testing import run_tests

POLICIES = Path(__file__).parents[2] / "policies"
KEEP = "retention-2026-04-03.yaml"
DECIDE = "decisions-2026-04-03.yaml"


def test_every_case_of_the_seed_policy_passes() -> None:
    outcomes = run_tests(PolicyFolder(POLICIES / "aicodewith"))
    assert len(outcomes) >= 41
    assert [(o.file, o.name, o.failures) for o in outcomes if not o.passed] == []


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (
            KEEP,
            "row: 2026-07-30 12:00",
            "row: 2026-07-30 11:59",
            "expected 2026-07-30 11:59, found 2026-07-30 12:00: rule `api-call-logs-90-days` (clause 5.b)",
        ),
        (
            KEEP,
            "row: 2026-07-30 12:00",
            "row: 2026-07-30 12:01",
            "expected 2026-07-30 12:01, found 2026-07-30 12:00",
        ),
        (KEEP, "row: never", "row: 2026-07-30 12:00", "found never: no rule makes it due"),
        (
            KEEP,
            "delete: through 2056-12-31",
            "delete: through 2055-12-31",
            "expected through 2055-12-31, found through 2056-12-31",
        ),
        (
            KEEP,
            ", username: 2026-06-09 09:00}",
            "}",
            "`username`: expected with the row, found 2026-06-09 09:00",
        ),
        (DECIDE, "expect: deny", "expect: permit", "the answer: expected permit, found deny"),
    ],
)
def test_a_wrong_expectation_fails_and_says_what_really_happens(
    tmp_path: Path, file: str, old: str, new: str, says: str
) -> None:
    folder = tmp_path / "aicodewith"
    shutil.copytree(POLICIES / "aicodewith", folder)
    path = folder / "tests" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    failed = [outcome for outcome in run_tests(PolicyFolder(folder)) if not outcome.passed]
    told = [failure for outcome in failed for failure in outcome.failures]
    assert any(says in str(failure.difference) for failure in told), [str(f) for f in told]
    line = 1 + text[: text.index(old)].count("\n")
    assert any(failure.where.line == line for failure in told)
