"""CATEGORY_UNMAPPED: no dataset holds a category that the policy governs."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "CATEGORY_UNMAPPED"


def test_a_category_that_no_dataset_holds_is_a_note(linted: Linter) -> None:
    found = about(
        linted(("datamap.yaml", '{is: payment.token, erase: ""}', "not personal")),
        CODE,
        data="payment.token",
    )
    assert {f.severity.value for f in found} == {"info"}
    assert "vocabulary.yaml: token" in [marked(f) for f in found]


def test_a_category_in_a_dataset_is_right(linted: Linter) -> None:
    assert not about(linted(), CODE, data="payment.token")
