"""CATEGORY_WITHOUT_PURPOSE: data is collected and no rule says what for."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "CATEGORY_WITHOUT_PURPOSE"


def test_data_that_is_collected_and_serves_no_purpose_is_an_error(linted: Linter) -> None:
    found = about(
        linted(
            ("use.yaml", "data: [records]", "data: [records.request]"),
            ("sharing.yaml", "support, records]", "support]"),
        ),
        CODE,
        data="records.consent",
        rule="consent-records",
    )
    assert {f.severity.value for f in found} == {"error"}
    assert marked(found[0]).startswith("collection.yaml: ")


def test_data_with_a_purpose_is_right(linted: Linter) -> None:
    assert not about(linted(), CODE)
