"""Begin a new version: the newest one copied, with its date where that can be changed safely."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.errors import Conflict, InvalidInput
from engine.policy.load import read_policy
from engine.policy.policy import Policy
from engine.policy.source import read_file
from engine.policy.versions import PolicyFolder
from upheld.editing.carried_tests import Carried, carry_tests
from upheld.editing.splicing import insert, without_key

_VERSION = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(-[1-9][0-9]*)?")
_UPDATED = re.compile(r"updated|effective|更新|生效", re.I)
_HEAD = 12
"""A text says when it was last updated in its first lines; further down a date means something else."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What was made: the version, and the one it was copied from.

    `redated` and `undated` are its texts that say its date, and those where it could not be changed;
    `decided`: decisions about what the version before had changed were left out.
    """

    before: Policy
    policy: Policy
    tests: Carried
    redated: tuple[str, ...]
    undated: tuple[str, ...]
    decided: bool


def begin_version(folder: PolicyFolder, version: str, effective: date | None = None) -> Begun:
    """Copy the newest version as `version`, in force from `effective` (the date in its name).

    It is not published: no lock, and no decision about an earlier change, comes along. InvalidInput for a
    name that is no date, or is not later than every version there is; Conflict if it exists. Nothing is left
    behind then.
    """
    day = _day_of(version)
    before = _newest(folder, version)
    effective = effective or day
    if effective < before.effective:
        raise InvalidInput(
            f"version `{before.version}` applies from {before.effective}; "
            f"a later version cannot apply from {effective}",
            "effective",
        )
    with tempfile.TemporaryDirectory(dir=folder.folder, prefix=".new-") as scratch:
        made = Path(shutil.copytree(before.folder, Path(scratch) / version))
        decided = _redate_header(made / "policy.yaml", version, effective)
        texts = {p.name: _redate(p, before, day) for p in sorted(made.glob("policy*.md"))}
        read_policy(made)
        made.rename(folder.folder / version)
    tests = carry_tests(folder.folder / "tests", before.version, version)
    redated, undated = (tuple(n for n, done in texts.items() if done is it) for it in (True, False))
    policy = read_policy(folder.path(version))
    return Begun(before, policy, tests, redated, undated, decided)


def _day_of(version: str) -> date:
    found = _VERSION.fullmatch(version)
    if found is None:
        raise InvalidInput(
            f"`{version}` is no name of a version: write its date, such as `2026-10-01`, or "
            "`2026-10-01-2` for a second one of that day",
            "version",
        )
    try:
        return date.fromisoformat(found[1])
    except ValueError:
        raise InvalidInput(f"`{found[1]}` is no day of the calendar", "version") from None


def _newest(folder: PolicyFolder, version: str) -> Policy:
    names = folder.names()
    if not names:
        raise InvalidInput(f"`{folder.folder}` holds no version to copy")
    if version in names or (folder.folder / version).exists():
        raise Conflict(f"version `{version}` exists already, in `{folder.folder / version}`")
    newest = max(names, key=_order)
    if _order(version) < _order(newest):
        raise InvalidInput(
            f"`{version}` is older than `{newest}`: a new version is newer than all others",
            "version",
        )
    return read_policy(folder.path(newest))


def _order(version: str) -> tuple[str, int]:
    """By the date in its name, then by its number there; a folder may have any name."""
    dated = _VERSION.fullmatch(version)
    return version[:10], int(((dated and dated[2]) or "-1")[1:])


def _redate_header(path: Path, version: str, effective: date) -> bool:
    """Say the version and its day, and leave out what was decided about the change before; whether it was.

    Whatever else is there, comments too, stays.
    """
    document = read_file(path, path.name)
    text = path.read_text(encoding="utf-8")
    told = {document.at("version"): version, document.at("effective"): effective.isoformat()}
    for where in sorted(told, reverse=True):
        text = insert(text, where, told[where])
    path.write_text(text, encoding="utf-8")
    decided = "changes" in document.value
    if decided:
        path.write_text(without_key(text, read_file(path, path.name), "changes"), encoding="utf-8")
    return decided


def _redate(path: Path, before: Policy, day: date) -> bool:
    """Change the date of "Last updated" in the first lines of a text; whether there was one to change."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    was = date.fromisoformat(before.version[:10])
    spelt = list(zip(_spellings(was), _spellings(day), strict=True))
    for number, line in enumerate(lines[:_HEAD]):
        fitting = [(old, new) for old, new in spelt if line.count(old) == 1]
        if fitting and _UPDATED.search(line):
            lines[number] = line.replace(*fitting[0])
            path.write_text("".join(lines), encoding="utf-8")
            return True
    return False


def _spellings(day: date) -> Iterator[str]:
    """A date as texts write it."""
    yield f"{day:%B} {day.day}, {day.year}"
    yield f"{day.day} {day:%B} {day.year}"
    yield day.isoformat()
    yield f"{day.year} 年 {day.month} 月 {day.day} 日"
    yield f"{day.year}年{day.month}月{day.day}日"
