"""Changing rows in bounded batches; `adapters.sql.deletion` deletes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from adapters.sql.batches import Done, batch
from adapters.sql.conditions import Place, Scope
from adapters.sql.deletion import delete
from adapters.sql.flavour import Expression, Test
from adapters.values import Kind, NoSuchValue, as_text, coerce
from engine.ports import Change, Edit


def run_edit(conn: sa.Connection, scope: Scope, edit: Edit, key: bytes, limit: int) -> Done:
    """Delete or change up to `limit` rows."""
    wanted = sa.and_(scope.mine(), scope.holds(edit.where))
    if edit.changes is None:
        return delete(conn, scope, edit.where, wanted, limit)
    made = [_change(scope, path, change, key) for path, change in edit.changes.items()]
    if not made:
        return 0, False
    undone = sa.or_(*(one.undone for one in made))
    some = batch(scope, sa.and_(wanted, undone), limit)
    update = sa.update(scope.source.table).where(some).values(_combined(made))
    changed = conn.execute(update).rowcount
    return changed, changed >= limit


@dataclass(frozen=True)
class _Made:
    """A change in SQL: from the column's value to its new one, and whether a row still needs it."""

    column: sa.Column[Any]
    value: Callable[[Expression], Expression]
    undone: Test


def _combined(made: Sequence[_Made]) -> dict[str, Expression]:
    """Each column's new value; several paths into one JSON column change it one upon another."""
    new: dict[str, Expression] = {}
    for one in made:
        new[one.column.name] = one.value(new.get(one.column.name, one.column))
    return new


def _change(scope: Scope, path: str, change: Change, key: bytes) -> _Made:
    place = scope.place(path, "fields", path)
    column = scope.source.table.c[place.column.name]
    if place.keys:
        return _in_json(scope, place, column, change, key)
    if change.how == "set" and change.value is None:
        return _Made(column, lambda _before: sa.null(), column.is_not(None))
    if change.how == "set":
        new = _set(scope, place, change.value)
        return _Made(column, lambda _before: new, _differs(scope, place, new))
    new = scope.transformed(place, change.how, key)
    return _Made(column, lambda _before: new, column.is_distinct_from(new))


def _in_json(
    scope: Scope, place: Place, column: sa.Column[Any], change: Change, key: bytes
) -> _Made:
    """The document with the new text at the path, or without the path where nothing is left of it."""
    kind, keys, text = place.column.kind, place.keys, scope.comparable(place)

    def without(before: Expression) -> Expression:
        return scope.offered(scope.flavour.json_with, before, kind, keys, None)

    if change.how == "set" and change.value is None:
        return _Made(column, without, text.is_not(None))
    new = _text_in_json(scope, place, change, key)

    def replaced(before: Expression) -> Expression:
        with_new = scope.offered(scope.flavour.json_with, before, kind, keys, new)
        return sa.case((new.is_(None), without(before)), else_=with_new)

    return _Made(column, replaced, sa.and_(text.is_not(None), text.is_distinct_from(new)))


def _differs(scope: Scope, place: Place, new: Expression) -> Test:
    if place.kind in ("json", "other"):
        return scope.flavour.text(place.element).is_distinct_from(scope.flavour.text(new))
    return place.element.is_distinct_from(new)


def _text_in_json(scope: Scope, place: Place, change: Change, key: bytes) -> Expression:
    if change.how == "set":
        return sa.literal(as_text(change.value), sa.Text)
    return scope.transformed(place, change.how, key)


def _set(scope: Scope, place: Place, value: Any) -> Expression:
    element = place.element
    kind: Kind = "text" if place.kind in scope.flavour.as_written else place.kind
    try:
        return sa.literal(coerce(value, kind), element.type)
    except NoSuchValue:
        message = (
            f"`{place.path}` is of type {place.column.declared} and cannot be set to `{value}`"
        )
        raise scope.refuse(("fields", place.path), "WRONG_ERASE", message) from None
