"""`upheld verify`: look again."""

from __future__ import annotations

import click

from upheld.output import format_option


@click.command()
@click.argument("run", required=False)
@click.option(
    "--own", is_flag=True, help="Upheld's own data about people instead of the platform's"
)
@format_option()
def command(run: str | None, own: bool, form: str) -> int:
    """Look at every row again, by other means than the purge: what RUN should have left, or what is due now.

    Exit 1 if something due is still there, or something that was not due is missing.
    """
    from upheld.bootstrap import open_house
    from upheld.planning import show_verification
    from upheld.progress import progress

    with open_house() as house, progress() as tell:
        retention = house.own_retention if own else house.retention
        found = retention.verify(run, progress=tell)
    show_verification(found, form)
    return 0 if found.upheld else 1
