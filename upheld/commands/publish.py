"""`upheld publish VERSION`: lock a version and put it in force on its day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from engine.errors import UpheldError


@click.command()
@click.argument("version")
@click.option(
    "--officer", envvar="UPHELD_OFFICER", required=True, help="who publishes; kept in the ledger"
)
def command(version: str, officer: str) -> int:
    """Publish VERSION: nothing that lint finds blocks it, its tests pass, and what changes is decided.

    From then on its files are locked: a change needs a new version. What is refused changes nothing.
    """
    from engine.errors import Conflict, PolicyError, StoreUnavailable
    from upheld.bootstrap import open_house
    from upheld.differences import MEANS
    from upheld.publishing import publish

    with open_house() as house:
        try:
            done = publish(house, version, by=officer)
        except (Conflict, PolicyError, StoreUnavailable) as problem:
            return _refused(version, problem)
    click.echo(f"published {done.version} ({done.digest[:12]}); consequence: {done.consequence}")
    if done.consequence in MEANS:
        click.echo(f"  {MEANS[done.consequence]}")
    if done.told:
        click.echo(f"  {done.told:,} people will be told")
    return 0


def _refused(version: str, problem: UpheldError) -> int:
    """Show why, in full, and that nothing was done."""
    from engine.errors import CasesFailed, PolicyError
    from upheld.output import show_findings
    from upheld.showing_tests import show_failures

    if isinstance(problem, PolicyError) and problem.findings:
        show_findings(problem.findings, err=True)
        count = len(problem.findings)
        why = f"{count:,} {'finding blocks' if count == 1 else 'findings block'} it"
    elif isinstance(problem, CasesFailed):
        show_failures(problem.failed, err=True)
        count = len(problem.failed)
        why = f"{count:,} of its own tests {'fails' if count == 1 else 'fail'}"
    else:
        why = str(problem)
    click.echo(f"upheld: `{version}` is not published, and nothing was changed: {why}", err=True)
    return 1 if isinstance(problem, PolicyError | CasesFailed) else 3
