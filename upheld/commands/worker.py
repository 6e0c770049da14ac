"""`upheld worker`: takes purge steps from the queue, beside any number of others."""

from __future__ import annotations

import os

import click


@click.command()
def command() -> None:
    """Take purge steps from the queue until stopped by Ctrl-C, SIGTERM or the closing of its terminal; the
    steps in hand end first.

    Needs PostgreSQL and the extra `queue`. Without any worker, the leading `upheld serve` purges by itself.
    """
    from upheld import logs, queue
    from upheld.bootstrap import open_house
    from upheld.serving.terminal import stop_when_hung_up
    from upheld.serving.work import purge_dataset
    from upheld.settings import read_settings

    stop_when_hung_up()
    logs.configure(read_settings(os.environ).log_format)
    with open_house() as house:
        queue.require_available(house.database)
        house.check_ledger()
        click.echo("upheld worker: waiting for purge steps", err=True)
        queue.work(house.database, lambda dataset, by: purge_dataset(house, dataset, by))
