"""What every answer of the API has in common: problems, headers, scopes, limits, repetition."""

import pytest

from engine.store.tables.access import rate_limits
from tests.support.installation import BASE, World
from web.api import all_operations
from web.api.operations import Operation
from web.api.reading import LARGEST_BODY

GUARDED = [o for o in all_operations() if o.scope]
WITH_BODY = [o for o in all_operations() if o.body]
SAID = {"subject": "1", "kind": "choice", "name": "improve-with-my-usage", "on": True}


def path(operation: Operation) -> str:
    return operation.path.replace("{", "").replace("}", "")


def test_without_a_key_every_guarded_operation_is_401(world: World):
    for operation in GUARDED:
        answer = world.client.open(path(operation), method=operation.method, base_url=BASE)
        assert answer.status_code == 401, operation.name
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("shown", ["Basic abc", "Bearer", "Bearer upheld_x", "upheld_x"])
def test_what_is_no_key_is_401(world: World, shown: str):
    assert world.get("/metrics", headers={"Authorization": shown}).status_code == 401


def test_a_key_without_the_scope_is_403(world: World):
    headers = {"Authorization": f"Bearer {world.key_for('decide')}"}
    for operation in GUARDED:
        if operation.scope not in ("any", "decide"):
            answer = world.client.open(
                path(operation), method=operation.method, base_url=BASE, headers=headers
            )
            assert answer.status_code == 403, operation.name
            assert operation.scope in answer.json["detail"]


def test_an_odd_body_is_refused_before_anything_is_done(world: World):
    for operation in WITH_BODY:
        target = path(operation)
        assert world.post(target, headers={"Content-Type": "text/plain"}).status_code == 415
        headers = {"Content-Type": "application/json"}
        large = world.post(target, data=b'"' + b"x" * LARGEST_BODY + b'"', headers=headers)
        assert (large.status_code, large.content_type) == (413, "application/problem+json")
        unknown = world.post(target, {**(operation.example or {}), "surprise": 1})
        assert (unknown.status_code, unknown.json["field"]) == (400, "surprise")


def test_a_missing_field_is_named(world: World):
    for operation in WITH_BODY:
        example, model = operation.example or {}, operation.body
        for name, about in model.model_fields.items() if model else ():
            if about.is_required():
                body = {k: v for k, v in example.items() if k != name}
                answer = world.post(path(operation), body)
                assert (answer.status_code, answer.json["field"]) == (400, name), operation.name


def test_a_problem_has_one_shape(world: World):
    answers = [
        world.get("/v1/no-such-thing"),
        world.get("/v1/policies/2020-01-01"),
        world.client.get("/v1/decisions", base_url=BASE),
        world.post("/v1/decisions", {}),
    ]
    assert [a.status_code for a in answers] == [404, 404, 405, 400]
    for answer in answers:
        assert answer.content_type == "application/problem+json"
        assert {"type", "title", "status", "detail", "request_id"} <= set(answer.json)
        assert answer.json["request_id"] == answer.headers["X-Request-ID"]
    assert "POST" in answers[2].headers["Allow"]


def test_the_request_id_comes_back_and_a_strange_one_does_not(world: World):
    for target in ("/health/live", "/v1/policies"):
        answer = world.get(target, headers={"X-Request-ID": "order-17"})
        assert answer.headers["X-Request-ID"] == "order-17"
    ask = {"operation": "collect", "category": "usage"}
    answer = world.post("/v1/decisions", ask, headers={"X-Request-ID": "order-18"})
    assert answer.headers["X-Request-ID"] == "order-18"
    answer = world.get("/health/live", headers={"X-Request-ID": "a b<c>"})
    assert answer.headers["X-Request-ID"] != "a b<c>"


def test_no_other_site_may_read_an_answer(world: World):
    answer = world.get("/v1/policies", headers={"Origin": "https://elsewhere.example"})
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
    asked = world.client.options(
        "/v1/decisions", base_url=BASE, headers={"Origin": "https://elsewhere.example"}
    )
    assert not [name for name, _ in asked.headers if name.startswith("Access-Control")]


def test_another_host_is_refused_on_both_ways(world: World):
    ask = {"operation": "collect", "category": "usage"}
    headers = {"Authorization": f"Bearer {world.key_for('decide')}"}
    answer = world.client.post(
        "/v1/decisions", json=ask, base_url="http://evil.example", headers=headers
    )
    assert answer.status_code == 421


def test_many_wrong_keys_are_slowed_down(world: World):
    headers = {"Authorization": "Bearer upheld_000000000000_" + "a" * 43}
    seen = {
        world.client.get("/v1/consents", base_url=BASE, headers=headers).status_code
        for _ in range(70)
    }
    assert seen == {401, 429}
    last = world.client.get("/v1/consents", base_url=BASE, headers=headers)
    assert int(last.headers["Retry-After"]) >= 1
    assert world.get("/v1/consents?subject=1", scope="consent").status_code == 200


def test_a_repeated_write_is_carried_out_once_and_answered_alike(world: World):
    headers = {"Idempotency-Key": "abc"}
    first = world.post("/v1/consents", SAID, headers=headers)
    again = world.post("/v1/consents", SAID, headers=headers)
    assert first.status_code == again.status_code == 201
    assert first.data == again.data
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(world.services.consent.records("1")) == 1


def test_the_same_key_for_another_write_is_a_conflict(world: World):
    headers = {"Idempotency-Key": "abc"}
    world.post("/v1/consents", SAID, headers=headers)
    other = world.post("/v1/consents", {**SAID, "on": False}, headers=headers)
    assert other.status_code == 409
    same_key_elsewhere = world.post(
        "/v1/consents", {**SAID, "on": False}, scope="consent", headers=headers
    )
    assert same_key_elsewhere.status_code == 201


def test_what_failed_may_be_tried_again_under_its_key(world: World):
    headers = {"Idempotency-Key": "abc"}
    wrong = world.post("/v1/consents", {**SAID, "name": "no-such"}, headers=headers)
    assert (wrong.status_code, wrong.json["field"]) == (400, "name")
    assert world.post("/v1/consents", SAID, headers=headers).status_code == 201
    odd = world.post("/v1/consents", SAID, headers={"Idempotency-Key": "a b"})
    assert (odd.status_code, odd.json["field"]) == (400, "Idempotency-Key")


def test_rate_limits_hold_nobodys_address(world: World):
    world.client.get("/v1/consents", base_url=BASE)
    with world.services.database.read() as conn:
        rows = conn.execute(rate_limits.select()).all()
    assert rows
    assert "127.0.0.1" not in str(rows)
