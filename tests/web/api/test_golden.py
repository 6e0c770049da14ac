"""The specification's golden decisions over HTTP: facts arranged in the store, questions asked of the API."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.installation import FIRST, NOVEMBER, SECOND, World
from web.api.decisions import DecisionAnswer

QUALITY = {"operation": "use", "category": "usage.content", "purpose": "improve.quality-analysis"}
EMAIL = {"operation": "use", "category": "account.email"}
SHARE = {"operation": "share", "category": "usage.content", "recipient": "upstream"}
CALL = {"operation": "use", "category": "usage.call"}
AGREED: dict[str, Any] = {"agreed": FIRST}

CASES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "1: the choice is off": (
        {**AGREED, "choices": {"improve-with-my-usage": False}},
        QUALITY,
        {
            "effect": "deny",
            "rule": "quality-analysis",
            "clauses": ["1.2.c", "2.d"],
            "missing": ["choice improve-with-my-usage"],
        },
    ),
    "2: a purpose whose leaf fails": (
        {**AGREED, "choices": {"improve-with-my-usage": False, "personal-recommendations": True}},
        {**QUALITY, "purpose": "improve"},
        {"effect": "deny", "rule": "quality-analysis", "leaf": "improve.quality-analysis"},
    ),
    "3: a category that the nearest rule lacks": (
        AGREED,
        {**QUALITY, "purpose": "prevent-abuse"},
        {"effect": "deny", "rule": "prevent-abuse", "lacks": "category"},
    ),
    "4: an objection beats the choice": (
        {**AGREED, "choices": {"suggestions": True}, "objected": ["suggestions"]},
        {**EMAIL, "purpose": "suggestions"},
        {"effect": "deny", "rule": "suggestions", "clauses": ["2.e"]},
    ),
    "5: payments after cancelling": (
        {**AGREED, "account": "cancelled"},
        {**EMAIL, "purpose": "payments"},
        {"effect": "permit", "rule": "payments", "clauses": ["2.b"]},
    ),
    "5: the service after cancelling": (
        {**AGREED, "account": "cancelled"},
        {**EMAIL, "purpose": "provide-service"},
        {"effect": "deny", "rule": "provide-service", "clauses": ["2.a"]},
    ),
    "6: upstream with the warning": (
        AGREED,
        {**SHARE, "purpose": "provide-service"},
        {"effect": "permit", "clauses": ["4.c", "4.d"], "obligations": ["warn 4.e"]},
    ),
    "7: never sold": (
        AGREED,
        {**SHARE, "purpose": "sell"},
        {"effect": "deny", "rule": "no-sale", "clauses": ["3.c"], "by_default": False},
    ),
    "8: the address does not go along": (
        AGREED,
        {**SHARE, "category": "account.email", "purpose": "provide-service"},
        {"effect": "deny", "rule": "upstream-models", "lacks": "category"},
    ),
    "9: no card number": (
        AGREED,
        {"operation": "collect", "category": "payment"},
        {"effect": "deny", "clauses": ["1.1.b"], "leaf": "payment.card_number"},
    ),
    "10: restricted": (
        {**AGREED, "restricted": True},
        {**CALL, "purpose": "provide-service"},
        {"effect": "deny", "missing": ["no restriction"]},
    ),
    "10: restricted, their own request": (
        {**AGREED, "restricted": True},
        {**CALL, "purpose": "answer-requests"},
        {"effect": "permit", "rule": "answer-requests"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_golden(world: World, name: str):
    given, question, expected = CASES[name]
    check(world, given, question, expected)


def test_golden_11_what_is_new_needs_agreement(world: World):
    """Agreed to the first version; then the second comes into force with a new recipient."""
    world.person("1", agreed=FIRST)
    world.clock.set(NOVEMBER)
    question = {
        **SHARE,
        "purpose": "provide-service",
        "recipient": "upstream.acme-ai",
        "subject": "1",
    }
    told = world.post("/v1/decisions", question).json
    assert told["effect"] == "deny"
    assert told["rule"] == "upstream-models"
    assert told["policy"]["version"] == SECOND
    assert labels(told) == ["agreement"]
    world.services.consent.agree("1", SECOND, {}, source="test")
    assert world.post("/v1/decisions", question).json["effect"] == "permit"


def test_golden_22_an_unknown_region_may_be_the_one_that_forbids(world: World):
    """Nobody knows where a stranger is, so the deny for California applies."""
    question = {
        "operation": "share",
        "category": "usage.call",
        "purpose": "advertise",
        "recipient": "cloud",
        "subject": "stranger",
    }
    told = world.post("/v1/decisions", question).json
    assert (told["effect"], told["rule"]) == ("deny", "no-cross-context-advertising")
    assert told["missing"]


def check(
    world: World, given: dict[str, Any], question: dict[str, Any], expected: dict[str, Any]
) -> None:
    subject = world.person("1", **given)
    answer = world.post("/v1/decisions", {**question, "subject": subject}, scope="decide")
    assert answer.status_code == 200
    DecisionAnswer.model_validate_json(answer.data, strict=True)
    told = {**answer.json, "missing": labels(answer.json), "leaf": leaf(answer.json, expected)}
    assert {key: told[key] for key in expected} == expected, told["reason"]


def labels(told: dict[str, Any]) -> list[str]:
    return [missing["label"] for missing in told["missing"]]


def leaf(told: dict[str, Any], expected: dict[str, Any]) -> str | None:
    wanted = expected.get("leaf")
    return wanted if wanted in told["leaf"].values() else str(told["leaf"])


def test_without_a_version_in_force_nothing_is_decided(world: World):
    world.clock.set(datetime(2026, 1, 1, tzinfo=UTC))
    answer = world.post("/v1/decisions", {**QUALITY, "subject": "1"})
    assert answer.status_code == 503
    assert answer.json["detail"].startswith("no policy is published")
