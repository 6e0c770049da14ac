"""Lines as rows: reading them, their keys, and the fields within."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, cast

import orjson


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its bytes as they are, and its object; None if it is not a JSON object."""

    file: str
    raw: bytes
    data: Mapping[str, Any] | None

    @property
    def key(self) -> tuple[str, str]:
        """What finds it again, whatever goes around it; lines that are equal in every byte share it."""
        return (self.file, sha256(self.raw.rstrip(b"\r\n")).hexdigest()[:32])


def read_rows(path: Path, name: str, *, closed: bool) -> Iterator[Row]:
    """The lines of a file. In a file that is still written to, a line without its end is not there yet."""
    with open_lines(path) as lines:
        for raw in lines:
            if not closed and not raw.endswith(b"\n"):
                return
            yield Row(name, raw, parse_line(raw))


@contextmanager
def open_lines(path: Path) -> Iterator[BinaryIO]:
    """Open a file of lines, compressed or not."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        yield cast(BinaryIO, file)


def get(data: Any, path: str) -> Any:
    """The value at a path; None if absent. A text that holds JSON is looked into."""
    if not isinstance(data, Mapping):
        data = _inside(data)
        if data is None:
            return None
    if path in data:
        return data[path]
    return next((get(data[head], rest) for head, rest in _splits(path) if head in data), None)


def put(data: Mapping[str, Any], path: str, value: Any) -> Mapping[str, Any]:
    """The object with another value at a path, or without it when the value is None."""
    if path in data or "." not in path:
        kept = {**data, path: value}
        if value is None:
            del kept[path]
        return kept
    for head, rest in _splits(path):
        inner = data.get(head)
        if isinstance(inner, Mapping):
            return {**data, head: put(inner, rest, value)}
        within = _inside(inner)
        if within is not None:
            return {**data, head: json.dumps(put(within, rest, value), ensure_ascii=False)}
    return data


def _splits(path: str) -> Iterator[tuple[str, str]]:
    """Each way to divide a path at a dot, the longest head first: a field's own name may have dots."""
    at = path.rfind(".")
    while at > 0:
        yield path[:at], path[at + 1 :]
        at = path.rfind(".", 0, at)


def _inside(value: Any) -> Mapping[str, Any] | None:
    return parse_line(value) if isinstance(value, str) else None


def parse_line(raw: bytes | str) -> Mapping[str, Any] | None:
    """The object that a line holds; None if it holds none."""
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None
