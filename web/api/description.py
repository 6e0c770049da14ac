"""The description of the API: for programs at `/v1/openapi.json`, for people at `/v1/docs`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import groupby
from typing import Any

import orjson
from flask import Blueprint, Response, render_template
from markupsafe import Markup

from engine.policy import inline
from web.api.openapi import document
from web.api.operations import Operation
from web.api.reading import JSON
from web.services import Services


def add_pages(api: Blueprint, operations: Sequence[Operation], services: Services) -> None:
    """Serve both; they need no key, since they say nothing of anybody."""

    @cache
    def described() -> dict[str, Any]:
        return document(operations, services.config.base_url)

    @api.get("/v1/openapi.json")
    def openapi() -> Response:
        return Response(orjson.dumps(described()), content_type=JSON)

    @api.get("/v1/docs")
    def docs() -> str:
        groups = [
            (name, list(listed)) for name, listed in groupby(operations, key=lambda o: o.group)
        ]
        return render_template(
            "api/docs.html",
            described=described(),
            groups=groups,
            pretty=_pretty,
            say=_say,
            words=_words,
            resolve=_resolver(described()),
        )


def _pretty(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def _words(text: str) -> Markup:
    """A sentence with its `code` set as code."""
    return Markup(inline.render(text))  # noqa: S704 - rendered from escaped text of our own


def _say(about: dict[str, Any]) -> Markup:
    """What a field holds: its description, else its words or its type."""
    if "description" in about:
        return _words(about["description"])
    if "enum" in about:
        return _words(", ".join(f"`{word}`" for word in about["enum"]))
    kinds = [kind.get("type", "") for kind in about.get("anyOf", [about])]
    return _words(" or ".join(filter(None, kinds)) or "see the schema")


def _resolver(described: dict[str, Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    schemas = described["components"]["schemas"]

    def resolve(schema: dict[str, Any]) -> dict[str, Any]:
        """The schema that a reference stands for."""
        name = schema.get("$ref", "").rpartition("/")[2]
        found: dict[str, Any] = schemas.get(name, schema)
        return found

    return resolve
