"""The OpenAPI document: valid, complete, and true of what is served."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.support.installation import World
from web.api import all_operations


@pytest.fixture
def described(world: World) -> dict[str, Any]:
    return world.get("/v1/openapi.json").json


def test_every_schema_is_a_valid_json_schema_and_every_reference_leads_somewhere(
    described: dict[str, Any],
):
    assert described["openapi"].startswith("3.1")
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    names = described["components"]["schemas"].keys()
    text = json.dumps(described)
    used = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert used <= names


def test_everything_served_is_described_and_the_other_way_round(
    world: World, described: dict[str, Any]
):
    served = {
        (method, rule.rule.replace("<", "{").replace(">", "}"))
        for rule in world.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    told = {(m.upper(), path) for path, item in described["paths"].items() for m in item}
    ours = {(method, path) for method, path in served if path.startswith("/v1/")}
    assert ours - told == {("GET", "/v1/openapi.json"), ("GET", "/v1/docs")}
    assert told <= served


def test_every_example_satisfies_the_schema_beside_it(described: dict[str, Any]):
    for operation in all_operations():
        if operation.body is not None:
            assert operation.example is not None, operation.name
            schema = {
                "$ref": f"#/components/schemas/{operation.body.__name__}",
                "components": described["components"],
            }
            Draft202012Validator(schema).validate(operation.example)


def test_answers_satisfy_the_described_schema(world: World, described: dict[str, Any]):
    answers = {
        "VersionList": world.get("/v1/policies").json,
        "PolicyAnswer": world.get("/v1/policies/current").json,
        "Health": world.get("/health/ready").json,
        "DecisionAnswer": world.post(
            "/v1/decisions", {"operation": "collect", "category": "payment"}
        ).json,
        "ProblemDetails": world.post("/v1/decisions", {}).json,
    }
    for name, told in answers.items():
        schema = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
        Draft202012Validator(schema).validate(told)


def test_the_page_lists_every_operation_and_needs_nothing_from_elsewhere(world: World):
    page = world.get("/v1/docs")
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    for operation in all_operations():
        assert f"{operation.method} {operation.path}" in text
    assert "<script" not in text
    assert 'style="' not in text
    assert "http://" not in text.replace("http://127.0.0.1:8080", "")
