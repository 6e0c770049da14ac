"""`upheld coverage`: show clause by clause what enforces the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from upheld.cli import FINDINGS
from upheld.output import format_option

if TYPE_CHECKING:
    from engine.policy.citations import Citation
    from engine.policy.coverage import ClauseCoverage, Coverage, Keeping, LeafCoverage


@click.command("coverage")
@click.argument("version", required=False)
@format_option("html")
def command(version: str | None, form: str) -> int:
    """Show clause by clause what enforces the text, and how firmly each category is bound in time.

    VERSION is a folder or the name of a version; the newest if not given. `--format html` writes a page that
    stands alone. Exits with 1 where text, rules and data map have drifted apart, or data may be kept forever.
    """
    import os

    from engine.policy.coverage import coverage
    from engine.policy.load import read_policy
    from upheld.beside import datamap_beside
    from upheld.output import show_json
    from upheld.places import version_path
    from upheld.settings import read_settings

    settings = read_settings(os.environ)
    policy = read_policy(version_path(settings, version))
    datamap = datamap_beside(policy, settings).map
    found = coverage(policy, datamap)
    if form == "json":
        show_json(_as_json(found))
    elif form == "html":
        from upheld.coverage_page import coverage_page

        click.echo(coverage_page(policy, found, datamap=datamap is not None), nl=False)
    else:
        _show(form, found)
    return 0 if found.complete else FINDINGS


def _show(form: str, found: Coverage) -> None:
    from upheld.output import show_findings, show_rows

    columns = ("clause", "grade", "kept by", "datasets", "adapters", "why")
    show_rows(form, columns, (_clause_row(row) for row in found.clauses))
    click.echo()
    headings = ("category", "bound in time", "rules", "stated in the text")
    show_rows(form, headings, (_leaf_row(row) for row in found.leaves))
    click.echo()
    if form == "markdown":
        for finding in found.findings:
            click.echo(f"- **{finding.severity}** `{finding.where}` {finding.message}")
    else:
        show_findings(found.findings)
    click.echo(_summary(found))


def _summary(found: Coverage) -> str:
    """`51 clauses: 40 enforced (78.4%), 3 partly (5.9%), 8 informative (15.7%), 0 uncovered (0%)`."""
    from engine.retention.wording import percent

    parts = [f"{one.clauses} {one.grade} ({percent(one.share)})" for one in found.shares]
    return f"{len(found.clauses)} clauses: {', '.join(parts)}"


def _clause_row(row: ClauseCoverage) -> tuple[str, ...]:
    kept_by = ", ".join(dict.fromkeys(_named(c) for c in row.citations))
    adapters = ", ".join(row.adapters)
    why = "; ".join(filter(None, (row.reason, *row.decisions)))
    return row.clause.id, row.grade, kept_by, ", ".join(row.datasets), adapters, why


def _named(citation: Citation) -> str:
    """`retention account-30-days`; the agreement and the contact are one of a kind."""
    kind, name = citation.kind, citation.name
    return kind if kind == name else f"{kind} {name}"


def _leaf_row(row: LeafCoverage) -> tuple[str, str, str, bool]:
    return row.leaf, row.grade, ", ".join(row.rules), row.stated


def _as_json(found: Coverage) -> dict[str, Any]:
    from upheld.findings import as_dict

    return {
        "shares": {
            one.grade: {"clauses": one.clauses, "share": round(one.share, 4)}
            for one in found.shares
        },
        "clauses": [
            {
                "clause": row.clause.id,
                "text": row.clause.words,
                "grade": row.grade,
                "kept_by": [_kept_dict(kept) for kept in row.keeping],
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
        "findings": [as_dict(finding) for finding in found.findings],
    }


def _kept_dict(kept: Keeping) -> dict[str, Any]:
    return {
        "kind": kept.citation.kind,
        "name": kept.citation.name,
        "datasets": kept.datasets,
        "adapters": kept.adapters,
        "weakness": kept.weakness or None,
        "decided": kept.decision or None,
    }
