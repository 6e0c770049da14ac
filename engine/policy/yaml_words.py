"""Why a text is not YAML, in words for people who do not know YAML's grammar."""

from __future__ import annotations

import re

import yaml

from engine.policy.findings import Finding, Position, error

_HINT = "check the indentation, the colons and the quotes around here"


def explain(problem: yaml.MarkedYAMLError, text: str, file: str, *, line: int = 1) -> Finding:
    """The finding for a syntax error in text that begins on this line of a file."""
    mark = problem.problem_mark or problem.context_mark
    lines = text.splitlines() or [""]
    at = _Place(lines, mark.line if mark else 0, mark.column if mark else 0)
    start = problem.context_mark
    opened = _Place(lines, start.line, start.column) if start else at
    message, hint, place = _words(problem.problem or "", problem.context or "", at, opened, line)
    where = Position(file, place.line + line, place.column + 1)
    return error("YAML_SYNTAX", message, where, hint)


class _Place:
    """A place in the text; line and column count from 0, and lie within the text."""

    def __init__(self, lines: list[str], line: int, column: int) -> None:
        self.line = min(line, len(lines) - 1)
        self.text = lines[self.line]
        self.column = column if line < len(lines) else len(self.text.rstrip())

    @property
    def character(self) -> str:
        """The character that stands here; empty at the end of a line."""
        return self.text[self.column : self.column + 1]

    @property
    def before(self) -> str:
        """What stands before it in its line."""
        return self.text[: self.column]


def _words(
    problem: str, context: str, at: _Place, opened: _Place, first: int
) -> tuple[str, str, _Place]:
    if "quoted scalar" in context and "end of stream" in problem:
        return (
            "this quote is never closed",
            f"add `{opened.character}` where the value ends",
            opened,
        )
    if "flow" in context:
        return _bracket(opened, at)
    if "cannot start any token" in problem:
        return (*_character(at), at)
    if "mapping values" in problem:
        return (*_colon(at), at)
    if "'-' indicator" in problem:
        message = f"expected `- ` here, as on line {opened.line + first}: this is a list"
        return message, "begin the entry with `- `, or indent the line below its entry", at
    if "expected key" in problem or "block mapping" in context:
        message = (
            f"expected `key: value` here, in line with the keys from line {opened.line + first} on"
        )
        return message, _HINT, at
    if "could not find expected ':'" in problem:
        return "expected a `:` after the key that stands here", "write `key: value`", opened
    if "\t" in at.before or at.character == "\t":
        return (*_tab(), at)
    return f"this is not YAML: {problem or context or 'unexpected text'}", _HINT, at


def _bracket(opened: _Place, at: _Place) -> tuple[str, str, _Place]:
    sign = opened.character or "["
    closing = {"[": "]", "{": "}"}.get(sign, sign)
    if at.line == opened.line and at.column > opened.column and at.character:
        message = (
            f"expected `,` or `{closing}` here, for the `{sign}` at column {opened.column + 1}"
        )
        return message, "put a comma between two values, and quotes around one with `,` or `: `", at
    hint = f"add `{closing}` where the list ends" if sign == "[" else f"add `{closing}` at its end"
    return f"this `{sign}` is never closed", hint, opened


def _character(at: _Place) -> tuple[str, str]:
    if at.character == "\t" or (not at.before.strip() and "\t" in at.text[: at.column + 1]):
        return _tab()
    sign = "a backtick" if at.character == "`" else f"`{at.character}`"
    return f"{sign} cannot begin a value", 'put the value in quotes: "…"'


def _tab() -> tuple[str, str]:
    return "a tab stands here; YAML is indented with spaces only", "replace each tab by two spaces"


def _colon(at: _Place) -> tuple[str, str]:
    if re.search(r":\s", at.before) or re.match(r"\s*- [^:]*:\s", at.before):
        return "a second `: ` on one line", 'put the value in quotes if it holds a colon: "…: …"'
    return (
        "this line is indented further than the key above it, or that key lacks its `:`",
        "keys of one entry begin in the same column",
    )
