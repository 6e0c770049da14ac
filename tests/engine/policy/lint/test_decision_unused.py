"""DECISION_UNUSED: a decision about a change that the version does not make."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "DECISION_UNUSED"
DECISION = (
    "changes:\n  - {change: retention.longer, consequence: notice, reason: as agreed, decided by: us}\n"
    "accepted:\n"
)


def test_a_decision_without_a_change_is_found_in_its_place(linted: Linter) -> None:
    (found,) = about(linted(("policy.yaml", "accepted:\n", DECISION)), CODE)
    assert found.severity.value == "warning"
    assert marked(found).startswith("policy.yaml: {change: retention.longer")


def test_a_version_that_decides_nothing_is_right(linted: Linter) -> None:
    assert not about(linted(), CODE)
