"""AuthZEN in front of the app and behind it: the same bytes, and the same decisions in the log."""

from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from tests.support.installation import BASE, FIRST, World

ONE, MANY = "/access/v1/evaluation", "/access/v1/evaluations"
ASK: dict[str, Any] = {
    "subject": {"type": "recipient", "id": "upstream"},
    "action": {"name": "provide-service"},
    "resource": {
        "type": "personal-data",
        "id": "usage.content",
        "properties": {"data_subject": "1"},
    },
}
SELL: dict[str, Any] = {"action": {"name": "sell"}}
OTHER: dict[str, Any] = {"resource": {**ASK["resource"], "properties": {"data_subject": "2"}}}
QUICK, SLOW = "application/json", "application/json; charset=utf-8"
"""A content type with a parameter is left to the app."""

SEMANTICS = ("execute_all", "deny_on_first_deny", "permit_on_first_permit")


def post(world: World, path: str, body: Any, content_type: str) -> TestResponse:
    headers = {"Content-Type": content_type, "Authorization": f"Bearer {world.key_for('decide')}"}
    return world.client.post(path, json=body, headers=headers, base_url=BASE)


def waiting(world: World) -> int:
    """Bytes of the decision log."""
    assert world.services.enforcement is not None
    return world.services.enforcement.log.waiting


@pytest.mark.parametrize("semantic", SEMANTICS)
@pytest.mark.parametrize(
    "items",
    [
        [{}], [{}, {}], [{}, SELL, {}], [SELL, {}, SELL], [SELL, SELL], [{}, OTHER, SELL],
        [{}, {"resource": {"type": "personal-data"}}, SELL], [{}, 3], [],
    ],
    ids=["one", "permits", "deny between", "permit between", "denies", "two people", "malformed",
         "no object", "none"],
)  # fmt: skip
def test_both_ways_answer_and_log_alike(world: World, semantic: str, items: list[Any]):
    world.person("1", agreed=FIRST)
    world.person("2")
    body = {**ASK, "evaluations": items, "options": {"evaluations_semantic": semantic}}
    post(world, MANY, body, SLOW)  # so that both people were lately seen and the key's use is noted
    post(world, MANY, body, QUICK)
    before = waiting(world)
    quick = post(world, MANY, body, QUICK)
    between = waiting(world)
    slow = post(world, MANY, body, SLOW)
    assert quick.status_code == slow.status_code == 200
    assert quick.data == slow.data
    assert between - before == waiting(world) - between > 0
    assert {name for name, _ in quick.headers} == {name for name, _ in slow.headers}


@pytest.mark.parametrize("semantic", SEMANTICS)
@pytest.mark.parametrize("shadow", [False, True], ids=["enforced", "in shadow"])
def test_the_quick_path_ends_where_the_semantic_says(world: World, semantic: str, shadow: bool):
    """Without the app behind it. In shadow mode nothing is denied, so the first answer is a permit."""
    world.person("1", agreed=FIRST)
    key = world.services.access.keys.create("test", ["decide"], shadow=shadow)[1]
    headers = {"Authorization": f"Bearer {key}"}
    items = [SELL, {}, SELL]
    body = {**ASK, "evaluations": items, "options": {"evaluations_semantic": semantic}}
    client = Client(path := world.app.wsgi_app)
    for _ in range(2):
        client.post(MANY, json=body, base_url=BASE, headers=headers)
    path._app = None
    told = client.post(MANY, json=body, base_url=BASE, headers=headers).json["evaluations"]
    assert [one["decision"] for one in told] == {
        "execute_all": [shadow, True, shadow],
        "deny_on_first_deny": [shadow, True, shadow] if shadow else [False],
        "permit_on_first_permit": [True] if shadow else [False, True],
    }[semantic]


def test_one_question_is_answered_quickly_too(world: World):
    world.person("1", agreed=FIRST)
    first = post(world, ONE, ASK, SLOW)
    post(world, ONE, ASK, QUICK)
    world.app.wsgi_app._app = None
    assert post(world, ONE, ASK, QUICK).data == first.data
