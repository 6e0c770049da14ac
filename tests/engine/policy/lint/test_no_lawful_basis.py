"""NO_LAWFUL_BASIS: a rule permits the use or sharing of data without a lawful basis."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "NO_LAWFUL_BASIS"


def test_a_permit_without_a_basis_is_an_error(linted: Linter) -> None:
    found = about(
        linted(("use.yaml", "  basis: legitimate interest\n", "")), CODE, rule="troubleshooting"
    )
    assert {f.severity.value for f in found} == {"error"}
    assert "use.yaml: troubleshooting" in [marked(f) for f in found]


def test_a_consent_that_is_asked_nowhere_is_an_error(linted: Linter) -> None:
    found = about(linted(("use.yaml", "  choice: suggestions\n", "")), CODE, rule="suggestions")
    assert {f.severity.value for f in found} == {"error"}
    assert "use.yaml: consent" in [marked(f) for f in found]


def test_special_data_without_a_second_ground_is_an_error(linted: Linter) -> None:
    found = about(
        linted(("vocabulary.yaml", "message: {means:", "message: {special: health, means:")),
        CODE,
        rule="support",
        data="support.message",
    )
    assert {f.severity.value for f in found} == {"error"}
    assert "use.yaml: legitimate interest" in [marked(f) for f in found]


def test_a_basis_and_a_choice_are_right(linted: Linter) -> None:
    assert not about(linted(), CODE)
