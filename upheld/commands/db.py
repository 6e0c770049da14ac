"""`upheld db upgrade`: bring Upheld's own database to the schema that this version expects."""

from __future__ import annotations

import click


@click.group()
def command() -> None:
    """Upheld's own database."""


@command.command()
def upgrade() -> None:
    """Bring the database to the newest schema. Safe to run again; one transaction."""
    from engine.store import migrate
    from upheld import queue
    from upheld.bootstrap import open_database

    with open_database() as database:
        before = migrate.current(database)
        migrate.upgrade(database)
        after = migrate.current(database)
        if queue.is_available(database) and queue.upgrade(database):
            click.echo("brought the queue of purge steps up to date")
    if before == after:
        click.echo(f"the database is up to date (revision {after})")
    else:
        click.echo(f"upgraded from {before or 'an empty database'} to revision {after}")
