"""CONTRADICTION: what one rule permits, others forbid in every case."""

from __future__ import annotations

from tests.engine.policy.lint.conftest import Linter, Replacement, about, marked

CODE = "CONTRADICTION"
PERMIT = "{{id: a-permit, clause: 3.c, data: [account], for: [{}], with: [cloud], basis: contract}}"
NEVER = "{{id: {}, clause: 3.c, data: everything, for: [{}], with: everyone, when: {{{}}}, allow: never}}"


def adding(*rules: str) -> Replacement:
    """The edit that puts rules before those of sharing.yaml that forbid."""
    return "sharing.yaml", "- {id: no-sale", "\n  ".join(f"- {r}" for r in (*rules, "{id: no-sale"))


def test_a_permit_that_a_prohibition_covers_is_an_error(linted: Linter) -> None:
    (found,) = about(linted(adding(PERMIT.format("sell"))), CODE, rule="a-permit")
    assert found.blocking
    assert marked(found) == "sharing.yaml: a-permit"
    assert "`no-sale` forbids" in found.message


def test_prohibitions_that_together_cover_a_permit_are_an_error(linted: Linter) -> None:
    two = (
        NEVER.format("no-active", "advertise", "account: [active, suspended]"),
        NEVER.format("no-none", "advertise", "account: [none]"),
    )
    (found,) = about(linted(adding(PERMIT.format("advertise"), *two)), CODE)
    assert marked(found) == "sharing.yaml: a-permit"
    assert "`no-active` and `no-none`" in found.message


def test_prohibitions_that_leave_somebody_are_right(linted: Linter) -> None:
    one = NEVER.format("no-active", "advertise", "account: [active, suspended]")
    assert not about(linted(adding(PERMIT.format("advertise"), one)), CODE)
