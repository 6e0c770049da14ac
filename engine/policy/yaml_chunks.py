"""The top entries of a YAML file, cut apart by its lines alone: for files that cannot be read whole."""

from __future__ import annotations

from dataclasses import dataclass

MAX_CHUNKS = 500
"""A file with more entries than these is not cut: it is no policy file."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """One entry: its text, and the number of its first line, from 1."""

    text: str
    line: int


def chunks_of(text: str) -> list[Chunk]:
    """The entries of a list (lines that begin with `-`), or of a mapping (lines that begin with a key)."""
    lines = text.splitlines(keepends=True)
    starts = [number for number, line in enumerate(lines) if _begins(line)]
    if not 1 < len(starts) <= MAX_CHUNKS:
        return []
    ends = [*starts[1:], len(lines)]
    return [
        Chunk("".join(lines[start:end]), start + 1) for start, end in zip(starts, ends, strict=True)
    ]


def _begins(line: str) -> bool:
    return bool(line.strip()) and line[0] not in " \t#]}" and line.strip() not in ("---", "...")
