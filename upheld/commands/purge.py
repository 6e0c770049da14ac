"""`upheld purge`: do exactly what the plan says."""

from __future__ import annotations

import click

from upheld.output import format_option


@click.command()
@click.argument("plan", required=False)
@click.option(
    "--scheduled", is_flag=True, help="as the daily run does it: only what was approved once"
)
@click.option(
    "--own", is_flag=True, help="Upheld's own data about people instead of the platform's"
)
@format_option()
def command(plan: str | None, scheduled: bool, own: bool, form: str) -> int:
    """Purge what PLAN (a digest from `upheld plan`; a new plan if not given) says is due.

    Exit 1 if some of it was refused or is left.
    """
    from upheld.bootstrap import open_house
    from upheld.planning import show_run
    from upheld.progress import progress

    with open_house() as house, progress() as tell:
        retention = house.own_retention if own else house.retention
        if not own and retention.announce_deletions():
            house.deletion_notices.send()
        run = retention.purge(plan, scheduled=scheduled, progress=tell)
    show_run(run, form, own=own)
    return 0 if run.state == "done" and all(step.state != "refused" for step in run.steps) else 1
