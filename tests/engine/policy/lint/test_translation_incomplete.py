"""TRANSLATION_INCOMPLETE: a translation has other clauses than the text."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "TRANSLATION_INCOMPLETE"


def test_a_clause_that_is_not_translated_is_a_warning(linted: Linter) -> None:
    found = about(linted(("policy.zh-Hans.md", "- 防范滥用和欺诈\n", "")), CODE, clause="2.f")
    assert {f.severity.value for f in found} == {"warning"}
    assert "policy.md: Prevent abuse and fraud" in [marked(f) for f in found]


def test_a_clause_that_only_the_translation_has_is_a_warning(linted: Linter) -> None:
    found = about(
        linted(("policy.zh-Hans.md", "- 防范滥用和欺诈\n", "- 防范滥用和欺诈\n- 以及更多\n")),
        CODE,
        clause="2.g",
    )
    assert {f.severity.value for f in found} == {"warning"}
    assert "policy.zh-Hans.md: 以及更多" in [marked(f) for f in found]


def test_the_same_clauses_are_right(linted: Linter) -> None:
    assert not about(linted(), CODE)
