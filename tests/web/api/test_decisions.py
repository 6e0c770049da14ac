"""`POST /v1/decisions`: the quick path and the app behind it answer alike, and both fail closed."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, update
from werkzeug.test import Client

from tests.support.installation import BASE, FIRST, World
from upheld.demo.schema import users

ASK = {"operation": "use", "category": "usage.content", "purpose": "improve.quality-analysis"}
SLOW = {"Content-Type": "application/json; charset=utf-8"}
"""A request that the quick path leaves to the app: its content type has a parameter."""

ODD_BODIES: dict[str, Any] = {
    "empty": b"",
    "not JSON": b"{",
    "not UTF-8": b'{"operation": "\xff"}',
    "a list": b"[]",
    "nested deeply": b"[" * 5000,
    "a missing field": b'{"operation": "use"}',
    "an unknown field": b'{"operation": "use", "category": "x", "subjct": "1"}',
    "a wrong type": b'{"operation": "use", "category": 3}',
    "a wrong word": b'{"operation": "sell", "category": "x"}',
    "a control character": b'{"operation": "use", "category": "x", "subject": "a\\u0000"}',
    "too long a name": b'{"operation": "use", "category": "' + b"x" * 300 + b'"}',
}


def test_a_permit_names_the_rule_the_clauses_and_the_obligations(world: World):
    world.person("1", agreed=FIRST, choices={"improve-with-my-usage": True})
    told = world.post("/v1/decisions", {**ASK, "subject": "1"}, scope="decide").json
    assert (told["effect"], told["rule"]) == ("permit", "quality-analysis")
    assert (told["clauses"], told["obligations"]) == (["1.2.c", "2.d"], ["log"])


def test_both_ways_answer_alike(world: World):
    world.person("1", agreed=FIRST)
    for category in ("usage.content", "usage", "no.such"):
        body = {**ASK, "category": category, "subject": "1"}
        quick = world.post("/v1/decisions", body)
        slow = world.client.post(
            "/v1/decisions", json=body, base_url=BASE, headers=auth(world) | SLOW
        )
        assert quick.data == slow.data
        assert quick.status_code == slow.status_code == 200
        assert {k for k, _ in quick.headers} == {k for k, _ in slow.headers}


def test_the_quick_path_really_answers(world: World):
    """Without the app behind it, a decision in order is still answered."""
    path, headers = world.app.wsgi_app, auth(world)
    client = Client(path)
    client.post("/v1/decisions", json=ASK, base_url=BASE, headers=headers)  # notes the key's use
    path._app = None  # what is in order must not need it
    answer = client.post("/v1/decisions", json=ASK, base_url=BASE, headers=headers)
    assert answer.status_code == 200
    assert answer.json["effect"] == "deny"


@pytest.mark.parametrize("name", ODD_BODIES)
def test_a_malformed_body_is_refused_with_the_field_named(world: World, name: str):
    headers = auth(world) | {"Content-Type": "application/json"}
    answer = world.client.post(
        "/v1/decisions", data=ODD_BODIES[name], base_url=BASE, headers=headers
    )
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    field = {
        "a missing field": "category",
        "an unknown field": "subjct",
        "a wrong type": "category",
        "a wrong word": "operation",
        "a control character": "subject",
        "too long a name": "category",
    }.get(name)
    assert answer.json.get("field") == field


def test_a_near_miss_of_a_field_is_suggested(world: World):
    answer = world.post("/v1/decisions", {**ASK, "subjct": "1"})
    assert answer.json["detail"] == "no field `subjct`, did you mean `subject`?"


def test_names_that_the_policy_does_not_know_deny(world: World):
    for change in ({"category": "usage.contnt"}, {"purpose": "sport"}):
        told = world.post("/v1/decisions", {**ASK, **change}).json
        assert told["effect"] == "deny"
        assert "no " in told["reason"]


@pytest.mark.parametrize("alias", ["07", " 7", "7 ", "+7", "7.0", "7e0", "\u0667", "\uff17"])
def test_another_spelling_of_an_id_does_not_reach_round_a_restriction(world: World, alias: str):
    """A store of numbers finds the row by all of them; what the person said stands under their own id."""
    world.person("7", agreed=FIRST, restricted=True)
    for category in ("usage.call", "account.email"):
        ask = {"operation": "use", "category": category, "purpose": "provide-service"}
        told = world.post("/v1/decisions", {**ask, "subject": alias}).json
        assert (told["effect"], "no restriction" in told["missing"][-1]["label"]) == ("deny", True)


def test_a_category_that_a_rule_restricts_is_there_for_the_law_alone_once_that_is_due(world: World):
    """Payment records, 30 days after the account was cancelled."""
    world.person("7", agreed=FIRST, account="cancelled")
    engine = create_engine(world.platform_url)
    with engine.begin() as conn:
        cancelled = int((world.clock.now() - timedelta(days=29, hours=23)).timestamp())
        conn.execute(update(users).where(users.c.id == 7).values(cancelled_at=cancelled))
    engine.dispose()

    def told(category: str, purpose: str) -> dict[str, Any]:
        ask = {"operation": "use", "category": category, "purpose": purpose, "subject": "7"}
        return world.post("/v1/decisions", ask).json

    assert told("payment.record", "payments")["effect"] == "permit"
    world.clock.advance(timedelta(hours=1))
    denied = told("payment.record", "payments")
    assert (denied["effect"], denied["rule"]) == ("deny", "payments")
    assert "processing of `payment.record` is not restricted" in denied["reason"]
    assert told("payment.record", "accounting")["effect"] == "permit"
    assert told("account.email", "payments")["effect"] == "permit"
    assert told("payment", "payments")["effect"] == "deny"


def test_a_batch_answers_in_order_from_one_reading(world: World):
    world.person("1", agreed=FIRST)
    asked = [
        {"operation": "collect", "category": "usage.call"},
        {"operation": "collect", "category": "payment"},
    ]
    told = world.post("/v1/decisions/batch", {"subject": "1", "requests": asked}).json
    assert [d["effect"] for d in told["decisions"]] == ["permit", "deny"]
    wrong = world.post("/v1/decisions/batch", {"requests": [asked[0], {"operation": "use"}]})
    assert (wrong.status_code, wrong.json["field"]) == (400, "requests.1.category")


def test_withdrawing_counts_from_the_next_decision_on(world: World):
    world.person("1", agreed=FIRST, choices={"improve-with-my-usage": True})
    question = {**ASK, "subject": "1"}
    assert world.post("/v1/decisions", question).json["effect"] == "permit"
    said = {"subject": "1", "kind": "choice", "name": "improve-with-my-usage", "on": False}
    assert world.post("/v1/consents", said).status_code == 201
    assert world.post("/v1/decisions", question).json["effect"] == "deny"


def test_a_revoked_key_stops_at_once_and_a_lesser_key_is_forbidden(world: World):
    key = world.key("decide")
    headers = {"Authorization": f"Bearer {key}"}
    assert (
        world.client.post("/v1/decisions", json=ASK, base_url=BASE, headers=headers).status_code
        == 200
    )
    world.services.access.keys.revoke(key.split("_")[1])
    answer = world.client.post("/v1/decisions", json=ASK, base_url=BASE, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="upheld"'
    assert world.post("/v1/decisions", ASK, scope="rights").status_code == 403


def test_without_the_store_nothing_is_permitted(world: World):
    """The key cannot be looked up, so there is a 503 that says so, and no decision."""
    world.key_for("admin")
    with world.services.database.begin() as conn:
        conn.exec_driver_sql("ALTER TABLE api_keys RENAME TO gone")
    answer = world.post("/v1/decisions", ASK)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_without_the_facts_a_decision_is_a_deny(world: World):
    world.person("1", agreed=FIRST, choices={"improve-with-my-usage": True})
    with world.services.database.begin() as conn:
        conn.exec_driver_sql("ALTER TABLE subject_facts RENAME TO gone")
    told = world.post("/v1/decisions", {**ASK, "subject": "1"}).json
    assert told["effect"] == "deny"
    assert "cannot be read now" in told["reason"]


def auth(world: World) -> dict[str, str]:
    return {"Authorization": f"Bearer {world.key_for('decide')}"}
