"""Which rows are meant, as a plan can freeze it: plain values that are stored, hashed and read back.

A plan must hold no personal data, so it never lists the rows that are due. Where the engine's own tables
know an event (a state first seen, an event told by a service), the expression names the event and its
cutoff only; `engine.retention.compiling` looks the rows up when a batch is about to run.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from engine.datamap.map import Step
from engine.policy.models.common import Strict
from engine.ports import Transformation


class Passed(Strict):
    """The row's own stored time of `event` is at or before `cutoff` (inclusive)."""

    kind: Literal["passed"] = "passed"
    dataset: str
    event: str
    cutoff: datetime


class Missing(Strict):
    """The row's own stored time of `event` is absent; a state that does not hold is absent too."""

    kind: Literal["missing"] = "missing"
    dataset: str
    event: str


class Seen(Strict):
    """The engine counts `event` of this row from a sighting, and that lies at or before `cutoff`."""

    kind: Literal["seen"] = "seen"
    dataset: str
    event: str
    cutoff: datetime


class Told(Strict):
    """`event` was told of this person, and happened at or before `cutoff`."""

    kind: Literal["told"] = "told"
    dataset: str
    event: str
    cutoff: datetime


class Value(Strict):
    """The field holds one of these values (as text)."""

    kind: Literal["value"] = "value"
    field: str
    values: tuple[str, ...]


class Person(Strict):
    """The row is one of these people (only in holds, never in a plan)."""

    kind: Literal["person"] = "person"
    dataset: str
    subjects: tuple[str, ...]


class Agreed(Strict):
    """The row is a person who agreed to a version newer than this one."""

    kind: Literal["agreed"] = "agreed"
    dataset: str
    version: str


class Chose(Strict):
    """The row is a person who has any of these choices on, or (`on: false`) turned off every one of them."""

    kind: Literal["chose"] = "chose"
    dataset: str
    choices: tuple[str, ...]
    on: bool


class Noticed(Strict):
    """The row is a person who was told, at or before `cutoff`, that their data goes by `rule`."""

    kind: Literal["noticed"] = "noticed"
    dataset: str
    rule: str
    cutoff: datetime


class Empty(Strict):
    """The field is NULL or absent."""

    kind: Literal["empty"] = "empty"
    field: str


class Untreated(Strict):
    """The field holds a value that this way of making it anonymous would turn into another."""

    kind: Literal["untreated"] = "untreated"
    field: str
    how: Transformation


class Hop(Strict):
    """One step towards the person: own `field` equals `target_field` of the dataset `target`."""

    field: str
    target: str
    target_field: str

    @classmethod
    def of(cls, step: Step) -> Hop:
        """The same step, without the dataset that it starts from."""
        return cls(field=step.field, target=step.target, target_field=step.target_field)


class Via(Strict):
    """The row that the hops lead to exists and satisfies `where`."""

    kind: Literal["via"] = "via"
    hops: tuple[Hop, ...]
    where: Expression


class All(Strict):
    """Every part holds; with no parts, every row."""

    kind: Literal["all"] = "all"
    parts: tuple[Expression, ...] = ()


class Any(Strict):
    """At least one part holds; with no parts, no row."""

    kind: Literal["any"] = "any"
    parts: tuple[Expression, ...] = ()


class Negated(Strict):
    """The part does not hold."""

    kind: Literal["not"] = "not"
    part: Expression


Expression = Annotated[
    Passed
    | Missing
    | Seen
    | Told
    | Value
    | Person
    | Agreed
    | Chose
    | Noticed
    | Empty
    | Untreated
    | Via
    | All
    | Any
    | Negated,
    Field(discriminator="kind"),
]

for _model in (Via, All, Any, Negated):
    _model.model_rebuild()

EVERY_ROW = All()
NO_ROW = Any()


def both(*parts: Expression) -> Expression:
    """Every part holds, without the parts that change nothing."""
    kept = _distinct(parts, All)
    if NO_ROW in kept:
        return NO_ROW
    return kept[0] if len(kept) == 1 else All(parts=tuple(kept))


def either(*parts: Expression) -> Expression:
    """At least one part holds, without the parts that change nothing."""
    kept = _distinct(parts, Any)
    if EVERY_ROW in kept:
        return EVERY_ROW
    return kept[0] if len(kept) == 1 else Any(parts=tuple(kept))


def negated(part: Expression) -> Expression:
    """The part does not hold."""
    if part == EVERY_ROW:
        return NO_ROW
    if part == NO_ROW:
        return EVERY_ROW
    return part.part if isinstance(part, Negated) else Negated(part=part)


def via(hops: Iterable[Hop], where: Expression) -> Expression:
    """What the row at the end of the hops satisfies; without hops, the row itself."""
    hops = tuple(hops)
    if not hops or where == NO_ROW:
        return where
    if isinstance(where, Via):
        return Via(hops=hops + where.hops, where=where.where)
    return Via(hops=hops, where=where)


def value(field: str, values: Iterable[str]) -> Expression:
    """The field holds one of these values; of none, no row."""
    values = tuple(values)
    return Value(field=field, values=values) if values else NO_ROW


def _distinct(parts: Iterable[Expression], nested: type[All | Any]) -> list[Expression]:
    kept: list[Expression] = []
    for part in parts:
        for piece in part.parts if isinstance(part, nested) else (part,):
            if piece not in kept:
                kept.append(piece)
    return kept
