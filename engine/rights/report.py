"""The page and the README that go with a copy of a person's data. Pure; everything shown is escaped.

One file without scripts, fonts or links to elsewhere: it reads the same from a disk in ten years.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from engine.policy.policy import Policy
from engine.rights.disclosure import cell

_LONGEST = 300
_CSS = Path(__file__).parent / "templates" / "report.css"


@dataclass(frozen=True, slots=True)
class Table:
    """One dataset on the page: its fields, how many rows there are, the first of them."""

    name: str
    fields: Sequence[str]
    rows: int
    first: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Report:
    """What the page is about."""

    right: str
    created_at: datetime
    about: Mapping[str, Any]
    tables: Sequence[Table]
    given: Sequence[str] | None = None
    """To whom it was given, a sentence each; None where that is not asked for."""

    @property
    def title(self) -> str:
        """The page's heading."""
        return "What we hold about you" if self.right == "access" else "Your data"


def readme(report: Report) -> str:
    """The text beside the files, in plain words."""
    lines = [
        report.title,
        "=" * len(report.title),
        "",
        f"Put together on {_when(report.created_at)}.",
        "",
        "index.html         to read: open it in any browser; it needs no connection",
        "csv/               one table for each kind of record, for a spreadsheet (UTF-8)",
        "data.json          all of it for a program (canonical JSON, RFC 8785)",
        "data.schema.json   what data.json looks like (JSON Schema 2020-12)",
        "",
        *(f"{table.rows:>10,}  {table.name}" for table in report.tables),
        "",
        "In the tables, a value that a spreadsheet would run as a formula begins with an apostrophe.",
        "Of card numbers only the last four digits are shown; what is about other people is left out.",
        "",
    ]
    return "\n".join(lines)


def page(report: Report, policy: Policy, own: Mapping[str, Any]) -> str:
    """`index.html`: what is held, why, for how long and who receives it, then the data itself."""
    controller = policy.header.controller.name or policy.name
    body = [
        f"<header><p class=kicker>{escape(controller)}</p><h1>{escape(report.title)}</h1>",
        f"<p>{escape(report.about['confirmation'])}</p>",
        f"<p class=note>{_as_of(report, policy)}</p></header>",
        _contents(report),
        _categories(report.about),
        _given(report.given),
        _recipients(report.about),
        _rights(report.about),
        *(_table(table) for table in report.tables),
        _own(own),
    ]
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(report.title)}</title><style>{_style()}</style></head>"
        f"<body><main>{''.join(body)}</main></body></html>\n"
    )


def _as_of(report: Report, policy: Policy) -> str:
    return (
        f"As of {_when(report.created_at)}, under version {escape(policy.version)} of the policy."
    )


def _contents(report: Report) -> str:
    items = "".join(
        f'<li><a href="#data-{escape(t.name)}">{escape(_words(t.name))}</a>'
        f"<span class=figure>{_count(t.rows)}</span></li>"
        for t in report.tables
    )
    return f"<nav aria-label=Contents><h2>The data</h2><ul class=contents>{items}</ul></nav>"


def _categories(about: Mapping[str, Any]) -> str:
    if not about["categories"]:
        return ""
    parts = [_category(category) for category in about["categories"]]
    return f"<section><h2>What it is, and why we have it</h2>{''.join(parts)}</section>"


def _category(category: Mapping[str, Any]) -> str:
    purposes = [f"{p['means']}{_basis(p)}" for p in category["purposes"]]
    rows = [
        ("What for", purposes or ["the policy names no purpose"]),
        ("From", category["source"]),
        ("Kept", category["retention"] or ["the policy names no period"]),
        ("Goes to", [r["name"] for r in category["recipients"]] or ["nobody else"]),
    ]
    terms = "".join(f"<dt>{escape(k)}</dt><dd>{_list(v)}</dd>" for k, v in rows if v)
    return f"<h3>{escape(category['means'])}</h3><p class=note>{escape(category['name'])}</p><dl>{terms}</dl>"


def _basis(purpose: Mapping[str, Any]) -> str:
    return f" (basis: {purpose['basis']})" if purpose.get("basis") else ""


def _given(given: Sequence[str] | None) -> str:
    if given is None:
        return ""
    note = "What our services recorded when they gave data about you to somebody."
    body = _list(given) if len(given) > 1 else f"<p>{_list(given or ['Nothing is recorded.'])}</p>"
    return f"<section><h2>To whom it was given</h2><p class=note>{note}</p>{body}</section>"


def _recipients(about: Mapping[str, Any]) -> str:
    transfers = [
        f"{t['recipient']}, in {t['country']}; safeguard: {t['safeguard']}"
        for t in about["transfers"]
    ]
    automated = about["automated_decisions"] or ["none that has legal or similar effects on you"]
    return (
        "<section><h2>Abroad, and by machine</h2><dl>"
        f"<dt>Sent to other countries</dt><dd>{_list(transfers or ['nothing'])}</dd>"
        f"<dt>Automated decisions</dt><dd>{_list(automated)}</dd></dl></section>"
    )


def _rights(about: Mapping[str, Any]) -> str:
    rights = [f"{r['right']} (clause {r['clause']})" for r in about["rights"]]
    complaint = about["complaint"]
    contact = f" Write to {complaint['contact']}." if complaint.get("contact") else ""
    return (
        f"<section><h2>What you can ask for</h2>{_list(rights)}"
        f"<p>{escape(complaint['how'] + contact)}</p></section>"
    )


def _table(table: Table) -> str:
    note = _count(table.rows)
    if table.rows > len(table.first):
        note = f"The first {len(table.first)} of {note}; all are in csv/{table.name}.csv"
    head = "".join(f"<th scope=col>{escape(name)}</th>" for name in table.fields)
    rows = "".join(_row(table.fields, row) for row in table.first)
    grid = (
        f"<div class=wide tabindex=0 role=region aria-label={_quoted(table.name)}>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
    body = grid if table.rows else ""
    return (
        f'<section id="data-{escape(table.name)}"><h2>{escape(_words(table.name))}</h2>'
        f"<p class=note>{escape(note)}</p>{body}</section>"
    )


def _row(fields: Iterable[str], row: Mapping[str, Any]) -> str:
    return f"<tr>{''.join(f'<td>{_short(row[name])}</td>' for name in fields)}</tr>"


def _own(own: Mapping[str, Any]) -> str:
    parts = []
    for name, records in own.items():
        items = ["; ".join(f"{k}: {v}" for k, v in r.items() if v is not None) for r in records]
        parts.append(f"<h3>{escape(_words(name))}</h3>{_list(items or ['none'])}")
    return f"<section><h2>What you told us, and asked of us</h2>{''.join(parts)}</section>"


def _list(items: Iterable[str]) -> str:
    found = list(items)
    if len(found) == 1:
        return escape(found[0])
    return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in found)}</ul>"


def _short(value: Any) -> str:
    text = cell(value)
    return escape(text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …")


def _quoted(text: str) -> str:
    return f'"{escape(text, quote=True)}"'


def _count(rows: int) -> str:
    return f"{rows:,} record{'' if rows == 1 else 's'}"


def _words(name: str) -> str:
    text = name.replace("_", " ").replace("-", " ")
    return text[:1].upper() + text[1:]


def _when(at: datetime) -> str:
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


@cache
def _style() -> str:
    return _CSS.read_text(encoding="utf-8")
