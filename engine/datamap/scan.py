"""A first data map for a database, from its tables, keys, references and names. No value is read.

What is a guess says so in a comment. Where nothing could be guessed stands a category that no policy has, so
that `upheld datamap check` asks for it; a table that no name explains is left out, so that the check asks
for it too. Better a question than a silent mistake.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

from engine.datamap import guesses
from engine.ports import ColumnShape, TableShape

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_RESERVED = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


@dataclass(frozen=True)
class _Scan:
    """The tables by name, what each is called as a dataset, and which of them lead to a person."""

    shapes: Mapping[str, TableShape]
    names: Mapping[str, str]
    leading: frozenset[str]


def propose(
    shapes: Sequence[TableShape],
    *,
    store: str = "platform",
    adapter: str = "sql",
    place: str = "url: ${UPHELD_PLATFORM_URL}",
) -> str:
    """The text of a data map that loads as it is. `place` says where the store lies, as one YAML entry."""
    scan = _Scan({s.name: s for s in shapes}, _names(shapes), frozenset(_leading(shapes)))
    key, _, value = place.partition(": ")
    lines = [
        "# A proposal. Every line marked `guess` was made from a name: confirm or correct it.",
        f"# `{guesses.TO_DECIDE}` is no category of any policy: put one in its place, or `not personal`.",
        "stores:",
        f"  {store}: {{adapter: {adapter}, {key}: {_scalar(value)}}}",
    ]
    kept = [shape for shape in shapes if _matters(shape, scan)]
    blocks = [_dataset(shape, store, scan) for shape in kept]
    lines += ["", "datasets:" if blocks else "datasets: {}"]
    for block in blocks:
        lines += [*block, ""]
    others = [shape.name for shape in shapes if shape not in kept]
    if others:
        lines.append(
            "# No name in these tables suggests a person. `upheld datamap check` asks about each until"
        )
        lines.append(f"# it is a dataset, or listed as in `ignore: {{{store}: [TABLE]}}`:")
        lines += [f"# {_scalar(name)}" for name in others]
    return "\n".join(lines).rstrip() + "\n"


def _names(shapes: Sequence[TableShape]) -> dict[str, str]:
    """A dataset's name allows fewer letters than a table's; two never become one."""
    names: dict[str, str] = {}
    for shape in shapes:
        base = re.sub(r"[^A-Za-z0-9]+", "_", shape.name).strip("_")[:90] or "table"
        name, number = base, 2
        while name in names.values():
            name, number = f"{base}_{number}", number + 1
        names[shape.name] = name
    return names


def _leading(shapes: Sequence[TableShape]) -> set[str]:
    """The tables that are persons or lead, by any number of steps, to one that is."""
    found = {shape.name for shape in shapes if guesses.is_person(shape)}
    while True:
        more = {
            shape.name
            for shape in shapes
            if any(table in found for _, table, _ in _links(shape, shapes))
        }
        if more <= found:
            return found
        found |= more


def _links(
    shape: TableShape, shapes: Sequence[TableShape]
) -> Iterator[tuple[ColumnShape, str, str]]:
    """(column, table, its column): references; `user_id` beside a table `users`; else an e-mail address."""
    tables = {other.name: other for other in shapes}
    found = []
    for column in shape.columns:
        table, _, target = (column.references or "").rpartition(".")
        if table in tables:
            found.append((column, table, target))
        elif named := re.fullmatch(r"(.+)_id", column.name):
            found += [(column, *person) for person in _called(named[1], shape, tables)]
    yield from found or (() if guesses.is_person(shape) else _by_address(shape, shapes))


def _called(
    word: str, shape: TableShape, tables: Mapping[str, TableShape]
) -> Iterator[tuple[str, str]]:
    for name in (word, f"{word}s"):
        other = tables.get(name)
        if other and other is not shape and len(other.key) == 1 and guesses.is_person(other):
            yield name, other.key[0]
            return


def _by_address(
    shape: TableShape, shapes: Sequence[TableShape]
) -> Iterator[tuple[ColumnShape, str, str]]:
    addresses = [c for c in shape.columns if guesses.category_of(c.name) == "account.email"]
    for person in shapes:
        theirs = [c for c in person.columns if guesses.category_of(c.name) == "account.email"]
        if addresses and theirs and guesses.is_person(person):
            yield addresses[0], person.name, theirs[0].name
            return


def _matters(shape: TableShape, scan: _Scan) -> bool:
    personal = any(guesses.category_of(column.name) for column in shape.columns)
    return bool(shape.columns) and (shape.name in scan.leading or personal)


def _dataset(shape: TableShape, store: str, scan: _Scan) -> list[str]:
    person = guesses.is_person(shape)
    lines = [f"  {scan.names[shape.name]}:", f"    store: {store}"]
    lines.append(f"    table: {_scalar(shape.name)}")
    lines += _key(shape)
    lines.append(f"    row: {guesses.TO_DECIDE}  # what is a row of this?")
    if person:
        lines.append(f"    person: {guesses.person_word(shape)}  # guess: from the table's name")
        lines += _identities(shape)
    else:
        lines += _subject(shape, scan)
    return [*lines, *_times(shape, person), *_fields(shape, scan, person)]


def _key(shape: TableShape) -> list[str]:
    if shape.key:
        names = ", ".join(_scalar(name) for name in shape.key)
        return [f"    key: [{names}]" if len(shape.key) > 1 else f"    key: {names}"]
    guess = next((c.name for c in shape.columns if c.name.lower() == "id"), shape.columns[0].name)
    return [f"    key: {_scalar(guess)}  # guess: the table declares no key"]


def _identities(shape: TableShape) -> list[str]:
    found = {}
    if len(shape.key) == 1:
        found["user_id"] = shape.key[0]
    email = [c.name for c in shape.columns if guesses.category_of(c.name) == "account.email"]
    if email:
        found["email"] = email[0]
    inner = ", ".join(f"{name}: {_scalar(field)}" for name, field in found.items())
    return [f"    identities: {{{inner}}}  # guess"] if found else []


def _subject(shape: TableShape, scan: _Scan) -> list[str]:
    lines = []
    for column, table, target in _links(shape, list(scan.shapes.values())):
        if table not in scan.leading or table == shape.name:
            continue
        why = "" if column.references else "  # guess: from the column's name"
        reference = _scalar(f"{scan.names[table]}.{target}")
        lines.append(f"      {_scalar(column.name)}: {reference}{why}")
    return ["    subject:", *lines] if lines else []


def _times(shape: TableShape, person: bool) -> list[str]:
    found = {"record.created": guesses.created(shape.columns)}
    if person:
        found["account.cancelled"] = guesses.ended(shape.columns)
    lines = [
        f"      {event}: {{field: {_scalar(column.name)}, as: {guesses.time_form(column)}}}  # guess"
        for event, column in found.items()
        if column is not None
    ]
    return ["    times:", *lines] if lines else []


def _fields(shape: TableShape, scan: _Scan, person: bool) -> list[str]:
    """Every column but those that are already a key, a link or a time."""
    used = set(shape.key)
    if not person:
        links = [column.name for column, _, _ in _links(shape, list(scan.shapes.values()))]
        used |= {name for name in links if guesses.category_of(name) is None}
    times = [guesses.created(shape.columns), guesses.ended(shape.columns) if person else None]
    used |= {column.name for column in times if column}
    lines = []
    for column in shape.columns:
        if column.name not in used:
            category = guesses.category_of(column.name)
            note = "  # guess" if category else ""
            lines.append(f"      {_scalar(column.name)}: {category or guesses.TO_DECIDE}{note}")
    return ["    fields:", *lines] if lines else []


def _scalar(text: str) -> str:
    """A name as YAML: bare where nothing in it means anything, quoted otherwise."""
    plain = all(_PLAIN.fullmatch(part) for part in text.split("."))
    if plain and text.lower() not in _RESERVED:
        return text
    quoted: str = yaml.safe_dump(text, default_style='"', width=math.inf)
    return quoted.strip()
