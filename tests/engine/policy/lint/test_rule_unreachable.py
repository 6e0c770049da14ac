"""RULE_UNREACHABLE: the conditions of a rule can never hold together."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "RULE_UNREACHABLE"


def test_conditions_that_exclude_each_other_are_an_error(linted: Linter) -> None:
    found = about(
        linted(
            (
                "sharing.yaml",
                "when: {region: US-CA}",
                "when: {region: US-CA}\n    unless: {region: US}",
            )
        ),
        CODE,
        rule="no-cross-context-advertising",
    )
    assert {f.severity.value for f in found} == {"error"}
    assert "sharing.yaml: {region: US}" in [marked(f) for f in found]


def test_an_age_below_13_unless_below_18_is_an_error(linted: Linter) -> None:
    found = about(
        linted(
            (
                "sharing.yaml",
                "when: {region: US-CA}",
                "when: {age below: 13}\n    unless: {age below: 18}",
            )
        ),
        CODE,
        rule="no-cross-context-advertising",
    )
    assert {f.severity.value for f in found} == {"error"}
    assert "sharing.yaml: {age below: 18}" in [marked(f) for f in found]


def test_a_consent_of_a_cancelled_account_is_an_error(linted: Linter) -> None:
    found = about(
        linted(
            (
                "use.yaml",
                "  choice: suggestions\n",
                "  choice: suggestions\n  when: {account: cancelled}\n",
            )
        ),
        CODE,
        rule="suggestions",
    )
    assert {f.severity.value for f in found} == {"error"}
    assert "use.yaml: {account: cancelled}" in [marked(f) for f in found]


def test_a_retention_rule_for_nobody_is_an_error(linted: Linter) -> None:
    found = about(
        linted(
            (
                "retention.yaml",
                "after: record.created, then: delete}",
                "after: record.created, then: delete, when: {account: active}, unless: {account: active}}",
            )
        ),
        CODE,
        rule="api-call-logs-90-days",
    )
    assert {f.severity.value for f in found} == {"error"}
    assert "retention.yaml: {account: active}" in [marked(f) for f in found]


def test_conditions_that_leave_somebody_are_right(linted: Linter) -> None:
    assert not about(
        linted(
            (
                "sharing.yaml",
                "when: {region: US-CA}",
                "when: {age below: 18}\n    unless: {age below: 13}",
            )
        ),
        CODE,
    )
