"""YAML read strictly: every scalar a string, every node's place kept, no tricks.

Plain YAML turns `NO` into false and clause `5.10` into 5.1, so nothing is typed here: the models do that.
Aliases, anchors, tags, duplicate keys, several documents, deep nesting and huge files are refused, each with
its place. A file is read from the parser's events, so a limit stops the work when it is reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from engine.policy.findings import Finding, Position, error

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_NODES = 200_000

Key = str | int
Path_ = tuple[Key, ...]
Node = dict[str, Any] | list[Any] | str


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML file: `value` is dicts, lists and strings; `values` and `keys` hold each node's place."""

    file: str
    value: Node
    values: dict[Path_, Position] = field(repr=False)
    keys: dict[Path_, Position] = field(repr=False)
    findings: tuple[Finding, ...] = ()

    def at(self, *path: Key) -> Position:
        """The place of the value at this path, or of its nearest ancestor that exists."""
        return self._nearest(self.values, path)

    def at_key(self, *path: Key) -> Position:
        """The place of the key that the path ends with (of the value, in a list)."""
        return self.keys.get(path) or self.at(*path)

    def _nearest(self, places: dict[Path_, Position], path: Path_) -> Position:
        while path and path not in places:
            path = path[:-1]
        return places.get(path, Position(self.file))


class _Refused(Exception):
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def read_file(path: Path, shown_as: str) -> Document:
    """Read a YAML file; what is wrong with it is in `findings`, never an exception."""
    try:
        size = path.stat().st_size
        data = b"" if size > MAX_BYTES else path.read_bytes()
    except OSError as problem:
        reason = (problem.strerror or "unreadable").lower()
        return _refuse(shown_as, "FILE_UNREADABLE", f"cannot read this file: {reason}")
    if size > MAX_BYTES:
        return _refuse(
            shown_as, "FILE_TOO_LARGE", f"{size:,} bytes; at most {MAX_BYTES:,} are read"
        )
    try:
        return read_text(data.decode("utf-8-sig"), shown_as)
    except UnicodeDecodeError as problem:
        return _refuse(
            shown_as, "NOT_UTF8", f"byte {problem.start} is not UTF-8 text; save as UTF-8"
        )


def read_text(text: str, shown_as: str) -> Document:
    """Read YAML text; what is wrong with it is in `findings`, never an exception."""
    if len(text) > MAX_BYTES:
        return _refuse(shown_as, "FILE_TOO_LARGE", f"more than {MAX_BYTES:,} characters")
    reader = _Reader(shown_as)
    try:
        value = reader.read(text)
    except _Refused as refused:
        return Document(shown_as, {}, {}, {}, (*reader.findings, refused.finding))
    except yaml.MarkedYAMLError as problem:
        return Document(shown_as, {}, {}, {}, (*reader.findings, _syntax(problem, shown_as)))
    except (yaml.YAMLError, ValueError) as problem:
        what = str(problem).splitlines()[0]
        return _refuse(shown_as, "YAML_SYNTAX", f"this is not YAML: {what}")
    return Document(shown_as, value, reader.values, reader.keys, tuple(reader.findings))


def _refuse(file: str, code: str, message: str) -> Document:
    return Document(file, {}, {}, {}, (error(code, message, Position(file)),))


def _syntax(problem: yaml.MarkedYAMLError, file: str) -> Finding:
    mark = problem.problem_mark or problem.context_mark
    where = Position(file, mark.line + 1, mark.column + 1) if mark else Position(file)
    what = problem.problem or problem.context or "unexpected text"
    hint = "check the indentation, the colons and the quotes around here; indent with spaces, never tabs"
    return error("YAML_SYNTAX", f"this is not YAML: {what}", where, hint)


class _Reader:
    """Builds one document from the parser's events."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.values: dict[Path_, Position] = {}
        self.keys: dict[Path_, Position] = {}
        self.findings: list[Finding] = []
        self._nodes = 0

    def read(self, text: str) -> Node:
        events = iter(yaml.parse(text, Loader=_LOADER))
        value: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if value is not None:
                    raise self._refused(
                        "YAML_TRICK", "a second document begins; one file, one document", event
                    )
                value = self._node(next(events), events, ())
        return {} if value is None else value

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], path: Path_) -> Node:
        self._check(event, path)
        self.values[path] = self._position(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path)
        return str(event.value)  # type: ignore[attr-defined]  # the only other event is a scalar

    def _mapping(self, events: Iterator[yaml.Event], path: Path_) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            if not isinstance(event, yaml.ScalarEvent):
                raise self._refused("YAML_TRICK", "a key must be plain text", event)
            self._check(event, path)
            key = str(event.value)
            if key == "<<":
                raise self._refused(
                    "YAML_TRICK", "merge keys are not supported; write it out", event
                )
            where = self._position(event)
            if key in found:
                first = self.keys[(*path, key)]
                message = f"`{key}` is given twice; the first is on line {first.line}"
                self.findings.append(error("DUPLICATE_KEY", message, where, "keep one of the two"))
            self.keys[(*path, key)] = where
            found[key] = self._node(next(events), events, (*path, key))
        return found

    def _sequence(self, events: Iterator[yaml.Event], path: Path_) -> list[Any]:
        found: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            found.append(self._node(event, events, (*path, len(found))))
        return found

    def _check(self, event: yaml.Event, path: Path_) -> None:
        self._nodes += 1
        if isinstance(event, yaml.AliasEvent):
            raise self._refused(
                "YAML_TRICK", f"alias `*{event.anchor}`: write the value out", event
            )
        if getattr(event, "anchor", None):
            raise self._refused("YAML_TRICK", "anchors (`&name`) are not supported", event)
        if getattr(event, "tag", None):
            raise self._refused("YAML_TRICK", "tags (`!name`) are not supported", event)
        if len(path) > MAX_DEPTH:
            raise self._refused("YAML_TRICK", f"nested more than {MAX_DEPTH} levels deep", event)
        if self._nodes > MAX_NODES:
            raise self._refused("YAML_TRICK", f"more than {MAX_NODES:,} values in one file", event)

    def _position(self, event: yaml.Event) -> Position:
        mark = event.start_mark
        return Position(self.file, mark.line + 1, mark.column + 1) if mark else Position(self.file)

    def _refused(self, code: str, message: str, event: yaml.Event) -> _Refused:
        return _Refused(error(code, message, self._position(event)))


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
