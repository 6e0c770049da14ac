"""ACCEPTANCE_UNUSED: an acceptance in `policy.yaml` matches no finding."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "ACCEPTANCE_UNUSED"


def test_an_acceptance_that_matches_nothing_is_a_warning(linted: Linter) -> None:
    found = about(linted(("policy.yaml", "clause: 3.b", "clause: 3.a")), CODE, clause="3.a")
    assert {f.severity.value for f in found} == {"warning"}
    assert "policy.yaml: VAGUE_TERM" in [marked(f) for f in found]


def test_an_acceptance_that_matches_is_right(linted: Linter) -> None:
    assert not about(linted(), CODE)
