"""Every table of a database as it really is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import ReflectedForeignKeyConstraint

from adapters.sql.schema import quietly
from engine.ports import ColumnShape, TableShape

_SYSTEM = ("information_schema", "pg_catalog", "pg_toast", "sqlite_temp")


def read_shapes(engine: sa.Engine) -> tuple[TableShape, ...]:
    """Every table in every schema but the system's own; the default schema's go by their bare name."""
    with quietly():
        inspector = sa.inspect(engine)
        default = inspector.default_schema_name
        schemas = [name for name in inspector.get_schema_names() if name not in _SYSTEM]
        found = [
            shape
            for schema in schemas
            for shape in _of_schema(inspector, None if schema == default else schema)
        ]
    rows = _estimates(engine)
    return tuple(
        TableShape(s.name, s.columns, s.key, rows.get(s.name), s.indexes)
        for s in sorted(found, key=lambda shape: shape.name)
    )


def _of_schema(inspector: sa.Inspector, schema: str | None) -> Iterator[TableShape]:
    columns = inspector.get_multi_columns(schema)
    keys = inspector.get_multi_pk_constraint(schema)
    references = inspector.get_multi_foreign_keys(schema)
    indexes = inspector.get_multi_indexes(schema)
    uniques = inspector.get_multi_unique_constraints(schema)
    for place, found in columns.items():
        targets = _references(references.get(place, []))
        yield TableShape(
            f"{schema}.{place[1]}" if schema else place[1],
            tuple(_column(column, targets) for column in found),
            tuple(keys[place]["constrained_columns"]) if place in keys else (),
            None,
            tuple(_indexes(indexes.get(place, []), uniques.get(place, []))),
        )


def _column(column: Any, targets: dict[str, str]) -> ColumnShape:
    name = column["name"]
    return ColumnShape(name, _type(column), bool(column["nullable"]), targets.get(name))


def _type(column: Any) -> str:
    try:
        return str(column["type"]).lower()
    except sa.exc.CompileError:
        return "unknown"


def _references(found: list[ReflectedForeignKeyConstraint]) -> dict[str, str]:
    """Of single-column foreign keys: own column -> table.column."""
    single = [key for key in found if len(key["constrained_columns"]) == 1]
    return {
        key["constrained_columns"][0]: ".".join(
            filter(None, (key["referred_schema"], key["referred_table"], *key["referred_columns"]))
        )
        for key in single
    }


def _indexes(indexes: list[Any], uniques: list[Any]) -> Iterator[tuple[str, ...]]:
    seen = set()
    for index in (*indexes, *uniques):
        names = tuple(name for name in index["column_names"] if name)
        if names and names not in seen:
            seen.add(names)
            yield names


def _estimates(engine: sa.Engine) -> dict[str, int]:
    """The planner's own estimates, which cost nothing; a table that was never counted has none."""
    if engine.dialect.name != "postgresql":
        return {}
    query = sa.text(
        "SELECT CASE WHEN n.nspname = current_schema() THEN c.relname"
        " ELSE n.nspname || '.' || c.relname END, c.reltuples::bigint"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p') AND c.reltuples >= 0"
    )
    with engine.connect() as conn:
        return {str(name): int(rows) for name, rows in conn.execute(query)}
