"""JSON Schemas of the policy files, generated from the models, so that any editor checks while one types."""

from __future__ import annotations

from typing import Any

from pydantic import RootModel

from engine.datamap.model import DataMapFile
from engine.policy.load import LIST_FILES, MAP_FILES, STATUTES_FILE
from engine.policy.models import Statute
from engine.policy.models.common import Strict
from engine.policy.vocabulary import (
    CATEGORY_ATTRIBUTES,
    PURPOSE_ATTRIBUTES,
    PURPOSE_KINDS,
    RECIPIENT_ATTRIBUTES,
    ROLES,
    SPECIAL,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DATAMAP_FILE = "datamap.yaml"
_TREES = {
    "vocabulary.yaml": {"categories": CATEGORY_ATTRIBUTES, "purposes": PURPOSE_ATTRIBUTES},
    "sharing.yaml": {"recipients": RECIPIENT_ATTRIBUTES},
}
_CLOSED = {"special": SPECIAL, "is": PURPOSE_KINDS, "role": ROLES}


_COUNTRY = {"type": "string", "pattern": "^[A-Z]{2}$"}


def schemas() -> dict[str, dict[str, Any]]:
    """The schema of each file, by the file's name."""
    lists: dict[str, type[Strict]] = {**LIST_FILES, STATUTES_FILE: Statute}
    maps: dict[str, type[Strict]] = {**MAP_FILES, DATAMAP_FILE: DataMapFile}
    found = {name: _list_schema(model) for name, model in lists.items()}
    found |= {name: model.model_json_schema(by_alias=True) for name, model in maps.items()}
    for name, trees in _TREES.items():
        for key, attributes in trees.items():
            _add_tree(found[name], key, attributes)
    return {
        name: {"$schema": DIALECT, "$id": f"urn:upheld:{name}", **schema}
        for name, schema in sorted(found.items())
    }


def _list_schema(model: type[Strict]) -> dict[str, Any]:
    return RootModel[tuple[model, ...]].model_json_schema(by_alias=True)  # type: ignore[valid-type]


def _add_tree(schema: dict[str, Any], key: str, attributes: frozenset[str]) -> None:
    node = f"{key}-node"
    properties: dict[str, Any] = {name: _attribute(name) for name in sorted(attributes)}
    schema.setdefault("$defs", {})[node] = {
        "type": ["object", "null"],
        "properties": properties,
        "additionalProperties": {"$ref": f"#/$defs/{node}"},
    }
    schema["properties"][key] = {
        "type": "object",
        "description": schema["properties"][key].get("description", f"a tree of {key}"),
        "additionalProperties": {"$ref": f"#/$defs/{node}"},
    }


def _attribute(name: str) -> dict[str, Any]:
    if name in _CLOSED:
        return {"enum": list(_CLOSED[name])}
    if name == "countries":
        return {"anyOf": [_COUNTRY, {"type": "array", "items": _COUNTRY}]}
    if name == "safeguard":
        return {
            "type": "object",
            "propertyNames": _COUNTRY,
            "additionalProperties": {"type": "string"},
        }
    return {"type": "string"}
