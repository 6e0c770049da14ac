"""The line of a file that a finding is about, with carets below what is wrong in it.

Columns count characters, terminals count cells: a tab is several, a Chinese character is two, an accent of
its own is none. Passwords in addresses are starred, and what would move the cursor is shown as a sign.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

from engine.policy.findings import Position

_TAB = 4
_WIDEST = 100
_LEAD = 24
"""Cells that stay visible before the carets when a line is cut."""
_LARGEST = 2_000_000
_SECRET = re.compile(r"(?<=://)[^/\s:@]*:[^@\s]+(?=@)|(?<=password: )\S+|(?<=password=)[^&\s]+")


def excerpt(where: Position) -> tuple[str, str] | None:
    """The source line of a place and the line of carets below it; None where there is nothing to show."""
    lines = _lines(where.file)
    if not 1 <= where.line <= len(lines) or not lines[where.line - 1].strip():
        return None
    return drawn(lines[where.line - 1], where)


def drawn(line: str, where: Position) -> tuple[str, str]:
    """A source line as it is shown, and the carets for the part of it that a place covers."""
    cells = _cells(_SECRET.sub(lambda found: "*" * len(found[0]), line))
    first = min(where.column - 1, len(cells))
    end = _end(line, where)
    start = sum(map(_width, cells[:first]))
    length = max(1, sum(map(_width, cells[first:end])))
    return _cut("".join(cells).rstrip(), start, length)


def _end(line: str, where: Position) -> int:
    """The column, from 0, after the last character that is underlined."""
    if where.end_line == where.line and where.end_column > where.column:
        return where.end_column - 1
    return len(line.rstrip()) if where.end_line > where.line else where.column


def _cells(line: str) -> list[str]:
    """What is shown for each character."""
    if line.isascii() and line.isprintable():
        return list(line)
    shown: list[str] = []
    column = 0
    for character in line:
        cell = " " * (_TAB - column % _TAB) if character == "\t" else _shown(character)
        shown.append(cell)
        column += _width(cell)
    return shown


def _shown(character: str) -> str:
    return (
        "\ufffd" if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else character
    )


def _width(cell: str) -> int:
    if cell.isascii():
        return len(cell)
    return sum(_cell_width(character) for character in cell)


def _cell_width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _cut(line: str, start: int, length: int) -> tuple[str, str]:
    """At most `_WIDEST` cells of the line, the carets among them."""
    total = _width(line)
    far = start + length > _WIDEST and start > _LEAD
    skipped = min(start - _LEAD, total - _WIDEST) if far else 0
    shown, width, dropped = "", 0, 0
    for character in line:
        if dropped < skipped:
            dropped += _width(character)
        elif width + _width(character) > _WIDEST:
            shown += "…"
            break
        else:
            shown += character
            width += _width(character)
    lead = "…" if skipped else ""
    start += len(lead) - dropped
    return lead + shown, " " * start + "^" * max(1, min(length, _WIDEST + len(lead) - start))


@lru_cache(maxsize=64)
def _lines(file: str) -> tuple[str, ...]:
    path = Path(file)
    try:
        if path.stat().st_size > _LARGEST:
            return ()
        return tuple(path.read_bytes().decode("utf-8-sig", errors="replace").splitlines())
    except OSError:
        return ()
