"""YAML read strictly: every scalar a string, every node's place kept, no tricks.

Plain YAML turns `NO` into false and clause `5.10` into 5.1, so nothing is typed here: the models do that.
Aliases, anchors, tags, duplicate keys, several documents, deep nesting and huge files are refused, each with
its place. Where the text is not YAML, what can still be read around the mistake is read, so that one file
shows all its mistakes at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from engine.policy.findings import Finding, Position, error
from engine.policy.yaml_chunks import Chunk, chunks_of
from engine.policy.yaml_reader import Key, Node, Path_, Reader, Refused, Span
from engine.policy.yaml_words import explain

__all__ = ["Document", "Key", "Node", "Path_", "read_file", "read_text"]

MAX_BYTES = 1_000_000
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What YAML allows nowhere: control characters, most of them invisible."""


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML file: `value` is dicts, lists and strings; `values` and `keys` hold where each node stands.

    `partial`: some of the file could not be read; what is missing may stand in it.
    """

    file: str
    value: Node
    values: dict[Path_, Span] = field(repr=False)
    keys: dict[Path_, Span] = field(repr=False)
    findings: tuple[Finding, ...] = ()
    partial: bool = False

    def at(self, *path: Key) -> Position:
        """The place of the value at this path, or of its nearest ancestor that exists."""
        while path and path not in self.values:
            path = path[:-1]
        return Position(self.file, *self.values.get(path, ()))

    def at_key(self, *path: Key) -> Position:
        """The place of the key that the path ends with (of the value, in a list)."""
        return Position(self.file, *self.keys[path]) if path in self.keys else self.at(*path)


def read_file(path: Path, shown_as: str) -> Document:
    """Read a YAML file; what is wrong with it is in `findings`, never an exception."""
    if is_stream(path):
        return _refuse(shown_as, "FILE_UNREADABLE", "cannot read this file: not a regular file")
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
        return Document(shown_as, {}, {}, {}, (not_utf8(data, problem, shown_as),), partial=True)


def is_stream(path: Path) -> bool:
    """Whether it is a pipe or a device, which reading may never come to the end of."""
    return path.is_fifo() or path.is_char_device()


def not_utf8(data: bytes, problem: UnicodeDecodeError, file: str) -> Finding:
    """The finding for a file that is no UTF-8 text, with the place of the first byte that is not."""
    before = data[: problem.start].decode("utf-8", errors="replace")
    line = before.count("\n") + 1
    where = Position(file, line, len(before) - before.rfind("\n"))
    hint = "save the file as UTF-8 in your editor"
    return error("NOT_UTF8", f"the byte {data[problem.start]:#04x} is not UTF-8 text", where, hint)


def read_text(text: str, shown_as: str) -> Document:
    """Read YAML text; what is wrong with it is in `findings`, never an exception."""
    if len(text) > MAX_BYTES:
        return _refuse(shown_as, "FILE_TOO_LARGE", f"more than {MAX_BYTES:,} characters")
    if found := _FORBIDDEN.search(text):
        return Document(shown_as, {}, {}, {}, (_invisible(text, found, shown_as),), partial=True)
    reader = Reader(shown_as)
    try:
        value = reader.read(text)
    except Refused as refused:
        return Document(shown_as, {}, {}, {}, (*reader.findings, refused.finding), partial=True)
    except yaml.MarkedYAMLError as problem:
        return _rescued(text, shown_as, explain(problem, text, shown_as))
    except (yaml.YAMLError, ValueError) as problem:
        what = str(problem).splitlines()[0]
        return _refuse(shown_as, "YAML_SYNTAX", f"this is not YAML: {what}")
    return Document(shown_as, value, reader.values, reader.keys, tuple(reader.findings))


def _refuse(file: str, code: str, message: str) -> Document:
    return Document(file, {}, {}, {}, (error(code, message, Position(file)),), partial=True)


def _invisible(text: str, found: re.Match[str], file: str) -> Finding:
    before = text[: found.start()]
    column = len(before) - before.rfind("\n")
    line = before.count("\n") + 1
    where = Position(file, line, column, line, column + 1)
    message = f"a control character (U+{ord(found[0]):04X}), which most editors do not show"
    return error("YAML_SYNTAX", message, where, "delete it: it may have come by copying")


def _rescued(text: str, file: str, whole: Finding) -> Document:
    """What can be read of a file that is not YAML: its top entries, each for itself."""
    reader = Reader(file)
    values: list[Any] = []
    wrong = [found for chunk in chunks_of(text) for found in _entry(reader, chunk, values)]
    if not any(found.code == "YAML_SYNTAX" for found in wrong):
        wrong.append(whole)
    value: Node = {}
    if values and all(isinstance(v, list) for v in values):
        value = [item for v in values for item in v]
    elif values and all(isinstance(v, dict) for v in values):
        value = {key: item for v in values for key, item in v.items()}
    found = (*reader.findings, *wrong)
    return Document(file, value, reader.values, reader.keys, found, partial=True)


def _entry(reader: Reader, chunk: Chunk, values: list[Any]) -> list[Finding]:
    """Read one entry into `values`; return what is not YAML in it."""
    taken = sum(len(value) for value in values if isinstance(value, list))
    try:
        values.append(reader.read(chunk.text, line=chunk.line, taken=taken))
    except Refused as refused:
        return [refused.finding]
    except yaml.MarkedYAMLError as problem:
        return [explain(problem, chunk.text, reader.file, line=chunk.line)]
    except (yaml.YAMLError, ValueError):
        return []
    return []
