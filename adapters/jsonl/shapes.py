"""What files of JSON lines look like, from the first lines of each."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from adapters.jsonl.files import GRACE, files_of, unmatched
from adapters.jsonl.lines import read_rows
from engine.ports import ColumnShape, TableShape

SAMPLE = 200
"""How many lines of each file are looked at: log lines of one program are alike."""

_TYPES = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "text",
    dict: "object",
    list: "array",
}


def read_shapes(folder: Path, patterns: tuple[str, ...]) -> tuple[TableShape, ...]:
    """One shape for each pattern, and one for each file that none of them takes."""
    return tuple(_all(folder, patterns))


def _all(folder: Path, patterns: tuple[str, ...]) -> Iterator[TableShape]:
    for pattern in patterns:
        files = [(file.path, file.name) for file in files_of(folder, pattern, GRACE)]
        if files:
            yield TableShape(pattern, _columns(files))
    for name in unmatched(folder, patterns):
        yield TableShape(name, _columns([(folder / name, name)]))


def _columns(files: list[tuple[Path, str]]) -> tuple[ColumnShape, ...]:
    found: dict[str, str] = {}
    for path, name in files:
        for row in islice(read_rows(path, name, closed=True), SAMPLE):
            for field, value in (row.data or {}).items():
                found.setdefault(field, "text")
                if value is not None:
                    found[field] = _TYPES[type(value)]
    return tuple(ColumnShape(name, kind) for name, kind in found.items())
