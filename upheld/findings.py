"""Findings for people, as JSON, and as annotations of GitHub Actions (as SARIF: `upheld.sarif`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from engine.policy.findings import Finding, Severity
from upheld.excerpts import excerpt
from upheld.pages import page_name

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
_GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def as_text(finding: Finding) -> Iterator[str]:
    """A finding for people: where, what kind, the message, the line itself, what to do, and its page.

    The place, the kind and the code stand on the first line, so that programs may look for them too.
    """
    colour = _COLOURS[finding.severity]
    kind = click.style(finding.severity.value, fg=colour, bold=True)
    yield f"{click.style(_plain(str(finding.where)), bold=True)} {kind} {finding.code}"
    yield f"    {click.style(_plain(finding.message), bold=True)}"
    yield from _source(finding, colour)
    if finding.hint:
        yield f"    help: {_plain(finding.hint)}"
    if finding.accepted:
        reason = _plain(finding.accepted.reason)
        yield click.style(f"    accepted until {finding.accepted.review}: {reason}", dim=True)
    yield click.style(f"    page: {page_name(finding.code)}", dim=True)
    yield ""


def _source(finding: Finding, colour: str) -> Iterator[str]:
    shown = excerpt(finding.where)
    if shown is None:
        return
    line, carets = shown
    number = str(finding.where.line)
    bar = click.style("│", dim=True)
    yield f"    {click.style(number, dim=True)} {bar} {line}"
    yield f"    {' ' * len(number)} {bar} {click.style(carets, fg=colour)}"


def _plain(text: str) -> str:
    """Text without what would move the cursor or colour the terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def as_dict(finding: Finding) -> Mapping[str, Any]:
    """A finding as JSON. `end_line` and `end_column` (exclusive) are null where they are not known."""
    where = finding.where
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
        "hint": finding.hint or None,
        "file": where.file,
        "line": where.line,
        "column": where.column,
        "end_line": where.end_line or None,
        "end_column": where.end_column or None,
        "docs": page_name(finding.code),
        "about": dict(finding.about),
        "accepted": _acceptance(finding),
    }


def _acceptance(finding: Finding) -> Mapping[str, Any] | None:
    if finding.accepted is None:
        return None
    by = finding.accepted
    return {"reason": by.reason, "review": by.review.isoformat(), "decide": by.decide or None}


def as_github(findings: Sequence[Finding]) -> Iterator[str]:
    """Workflow commands, one a line; what an officer accepted is left out."""
    for finding in findings:
        if finding.accepted is None:
            text = "\n".join(filter(None, (finding.message, finding.hint, page_name(finding.code))))
            kind = _GITHUB[finding.severity]
            yield f"::{kind} {_place(finding)},title={_property(finding.code)}::{_data(text)}"


def _place(finding: Finding) -> str:
    where = finding.where
    told = f"file={_property(where.file)},line={where.line},col={where.column}"
    if where.end_line == where.line:
        # GitHub takes the last column, not the one after it.
        told += f",endLine={where.end_line},endColumn={max(where.column, where.end_column - 1)}"
    return told


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
