"""A copy of a person's data as one zip: `data.json` with its schema, a CSV for each dataset, a page to read.

Rows are streamed: to files in a private folder first, then into the zip, so memory stays flat however much
there is, and JSON, CSV and page show the same rows. `data.json` is canonical JSON (RFC 8785) and is checked
against its JSON Schema while it is written.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from engine.audit.canonical import canonical
from engine.datamap.model import Dataset
from engine.errors import Conflict
from engine.policy.policy import Policy
from engine.ports import Record
from engine.rights.about import about
from engine.rights.disclosure import Shown, cell, disclosed, shown
from engine.rights.given import Given, sentences
from engine.rights.report import Report, Table, page, readme
from engine.rights.selection import Selection

FORMAT = "upheld-export/1"
PREVIEW = 20
"""Rows of each dataset that the page shows; the files hold all of them."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is put together: for which request, by which right, in which language, when."""

    request_id: str
    right: str
    language: str
    created_at: datetime
    policy: Policy
    own: Mapping[str, Any]
    """What Upheld itself holds of the person: consent records, requests."""
    given: Sequence[Given] | None = None
    """To whom their data was given, as far as it was recorded; None where that is not asked for."""

    @property
    def upheld(self) -> dict[str, Any]:
        """What Upheld itself knows of the person, for a program."""
        if self.given is None:
            return dict(self.own)
        return {**self.own, "disclosures": [one.as_dict() for one in self.given]}


@dataclass
class Copied:
    """What was found in one dataset."""

    name: str
    spec: Dataset
    fields: Mapping[str, str | None]
    rows: int = 0
    first: list[dict[str, Any]] = field(default_factory=list)


def build(selection: Selection | None, order: Order, folder: Path) -> Path:
    """Put the copy together in a private folder; returns the zip's path.

    `selection` is None for somebody of whom the platform knows nothing. Raises StoreUnavailable when a
    store does not answer.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    found = list(_copy_all(selection, order, folder)) if selection else []
    held = (c for copied in found if copied.rows for c in copied.fields.values() if c)
    says = about(order.policy, held)
    check = schema([(c.name, c.fields) for c in found])
    _assemble(folder, order, found, says, check)
    tables = [_table(copied) for copied in found]
    given = None if order.given is None else sentences(order.given, order.policy)
    report = Report(order.right, order.created_at, says, tables, given)
    path = folder / "package.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", readme(report))
        archive.writestr("index.html", page(report, order.policy, order.own))
        archive.write(folder / "data.json", "data.json")
        archive.writestr("data.schema.json", canonical(check))
        for copied in found:
            archive.write(folder / f"{copied.name}.csv", f"csv/{copied.name}.csv")
    return path


def schema(datasets: Sequence[tuple[str, Mapping[str, str | None]]]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of `data.json` with these datasets and fields."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A copy of personal data",
        "type": "object",
        "required": ["about", "created_at", "datasets", "format", "policy", "request", "right", "upheld"],
        "additionalProperties": False,
        "properties": {
            "about": {"type": "object", "required": ["confirmation", "categories", "rights", "complaint"]},
            "created_at": {"type": "string", "format": "date-time"},
            "datasets": {
                "type": "object",
                "additionalProperties": False,
                "required": sorted(name for name, _ in datasets),
                "properties": {name: _dataset_schema(fields) for name, fields in datasets},
            },
            "format": {"const": FORMAT},
            "policy": {"type": "object", "required": ["name", "version"]},
            "request": {"type": "string", "format": "uuid"},
            "right": {"enum": ["access", "export"]},
            "upheld": {"type": "object"},
        },
    }  # fmt: skip


def _dataset_schema(fields: Mapping[str, str | None]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["category", "rows"],
        "additionalProperties": False,
        "properties": {
            "category": {"type": ["string", "null"]},
            "rows": {"type": "array", "items": _row_schema(fields)},
        },
    }


def _row_schema(fields: Mapping[str, str | None]) -> dict[str, Any]:
    properties = {name: {"description": category or "names or dates the row"}
                  for name, category in fields.items()}  # fmt: skip
    return {
        "type": "object",
        "required": sorted(fields),
        "additionalProperties": False,
        "properties": properties,
    }


def _row_check(fields: Mapping[str, str | None]) -> Draft202012Validator:
    """Checks what the schema of a row asks, without what it only describes: seven times as quick."""
    return Draft202012Validator(_row_schema(fields) | {"properties": dict.fromkeys(fields, True)})


def _copy_all(selection: Selection, order: Order, folder: Path) -> Iterator[Copied]:
    for name in sorted(selection.datasets()):
        spec = selection.datamap.datasets[name]
        fields = shown(order.policy, spec, derived=order.right == "access")
        copied = Copied(name, spec, fields)
        if any(fields.values()):
            _copy(selection, copied, folder)
            yield copied


def _copy(selection: Selection, copied: Copied, folder: Path) -> None:
    """One pass over the rows, into a CSV file and a file of JSON rows."""
    check = _row_check(copied.fields)
    what = Shown(copied.fields, _others(selection, copied))
    fields = list(copied.fields)
    with (
        (folder / f"{copied.name}.rows").open("wb") as rows,
        (folder / f"{copied.name}.csv").open("w", encoding="utf-8-sig", newline="") as text,
    ):
        table = csv.writer(text)
        table.writerow(fields)
        for record in _records(selection, copied):
            row = disclosed(what, record)
            _valid(check, row)
            rows.write((b"," if copied.rows else b"") + canonical(row))
            table.writerow([cell(row[name]) for name in fields])
            copied.rows += 1
            if copied.rows <= PREVIEW:
                copied.first.append(row)


def _records(selection: Selection, copied: Copied) -> Iterator[Record]:
    adapter = selection.adapter(copied.name)
    where = selection.rows(copied.name)
    for batch in adapter.scan(copied.spec, where, tuple(copied.fields), batch=1000):
        yield from batch


def _others(selection: Selection, copied: Copied) -> Mapping[str, tuple[str, ...]]:
    """Where rows may lead to several people: the link fields, and the values that name this one."""
    if len(selection.datamap.paths(copied.name)) < 2:
        return {}
    links = copied.spec.subject
    return {link: selection.values_of(copied.name, link) for link in links}


def _assemble(
    folder: Path,
    order: Order,
    found: Sequence[Copied],
    says: Mapping[str, Any],
    check: Mapping[str, Any],
) -> None:
    """Write `data.json`: keys in canonical order, the rows copied in from their files."""
    policy = {"name": order.policy.name, "version": order.policy.version}
    head = {"about": says, "created_at": order.created_at.isoformat()}
    tail = {"format": FORMAT, "policy": policy, "request": order.request_id}
    tail |= {"right": order.right, "upheld": order.upheld}
    empty: dict[str, Any] = {c.name: {"category": c.spec.row, "rows": []} for c in found}
    _valid(Draft202012Validator(check), head | {"datasets": empty} | tail)
    with (folder / "data.json").open("wb") as out:
        out.write(canonical(head)[:-1] + b',"datasets":{')
        for number, copied in enumerate(found):
            start = b"," if number else b""
            out.write(
                start + canonical(copied.name) + b':{"category":' + canonical(copied.spec.row)
            )
            out.write(b',"rows":[')
            _pour(folder / f"{copied.name}.rows", out)
            out.write(b"]}")
        out.write(b"}," + canonical(tail)[1:])


def _pour(path: Path, out: BinaryIO) -> None:
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            out.write(piece)


def _valid(check: Draft202012Validator, value: Any) -> None:
    try:
        check.validate(value)
    except ValidationError as error:
        # The message would quote the value, which is personal data.
        where = "/".join(str(part) for part in error.absolute_path)
        raise Conflict(f"the copy does not fit its own schema at `/{where}`") from None


def _table(copied: Copied) -> Table:
    return Table(copied.name, list(copied.fields), copied.rows, copied.first)
