"""RULE_SHADOWED: a permit never decides, because others always decide before it."""

from __future__ import annotations

import pytest

from tests.engine.policy.lint.conftest import Linter, Replacement, about, marked

CODE = "RULE_SHADOWED"
EMAIL_TOO = "id: email-too, clause: 1.1.a, data: [account], for: [provide-service], basis: contract"


def adding(rule: str) -> Replacement:
    """The edit that puts a rule after `provide-service`."""
    return "use.yaml", "- id: payments", f"- {{{rule}}}\n\n- id: payments"


def test_a_permit_that_another_always_covers_is_a_warning(linted: Linter) -> None:
    (found,) = about(linted(adding(f"{EMAIL_TOO}, when: {{account: active}}")), CODE)
    assert found.severity.value == "warning"
    assert marked(found) == "use.yaml: email-too"
    assert "`provide-service` covers all of it" in found.message


@pytest.mark.parametrize(
    "more", ["when: {account: active}, must: [log]", "when: {account: cancelled}"]
)
def test_a_permit_that_adds_a_duty_or_a_case_is_right(linted: Linter, more: str) -> None:
    assert not about(linted(adding(f"{EMAIL_TOO}, {more}")), CODE)


def test_the_seed_has_no_permit_without_effect(linted: Linter) -> None:
    assert not about(linted(), CODE)
