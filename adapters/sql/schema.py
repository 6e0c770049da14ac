"""The real schema: what tables and columns there are, of what kind, and the check of names against it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.engine.interfaces import ReflectedColumn, ReflectedIndex
from sqlalchemy.exc import SAWarning

from adapters.values import Kind
from engine.datamap.model import Dataset
from engine.errors import PolicyError, did_you_mean
from engine.policy.findings import Position, error

Locate = Callable[..., Position]
"""(dataset, *path) -> where the data map says so."""

_KINDS: tuple[tuple[type | tuple[type, ...], Kind], ...] = (
    (sa.Boolean, "boolean"),
    (sa.Integer, "integer"),
    (sa.Numeric, "number"),
    (sa.Float, "number"),
    (sa.DateTime, "time"),
    (sa.Date, "date"),
    (sa.JSON, "json"),
    (sa.Uuid, "uuid"),
    ((pg.INET, pg.CIDR), "ip"),
    (sa.Enum, "other"),
    (sa.String, "text"),
)


@dataclass(frozen=True, slots=True)
class Column:
    """One real column; `size` is the longest text that it takes, if it says so."""

    name: str
    kind: Kind
    declared: str
    nullable: bool
    size: int | None


@dataclass(frozen=True)
class Source:
    """One real table; `uniques` are the sets of columns that no two rows share and that are never NULL.

    `plain` tells that a row has a physical address (`ctid`, `rowid`) of which there is only one.
    """

    table: sa.Table
    columns: dict[str, Column]
    uniques: tuple[frozenset[str], ...]
    plain: bool
    rowid: str | None = None
    ordered: frozenset[str] = frozenset()
    """The columns in whose order an index of all rows begins."""

    def unique(self, names: tuple[str, ...]) -> bool:
        """Whether these columns together tell every row from every other."""
        return any(unique <= set(names) for unique in self.uniques)


def kind_of(kind: sa.types.TypeEngine[Any]) -> Kind:
    """What a column of this type holds."""
    return next((name for types, name in _KINDS if isinstance(kind, types)), "other")


def split_name(inspector: sa.Inspector, name: str) -> tuple[str | None, str]:
    """A table's schema and name: the dot may be part of the name, or come after the schema."""
    schema, dot, table = name.partition(".")
    if not dot or inspector.has_table(name):
        return None, name
    return schema, table


class Schema:
    """The tables of one database, looked up once each."""

    def __init__(self, engine: sa.Engine, locate: Locate) -> None:
        self._engine = engine
        self._locate = locate
        self._known: dict[str, Source] = {}

    def forget(self) -> None:
        """Look again at every table when it is next used: the schema has changed."""
        self._known.clear()

    def source(self, dataset: Dataset) -> Source:
        """The real table of a dataset. PolicyError if there is none."""
        name = dataset.table
        if name is None:
            raise self.refuse(dataset, ("files",), "NO_TABLE", "a database needs `table: …`")
        if name not in self._known:
            self._known[name] = self._look_up(dataset, name)
        return self._known[name]

    def refuse(
        self, dataset: Dataset, path: tuple[str, ...], code: str, message: str, hint: str = ""
    ) -> PolicyError:
        """The error about one place of the data map."""
        finding = error(code, message, self._locate(dataset, *path), hint)
        return PolicyError(f"{finding.where}: {message}", [finding])

    def _look_up(self, dataset: Dataset, name: str) -> Source:
        with quietly():
            inspector = sa.inspect(self._engine)
            schema, table = split_name(inspector, name)
            exists = inspector.has_table(table, schema) or table in inspector.get_view_names(schema)
            if not exists:
                near = did_you_mean(name, _names(inspector, schema))
                message = f"there is no table `{name}` in this database{near}"
                raise self.refuse(dataset, ("table",), "UNKNOWN_TABLE", message)
            return _reflect(self._engine, inspector, table, schema)


@contextmanager
def quietly() -> Iterator[None]:
    """Reflection warns of types and indexes that SQLAlchemy does not know; they do not concern us."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)
        yield


def _names(inspector: sa.Inspector, schema: str | None) -> list[str]:
    prefix = f"{schema}." if schema else ""
    return [prefix + name for name in inspector.get_table_names(schema)]


def _reflect(engine: sa.Engine, inspector: sa.Inspector, name: str, schema: str | None) -> Source:
    found = inspector.get_columns(name, schema)
    columns = {column["name"]: _column(column) for column in found}
    dynamic = engine.dialect.name == "sqlite"
    table = sa.Table(
        name,
        sa.MetaData(),
        *(sa.Column(c["name"], sa.types.NullType() if dynamic else c["type"]) for c in found),
        schema=schema,
        quote=True,
    )
    uniques = tuple(_uniques(inspector, name, schema, columns))
    with engine.connect() as conn:
        plain, rowid = _address(conn, table, columns)
    return Source(table, columns, uniques, plain, rowid, _ordered(inspector, name, schema))


def _column(found: ReflectedColumn) -> Column:
    type_ = found["type"]
    size = getattr(type_, "length", None) if isinstance(type_, sa.String) else None
    return Column(found["name"], kind_of(type_), str(type_).lower(), bool(found["nullable"]), size)


def _uniques(
    inspector: sa.Inspector, name: str, schema: str | None, columns: dict[str, Column]
) -> Iterator[frozenset[str]]:
    primary = inspector.get_pk_constraint(name, schema)["constrained_columns"]
    if primary and (_rowid_key(primary, columns) or not any(columns[n].nullable for n in primary)):
        yield frozenset(primary)
    total = [i for i in inspector.get_indexes(name, schema) if i["unique"] and not _partial(i)]
    candidates: list[Sequence[str | None]] = [index["column_names"] for index in total]
    candidates += [c["column_names"] for c in inspector.get_unique_constraints(name, schema)]
    for names in candidates:
        if all(name is not None and not columns[name].nullable for name in names):
            yield frozenset(name for name in names if name is not None)


def _rowid_key(primary: Sequence[str], columns: dict[str, Column]) -> bool:
    """SQLite lets NULL into every primary key but the one that is the number of the row."""
    return len(primary) == 1 and columns[primary[0]].declared == "integer"


def _ordered(inspector: sa.Inspector, name: str, schema: str | None) -> frozenset[str]:
    indexes = [index for index in inspector.get_indexes(name, schema) if not _partial(index)]
    trees = [i for i in indexes if not i.get("dialect_options", {}).get("postgresql_using")]
    first = [index["column_names"][0] for index in trees]
    first += inspector.get_pk_constraint(name, schema)["constrained_columns"][:1]
    return frozenset(column for column in first if column is not None)


def _partial(index: ReflectedIndex) -> bool:
    """Whether an index covers only some rows."""
    return any(key.endswith("_where") for key in index.get("dialect_options", {}))


def _address(
    conn: sa.Connection, table: sa.Table, columns: dict[str, Column]
) -> tuple[bool, str | None]:
    """Whether rows have an address of their own, and what it is called."""
    if conn.dialect.name == "postgresql":
        return _is_one_heap(conn, table), "ctid"
    if conn.dialect.name == "sqlite":
        return _has_rowid(conn, table, columns)
    return False, None


def _is_one_heap(conn: sa.Connection, table: sa.Table) -> bool:
    """Partitions and children have addresses of their own, so one `ctid` may mean several rows."""
    query = sa.text(
        "SELECT c.relkind = 'r' AND NOT EXISTS (SELECT 1 FROM pg_inherits i WHERE i.inhparent = c.oid)"
        " FROM pg_class c WHERE c.oid = CAST(:name AS regclass)"
    )
    name = conn.dialect.identifier_preparer.format_table(table)
    return bool(conn.scalar(query, {"name": name}))


def _has_rowid(
    conn: sa.Connection, table: sa.Table, columns: dict[str, Column]
) -> tuple[bool, str | None]:
    kind = conn.execute(
        sa.text("SELECT type, wr FROM pragma_table_list WHERE name = :name AND schema = :schema"),
        {"name": table.name, "schema": table.schema or "main"},
    ).one_or_none()
    if kind is None or kind.type != "table" or kind.wr:
        return False, None
    taken = {name.lower() for name in columns}
    free = next((name for name in ("rowid", "_rowid_", "oid") if name not in taken), None)
    return free is not None, free
