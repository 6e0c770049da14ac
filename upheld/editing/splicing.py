"""Change one thing in the text of a YAML file; all else, comments too, stays as it was written."""

from __future__ import annotations

from engine.policy.findings import Position
from engine.policy.source import Document


def insert(text: str, where: Position, new: str) -> str:
    """The text with something else in this place."""
    start, end = (
        _offset(text, where.line, where.column),
        _offset(text, where.end_line, where.end_column),
    )
    return text[:start] + new + text[end:]


def without_key(text: str, document: Document, key: str) -> str:
    """The text without a key of the file's own mapping, with the comment right above it."""
    lines = text.splitlines(keepends=True)
    first = document.at_key(key).line - 1
    following = [document.at_key(other).line - 1 for other in document.value]
    last = min((line for line in following if line > first), default=len(lines))
    while last - 1 > first and _apart(lines[last - 1]):
        last -= 1
    return "".join([*lines[: _top(lines, first)], *lines[last:]])


def _top(lines: list[str], first: int) -> int:
    """Where what belongs to a key begins: its comment and a blank line, but nothing at the file's top."""
    top = first
    while top > 0 and lines[top - 1].startswith("#"):
        top -= 1
    if top == 0:
        return first
    return top if lines[top - 1].strip() else top - 1


def _apart(line: str) -> bool:
    """Whether a line belongs to what follows: a comment at the margin, or nothing."""
    return line.startswith("#") or not line.strip()


def _offset(text: str, line: int, column: int) -> int:
    return sum(len(each) for each in text.splitlines(keepends=True)[: line - 1]) + column - 1
