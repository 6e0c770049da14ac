"""Where words of a clause stand in the file of the text: line and columns."""

from __future__ import annotations

import re

from engine.policy.clauses import PolicyText
from engine.policy.findings import Position

_SIGNS = re.compile(r"\s*(?:#{1,6}|[-*+])?\s*")


def place_of(text: PolicyText, file: str, clause: str = "", words: str = "") -> Position:
    """The place of the words in the clause; of the clause where it does not hold them as they are given.

    Without a clause, of the title.
    """
    number = text.clause(clause).line if clause else 1
    if not 1 <= number <= len(text.lines):
        return Position(file, number)
    block = _block(text, number)
    start, end = _within(block, clause) if clause else (0, len(text.lines[number - 1]))
    found = _find(words, block, start) if words else None
    first, last = found or (start, end)
    return _position(file, number, block, first, last)


def _block(text: PolicyText, number: int) -> str:
    """The lines from this one up to the next empty one."""
    taken = []
    for line in text.lines[number - 1 :]:
        if not line.strip():
            break
        taken.append(line)
    return "\n".join(taken)


def _within(block: str, clause: str) -> tuple[int, int]:
    """From where to where in its block a clause goes; to the end of its first line at most."""
    marker = f"{{{clause}}}"
    at = block.find(marker)
    start = at + len(marker) if at >= 0 else _signs(block, 0)
    while block[start : start + 1].isspace():
        start += 1
    nexts = [block.find(sign, start) for sign in ("\n", "{")]
    end = min((at for at in nexts if at >= 0), default=len(block))
    return start, max(end, start)


def _signs(block: str, start: int) -> int:
    found = _SIGNS.match(block, start)
    return found.end() if found else start


def _find(words: str, block: str, start: int) -> tuple[int, int] | None:
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    found = re.compile(pattern).search(block, start) or re.compile(pattern).search(block)
    return found.span() if found else None


def _position(file: str, number: int, block: str, first: int, last: int) -> Position:
    line = block.count("\n", 0, first)
    begins = block.rfind("\n", 0, first) + 1
    last = min(last, block.find("\n", first) if "\n" in block[first:] else len(block))
    end = begins + len(block[begins:last].rstrip())
    row = number + line
    return Position(file, row, first - begins + 1, row, max(end - begins, first - begins) + 1)
