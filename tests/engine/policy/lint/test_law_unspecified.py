"""LAW_UNSPECIFIED: the text says "as required by law" and nobody can tell which law."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "LAW_UNSPECIFIED"


def test_as_required_by_law_without_a_statute_is_an_error(linted: Linter) -> None:
    found = about(
        linted(
            (
                "retention.yaml",
                "data: [payment.record, payment.top_up], keep: as",
                "data: [payment.record, payment.token], keep: as",
            )
        ),
        CODE,
        rule="payment-records-by-law",
        data="payment.token",
    )
    assert {f.severity.value for f in found} == {"error"}
    assert "retention.yaml: as required by law" in [marked(f) for f in found]


def test_a_text_that_names_no_law_is_a_warning(linted: Linter) -> None:
    found = about(linted(), CODE, clause="5.c")
    assert {f.severity.value for f in found} == {"warning"}
    assert "policy.md: as required by law" in [marked(f) for f in found]


def test_a_text_that_names_the_law_is_right(linted: Linter) -> None:
    assert not about(
        linted(("policy.md", "as required by law", "for ten years (§ 147 AO), as required by law")),
        CODE,
    )
