"""CONTROLLER_MISSING: the policy does not fully say whose policy it is."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "CONTROLLER_MISSING"


def test_a_controller_without_an_address_is_a_warning(linted: Linter) -> None:
    found = about(linted(("policy.yaml", "country: CN, email", "name: Example Ltd, email")), CODE)
    assert {f.severity.value for f in found} == {"warning"}
    assert 'policy.yaml: {name: Example Ltd, email: "[email protected]"}' in [
        marked(f) for f in found
    ]


def test_a_controller_with_name_address_and_country_is_right(linted: Linter) -> None:
    assert not about(
        linted(
            (
                "policy.yaml",
                "country: CN,",
                "country: CN, name: Example Ltd, address: 1 Example Street,",
            )
        ),
        CODE,
    )
