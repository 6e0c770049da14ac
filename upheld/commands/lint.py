"""`upheld lint`: find what is wrong with a policy, and where."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from engine.policy.findings import Finding, Severity
from engine.policy.lint import lint
from engine.policy.load import load_policy
from upheld.beside import datamap_beside
from upheld.cli import FINDINGS
from upheld.findings import as_github, as_sarif
from upheld.output import finding_dict, show_findings, show_json
from upheld.places import version_path
from upheld.settings import Settings, read_settings

FORMS = ("table", "json", "github", "sarif")


@click.command("lint")
@click.argument("version", required=False)
@click.option("--format", "form", type=click.Choice(FORMS), default="table", show_default=True)
@click.option("--all", "everything", is_flag=True, help="Show accepted findings too.")
def command(version: str | None, form: str, everything: bool) -> int:
    """Find what is wrong with a policy version, and where.

    VERSION is a folder or the name of a version; the newest if not given. Exits with 1 when an error stops
    the version from being published; warnings alone exit with 0.
    """
    settings = read_settings(os.environ)
    folder = version_path(settings, version)
    findings = findings_of(folder, settings, now=datetime.now(UTC))
    _show(form, folder, findings, everything=everything)
    return FINDINGS if any(finding.blocking for finding in findings) else 0


def findings_of(folder: Path, settings: Settings, *, now: datetime) -> tuple[Finding, ...]:
    """What reading a version finds; of one that can be read, what lint finds, its data map included."""
    loaded = load_policy(folder)
    if loaded.policy is None:
        return loaded.findings
    beside = datamap_beside(loaded.policy, settings)
    today = now.astimezone(loaded.policy.header.zone).date()
    return (*beside.findings, *lint(loaded.policy, today=today, datamap=beside.map))


def _show(form: str, folder: Path, findings: Sequence[Finding], *, everything: bool) -> None:
    if form == "json":
        show_json([finding_dict(finding) for finding in findings])
    elif form == "sarif":
        show_json(as_sarif(findings))
    elif form == "github":
        for line in as_github(findings):
            click.echo(line)
    else:
        show_findings([f for f in findings if everything or f.accepted is None])
        click.echo(f"{folder}: {summary(findings)}")


def summary(findings: Sequence[Finding]) -> str:
    """The counts in plain words: `0 errors, 9 warnings, 17 accepted`."""
    waiting = [finding.severity for finding in findings if finding.accepted is None]
    parts = [
        _count(waiting.count(Severity.ERROR), "error"),
        _count(waiting.count(Severity.WARNING), "warning"),
    ]
    if Severity.INFO in waiting:
        parts.append(_count(waiting.count(Severity.INFO), "note"))
    return ", ".join([*parts, f"{len(findings) - len(waiting)} accepted"])


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
