"""The OpenAPI 3.1 document, generated from the operations and the models that validate them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from web.api.operations import Operation
from web.api.reading import JSON

PROBLEM = "application/problem+json"
_REF = "#/components/schemas/{model}"

_ALWAYS = {
    500: "Something unforeseen; it is logged under the request's id.",
    503: "Try again later.",
}
_KEYED = {401: "No API key, or one that opens nothing.", 403: "The key lacks the scope."}
_BODY = {
    400: "Malformed; `field` names what is wrong.",
    413: "Larger than 1 MiB.",
    415: "Not application/json.",
}


class ProblemDetails(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    field: str | None = None


def document(operations: Iterable[Operation], base_url: str) -> dict[str, Any]:
    """The whole description."""
    listed = tuple(operations)
    schemas, names = _schemas(listed)
    paths: dict[str, dict[str, Any]] = {}
    for operation in listed:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(
            operation, names
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Upheld",
            "version": "1",
            "summary": "May this be done with a person's data, and what did they agree to?",
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base_url}],
        "tags": [{"name": group} for group in dict.fromkeys(o.group for o in listed)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "API key"}
            },
        },
    }


Names = Mapping[tuple[type[BaseModel], JsonSchemaMode], Mapping[str, Any]]


def _schemas(operations: Iterable[Operation]) -> tuple[dict[str, Any], Names]:
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {
        (ProblemDetails, "serialization"): None
    }
    for operation in operations:
        if operation.body:
            wanted[operation.body, "validation"] = None
        if operation.answer:
            wanted[operation.answer, "serialization"] = None
    references, found = models_json_schema(list(wanted), ref_template=_REF)
    return found.get("$defs", {}), {key: references[key] for key in wanted}


def _operation(operation: Operation, names: Names) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.group],
        "summary": operation.summary,
        "parameters": list(_parameters(operation)),
        "responses": _answers(operation, names),
        "security": [{"key": []}] if operation.scope else [],
    }
    if description := " ".join(_sentences(operation)):
        told["description"] = description
    if operation.body:
        media: dict[str, Any] = {"schema": names[operation.body, "validation"]}
        if operation.example:
            media["example"] = dict(operation.example)
        told["requestBody"] = {"required": True, "content": {JSON: media}}
    return told


def _sentences(operation: Operation) -> Iterator[str]:
    if operation.describe:
        yield operation.describe
    if operation.scope:
        yield f"Scope of the API key: {operation.scope}."


def _parameters(operation: Operation) -> Iterator[dict[str, Any]]:
    for name in operation.parameters:
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    yield from _query(operation)
    yield {
        "name": "X-Request-ID",
        "in": "header",
        "description": "1 to 64 letters, digits and `._-`, which come back with the answer; generated if it "
        "is not given, or is anything else",
        "schema": {"type": "string"},
    }
    if operation.writes:
        yield {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "the same key with the same request is carried out once, for 24 hours",
            "schema": {"type": "string", "maxLength": 200},
        }


def _query(operation: Operation) -> Iterator[dict[str, Any]]:
    if operation.query is None:
        return
    schema = operation.query.model_json_schema()
    for name, about in schema.get("properties", {}).items():
        parameter = {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": about,
        }
        if operation.example and name in operation.example:
            parameter["example"] = operation.example[name]
        yield parameter


def _answers(operation: Operation, names: Names) -> dict[str, Any]:
    fine: dict[str, Any] = {"description": "As asked."}
    if operation.answer:
        fine["content"] = {JSON: {"schema": names[operation.answer, "serialization"]}}
        if operation.also:
            fine["content"][operation.also] = {"schema": {"type": "string"}}
    problem = {PROBLEM: {"schema": names[ProblemDetails, "serialization"]}}
    answers = {str(operation.status): fine}
    for status, words in sorted(problems(operation).items()):
        answers[str(status)] = {"description": words, "content": problem}
    return answers


def problems(operation: Operation) -> dict[int, str]:
    """What may go wrong, by status."""
    found = dict(_ALWAYS)
    if operation.scope:
        found |= _KEYED | {429: "Too often; see `Retry-After`."}
    if operation.body:
        found |= _BODY
    if operation.query:
        found[400] = _BODY[400]
    if operation.parameters or operation.writes:
        found[404] = "There is no such thing, or it is somebody else's."
    if operation.writes:
        found[409] = (
            "It does not fit the present state, or the idempotency key is another request's."
        )
    return found
