"""REVIEW_OVERDUE: the day has passed on which somebody promised to look at a finding again."""

from __future__ import annotations

from datetime import date

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "REVIEW_OVERDUE"
CONFLICT = ("retention.yaml", "keep: 7 months", "keep: 90 days")
ACCEPTED = (
    "policy.yaml",
    "accepted:\n",
    "accepted:\n  - {finding: RETENTION_CONFLICT, decide: law, reason: as agreed, review: 2026-12-01}\n",
)


def test_an_overdue_review_is_a_warning_at_its_day(linted: Linter) -> None:
    found = about(linted(today=date(2027, 1, 16)), CODE)
    assert [marked(f) for f in found] == ["policy.yaml: 2027-01-15"]
    assert [f.severity.value for f in found] == ["warning"]


def test_an_overdue_review_of_an_error_is_an_error(linted: Linter) -> None:
    (found,) = about(linted(CONFLICT, ACCEPTED, today=date(2026, 12, 2)), CODE)
    assert found.blocking
    assert marked(found) == "policy.yaml: 2026-12-01"


def test_on_the_day_of_the_review_nothing_is_overdue(linted: Linter) -> None:
    assert not about(linted(today=date(2027, 1, 15)), CODE)
