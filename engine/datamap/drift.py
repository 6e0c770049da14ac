"""Where the data map and the stores disagree: what is not mapped, not there, or bound to fail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from engine.datamap.map import DataMap
from engine.datamap.model import Dataset, TimeSource
from engine.errors import StoreUnavailable, did_you_mean
from engine.policy.findings import Finding, Position, Severity, error, warning
from engine.policy.vocabulary import covers
from engine.ports import (
    AllOf,
    AnyOf,
    ColumnShape,
    Condition,
    DataAdapter,
    IsNull,
    Not,
    OneOf,
    TableShape,
    TimeMissing,
)

SHOWN = 5
"""How many values of a row type a message names."""

_NUMBERS = ("int", "numeric", "decimal", "real", "double", "float", "number", "serial")
_TIMES = ("timestamp", "datetime", "date")
_TEXTS = ("text", "char", "string", "clob")


@dataclass(frozen=True)
class Mapped:
    """A dataset, its name, and its table as it really is."""

    name: str
    dataset: Dataset
    shape: TableShape
    datamap: DataMap

    def at(self, *path: str) -> Position:
        """The place of something that the map says of it."""
        return self.datamap.document.at("datasets", self.name, *path)

    def column(self, path: str) -> ColumnShape | None:
        """The real column of a field: itself, or the one that a path into JSON begins with."""
        columns = {column.name: column for column in self.shape.columns}
        while path and path not in columns:
            path = path.rpartition(".")[0]
        return columns.get(path)


def find_drift(datamap: DataMap, adapters: Mapping[str, DataAdapter]) -> list[Finding]:
    """Compare the whole map with every store. A store that does not answer is a finding itself.

    Besides the schema it counts rows that no dataset takes and times that cannot be read; no value but those
    of a row type is read.
    """
    return [found for store in datamap.stores for found in _in_store(datamap, store, adapters)]


def _in_store(
    datamap: DataMap, store: str, adapters: Mapping[str, DataAdapter]
) -> Iterator[Finding]:
    adapter = adapters[store]
    try:
        shapes = {shape.name: shape for shape in adapter.shapes()}
        yield from compare(datamap, store, shapes)
        for mapped in mapped_in(datamap, store, shapes):
            yield from _unreadable_times(mapped, adapter)
        yield from _rows_of_nobody(datamap, store, shapes, adapter)
    except StoreUnavailable as problem:
        yield error("STORE_UNAVAILABLE", str(problem), datamap.document.at("stores", store))


def compare(datamap: DataMap, store: str, shapes: Mapping[str, TableShape]) -> Iterator[Finding]:
    """What the schema alone tells."""
    yield from _missing_tables(datamap, store, shapes)
    yield from _unmapped_tables(datamap, store, shapes)
    for mapped in mapped_in(datamap, store, shapes):
        for check in (_missing_columns, _unmapped_columns, _times, _never_null, _indexes):
            yield from check(mapped)


def mapped_in(datamap: DataMap, store: str, shapes: Mapping[str, TableShape]) -> list[Mapped]:
    """The datasets of a store whose table is there."""
    return [
        Mapped(name, dataset, shapes[_place(dataset)], datamap)
        for name, dataset in datamap.datasets.items()
        if dataset.store == store and _place(dataset) in shapes
    ]


def _place(dataset: Dataset) -> str:
    return dataset.table or dataset.files or ""


def _missing_tables(
    datamap: DataMap, store: str, shapes: Mapping[str, TableShape]
) -> Iterator[Finding]:
    for name, dataset in datamap.datasets.items():
        place = _place(dataset)
        if dataset.store != store or not place or place in shapes:
            continue
        if dataset.files:
            where = datamap.document.at("datasets", name, "files")
            message = f"no file in `{store}` is named like `{place}`"
            yield warning("NO_FILES", message, where, data=name)
        else:
            where = datamap.document.at("datasets", name, "table")
            message = f"there is no table `{place}` in `{store}`{did_you_mean(place, shapes)}"
            yield error("UNKNOWN_TABLE", message, where, data=name)


def _unmapped_tables(
    datamap: DataMap, store: str, shapes: Mapping[str, TableShape]
) -> Iterator[Finding]:
    taken = {_place(dataset) for dataset in datamap.datasets.values() if dataset.store == store}
    ignored = datamap.ignored.get(store, ())
    for name in shapes:
        if name in taken or any(fnmatchcase(name, pattern) for pattern in ignored):
            continue
        hint = f"add a dataset, or `ignore: {{{store}: [{name}]}}` if it holds no personal data"
        message = f"`{name}` in `{store}` is in no dataset"
        yield error(
            "UNMAPPED_TABLE", message, datamap.document.at("stores", store), hint, table=name
        )


def _missing_columns(mapped: Mapped) -> Iterator[Finding]:
    known = [column.name for column in mapped.shape.columns]
    severity = Severity.WARNING if mapped.dataset.files else Severity.ERROR
    for path, where in _uses(mapped):
        if mapped.column(path) is None:
            message = f"`{mapped.shape.name}` has no column `{path}`{did_you_mean(path, known)}"
            yield Finding("UNKNOWN_COLUMN", severity, message, where, {"data": mapped.name})


def _uses(mapped: Mapped) -> Iterator[tuple[str, Position]]:
    """Every field that the map names, with its place."""
    dataset, at = mapped.dataset, mapped.at
    yield from ((path, at("key")) for path in dataset.key)
    yield from ((path, at("rows", path)) for path in dataset.rows)
    yield from ((path, at("subject", path)) for path in dataset.subject)
    yield from ((path, at("identities", name)) for name, path in dataset.identities.items())
    yield from (
        (source.field, at("facts", name)) for name, source in dataset.facts.items() if source.field
    )
    for name, time in dataset.times.items():
        yield from ((path, at("times", name)) for path in time.fields)
    yield from ((path, at("fields", path)) for path in dataset.fields)


def _unmapped_columns(mapped: Mapped) -> Iterator[Finding]:
    if mapped.dataset.personal == "none" or mapped.dataset.backup_of:
        return
    used = {column.name for path, _ in _uses(mapped) if (column := mapped.column(path))}
    for column in mapped.shape.columns:
        if column.name not in used:
            message = f"the column `{column.name}` of `{mapped.shape.name}` is not mapped"
            hint = f"add `{column.name}: CATEGORY`, or `{column.name}: not personal`"
            where = mapped.at("fields")
            yield error(
                "UNMAPPED_COLUMN", message, where, hint, data=mapped.name, field=column.name
            )


def _times(mapped: Mapped) -> Iterator[Finding]:
    for name, time in mapped.dataset.times.items():
        column = mapped.column(time.field) if time.field else None
        if column is None or column.name != time.field:
            continue
        wanted = _form_of(column)
        if wanted and not _fits(time, wanted):
            message = (
                f"`{column.name}` is of type {column.type}, which does not fit `as: {time.form}`"
            )
            where = mapped.at("times", name)
            yield error("WRONG_TIME_FORM", message, where, f"say `as: {wanted}`", data=mapped.name)


def _form_of(column: ColumnShape) -> str | None:
    kind = column.type.lower()
    if any(word in kind for word in _TIMES):
        return "timestamp"
    if any(word in kind for word in _NUMBERS):
        return "epoch seconds"
    return "text" if any(word in kind for word in _TEXTS) else None


def _fits(time: TimeSource, wanted: str) -> bool:
    """Text and timestamps are read alike; a text may hold an epoch."""
    if wanted == "epoch seconds":
        return time.form.startswith("epoch")
    return wanted == "text" or not time.form.startswith("epoch")


def _never_null(mapped: Mapped) -> Iterator[Finding]:
    """Fields that go before their row does must be able to take what replaces them."""
    row = mapped.dataset.row
    for path, use in mapped.dataset.fields.items():
        column = mapped.column(path)
        if column is None or column.nullable or column.name != path or use.category is None:
            continue
        if use.erase is None and not (row and covers(row, use.category)):
            message = f"`{path}` may not be NULL, so that it cannot be erased before its row goes"
            hint = f'say what replaces it, as in `{path}: {{is: {use.category}, erase: ""}}`'
            where = mapped.at("fields", path)
            yield warning("ERASE_NULL", message, where, hint, data=mapped.name, field=path)


def _indexes(mapped: Mapped) -> Iterator[Finding]:
    """Without an index, each purge and each erasure reads the whole table."""
    if mapped.dataset.files or mapped.dataset.personal == "none":
        return
    leading = {index[0] for index in (*mapped.shape.indexes, mapped.shape.key) if index}
    wanted = {path: mapped.at("subject", path) for path in mapped.dataset.subject}
    for name, time in mapped.dataset.times.items():
        if time.field:
            wanted.setdefault(time.field, mapped.at("times", name))
    for path, where in wanted.items():
        column = mapped.column(path)
        if column and column.name == path and path not in leading:
            message = (
                f"no index begins with `{path}`: each purge reads all of `{mapped.shape.name}`"
            )
            yield Finding("NO_INDEX", Severity.INFO, message, where, {"data": mapped.name})


def _unreadable_times(mapped: Mapped, adapter: DataAdapter) -> Iterator[Finding]:
    if any(
        found.severity is Severity.ERROR for found in (*_missing_columns(mapped), *_times(mapped))
    ):
        return  # said already, and nothing could be counted
    for name, time in mapped.dataset.times.items():
        if time.field is None or not name.startswith("record."):
            continue  # zero in another event's field says that it has not happened
        bare = time.model_copy(update={"when": None})
        count = adapter.count(mapped.dataset, AllOf((Not(IsNull(time.field)), TimeMissing(bare))))
        if count:
            message = f"{count:,} rows hold no readable time in `{time.field}`"
            hint = "they count from when they were first seen"
            where = mapped.at("times", name)
            yield warning("UNREADABLE_TIMES", message, where, hint, data=mapped.name)


def _rows_of_nobody(
    datamap: DataMap, store: str, shapes: Mapping[str, TableShape], adapter: DataAdapter
) -> Iterator[Finding]:
    by_place: dict[str, list[Mapped]] = {}
    for mapped in mapped_in(datamap, store, shapes):
        by_place.setdefault(mapped.shape.name, []).append(mapped)
    for place, several in by_place.items():
        if all(m.dataset.rows and not list(_missing_columns(m)) for m in several):
            yield from _leftover(place, several, adapter)


def _leftover(place: str, several: Sequence[Mapped], adapter: DataAdapter) -> Iterator[Finding]:
    first = several[0]
    whole = first.dataset.model_copy(update={"rows": {}})
    taken = AnyOf(tuple(_rows(mapped.dataset) for mapped in several))
    count = adapter.count(whole, Not(taken))
    if count:
        message = f"{count:,} rows of `{place}` are in no dataset{_which(whole, several, adapter)}"
        hint = "add a dataset for them, with `personal: none` if they hold no personal data"
        yield error("UNMAPPED_ROWS", message, first.at("rows"), hint, table=place)


def _rows(dataset: Dataset) -> Condition:
    return AllOf(tuple(OneOf(field, values) for field, values in dataset.rows.items()))


def _which(whole: Dataset, several: Iterable[Mapped], adapter: DataAdapter) -> str:
    """The values that no dataset takes, where all go by one field."""
    fields = {field for mapped in several for field in mapped.dataset.rows}
    if len(fields) != 1:
        return ""
    field = fields.pop()
    known = {value for mapped in several for value in mapped.dataset.rows[field]}
    found = adapter.distinct(whole, field, len(known) + SHOWN)
    new = sorted(set(found) - known)[:SHOWN]
    return f" (`{field}`: {', '.join(new)})" if new else f" (`{field}` is NULL)"
