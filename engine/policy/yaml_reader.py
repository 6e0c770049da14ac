"""Plain values and their places, from the YAML parser's events; a limit stops the work when it is reached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from engine.policy.findings import Finding, Position, error

MAX_DEPTH = 32
MAX_NODES = 50_000
MAX_FINDINGS = 100

Key = str | int
Path_ = tuple[Key, ...]
Node = dict[str, Any] | list[Any] | str
Span = tuple[int, int, int, int]
"""Line and column of a node's begin, from 1, and of the first character after it; 0, 0 if not known."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Refused(Exception):
    """Reading cannot go on; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


class Reader:
    """Builds one document, in one go or entry by entry."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.values: dict[Path_, Span] = {}
        self.keys: dict[Path_, Span] = {}
        self.findings: list[Finding] = []
        self._nodes = 0
        self._line = 1
        self._taken = 0

    def read(self, text: str, *, line: int = 1, taken: int = 0) -> Node:
        """Read text that begins on this line; where it is a list, `taken` items came before.

        Raises `Refused` or the parser's own `yaml.YAMLError`.
        """
        self._line, self._taken = line, taken
        events = iter(yaml.parse(text, Loader=_LOADER))
        value: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if value is not None:
                    message = "a second document begins here; one file is one document"
                    hint = "take out the line `---`"
                    raise Refused(error("YAML_TRICK", message, self._position(event), hint))
                value = self._node(next(events), events, ())
        return {} if value is None else value

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], path: Path_) -> Node:
        self._check(event, path)
        self.values[path] = self._span(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path)
        # The only other events are a scalar, and an alias, which stands for nothing.
        return str(getattr(event, "value", ""))

    def _mapping(self, events: Iterator[yaml.Event], path: Path_) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                self._close(event, path)
                break
            key = self._key(event, path)
            at = (*path, key)
            if key in found:
                message = (
                    f"`{shortened(key)}` is given twice; the first is on line {self.keys[at][0]}"
                )
                hint = "keep one of the two"
                self._wrong("DUPLICATE_KEY", message, self._position(event), hint)
            self.keys[at] = self._span(event)
            found[key] = self._node(next(events), events, at)
        return found

    def _key(self, event: yaml.Event, path: Path_) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            raise Refused(error("YAML_TRICK", "a key must be plain text", self._position(event)))
        self._check(event, path)
        if event.value == "<<":
            message = "merge keys (`<<`) are not supported"
            self._wrong("YAML_TRICK", message, self._position(event), "write the values out")
        return str(event.value)

    def _sequence(self, events: Iterator[yaml.Event], path: Path_) -> list[Any]:
        found: list[Any] = []
        taken = 0 if path else self._taken
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                self._close(event, path)
                break
            found.append(self._node(event, events, (*path, taken + len(found))))
        return found

    def _close(self, event: yaml.Event, path: Path_) -> None:
        """Remember where a list or mapping in brackets ends; one without has no sign at its end."""
        start, end = _marks(event)
        if end.column > start.column:
            line, column, _, _ = self.values[path]
            self.values[path] = (line, column, end.line + self._line, end.column + 1)

    def _check(self, event: Any, path: Path_) -> None:
        self._nodes += 1
        if len(path) > MAX_DEPTH:
            message = f"nested more than {MAX_DEPTH} levels deep"
            raise Refused(error("YAML_TRICK", message, self._position(event)))
        if self._nodes > MAX_NODES:
            message = f"more than {MAX_NODES:,} values in one file"
            raise Refused(error("YAML_TRICK", message, self._position(event)))
        if event.anchor or getattr(event, "tag", None):
            for message in _tricks(event):
                self._wrong("YAML_TRICK", message, self._position(event), "write the value out")

    def _wrong(self, code: str, message: str, where: Position, hint: str = "") -> None:
        self.findings.append(error(code, message, where, hint))
        if len(self.findings) >= MAX_FINDINGS:
            raise Refused(enough(where))

    def _position(self, event: yaml.Event) -> Position:
        return Position(self.file, *self._span(event))

    def _span(self, event: yaml.Event) -> Span:
        start, end = _marks(event)
        line, column = start.line + self._line, start.column + 1
        if not isinstance(event, yaml.ScalarEvent):
            return line, column, 0, 0
        return line, column, end.line + self._line, end.column + 1


def _marks(event: yaml.Event) -> tuple[Any, Any]:
    """Where an event begins and ends; every event of the parser has both."""
    return event.start_mark, event.end_mark


def _tricks(event: Any) -> Iterator[str]:
    if isinstance(event, yaml.AliasEvent):
        yield f"the alias `*{shortened(str(event.anchor))}` is not supported"
        return
    if event.anchor:
        yield f"the anchor `&{shortened(str(event.anchor))}` is not supported"
    if getattr(event, "tag", None) is not None:
        yield f"the tag `{shortened(event.tag)}` is not supported"


def enough(where: Position) -> Finding:
    """Says that there are so many mistakes that nothing after this place was looked at."""
    message = f"{MAX_FINDINGS} mistakes so far; what comes after this was not looked at"
    return error("TOO_MANY_MISTAKES", message, where, "mend these first")


def shortened(text: str, most: int = 60) -> str:
    """Text for a message: on one line, and not too long."""
    line = " ".join(text[: 4 * most].split())
    return line if len(line) <= most and len(text) <= 4 * most else f"{line[:most]}…"
