"""From a document's plain values to models; pydantic's complaints become findings in an officer's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from engine.errors import did_you_mean
from engine.policy.findings import Finding, error
from engine.policy.source import Document, Key
from engine.policy.yaml_reader import MAX_FINDINGS, enough, shortened

M = TypeVar("M", bound=BaseModel)


def validate(
    model: type[M], value: Any, document: Document, *path: Key
) -> tuple[M | None, list[Finding]]:
    """Validate the value at `path` of a document; return the model, or None and what is wrong."""
    if not isinstance(value, dict):
        message = f"expected a mapping (`key: value`), found {describe(value)}"
        return None, [error("WRONG_TYPE", message, document.at(*path))]
    try:
        return model.model_validate(value), []
    except ValidationError as problem:
        complaints = _distinct(problem, document, path)
        return None, [_finding(model, item, document, path) for item in complaints]


def validate_list(
    model: type[M], value: Any, document: Document, *path: Key
) -> tuple[list[tuple[M, tuple[Key, ...]]], list[Finding]]:
    """Validate each item of a list on its own: one bad rule does not hide what is wrong with another.

    Returns the good ones, each with its path in the document, and the findings.
    """
    if value in ({}, ""):
        return [], []
    if not isinstance(value, list):
        message = f"expected a list (lines that begin with `-`), found {describe(value)}"
        return [], [error("WRONG_TYPE", message, document.at(*path))]
    good: list[tuple[M, tuple[Key, ...]]] = []
    findings: list[Finding] = []
    for index, item in enumerate(value):
        if len(findings) >= MAX_FINDINGS:
            findings.append(enough(document.at(*path, index)))
            break
        found, wrong = validate(model, item, document, *path, index)
        findings += wrong
        if found is not None:
            good.append((found, (*path, index)))
    return good, findings


def describe(value: Any) -> str:
    """What kind of YAML a value is, in plain words."""
    if isinstance(value, dict):
        return "a mapping" if value else "nothing"
    if isinstance(value, list):
        return "a list"
    return f"`{shortened(value)}`" if value else "nothing"


def _distinct(
    problem: ValidationError, document: Document, path: tuple[Key, ...]
) -> Iterable[ErrorDetails]:
    """One complaint for each place: the branches of a union say the same thing several times."""
    seen: set[tuple[Any, ...]] = set()
    for item in problem.errors(include_url=False)[:MAX_FINDINGS]:
        missing = item["loc"] if item["type"] == "missing" else ()
        place = (_in_document(document, (*path, *item["loc"])), missing)
        if place not in seen:
            seen.add(place)
            yield item


def _in_document(document: Document, path: tuple[Key, ...]) -> tuple[Key, ...]:
    """The path as far as the document has it: the rest names a branch of a union."""
    while path and path not in document.values:
        path = path[:-1]
    return path


def _finding(
    model: type[BaseModel], item: ErrorDetails, document: Document, path: tuple[Key, ...]
) -> Finding:
    loc = tuple(part for part in item["loc"] if part != "[key]")
    where = document.at(*path, *loc)
    kind = item["type"]
    if kind == "extra_forbidden":
        key = str(loc[-1])
        known = known_keys(model, loc[:-1])
        message = f"unknown key `{shortened(key)}`{did_you_mean(key, known)}"
        hint = f"known here: {', '.join(known)}"
        return error("UNKNOWN_KEY", message, document.at_key(*path, *loc), hint)
    if kind == "missing":
        return error("MISSING_KEY", f"`{loc[-1]}` is missing", document.at(*path, *loc[:-1]))
    return error(_CODES.get(kind, "WRONG_VALUE"), _message(item), where)


_CODES = dict.fromkeys(
    ("string_type", "dict_type", "list_type", "tuple_type", "model_type"), "WRONG_TYPE"
)


def _message(item: ErrorDetails) -> str:
    shown = describe(item["input"])
    context: Mapping[str, Any] = item.get("ctx", {})
    match item["type"]:
        case "value_error":
            return shortened(str(context.get("error", item["msg"])), 400)
        case "literal_error":
            wanted = str(context["expected"]).replace("'", "`")
            near = did_you_mean(
                str(item["input"])[:300], wanted.replace("`", "").replace(" or ", ", ").split(", ")
            )
            return f"{shown} is not one of {wanted}{near}"
        case "string_pattern_mismatch":
            return f"{shown} is not {_PATTERNS.get(context['pattern'], 'written as expected')}"
        case "string_type":
            return f"expected text, found {shown}"
        case "dict_type" | "model_type":
            return f"expected a mapping (`key: value`), found {shown}"
        case "string_too_long":
            return f"longer than {context['max_length']} characters"
        case "string_too_short" | "too_short":
            return "must not be empty"
        case kind if kind.startswith("date"):
            return f"{shown} is not a date; write it as 2026-04-03"
        case kind if kind.startswith("int"):
            return f"{shown} is not a whole number"
        case _:
            return f"{shown}: {item['msg'][:1].lower()}{item['msg'][1:]}"


_PATTERNS = {
    r"^[a-z0-9]+([-_][a-z0-9]+)*$": "a name: lowercase letters and digits, joined by `-` or `_`",
    r"^[a-z0-9]+([-_.][a-z0-9]+)*$": "a name: lowercase letters and digits, joined by `.`, `-` or `_`",
    r"^([0-9]+(\.[0-9]+)*(\.[a-z]{1,2})?|unstated)$": "a clause such as `1.2.c`, nor `unstated`",
    r"^[A-Z]{2}$": "a country code such as `DE`",
    r"^[A-Z]{2,3}(-[A-Z0-9]{1,3})?$": "a region such as `DE`, `EU` or `US-CA`",
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(-[0-9]+)?$": "a version: a date such as `2026-04-03`",
}


@cache
def known_keys(model: type[BaseModel], loc: tuple[Key, ...] = ()) -> tuple[str, ...]:
    """The keys that a model allows, or the model that its field path leads to."""
    for part in loc:
        for name, info in model.model_fields.items():
            nested = _model_in(info.annotation)
            if part in (name, info.alias) and nested is not None:
                model = nested
    return tuple(info.alias or name for name, info in model.model_fields.items())


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in get_args(annotation):
        found = _model_in(inner)
        if found is not None:
            return found
    return None
