"""`upheld new-version VERSION`: begin the next version of the policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from upheld.editing.new_version import Begun


@click.command()
@click.argument("version")
@click.option(
    "--effective",
    type=click.DateTime(["%Y-%m-%d"]),
    help="the first day on which it applies; the date in its name, if not given",
)
def command(version: str, effective: datetime | None) -> None:
    """Copy the newest version as VERSION, a date such as 2026-10-01, with its tests.

    The copy says its own date; what else changes is up to you. Nobody is bound by it until it is published.
    """
    import os

    from upheld.editing.new_version import begin_version
    from upheld.editing.schemas import SCHEMAS, wire, write_schemas
    from upheld.places import policy_folder
    from upheld.settings import read_settings

    settings = read_settings(os.environ)
    folder = policy_folder(settings)
    begun = begin_version(folder, version, effective.date() if effective else None)
    schemas = settings.policies / SCHEMAS
    wrote = list(write_schemas(schemas))
    list(wire([*sorted(begun.policy.folder.glob("*.yaml")), *begun.tests.copied], schemas))
    for line in (*_made(begun), *([f"  {schemas}: what editors check files by"] if wrote else [])):
        click.echo(line)
    for line in _next(begun):
        click.echo(line)


def _made(begun: Begun) -> Iterator[str]:
    made, before = begun.policy, begun.before
    yield f"{made.folder} is a copy of {before.version}, in force from {made.effective} once published"
    if begun.redated:
        yield f"  {_names(begun.redated)}: the date of the last update is {made.version[:10]}"
    if begun.undated:
        yield f"  {_names(begun.undated)}: no date of the last update in the first lines; look there"
    if begun.decided:
        yield f"  policy.yaml: without `changes`, which decided about what {before.version} changed"
    if begun.tests.copied:
        yield f"  tests: copied as {_names(path.name for path in begun.tests.copied)}"
    if begun.tests.joined:
        yield f"  tests: {_names(path.name for path in begun.tests.joined)} now test it too"


def _names(names: Iterator[str] | Sequence[str]) -> str:
    return ", ".join(names)


def _next(begun: Begun) -> Iterator[str]:
    old, new = begun.before.version, begun.policy.version
    yield ""
    yield f"Now change {_shown(begun.policy.folder)}/policy.md and the rules. Then:"
    yield f"  upheld lint {new}"
    yield "  upheld test"
    yield f"  upheld diff {old} {new}"
    yield f"  upheld publish {new} --officer YOU"


def _shown(path: Path) -> str:
    return path.as_posix()
