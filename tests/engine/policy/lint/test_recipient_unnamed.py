"""RECIPIENT_UNNAMED: data goes to a kind of company, not to a company by name."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "RECIPIENT_UNNAMED"


def test_a_kind_of_recipient_without_a_name_is_a_warning(linted: Linter) -> None:
    found = about(
        linted(("sharing.yaml", "    unnamed: {", "    other: {}\n    unnamed: {")),
        CODE,
        recipient="upstream.other",
    )
    assert {f.severity.value for f in found} == {"warning"}
    assert "sharing.yaml: other" in [marked(f) for f in found]


def test_a_recipient_by_name_is_right(linted: Linter) -> None:
    assert not about(
        linted(
            (
                "sharing.yaml",
                "{means: payment processors, role: processor}",
                "{name: Example Payments, role: processor}",
            )
        ),
        CODE,
        recipient="payment-processor",
    )
