"""`upheld lint`: find what is wrong with a policy, and where."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from upheld.cli import FINDINGS
from upheld.quick import without_collecting

if TYPE_CHECKING:
    from engine.policy.findings import Finding
    from upheld.linting import Linted
    from upheld.settings import Settings

FORMS = ("text", "table", "json", "github", "sarif")


@click.command("lint")
@click.argument("versions", metavar="[VERSION]...", nargs=-1)
@click.option("--format", "form", type=click.Choice(FORMS), default="text", show_default=True)
@click.option("--all", "everything", is_flag=True, help="Show accepted findings too.")
@click.option("--every-version", is_flag=True, help="Lint every version that has a folder.")
@click.option("--explain", metavar="CODE", help="Show the manual's page of a finding instead.")
def command(
    versions: Sequence[str], form: str, everything: bool, every_version: bool, explain: str | None
) -> int:
    """Find what is wrong with policy versions, and where.

    A VERSION is a folder or the name of a version; the newest if none is given. Exits with 1 when an error
    stops a version from being published; warnings alone exit with 0.
    """
    if explain is not None:
        return _explain(explain)
    with without_collecting():
        return _lint(versions, form, everything=everything, every_version=every_version)


def _lint(versions: Sequence[str], form: str, *, everything: bool, every_version: bool) -> int:
    from upheld.linting import lint_version
    from upheld.settings import read_settings

    settings = read_settings(os.environ)
    now = datetime.now(UTC)
    folders = _folders(settings, versions, every=every_version)
    linted = [lint_version(folder, settings, now=now) for folder in folders]
    _show(form, linted, everything=everything)
    return FINDINGS if any(one.blocked for one in linted) else 0


def _folders(settings: Settings, versions: Sequence[str], *, every: bool) -> list[Path]:
    from upheld.places import policy_folder, version_path

    if every:
        folder = policy_folder(settings)
        return [folder.path(name) for name in folder.names()]
    return [version_path(settings, version) for version in versions or (None,)]


def _explain(code: str) -> int:
    from engine.errors import UnknownName
    from engine.policy.codes import SUMMARIES
    from upheld.pages import page

    if code not in SUMMARIES:
        raise UnknownName("finding", code, SUMMARIES)
    click.echo((page(code) or f"# {code}\n\n{SUMMARIES[code]}\n").rstrip())
    return 0


def _show(form: str, linted: Sequence[Linted], *, everything: bool) -> None:
    from upheld.findings import as_dict, as_github
    from upheld.output import show_findings, show_json

    # What stands beside the versions is found with each of them, and told once.
    findings = list({_key(f): f for one in linted for f in one.findings}.values())
    if form == "json":
        show_json([as_dict(finding) for finding in findings])
    elif form == "sarif":
        from upheld.sarif import as_sarif

        show_json(as_sarif(findings))
    elif form == "github":
        for line in as_github(findings):
            click.echo(line)
    else:
        show_findings([f for f in findings if everything or f.accepted is None])
        for one in linted:
            click.echo(f"{one.folder}: {summary(one.findings)}")


def _key(finding: Finding) -> object:
    return finding.code, finding.where, finding.message


def summary(findings: Sequence[Finding]) -> str:
    """The counts in plain words: `0 errors, 9 warnings, 17 accepted`."""
    waiting = [finding.severity.value for finding in findings if finding.accepted is None]
    parts = [_count(waiting.count(kind), kind) for kind in ("error", "warning")]
    if "info" in waiting:
        parts.append(_count(waiting.count("info"), "note"))
    return ", ".join([*parts, f"{len(findings) - len(waiting)} accepted"])


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
