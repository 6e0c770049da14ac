"""`upheld serve`: portal, console and API, and, in one replica, everything that is done by the clock."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from upheld.bootstrap import House
    from upheld.settings import Settings

GRACE_SECONDS = 30
METRICS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


@click.command()
def command() -> None:
    """Serve the portal, the console and the API, and run what is due by the clock.

    Stop it with Ctrl-C or SIGTERM: what is being answered or purged is finished first. When its terminal is
    closed it stops likewise; under nohup it goes on.
    """
    from upheld import logs
    from upheld.serving.terminal import stop_when_hung_up
    from upheld.settings import read_settings

    stop_when_hung_up()
    settings = read_settings(os.environ)
    logs.configure(settings.log_format)
    with_metrics(settings)
    _serve(settings)


def with_metrics(settings: Settings) -> None:
    """Give the processes a place to add up their figures. Before anything counts: the counters look once."""
    folder = Path(os.environ.get(METRICS_VARIABLE) or settings.state / f"metrics-{settings.port}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    os.environ[METRICS_VARIABLE] = str(folder.absolute())


def _serve(settings: Settings) -> None:
    from upheld.bootstrap import open_house
    from upheld.serving.shipping import shipping
    from upheld.serving.supervisor import Site, Supervisor, require_free_port

    require_free_port(settings.host, settings.port)
    with open_house() as house:
        house.check_ledger()
        click.echo(_said(settings, house), err=True)
        site = Site(settings.host, settings.port, settings.workers, log_format=settings.log_format)
        with shipping(house.shipper), _scheduled(house):
            Supervisor(site).run()


@contextmanager
def _scheduled(house: House) -> Iterator[None]:
    """Stand for election while the block runs; at its end, let what is being done end."""
    from engine.store.leader import leader_lock
    from upheld import queue
    from upheld.serving.jobs import build_jobs
    from upheld.serving.scheduler import Scheduler
    from upheld.serving.work import house_work

    if queue.is_available(house.database):
        queue.upgrade(house.database)
    zone = house.policy().header.zone
    jobs = build_jobs(
        house_work(house), house.clock, purge_hour=house.settings.purge_hour, zone=zone
    )
    scheduler = Scheduler(leader_lock(house.database), house.database, house.clock, jobs)
    scheduler.start()
    try:
        yield
    finally:
        _say(
            f"upheld: stopping; what is running is finished first, at most {GRACE_SECONDS} seconds"
        )
        if not scheduler.stop(GRACE_SECONDS):
            _leave()


def _leave() -> None:
    """End without waiting for a job any longer; whoever leads next finds it open and does it again."""
    _say("upheld: a job was still running; it is done again after the next start")
    os._exit(0)


def _say(text: str) -> None:
    """Nobody may be there to read it, and that must not keep the rest from ending."""
    with suppress(OSError):
        click.echo(text, err=True)


def _said(settings: Settings, house: House) -> str:
    policy, base = house.policy(), settings.base_url
    listens = f"{settings.host}:{settings.port}"
    return (
        f"upheld serves `{policy.name}`, version {policy.version}, on {listens}\n"
        f"  the living policy and people's requests   {base}/\n"
        f"  the officers' console                     {base}/console\n"
        f"  the API and its description               {base}/v1/docs"
    )
