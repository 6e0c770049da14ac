"""RIGHT_MISSING: the text does not mention a right that law gives."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "RIGHT_MISSING"


def test_a_right_that_law_gives_and_the_text_does_not_is_a_warning(linted: Linter) -> None:
    found = about(
        linted(("rights.yaml", "clause: 6.d, right: export", "clause: 6.d, right: access")),
        CODE,
        right="export",
    )
    assert {f.severity.value for f in found} == {"warning"}
    assert marked(found[0]).startswith("rights.yaml: - {id: view")


def test_a_right_that_cites_its_clause_is_right(linted: Linter) -> None:
    assert not about(
        linted(("rights.yaml", "id: object, clause: unstated", "id: object, clause: 6.e")),
        CODE,
        right="objection",
    )
