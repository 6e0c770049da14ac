"""CLAUSE_UNCOVERED: nothing keeps a clause of the text."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "CLAUSE_UNCOVERED"


def test_a_clause_that_nothing_cites_is_an_error(linted: Linter) -> None:
    found = about(linted(("policy.yaml", "  0.b: a welcome\n", "")), CODE, clause="0.b")
    assert {f.severity.value for f in found} == {"error"}
    assert 'policy.md: Welcome to aicodewith.com (hereinafter referred to as "the Platform").' in [
        marked(f) for f in found
    ]


def test_a_clause_behind_a_marker_is_found_behind_it(linted: Linter) -> None:
    found = about(linted(("sharing.yaml", "    must: [{warn: 4.e}]\n", "")), CODE, clause="4.e")
    assert {f.severity.value for f in found} == {"error"}
    assert (
        "policy.md: We recommend that you do not include sensitive personal information in API requests."
        in [marked(f) for f in found]
    )


def test_a_clause_that_is_cited_or_informative_is_right(linted: Linter) -> None:
    assert not about(linted(), CODE)
