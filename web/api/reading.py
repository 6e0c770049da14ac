"""Reading what a service sends: bodies and queries, strictly, with the wrong field named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from flask import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from werkzeug.exceptions import UnsupportedMediaType

from engine.errors import InvalidInput, did_you_mean

LARGEST_BODY = 1024 * 1024
"""Bytes; a larger body is refused before it is read."""

JSON = "application/json"
_LONGEST_SHOWN = 100


class Strict(BaseModel):
    """What is sent to the API: every field known and of exactly its type."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# Control characters are in no name or id, and PostgreSQL cannot store the first of them.
NO_CONTROLS = r"^[^\x00-\x1f\x7f]+$"
Term = Annotated[str, Field(max_length=200, pattern=NO_CONTROLS)]
Subject = Annotated[
    str,
    Field(
        max_length=200,
        pattern=NO_CONTROLS,
        description="the person's id on the platform, as the data map's first identity gives it",
    ),
]
Language = Annotated[
    str,
    Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", description="BCP 47 tag", max_length=20),
]

Model = TypeVar("Model", bound=BaseModel)


def read_body(model: type[Model], request: Request) -> Model:
    """The body as a model. InvalidInput names the field; 413 and 415 as werkzeug raises them."""
    request.max_content_length = LARGEST_BODY
    if request.mimetype != JSON:
        raise UnsupportedMediaType
    return parse(model, request.get_data())


def parse(model: type[Model], raw: bytes) -> Model:
    """JSON as a model, strictly; InvalidInput names the first field that is wrong."""
    try:
        return model.model_validate_json(raw, strict=True)
    except ValidationError as error:
        raise invalid(model, error) from None


def checked(model: type[Model], value: object) -> Model:
    """What was read from JSON already as a model, strictly; InvalidInput as from `parse`."""
    try:
        return model.model_validate(value, strict=True)
    except ValidationError as error:
        raise invalid(model, error) from None


def read_query(model: type[Model], given: Iterable[tuple[str, str]]) -> Model:
    """The query of an address as a model; a field that is given twice is refused."""
    values: dict[str, str] = {}
    for name, value in given:
        if name in values:
            raise InvalidInput(f"`{name[:_LONGEST_SHOWN]}` is given more than once", name)
        values[name] = value
    try:
        return model.model_validate_strings(values)
    except ValidationError as error:
        raise invalid(model, error) from None


def invalid(model: type[BaseModel], error: ValidationError) -> InvalidInput:
    """What is wrong, in our words and with the field's path; never with the value."""
    first = error.errors(include_url=False, include_input=False)[0]
    path = _path(first["loc"])[:_LONGEST_SHOWN]
    return InvalidInput(_say(model, first, path), path)


def _path(place: Sequence[str | int]) -> str:
    return ".".join(map(str, place))


def _say(model: type[BaseModel], first: ErrorDetails, path: str) -> str:
    context: Mapping[str, Any] = first.get("ctx", {})
    if first["type"] == "json_invalid":
        return f"the body is not valid JSON: {context['error']}"
    if first["type"] == "missing":
        return f"the field `{path}` is missing"
    if first["type"] == "extra_forbidden":
        name = str(first["loc"][-1])[:_LONGEST_SHOWN]
        return f"no field `{path}`{did_you_mean(name, model.model_fields)}"
    if first["type"] == "string_pattern_mismatch" and context.get("pattern") == NO_CONTROLS:
        return f"`{path}` is empty or holds control characters"
    reason = first["msg"].removeprefix("Value error, ")
    told = reason[:1].lower() + reason[1:]
    return f"`{path}`: {told}" if path else f"the body is wrong: {told}"
