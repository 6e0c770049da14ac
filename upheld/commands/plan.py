"""`upheld plan`: what is due, and what would happen to it."""

from __future__ import annotations

from datetime import datetime

import click

from upheld.output import format_option


@click.command()
@click.argument("datasets", nargs=-1)
@click.option(
    "--by", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="due by then (UTC)"
)
@click.option("--policy", "version", help="plan under another version: what would it delete?")
@click.option("--approve", "digest", help="approve exactly the plan with this digest")
@click.option("--officer", envvar="UPHELD_OFFICER", help="who approves; kept in the ledger")
@click.option(
    "--own", is_flag=True, help="Upheld's own data about people instead of the platform's"
)
@format_option()
def command(
    datasets: tuple[str, ...],
    by: datetime | None,
    version: str | None,
    digest: str | None,
    officer: str | None,
    own: bool,
    form: str,
) -> int:
    """Show what is due now, dataset by dataset. Nothing is changed. Exit 1 if an officer must approve."""
    from datetime import UTC

    from engine.errors import InvalidInput
    from engine.policy.load import read_policy
    from upheld.bootstrap import open_house
    from upheld.planning import show_plan
    from upheld.progress import progress

    if own and (version or digest):
        raise InvalidInput("Upheld's own data has one policy and needs no approval", "own")
    with open_house() as house:
        if digest is not None:
            if not officer:
                raise InvalidInput("say who approves with --officer NAME", "officer")
            approved = house.retention.approve(digest, officer=officer, datasets=datasets or None)
            names = ", ".join(one.dataset for one in approved)
            click.echo(
                f"{officer} approved the plan {digest[:12]} for {names}; run `upheld purge {digest[:12]}`"
            )
            return 0
        other = read_policy(house.folder.path(version)) if version else None
        with progress() as tell:
            retention = house.own_retention if own else house.retention
            plan = retention.plan(
                by=by.replace(tzinfo=UTC) if by else None,
                policy=other,
                datasets=datasets or None,
                progress=tell,
            )
        refused = retention.refusals(plan) if other is None else {}
        show_plan(plan, refused, form, own=own)
    return 1 if refused else 0
