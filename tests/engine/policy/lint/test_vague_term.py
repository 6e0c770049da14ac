"""VAGUE_TERM: words in a clause sound like a promise, but cannot be checked."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "VAGUE_TERM"


def test_words_that_promise_nothing_are_a_warning(linted: Linter) -> None:
    found = about(
        linted(
            ("policy.md", "Prevent abuse", "Use commercially  reasonable efforts against abuse")
        ),
        CODE,
        clause="2.f",
    )
    assert {f.severity.value for f in found} == {"warning"}
    assert "policy.md: commercially  reasonable" in [marked(f) for f in found]


def test_plain_words_are_right(linted: Linter) -> None:
    assert not about(linted(("policy.md", "industry-standard", "the following")), CODE)
