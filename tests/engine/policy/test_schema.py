"""The generated JSON Schemas and the models agree on what a policy file may say, and explain every key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from engine.datamap.model import DataMapFile
from engine.policy.cases import CaseFile
from engine.policy.load import LIST_FILES, MAP_FILES, STATUTES_FILE
from engine.policy.models import Statute
from engine.policy.schema import DATAMAP_FILE, TESTS_FILE, schemas
from engine.policy.source import Document, read_file
from engine.policy.validate import validate, validate_list
from engine.policy.vocabulary import (
    CATEGORY_ATTRIBUTES,
    PURPOSE_ATTRIBUTES,
    RECIPIENT_ATTRIBUTES,
    read_tree,
)

POLICIES = Path(__file__).parents[3] / "policies"
WHOLE = Path(__file__).with_name("whole")
"""One file of each kind in which every key is used."""

TREES = {
    "vocabulary.yaml": {"categories": CATEGORY_ATTRIBUTES, "purposes": PURPOSE_ATTRIBUTES},
    "sharing.yaml": {"recipients": RECIPIENT_ATTRIBUTES},
}
ONLY_THE_LOADER_KNOWS = {("policy.yaml", "timezone")}
"""The time zones of this machine are no part of a schema that is written down."""


def kind(path: Path) -> str:
    return TESTS_FILE if path.parent.name == "tests" else path.name


FILES = [
    *sorted(path for path in POLICIES.rglob("*.yaml") if kind(path) in schemas()),
    *sorted(WHOLE.rglob("*.yaml")),
]


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schemas()[name], format_checker=FormatChecker())


def by_schema(name: str, value: Any) -> list[str]:
    return [f"{list(e.absolute_path)}: {e.message}" for e in validator(name).iter_errors(value)]


def by_models(name: str, document: Document) -> list[str]:
    """What reading the file finds wrong with it, names apart."""
    value = document.value
    if name in LIST_FILES or name == STATUTES_FILE:
        item = LIST_FILES.get(name, Statute)
        return [str(f) for f in validate_list(item, value, document)[1]]
    models = {**MAP_FILES, DATAMAP_FILE: DataMapFile, TESTS_FILE: CaseFile}
    found, wrong = validate(models[name], value, document)
    for key, attributes in TREES.get(name, {}).items() if found else ():
        wrong += read_tree("name", value.get(key, {}), attributes, document, key)[1]
    return [str(finding) for finding in wrong]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(p.parents[3])))
def test_every_policy_file_of_the_project_satisfies_its_schema(path: Path) -> None:
    document = read_file(path, str(path))
    assert by_models(kind(path), document) == []
    assert by_schema(kind(path), document.value) == []
    # An editor reads numbers and truth values where the loader reads text.
    as_an_editor = yaml.load(path.read_text(encoding="utf-8"), Loader=_Core)  # noqa: S506
    assert by_schema(kind(path), as_an_editor) == []


class _Core(yaml.CSafeLoader):
    """YAML 1.2 as editors read it: dates are text, `yes` and `on` are words."""


_Core.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if not tag.endswith(":timestamp") and not (tag.endswith(":bool") and first not in "tTfF")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@pytest.mark.parametrize("name", sorted(schemas()))
def test_every_schema_is_a_valid_schema(name: str) -> None:
    Draft202012Validator.check_schema(schemas()[name])


REPLACEMENTS: tuple[Any, ...] = (
    "",
    "nonsense words",
    "a.b-c",
    "90 days",
    "as required by law",
    "record.created",
    "end of the year of record.created",
    "never",
    "true",
    "5",
    "151",
    "12-31",
    "02-30",
    "2026-04-03",
    "2026-02-30",
    "2026-04-03 12:00",
    "DE",
    "1.2.c",
    "log",
    "not personal",
    [],
    {},
    ["a.b"],
    ["DE"],
    {"nonsense": "words"},
    {"warn": "1.a"},
)


def mutations(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every place of a document with one thing wrong, or at least different, there."""
    if path:
        for replacement in REPLACEMENTS:
            yield path, replacement
    children = value.items() if isinstance(value, dict) else enumerate(value)
    if isinstance(value, dict):
        yield path, {**value, "surprise": "x"}
        for key in value:
            yield path, {(k if k != key else f"{k}s"): v for k, v in value.items()}
            yield path, {k: v for k, v in value.items() if k != key}
    for key, child in children:
        if isinstance(child, dict | list):
            yield from mutations(child, (*path, key))
        else:
            yield from (((*path, key), replacement) for replacement in REPLACEMENTS)


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The same document with another value at a path."""
    if not path:
        return new
    first, *rest = path
    if isinstance(value, dict):
        return {k: put(v, tuple(rest), new) if k == first else v for k, v in value.items()}
    return [put(v, tuple(rest), new) if i == first else v for i, v in enumerate(value)]


def slim(value: Any, path: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    """The document without the rules, cases and datasets beside the one that a path leads through."""
    if not path:
        return value, path
    first, *rest = path
    if isinstance(value, list):
        item, inner = slim(value[first], tuple(rest))
        return [item], (0, *inner)
    below, inner = slim(value[first], tuple(rest))
    if first == "datasets" and inner:
        below = {inner[0]: below[inner[0]]}
    return {k: below if k == first else _fewer(v) for k, v in value.items()}, (first, *inner)


def _fewer(value: Any) -> Any:
    many = isinstance(value, list) and value and isinstance(value[0], dict)
    return value[:1] if many else value


@pytest.mark.parametrize("path", sorted(WHOLE.rglob("*.yaml")), ids=lambda p: p.name)
def test_schema_and_models_accept_and_refuse_the_same(path: Path) -> None:
    """Of thousands of documents, each with one place changed."""
    name = kind(path)
    original = read_file(path, name)
    disagreeing = []
    for place, new in mutations(original.value):
        if (name, *place) in ONLY_THE_LOADER_KNOWS:
            continue
        small, at = slim(original.value, place)
        document = replace(original, value=put(small, at, new))
        wrong = by_models(name, document)
        if bool(wrong) == validator(name).is_valid(document.value):
            disagreeing.append((place, new, wrong, by_schema(name, document.value)))
    assert disagreeing == []


CONDITIONS = {"if", "then", "not", "oneOf"}
"""What a schema says of keys that are described elsewhere."""


def keys(node: dict[str, Any], at: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key that a schema knows, each with its own part of the schema."""
    for name, found in node.get("properties", {}).items():
        yield f"{at}.{name}", found
    for word, below in node.items():
        for each in below if isinstance(below, list) else [below]:
            if isinstance(each, dict) and word not in CONDITIONS:
                yield from keys(each, at)


@pytest.mark.parametrize("name", sorted(schemas()))
def test_every_key_says_what_it_is_and_shows_an_example(name: str) -> None:
    schema = schemas()[name]
    known = dict(keys(schema, name))
    assert known
    silent = [
        key
        for key, found in known.items()
        if not (found.get("description") and found.get("examples"))
    ]
    assert silent == []


@pytest.mark.parametrize("name", sorted(schemas()))
def test_every_example_is_in_order_where_it_stands(name: str) -> None:
    schema = schemas()[name]
    for key, found in keys(schema, name):
        for example in found.get("examples", ()):
            part = {**found, "$defs": schema.get("$defs", {})}
            assert list(Draft202012Validator(part).iter_errors(example)) == [], key
