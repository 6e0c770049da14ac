"""A request or record is answered for the person whose it is: tried on every route that names one."""

import pytest
from werkzeug.test import TestResponse

from tests.support.installation import FIRST, World
from web.api import all_operations
from web.api.operations import Operation


@pytest.fixture
def belongings(world: World) -> dict[str, str]:
    """Ids of what is person 1's."""
    for person in ("1", "2"):
        world.person(person, agreed=FIRST)
    said = {"subject": "1", "kind": "choice", "name": "suggestions", "on": True}
    filed = world.post("/v1/requests", {"subject": "1", "right": "export"}, scope="rights").json
    return {"id": filed["id"], "record": world.post("/v1/consents", said).json["id"]}


def ask(world: World, operation: Operation, ids: dict[str, str], subject: str) -> TestResponse:
    """Call an operation on behalf of a person, by the right key."""
    path = operation.path
    for name, value in ids.items():
        path = path.replace(f"{{{name}}}", value)
    if operation.method == "GET":
        return world.get(f"{path}?subject={subject}", scope=operation.scope)
    body = {**(operation.example or {}), "subject": subject}
    return world.post(path, body, scope=operation.scope or "")


PERSONAL = [one for one in all_operations() if {"{id}", "{record}"} & set(one.path.split("/"))]


def test_the_routes_that_name_what_is_a_persons_are_known():
    assert {operation.path for operation in PERSONAL} == {
        "/v1/consents/{record}/receipt",
        "/v1/requests/{id}",
        "/v1/requests/{id}/code",
        "/v1/requests/{id}/cancellation",
    }


@pytest.mark.parametrize("operation", PERSONAL, ids=lambda one: f"{one.method} {one.path}")
def test_what_is_anothers_is_answered_as_what_does_not_exist(
    world: World, belongings: dict[str, str], operation: Operation
):
    nothing = {name: "0" * len(value) for name, value in belongings.items()}
    theirs = ask(world, operation, belongings, "2")
    absent = ask(world, operation, nothing, "2")
    assert theirs.status_code == absent.status_code == 404
    assert belongings["id"] not in theirs.json["detail"]
    assert belongings["record"] not in theirs.json["detail"]
    assert theirs.json["detail"] == absent.json["detail"]


@pytest.mark.parametrize("operation", PERSONAL, ids=lambda one: f"{one.method} {one.path}")
def test_its_owner_is_answered(world: World, belongings: dict[str, str], operation: Operation):
    answer = ask(world, operation, belongings, "1")
    assert answer.status_code == (400 if operation.path.endswith("/code") else 200)


def test_a_list_is_of_one_person_alone(world: World, belongings: dict[str, str]):
    assert world.get("/v1/requests?subject=2", scope="rights").json["requests"] == []
    records = world.get("/v1/consents?subject=2", scope="consent").json["records"]
    assert belongings["record"] not in {record["id"] for record in records}
