"""CHANGE_MATERIALITY_UNDEFINED: "significant changes" are promised, and nothing says which those are."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "CHANGE_MATERIALITY_UNDEFINED"


def test_material_changes_that_nothing_defines_are_a_warning(linted: Linter) -> None:
    found = about(
        linted(("policy.md", "Prevent abuse", "Material changes prevent abuse")), CODE, clause="2.f"
    )
    assert {f.severity.value for f in found} == {"warning"}
    assert "policy.md: Material changes" in [marked(f) for f in found]


def test_a_text_that_says_what_is_significant_is_right(linted: Linter) -> None:
    assert not about(
        linted(("policy.md", "Prevent abuse", "A change is significant if it is")), CODE
    )
