"""DATAMAP_MISMATCH: the data map uses a name that this version of the policy does not declare."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "DATAMAP_MISMATCH"


def test_a_category_that_is_not_declared_is_an_error(linted: Linter) -> None:
    found = about(linted(("datamap.yaml", "email: account.email", "email: account.mail")), CODE)
    assert {f.severity.value for f in found} == {"error"}
    assert "datamap.yaml: account.mail" in [marked(f) for f in found]


def test_a_type_of_person_that_is_not_declared_is_an_error(linted: Linter) -> None:
    found = about(linted(("datamap.yaml", "person: customer", "person: custmer")), CODE)
    assert {f.severity.value for f in found} == {"error"}
    assert "datamap.yaml: custmer" in [marked(f) for f in found]


def test_declared_names_are_right(linted: Linter) -> None:
    assert not about(linted(), CODE)
