"""MAPPED_UNCOLLECTED: a mapped field holds what no rule collects, or what a rule forbids to collect."""

from __future__ import annotations

import pytest

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "MAPPED_UNCOLLECTED"


@pytest.mark.parametrize(
    ("file", "right", "wrong", "data", "place"),
    [
        ("collection.yaml", "- {id: support-mail", "- {allow: never, id: support-mail",
         "support.message", "datamap.yaml: support.message"),
        ("collection.yaml", "data: [usage.content], from", "data: [usage.call], from",
         "usage.content", "datamap.yaml: usage.content"),
        ("datamap.yaml", "quota: usage.call", "quota: payment.card_number",
         "payment.card_number", "datamap.yaml: payment.card_number"),
    ],
)  # fmt: skip
def test_what_is_held_and_not_collected_is_found_in_the_map(
    linted: Linter, file: str, right: str, wrong: str, data: str, place: str
) -> None:
    found = about(linted((file, right, wrong)), CODE, data=data)
    assert {f.severity.value for f in found} == {"warning"}
    assert place in " ".join(marked(f) for f in found)


def test_a_map_of_what_is_collected_is_right(linted: Linter) -> None:
    assert not about(linted(), CODE)
