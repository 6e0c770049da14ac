"""UNKNOWN_REGION: a condition names a region that does not exist."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "UNKNOWN_REGION"


def test_a_region_that_does_not_exist_is_an_error(linted: Linter) -> None:
    found = about(
        linted(("sharing.yaml", "region: US-CA", "region: XX-CA")),
        CODE,
        rule="no-cross-context-advertising",
    )
    assert {f.severity.value for f in found} == {"error"}
    assert "sharing.yaml: XX-CA" in [marked(f) for f in found]


def test_a_subdivision_is_right(linted: Linter) -> None:
    assert not about(linted(), CODE)
