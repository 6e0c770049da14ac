"""AGREEMENT_GAP: something stops on the day a version takes effect, until each person agrees."""

from __future__ import annotations

import pytest

from tests.engine.policy.lint.conftest import Linter, about, marked

CODE = "AGREEMENT_GAP"
NEXT = {"version": "2026-10-01", "after": "2026-04-03"}
ONLY_ACME = (
    "sharing.yaml",
    "    unnamed: {means: upstream AI model providers that the text does not name, role: processor}\n",
    "",
)
RENAMED = ("sharing.yaml", "acme-ai: {name", "acme-ai: {formerly: upstream.unnamed, name")


def test_a_recipient_that_takes_the_place_of_the_only_one_stops_the_service(linted: Linter) -> None:
    (found,) = about(linted(ONLY_ACME, **NEXT), CODE)
    assert found.severity.value == "warning"
    assert marked(found) == "sharing.yaml: [upstream]"
    assert "nobody may receive `usage.content` for `provide-service`" in found.message


@pytest.mark.parametrize("edits", [(), (ONLY_ACME, RENAMED)], ids=["beside", "renamed"])
def test_a_recipient_beside_the_former_one_or_only_renamed_is_right(
    linted: Linter, edits: tuple[tuple[str, str, str], ...]
) -> None:
    assert not about(linted(*edits, **NEXT), CODE)


def test_a_condition_under_which_the_former_recipient_goes_on_leaves_no_gap(linted: Linter) -> None:
    denied = (
        "- {id: not-in-the-us, clause: 3.c, data: [usage.content], for: [provide-service], "
        "with: [upstream.unnamed], when: {region: US}, allow: never}"
    )
    former = ("sharing.yaml", "  - {id: no-sale", f"  {denied}\n  - {{id: no-sale")
    assert not about(linted(former, **NEXT), CODE)


def test_without_a_version_before_nothing_stops(linted: Linter) -> None:
    assert not about(linted(ONLY_ACME, version="2026-10-01"), CODE)
