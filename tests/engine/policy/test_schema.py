"""The generated JSON Schemas and the models agree on what a policy file may say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from engine.policy.schema import schemas
from engine.policy.source import read_file, read_text

POLICIES = Path(__file__).parents[3] / "policies"
FILES = sorted(
    path
    for path in POLICIES.rglob("*.yaml")
    if path.name in schemas() and "tests" not in path.parts
)


def _wrong(file: str, value: Any) -> list[str]:
    validator = Draft202012Validator(schemas()[file])
    return [f"{list(e.absolute_path)}: {e.message}" for e in validator.iter_errors(value)]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(POLICIES)))
def test_every_policy_file_of_the_project_satisfies_its_schema(path: Path) -> None:
    assert _wrong(path.name, read_file(path, str(path)).value) == []


@pytest.mark.parametrize("name", sorted(schemas()))
def test_every_schema_is_a_valid_schema(name: str) -> None:
    Draft202012Validator.check_schema(schemas()[name])


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("use.yaml", "- {id: a, clause: 2.a, data: [x], for: [y], bassis: contract}"),
        ("use.yaml", "- {id: a, clause: 2.a, data: [x], for: [y], basis: contrct}"),
        ("use.yaml", "- {id: a, clause: 2.a, for: [y]}"),
        ("retention.yaml", "rules: [{id: a, clause: 5.a, data: [x], keep: soon}]"),
        ("policy.yaml", "{policy: a, version: 2026-04-03}"),
        ("collection.yaml", "{id: a}"),
    ],
)
def test_what_the_models_refuse_the_schema_refuses(file: str, text: str) -> None:
    assert _wrong(file, read_text(text, file).value)
