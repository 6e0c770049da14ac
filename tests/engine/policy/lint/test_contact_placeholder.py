"""CONTACT_PLACEHOLDER: the contact is missing, or is not an address that anybody can write to."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "CONTACT_PLACEHOLDER"


def test_an_address_of_a_template_is_a_warning(linted: Linter) -> None:
    found = about(linted(("rights.yaml", '"[email protected]"', "you@example.com")), CODE)
    assert {f.severity.value for f in found} == {"warning"}
    assert "rights.yaml: you@example.com" in [marked(f) for f in found]


def test_no_contact_at_all_is_a_warning(linted: Linter) -> None:
    found = about(
        linted(("rights.yaml", 'contact: {clause: [6.e, 9.a], email: "[email protected]"}', "")),
        CODE,
    )
    assert {f.severity.value for f in found} == {"warning"}
    assert 'policy.yaml: "[email protected]"' in [marked(f) for f in found]


def test_an_address_that_works_is_right(linted: Linter) -> None:
    assert not about(
        linted(
            ("rights.yaml", "[email protected]", "privacy@aicodewith.com"),
            ("policy.yaml", "[email protected]", "privacy@aicodewith.com"),
        ),
        CODE,
    )
