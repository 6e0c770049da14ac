"""How commands print: tables for people, JSON for programs, Markdown for documents."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import click

from engine.policy.findings import Finding
from upheld.findings import as_text

if TYPE_CHECKING:
    from rich.console import Console

F = TypeVar("F", bound=Callable[..., Any])

FORMATS = ("table", "json", "markdown")


def format_option(*more: str) -> Callable[[F], F]:
    """The `--format` option that every command that prints facts takes."""
    return click.option(
        "--format", "form", type=click.Choice([*FORMATS, *more]), default="table", show_default=True
    )


@cache
def console(*, err: bool = False) -> Console:
    """The terminal: colours only where there is one."""
    from rich.console import Console

    stream = sys.stderr if err else sys.stdout
    # Without a terminal there is no width to fit; lines stay whole enough to read and to search.
    width = None if stream and stream.isatty() else 120
    return Console(stderr=err, highlight=False, width=width)


def show_json(value: Any) -> None:
    """Print a value as JSON."""
    import orjson

    text = orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS, default=str)
    click.echo(text.decode())


def show_rows(
    form: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str = ""
) -> None:
    """Print rows in the form asked for; columns are the headings and the JSON keys."""
    listed = [list(row) for row in rows]
    if form == "json":
        show_json([dict(zip(columns, row, strict=True)) for row in listed])
    elif form == "markdown":
        for line in markdown_table(columns, listed):
            click.echo(line)
    else:
        _table(columns, listed, title)


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The lines of a table in Markdown."""

    def line(cells: Iterable[Any]) -> str:
        return "| " + " | ".join(_text(cell).replace("|", "\\|") for cell in cells) + " |"

    yield line(columns)
    yield line("---" for _ in columns)
    yield from map(line, rows)


def _table(columns: Sequence[str], rows: list[list[Any]], title: str) -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, title=title or None, title_justify="left", pad_edge=False)
    for index, name in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[index], int | float) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_text(cell) for cell in row))
    console().print(table)


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int):
        return f"{cell:,}"
    if isinstance(cell, float):
        return f"{cell:,.1f}"
    if isinstance(cell, datetime):
        return f"{cell.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return "" if cell is None else str(cell)


def show_findings(findings: Sequence[Finding], *, err: bool = False) -> None:
    """Print findings for people, each with its place, the line that it is about, and what to do."""
    for finding in findings:
        for line in as_text(finding):
            click.echo(line, err=err)
