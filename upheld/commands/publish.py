"""`upheld publish VERSION`: lock a version and put it in force on its day."""

from __future__ import annotations

import click


@click.command()
@click.argument("version")
@click.option(
    "--officer", envvar="UPHELD_OFFICER", required=True, help="who publishes; kept in the ledger"
)
def command(version: str, officer: str) -> None:
    """Publish VERSION: it must be free of blocking findings, and its tests must pass.

    From then on its files are locked: a change needs a new version.
    """
    from upheld.bootstrap import open_house
    from upheld.publishing import publish

    with open_house() as house:
        done = publish(house, version, by=officer)
    click.echo(f"published {done.version} ({done.digest[:12]}); consequence: {done.consequence}")
    if done.told:
        click.echo(f"{done.told:,} people will be told")
