"""TRANSFER_UNSTATED: it is not said where a recipient holds the data, or how it is safe there."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "TRANSFER_UNSTATED"


def test_a_country_abroad_without_a_safeguard_is_a_warning(linted: Linter) -> None:
    found = about(
        linted(
            (
                "sharing.yaml",
                "{means: payment processors, role: processor}",
                "{name: A, role: processor, countries: [CN, US]}",
            )
        ),
        CODE,
        recipient="payment-processor",
    )
    assert {f.severity.value for f in found} == {"warning"}
    assert "sharing.yaml: payment-processor" in [marked(f) for f in found]


def test_a_country_with_its_safeguard_is_right(linted: Linter) -> None:
    assert not about(
        linted(
            (
                "sharing.yaml",
                "{means: payment processors, role: processor}",
                "{role: processor, countries: [CN, US], safeguard: {US: clauses}}",
            )
        ),
        CODE,
        recipient="payment-processor",
    )
