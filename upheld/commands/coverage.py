"""`upheld coverage`: show clause by clause what enforces the text."""

from __future__ import annotations

import os

import click

from engine.policy.citations import Citation
from engine.policy.coverage import ClauseCoverage, Coverage, LeafCoverage, coverage
from engine.policy.load import read_policy
from upheld.beside import datamap_beside
from upheld.cli import FINDINGS
from upheld.output import format_option, show_json, show_rows
from upheld.places import version_path
from upheld.settings import read_settings


@click.command("coverage")
@click.argument("version", required=False)
@format_option()
def command(version: str | None, form: str) -> int:
    """Show clause by clause what enforces the text, and how firmly each category is bound in time.

    VERSION is a folder or the name of a version; the newest if not given. Exits with 1 when nothing keeps a
    clause, or when some data may be kept forever.
    """
    settings = read_settings(os.environ)
    policy = read_policy(version_path(settings, version))
    found = coverage(policy, datamap_beside(policy, settings).map)
    if form == "json":
        show_json(_as_json(found))
    else:
        _show(form, found)
    return 0 if found.complete else FINDINGS


def _show(form: str, found: Coverage) -> None:
    columns = ("clause", "grade", "kept by", "datasets", "adapters", "why")
    show_rows(form, columns, (_clause_row(row) for row in found.clauses))
    click.echo()
    headings = ("category", "bound in time", "rules", "stated in the text")
    show_rows(form, headings, (_leaf_row(row) for row in found.leaves))


def _clause_row(row: ClauseCoverage) -> tuple[str, ...]:
    kept_by = ", ".join(dict.fromkeys(_named(c) for c in row.citations))
    adapters = ", ".join(row.adapters)
    return row.clause.id, row.grade, kept_by, ", ".join(row.datasets), adapters, row.reason


def _named(citation: Citation) -> str:
    """`retention account-30-days`; the agreement and the contact are one of a kind."""
    kind, name = citation.kind, citation.name
    return kind if kind == name else f"{kind} {name}"


def _leaf_row(row: LeafCoverage) -> tuple[str, str, str, bool]:
    return row.leaf, row.grade, ", ".join(row.rules), row.stated


def _as_json(found: Coverage) -> dict[str, object]:
    return {
        "clauses": [
            {
                "clause": row.clause.id,
                "text": row.clause.words,
                "grade": row.grade,
                "kept_by": [{"kind": c.kind, "name": c.name} for c in row.citations],
                "datasets": row.datasets,
                "adapters": row.adapters,
                "reason": row.reason or None,
            }
            for row in found.clauses
        ],
        "categories": [
            {"category": row.leaf, "grade": row.grade, "rules": row.rules, "stated": row.stated}
            for row in found.leaves
        ],
    }
