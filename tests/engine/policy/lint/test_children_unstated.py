"""CHILDREN_UNSTATED: the text does not say whether children may use the service."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "CHILDREN_UNSTATED"


def test_a_text_that_is_silent_about_children_is_a_warning(linted: Linter) -> None:
    found = about(linted(), CODE)
    assert {f.severity.value for f in found} == {"warning"}
    assert "policy.md: # Privacy Policy" in [marked(f) for f in found]


def test_a_text_that_speaks_of_minors_is_right(linted: Linter) -> None:
    assert not about(linted(("policy.md", "Prevent abuse", "Keep Minors away")), CODE)
