"""Which files a dataset has, and which of them nobody writes to any more.

`access-%Y-%m-%d.jsonl` names dated files: one is closed when its hour, day, month or year is over in UTC and
the grace has passed (12 hours unless told otherwise, which is time enough for names in any time zone).
`access.jsonl.*` names rotated files: one is closed when it was last written to longer ago than the grace; the
file of that name without the star is the one that is written to now, and is never closed. A name without
either is a live file. Any of them may be compressed (`.gz`). A link is never closed: what it leads to may be
written to under another name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

GRACE = timedelta(hours=12)
TEMPORARY = ".upheld-new"

_FIELDS = {"Y": "[0-9]{4}", "m": "[0-9]{2}", "d": "[0-9]{2}", "H": "[0-9]{2}"}
_TOKEN = re.compile(r"%([YmdH])|(\*)|(.)", re.DOTALL)
_STAR = re.compile(r"[-._]?\*[-._]?")


@dataclass(frozen=True, slots=True)
class LogFile:
    """One file: `closes` is when it is certainly closed, None if that cannot be told."""

    path: Path
    name: str
    closes: datetime | None

    def closed(self, now: datetime) -> bool:
        """Whether nobody writes to it any more."""
        return self.closes is not None and self.closes <= now


def files_of(folder: Path, pattern: str, grace: timedelta) -> Iterator[LogFile]:
    """The files of a pattern, in the order of their names; `*` and the fields match within one folder."""
    expression, dated = _expression(pattern), bool(re.search("%[YmdH]", pattern))
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name.endswith(TEMPORARY) or not path.is_file():
            continue
        found = expression.fullmatch(name)
        if found:
            closes = _end(found) if dated else _written(path) if "*" in pattern else None
            yield LogFile(path, name, None if path.is_symlink() or not closes else closes + grace)
        elif "*" in pattern and name == _STAR.sub("", pattern, count=1):
            yield LogFile(path, name, None)


def unmatched(folder: Path, patterns: tuple[str, ...]) -> Iterator[str]:
    """The names of files that no pattern takes."""
    taken = {f.name for pattern in patterns for f in files_of(folder, pattern, GRACE)}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in taken and not name.endswith(TEMPORARY):
            yield name


def _expression(pattern: str) -> re.Pattern[str]:
    seen: set[str] = set()
    parts = []
    for field, star, letter in _TOKEN.findall(pattern):
        if field:
            parts.append(f"(?P={field})" if field in seen else f"(?P<{field}>{_FIELDS[field]})")
            seen.add(field)
        else:
            parts.append("[^/]*" if star else re.escape(letter))
    return re.compile("".join(parts) + r"(\.gz)?")


def _end(found: re.Match[str]) -> datetime | None:
    """The end of the time that a dated name means; None if it means none (the 31st of February)."""
    parts = {key: int(value) for key, value in found.groupdict().items()}
    try:
        start = datetime(
            parts["Y"], parts.get("m", 1), parts.get("d", 1), parts.get("H", 0), tzinfo=UTC
        )
    except (KeyError, ValueError):
        return None
    if "H" in parts:
        return start + timedelta(hours=1)
    if "d" in parts:
        return start + timedelta(days=1)
    if "m" in parts:
        return (start + timedelta(days=31)).replace(day=1)
    return start.replace(year=start.year + 1)


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
