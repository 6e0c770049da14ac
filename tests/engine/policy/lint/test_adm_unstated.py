"""ADM_UNSTATED: the text does not say whether a machine alone decides about people."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "ADM_UNSTATED"


def test_a_purpose_that_decides_by_machine_and_a_silent_text_are_an_error(linted: Linter) -> None:
    found = about(
        linted(("vocabulary.yaml", "is: direct marketing", "is: automated decision")),
        CODE,
        purpose="suggestions",
    )
    assert {f.severity.value for f in found} == {"error"}
    assert "vocabulary.yaml: suggestions" in [marked(f) for f in found]


def test_a_text_that_is_silent_about_machines_is_a_warning(linted: Linter) -> None:
    found = about(linted(), CODE)
    assert {f.severity.value for f in found} == {"warning"}
    assert "policy.md: # Privacy Policy" in [marked(f) for f in found]


def test_a_text_that_speaks_of_automated_decisions_is_right(linted: Linter) -> None:
    assert not about(linted(("policy.md", "Prevent abuse", "Make no automated decision")), CODE)
