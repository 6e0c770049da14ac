"""The searches of AuthZEN 1.0 answer which recipients, which purposes, which categories."""

from typing import Any

import pytest

from tests.support.installation import FIRST, World

PERSON = {"data_subject": "1"}
CONTENT = {"type": "personal-data", "id": "usage.content", "properties": PERSON}
ANY_DATA = {"type": "personal-data", "properties": PERSON}
PROVIDE = {"name": "provide-service"}
SERVICE = {"type": "service", "id": "chat"}


def search(world: World, what: str, body: Any) -> Any:
    return world.post(f"/access/v1/search/{what}", body, scope="decide").json


@pytest.fixture
def anna(world: World) -> World:
    world.person("1", agreed=FIRST)
    return world


def test_which_recipients_may_receive(anna: World):
    body = {"subject": {"type": "recipient"}, "action": PROVIDE, "resource": CONTENT}
    found = search(anna, "subject", body)
    assert {"type": "recipient", "id": found["results"][0]["id"]} == found["results"][0]
    assert all(one["id"].startswith("upstream") for one in found["results"])
    assert search(anna, "subject", {**body, "action": {"name": "sell"}})["results"] == []


def test_every_result_of_a_search_is_permitted_and_nothing_else_is(anna: World):
    found = search(anna, "resource", {"subject": SERVICE, "action": PROVIDE, "resource": ANY_DATA})
    listed = {one["id"] for one in found["results"]}
    policy = anna.services.versions().get(FIRST)
    for leaf in policy.categories.leaves:
        ask = {"subject": SERVICE, "action": PROVIDE, "resource": {**CONTENT, "id": leaf}}
        told = anna.post("/access/v1/evaluation", ask).json
        assert told["decision"] is (leaf in listed), leaf


def test_which_purposes_it_may_be_used_for(anna: World):
    found = search(anna, "action", {"subject": SERVICE, "resource": CONTENT})
    assert {"name": "provide-service"} in found["results"]
    assert {"name": "sell"} not in found["results"]


def test_pages_follow_each_other_to_the_end(anna: World):
    body: dict[str, Any] = {"subject": SERVICE, "action": PROVIDE, "resource": ANY_DATA}
    whole = search(anna, "resource", body)["results"]
    found, token = [], ""
    while True:
        told = search(anna, "resource", {**body, "page": {"limit": 2, "token": token}})
        found += told["results"]
        assert told["page"]["total"] == len(whole)
        token = told["page"]["next_token"]
        if not token:
            break
    assert found == whole


@pytest.mark.parametrize(
    "change",
    [
        {"resource": {"type": "file"}},
        {"subject": {"type": "robot", "id": "x"}},
        {"action": {"name": "sport"}},
    ],
)
def test_unknown_names_and_types_find_nothing(anna: World, change: dict[str, Any]):
    body = {"subject": SERVICE, "action": PROVIDE, "resource": ANY_DATA, **change}
    assert search(anna, "resource", body)["results"] == []


def test_a_token_that_no_search_gave_is_400(anna: World):
    body = {"subject": SERVICE, "action": PROVIDE, "resource": ANY_DATA, "page": {"token": "x!"}}
    assert anna.post("/access/v1/search/resource", body).status_code == 400


def test_the_metadata_names_the_searches(world: World):
    told = world.get("/.well-known/authzen-configuration").json
    assert told["search_subject_endpoint"].endswith("/access/v1/search/subject")
    assert {"search_resource_endpoint", "search_action_endpoint"} <= told.keys()
