"""`upheld hold`: keep some data back, for a named reason."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from upheld.output import format_option

if TYPE_CHECKING:
    from engine.retention.holds import Hold


@click.group()
def command() -> None:
    """Keep some data back from deletion, for a reason that the policy names."""


@command.command()
@click.argument("reason")
@click.option("--subject", help="one person, by their id")
@click.option("--dataset", help="one dataset of the data map")
@click.option("--category", help="one category of the policy")
@click.option("--note", required=True, help="what for; no personal data")
@click.option("--officer", envvar="UPHELD_OFFICER", required=True, help="who places it")
@click.option(
    "--review",
    type=click.DateTime(["%Y-%m-%d"]),
    help="when it is looked at again; if not given, as late as the policy allows for the reason",
)
def add(
    reason: str,
    subject: str | None,
    dataset: str | None,
    category: str | None,
    note: str,
    officer: str,
    review: datetime | None,
) -> None:
    """Place a hold for REASON: the id of a `holds:` entry or of a statute."""
    from datetime import UTC

    from engine.retention.holds import Scope
    from upheld.bootstrap import open_house

    with open_house() as house:
        hold = house.retention.add_hold(
            reason,
            Scope(subject, dataset, category),
            note=note,
            by=officer,
            review_at=review and review.replace(tzinfo=UTC),
        )
    click.echo(f"placed the hold {hold.id}; it is due for review on {hold.review_at:%Y-%m-%d}")


@command.command()
@click.argument("hold")
@click.option("--officer", envvar="UPHELD_OFFICER", required=True, help="who releases it")
def release(hold: str, officer: str) -> None:
    """End the hold HOLD: what is due goes with the next purge."""
    from upheld.bootstrap import open_house

    with open_house() as house:
        house.retention.release_hold(hold, by=officer)
    click.echo(f"released {hold}")


@command.command("list")
@click.option("--all", "released", is_flag=True, help="those released too")
@format_option()
def list_(released: bool, form: str) -> None:
    """Show the holds in force."""
    from upheld.bootstrap import open_house
    from upheld.output import show_rows

    with open_house() as house:
        found, now = house.retention.holds(released=released), house.clock.now()
    columns = ["hold", "reason", "about", "note", "placed by", "placed", "review"]
    rows = [
        [h.id, h.reason, h.subject or h.dataset or h.category or "everything", h.note, h.placed_by,
         f"{h.placed_at:%Y-%m-%d}", _review(h, now)]
        for h in found
    ]  # fmt: skip
    show_rows(form, columns, rows)


def _review(hold: Hold, now: datetime) -> str:
    overdue = hold.released_at is None and hold.review_at <= now
    return f"{hold.review_at:%Y-%m-%d}{' (overdue)' if overdue else ''}"
