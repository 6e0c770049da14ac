"""JSON Schemas on disk, and the comment by which editors find them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson

from engine.policy.schema import TESTS_FILE, schema_file, schemas
from engine.policy.versions import PolicyFolder

SCHEMAS = ".schemas"
"""The folder in that of the policies where the schemas lie."""

COMMENT = "# yaml-language-server: $schema="
"""How a file names its schema to editors (the YAML language server and all that build on it)."""


def write_schemas(folder: Path) -> Iterator[Path]:
    """Write the schema of every file that has another text or is not there; yields each that was written."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas().items():
        path = folder / schema_file(name)
        text = orjson.dumps(schema, option=orjson.OPT_INDENT_2) + b"\n"
        if not path.exists() or path.read_bytes() != text:
            path.write_bytes(text)
            yield path


def wire_policies(policies: Path, schemas_folder: Path) -> Iterator[Path]:
    """Put the comment into every file of every policy that has none; yields each that was changed.

    A published version is left as it is: its files never change.
    """
    for folder in sorted({path.parent.parent for path in policies.rglob("*/policy.yaml")}):
        published = PolicyFolder(folder).publications()
        files = sorted(folder.rglob("*.yaml"))
        open_ = [p for p in files if p.parent == folder or p.parent.name not in published]
        yield from wire(open_, schemas_folder)


def wire(paths: Iterable[Path], schemas_folder: Path) -> Iterator[Path]:
    """Name its schema in each file, by a relative path; yields those that named none."""
    for path in paths:
        name = _schema_of(path)
        text = path.read_text(encoding="utf-8")
        if name is not None and COMMENT not in text:
            relative = os.path.relpath(schemas_folder / schema_file(name), path.parent)
            path.write_text(f"{COMMENT}{Path(relative).as_posix()}\n{text}", encoding="utf-8")
            yield path


def _schema_of(path: Path) -> str | None:
    """The name of the schema that a file must satisfy; None if it is no file that people write."""
    if path.parent.name == "tests":
        return TESTS_FILE
    return path.name if path.name in schemas() and path.name != TESTS_FILE else None
