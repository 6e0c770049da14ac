"""What an erasure does to the rows of one dataset. Pure: conditions in, edits and outcomes out.

nothing keeps the row             deleted
a statute or hold keeps it        stays, restricted; fields that it does not keep are erased
it is somebody else's too         stays theirs; the link to this person is cut (anonymised)
kept rows of others need it       stays, but every field is emptied (anonymised)
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.datamap.model import Dataset
from engine.ports import AllOf, AnyOf, Change, ColumnShape, Condition, Edit, Not, TableShape
from engine.rights.keeping import Keeping
from engine.rights.selection import NOBODY


@dataclass(frozen=True, slots=True)
class Erased:
    """Fields that are erased in rows that stay: these rows, these fields, these categories."""

    where: Condition
    changes: Mapping[str, Change]
    categories: tuple[str, ...]


@dataclass(frozen=True)
class Treatment:
    """Of one dataset: which rows go, which stay and lose fields, where a link is cut."""

    dataset: str
    mine: Condition
    gone: Condition
    kept: Condition
    shared: Condition
    erased: tuple[Erased, ...]
    cut: tuple[Erased, ...]
    keepings: tuple[Keeping, ...]

    def edits(self) -> tuple[Edit, ...]:
        """All of it; the fields first, so that no condition loses what it looks at."""
        changed = (Edit(one.where, one.changes) for one in (*self.erased, *self.cut))
        return (*changed, Edit(self.gone))

    @property
    def remaining(self) -> Condition:
        """The rows that must no longer lead to the person when all is done."""
        return AnyOf((self.gone, *(one.where for one in self.cut)))


@dataclass(frozen=True)
class Rows:
    """Which rows of a dataset are meant; `links` by the own field through which they lead to the person."""

    mine: Condition
    shared: Condition
    links: Mapping[str, Condition]


def treat(
    name: str,
    spec: Dataset,
    rows: Rows,
    keepings: Iterable[Keeping],
    shape: TableShape | None,
    token: str,
    needed: Iterable[str] = (),
) -> Treatment:
    """What becomes of the rows. `needed` are fields that kept rows elsewhere find a row by.

    From `token` come the marks for columns that must hold something; it is the same in every attempt.
    """
    keepings = tuple(keepings)
    kept = AnyOf(tuple(one.rows for one in keepings)) if keepings else NOBODY
    own = rows.mine if rows.shared == NOBODY else AllOf((rows.mine, Not(rows.shared)))
    stays = AllOf((own, kept))
    blanks = Blanks(spec, shape, token)
    return Treatment(
        dataset=name,
        mine=rows.mine,
        gone=AllOf((own, Not(kept))) if keepings else own,
        kept=stays,
        shared=rows.shared,
        erased=tuple(_erased(spec, stays, keepings, blanks, frozenset(needed))) if keepings else (),
        cut=tuple(_cut(rows, blanks)),
        keepings=keepings,
    )


def _erased(
    spec: Dataset,
    stays: Condition,
    keepings: tuple[Keeping, ...],
    blanks: Blanks,
    needed: frozenset[str],
) -> Iterable[Erased]:
    """Fields that nothing keeps, together with those that the same reasons keep."""
    groups: dict[tuple[int, ...], list[str]] = {}
    for path, use in spec.fields.items():
        if use.category is None or path in _structural(spec) | needed:
            continue
        by = tuple(n for n, one in enumerate(keepings) if use.category in one.leaves)
        groups.setdefault(by, []).append(path)
    for by, paths in groups.items():
        covering = AnyOf(tuple(keepings[n].rows for n in by))
        where = AllOf((stays, Not(covering))) if by else stays
        changes = {path: blanks.change(path) for path in paths}
        categories = (use.category for p in paths if (use := spec.fields[p]).category)
        yield Erased(where, changes, tuple(dict.fromkeys(c for c in categories if c)))


def _cut(rows: Rows, blanks: Blanks) -> Iterable[Erased]:
    if rows.shared == NOBODY:
        return
    for field, mine in rows.links.items():
        yield Erased(AllOf((rows.shared, mine)), {field: blanks.change(field)}, ())


def _structural(spec: Dataset) -> frozenset[str]:
    """What a kept row is found, dated and told apart by."""
    times = (field for time in spec.times.values() for field in time.fields)
    links = () if spec.person else spec.subject
    return frozenset((*spec.key, *spec.rows, *times, *links))


@dataclass(frozen=True)
class Blanks:
    """What replaces an erased value: as the map says, else NULL, else what the column can hold."""

    spec: Dataset
    shape: TableShape | None
    token: str

    def change(self, path: str) -> Change:
        """The change that erases this field."""
        return Change("set", self.value(path))

    def value(self, path: str) -> Any:
        """The value that stands there afterwards."""
        use = self.spec.fields.get(path)
        if use is not None and use.erase is not None:
            return use.erase
        column = self._column(path)
        if column is None or column.nullable:
            return None
        return _plainest(column.type, self._mark(path))

    def _mark(self, path: str) -> str:
        """Another mark in every field, so that no erased link still leads to an emptied row."""
        told = f"{self.token}\0{self.spec.table}\0{path}".encode()
        return f"erased-{hashlib.sha256(told).hexdigest()[:16]}"

    def _column(self, path: str) -> ColumnShape | None:
        if self.shape is None:
            return None
        return next((c for c in self.shape.columns if c.name == path), None)


_NUMBERS = ("int", "serial", "numeric", "decimal", "real", "double", "float", "money")
_TIMES = ("timestamp", "date")


_SIZE = re.compile(r"\(\s*([0-9]+)\s*\)")
_SHORTEST = 8


def _plainest(kind: str, token: str) -> Any:
    """What a column of this type can hold that says nothing.

    A text may have to be unique, which a schema does not always tell; so it never is the same for two people.
    """
    if any(word in kind for word in _NUMBERS):
        return "0"
    if "bool" in kind:
        return "false"
    if any(word in kind for word in _TIMES):
        return "1970-01-01"
    if "json" in kind:
        return "{}"
    size = _SIZE.search(kind)
    room = int(size[1]) if size else len(token)
    return token[:room] if room >= _SHORTEST else ""
