"""AuthZEN 1.0: the shapes that its specification asks for, over our decisions."""

from typing import Any

import pytest

from tests.support.installation import BASE, FIRST, World

ONE = "/access/v1/evaluation"
MANY = "/access/v1/evaluations"
UPSTREAM = {"type": "recipient", "id": "upstream"}
SERVICE = {"type": "service", "id": "chat"}
CONTENT = {"type": "personal-data", "id": "usage.content", "properties": {"data_subject": "1"}}
PROVIDE = {"name": "provide-service"}
ASK: dict[str, Any] = {"subject": UPSTREAM, "action": PROVIDE, "resource": CONTENT}
SELL: dict[str, Any] = {"action": {"name": "sell"}}


def test_a_recipient_is_shared_with_and_the_warning_is_an_obligation(world: World):
    world.person("1", agreed=FIRST)
    told = world.post(ONE, {**ASK, "surprise": 1}, scope="decide").json
    assert told["decision"] is True
    duty = {"id": "warn 4.e", "type": "custom", "properties": {"kind": "warn", "clause": "4.e"}}
    assert told["context"]["obligations"] == [duty]
    assert world.post(ONE, ASK).data == world.post(ONE, ASK).data


def test_a_deny_is_200_and_a_service_uses(world: World):
    answer = world.post(ONE, {**ASK, **SELL})
    assert (answer.status_code, answer.json["decision"]) == (200, False)
    assert answer.json["context"]["rule"] == "no-sale"
    world.person("1", agreed=FIRST)
    assert world.post(ONE, {**ASK, "subject": SERVICE}).json["decision"] is True
    collect = {**ASK, "subject": SERVICE, "context": {"operation": "collect"}}
    assert world.post(ONE, collect).json["decision"] is True


@pytest.mark.parametrize(
    "change",
    [
        {"subject": None},
        {"subject": {"type": "recipient"}},
        {"action": {"name": 3}},
        {"resource": "usage"},
        {"subject": {"type": "robot", "id": "x"}},
        {"context": {"operation": "sell"}},
    ],
)
def test_a_malformed_question_is_400_with_a_plain_message(world: World, change: dict[str, Any]):
    answer = world.post(ONE, {**ASK, **change})
    assert answer.status_code == 400
    assert answer.content_type.startswith("text/plain")
    assert answer.data


def test_what_is_not_a_json_object_is_400(world: World):
    json = {"Content-Type": "application/json"}
    for data, headers in ((b"", json), (b"[]", json), (b"{}", {"Content-Type": "text/plain"})):
        assert world.post(ONE, data=data, headers=headers).status_code == 400
    charset = {"Content-Type": "application/json; charset=utf-8"}
    assert world.post(ONE, data=b"{}", headers=charset).status_code == 400


def test_defaults_are_replaced_whole_and_answers_keep_their_order(world: World):
    world.person("1", agreed=FIRST)
    items = [{}, SELL, {"resource": {"type": "personal-data"}}, 3]
    answer = world.post(MANY, {**ASK, "evaluations": items})
    told = answer.json
    assert "decision" not in told
    assert [each["decision"] for each in told["evaluations"]] == [True, False, False, False]
    assert told["evaluations"][2]["context"]["error"]["status"] == 400


@pytest.mark.parametrize("odd", ["NaN", "1e99999", "9" * 100, "[" * 150 + "]" * 150])
def test_numbers_that_json_cannot_carry_back_are_no_error_of_ours(world: World, odd: str):
    """They are in fields that nobody reads, beside the questions or within one."""
    one = '"subject":{"type":"service","id":"x"},"action":{"name":"sell"},'
    one += '"resource":{"type":"personal-data","id":"usage.content"}'
    within = f'{{{one},"evaluations":[{{"context":{{"a":{odd}}}}}]}}'
    beside = f'{{{one},"context":{{"a":{odd}}},"evaluations":[{{}}]}}'
    for body in (within, beside):
        answer = world.post(MANY, data=body, content_type="application/json")
        assert answer.status_code == 200
        assert [found["decision"] for found in answer.json["evaluations"]] == [False]


@pytest.mark.parametrize(
    ("semantic", "decisions"),
    [
        ("execute_all", [True, False, True]),
        ("deny_on_first_deny", [True, False]),
        ("permit_on_first_permit", [True]),
    ],
)
def test_a_short_circuit_ends_after_what_triggered_it(
    world: World, semantic: str, decisions: list[bool]
):
    world.person("1", agreed=FIRST)
    body = {**ASK, "evaluations": [{}, SELL, {}], "options": {"evaluations_semantic": semantic}}
    told = world.post(MANY, body).json["evaluations"]
    assert [each["decision"] for each in told] == decisions


def test_no_list_gives_the_single_shape_and_an_unknown_semantic_is_400(world: World):
    for body in (ASK, {**ASK, "evaluations": []}):
        assert set(world.post(MANY, body).json) == {"decision", "context"}
    odd = {**ASK, "evaluations": [{}], "options": {"evaluations_semantic": "first"}}
    assert world.post(MANY, odd).status_code == 400


def test_without_a_key_it_is_401_and_the_request_id_comes_back(world: World):
    answer = world.client.post(ONE, json=ASK, base_url=BASE, headers={"X-Request-ID": "q-1"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["X-Request-ID"] == "q-1"


def test_the_metadata_names_the_base_and_only_what_is_offered(world: World):
    assert world.get("/.well-known/authzen-configuration").json == {
        "policy_decision_point": BASE,
        "access_evaluation_endpoint": f"{BASE}{ONE}",
        "access_evaluations_endpoint": f"{BASE}{MANY}",
        **{
            f"search_{what}_endpoint": f"{BASE}/access/v1/search/{what}"
            for what in ("subject", "resource", "action")
        },
    }
