"""What waits for agreement is exactly what decisions refuse for want of it; the reason fits the outcome."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.consent.cookies import may_set
from engine.consent.explain import explain_gate
from engine.consent.records import Standing
from engine.decisions.decision import Request
from engine.decisions.facts import SubjectFacts
from engine.decisions.table import compile_table
from engine.policy.diff import stamps
from engine.policy.load import read_policy

SEED = Path(__file__).parents[3] / "policies" / "aicodewith"
CHAIN = [read_policy(SEED / version) for version in ("2026-04-03", "2026-10-01")]
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize("agreed", [None, "2026-04-03", "2026-10-01"])
def test_what_waits_is_what_decisions_refuse_for_want_of_agreement(agreed: str | None):
    policy = CHAIN[-1]
    table = compile_table(policy, stamps(CHAIN))
    about = SubjectFacts(
        subject="customer",
        region="DE",
        account="active",
        choices={choice.id: True for choice in policy.consent.choices},
        signals=frozenset(),
        objections=frozenset(),
        restricted=False,
        agreed=agreed,
    )
    refused = {
        key
        for key in table.cells
        for decision in [table.decide(Request(*key), table.facts(about))]
        if any(missing.kind == "agreement" for missing in decision.missing)
        if key.operation != "collect"
    }
    found = explain_gate(CHAIN, Standing(agreed=agreed), NOW)
    assert {key for waiting in found.waiting for key in waiting.cells} == refused
    assert bool(refused) == (agreed != "2026-10-01")


@pytest.mark.parametrize(
    ("said", "outcome", "reason"),
    [
        (Standing(), "agree", "agreed to no version yet"),
        (Standing(agreed="2026-04-03"), "reconfirm", "4 changes need an answer"),
        (Standing(agreed="2026-10-01"), "ok", "the version that applies"),
        (Standing(agreed="2026-04-03", declined="2026-10-01"), "declined", "the person declined"),
    ],
)
def test_the_reason_fits_the_outcome(said: Standing, outcome: str, reason: str):
    found = explain_gate(CHAIN, said, NOW)
    assert found.gate.outcome == outcome
    assert reason in found.reason


@pytest.mark.parametrize(
    ("cookie", "choices", "effect", "rule"),
    [
        ("session", {}, "permit", "login-cookie"),
        ("preferences", {"remember-preferences": True}, "permit", "preferences-cookie"),
        ("preferences", {"remember-preferences": False}, "deny", "preferences-cookie"),
        ("preferences", {}, "deny", "preferences-cookie"),
        ("_ga", {"remember-preferences": True}, "deny", None),
    ],
)
def test_a_cookie_needs_to_be_listed_and_exempt_or_chosen(cookie, choices, effect, rule):
    answer = may_set(CHAIN[-1], cookie, choices)
    assert (answer.effect, answer.rule.id if answer.rule else None) == (effect, rule)
