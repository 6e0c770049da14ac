"""JSON Schemas of the policy files, generated from the models, so that any editor checks while one types.

Here every scalar is loaded as text; an editor reads `16` as a number. So where a number is natural, the
schema takes both. What the models refuse, the schema refuses; a corpus test holds the two together.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, RootModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from engine.datamap.model import DataMapFile
from engine.policy.cases import CaseFile
from engine.policy.load import LIST_FILES, MAP_FILES, STATUTES_FILE
from engine.policy.models import Statute
from engine.policy.models.common import Strict
from engine.policy.vocabulary import (
    ATTRIBUTES,
    CATEGORY_ATTRIBUTES,
    NAME,
    PURPOSE_ATTRIBUTES,
    RECIPIENT_ATTRIBUTES,
)

NODE = "-node"
"""How the part of a schema is called that stands for one name of a tree."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DATAMAP_FILE = "datamap.yaml"
TESTS_FILE = "tests.yaml"
"""Stands for every file in `tests/`."""

_TREES = {
    "vocabulary.yaml": {"categories": CATEGORY_ATTRIBUTES, "purposes": PURPOSE_ATTRIBUTES},
    "sharing.yaml": {"recipients": RECIPIENT_ATTRIBUTES},
}
_EXAMPLES = {
    "purposes": {
        "means": "sending suggestions",
        "dpv": "dpv:ServiceProvision",
        "fides": "essential.service",
        "formerly": "tips",
    },
    "recipients": {"means": "cloud service providers", "formerly": "hosting"},
}
"""Examples of attributes where those of a category would not fit."""
ABOUT = {
    "policy.yaml": "which policy and version this is, whose, since when, and what was accepted",
    "vocabulary.yaml": "the words of this policy: subjects, categories of data, purposes",
    "collection.yaml": "what may be collected, and from where",
    "use.yaml": "for which purposes data may be used, and on which basis",
    "sharing.yaml": "who receives data, and what may go to whom for which purpose",
    "retention.yaml": "how long data is kept, what happens then, and which holds there may be",
    "consent.yaml": "agreement to the policy, the optional choices, and who speaks for children",
    "rights.yaml": "what a person may ask for, how to reach the controller, by when it answers",
    "cookies.yaml": "which cookies there are, what for, and what allows them",
    "controls.yaml": "promises that are not about records: probed, or attested until a date",
    STATUTES_FILE: "what law says of keeping data; beside the versions",
    DATAMAP_FILE: "where the personal data lies; beside the versions",
    TESTS_FILE: "each file in tests/: what a version must answer; beside the versions",
}
"""Every file that people write, and what stands in it."""


def schemas() -> dict[str, dict[str, Any]]:
    """The schema of each file, by the file's name; `tests.yaml` stands for every file of tests."""
    lists: dict[str, type[Strict]] = {**LIST_FILES, STATUTES_FILE: Statute}
    maps: dict[str, type[Strict]] = {
        **MAP_FILES,
        DATAMAP_FILE: DataMapFile,
        TESTS_FILE: CaseFile,
    }
    found = {name: _list_schema(model) for name, model in lists.items()}
    found |= {name: _schema(model) for name, model in maps.items()}
    for name, trees in _TREES.items():
        for key, attributes in trees.items():
            _add_tree(found[name], key, attributes)
    return {
        name: {
            "$schema": DIALECT,
            "$id": f"urn:upheld:{name}",
            **_tidy(found[name]),
            "title": name,
            "description": about,
        }
        for name, about in ABOUT.items()
    }


def _tidy(node: Any) -> Any:
    """Without what says nothing to people, and without `null`: a key that is given says something."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: value if key in ("examples", "default", "enum", "const") else _tidy(value)
        for key, value in node.items()
        if not (key == "title" and isinstance(value, str))
        and not (key == "default" and value is None)
        and not (key == "minLength" and "items" in node)
    }
    forms = [form for form in kept.get("anyOf", ()) if form != {"type": "null"}]
    if len(forms) == 1 and "anyOf" in kept:
        del kept["anyOf"]
        return {**forms[0], **kept}
    return {**kept, "anyOf": forms} if forms else kept


def schema_file(name: str) -> str:
    """What the schema of a file is called when it is written down: `use.schema.json`."""
    return f"{name.removesuffix('.yaml')}.schema.json"


class _AsWritten(GenerateJsonSchema):
    """Keeps the order in which the models, and people, write the keys."""

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:
        return value


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True, schema_generator=_AsWritten)


def _list_schema(model: type[Strict]) -> dict[str, Any]:
    return _schema(RootModel[tuple[model, ...]])  # type: ignore[valid-type]


def _add_tree(schema: dict[str, Any], key: str, attributes: frozenset[str]) -> None:
    """A name is a mapping, of attributes and of names below it, or nothing at all."""
    node = f"{key}{NODE}"
    properties = {name: _attribute(name, key) for name in ATTRIBUTES if name in attributes}
    schema.setdefault("$defs", {})[node] = {
        "anyOf": [
            {"enum": [None, ""]},
            {
                "type": "object",
                "properties": properties,
                "patternProperties": {_other_than(attributes): {"$ref": f"#/$defs/{node}"}},
                "additionalProperties": False,
            },
        ]
    }
    told = {k: v for k, v in schema["properties"][key].items() if k in ("description", "examples")}
    schema["properties"][key] = {
        **told,
        "type": "object",
        "patternProperties": {NAME: {"$ref": f"#/$defs/{node}"}},
        "additionalProperties": False,
    }


def _attribute(name: str, key: str) -> dict[str, Any]:
    told = ATTRIBUTES[name]
    fitting = _EXAMPLES.get(key, {}).get(name)
    examples = [fitting] if fitting else list(told.examples)
    return {**told.schema, "description": told.description, "examples": examples}


def _other_than(words: frozenset[str]) -> str:
    """The pattern of a name that is none of these words."""
    return f"^(?!({'|'.join(sorted(words))})$)" + NAME.removeprefix("^")
