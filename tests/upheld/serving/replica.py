"""One replica that stands for election and, while it leads, works off a table: a process for the tests.

`python -m tests.upheld.serving.replica URL`
"""

import os
import signal
import sys
import threading
from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select, update

from engine.store.database import Database
from engine.store.leader import leader_lock
from upheld import logs
from upheld.bootstrap import SystemClock
from upheld.serving.jobs import Job
from upheld.serving.scheduler import Scheduler

metadata = MetaData()
items = Table(
    "test_items", metadata, Column("id", Integer, primary_key=True), Column("done", Integer)
)
passes = Table(
    "test_passes", metadata, Column("id", Integer, primary_key=True), Column("pid", Integer)
)


def work(database: Database) -> None:
    """Do every open item, in one transaction with the note of who did it."""
    with database.begin() as conn:
        conn.execute(update(items).where(items.c.done == 0).values(done=items.c.done + 1))
        conn.execute(insert(passes), {"pid": os.getpid()})


def done(database: Database) -> list[int]:
    """How often each item was done."""
    with database.read() as conn:
        return list(conn.execute(select(items.c.done).order_by(items.c.id)).scalars())


def workers(database: Database) -> set[int]:
    """The processes that ever led."""
    with database.read() as conn:
        return set(conn.execute(select(passes.c.pid)).scalars())


def count_passes(database: Database) -> int:
    """How often the job was done."""
    with database.read() as conn:
        return int(conn.execute(select(func.count()).select_from(passes)).scalar_one())


def add(database: Database, number: int) -> None:
    """Add open items."""
    with database.begin() as conn:
        conn.execute(insert(items), [{"done": 0}] * number)


def main(url: str) -> None:
    logs.configure("json")
    database = Database(url)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    trigger = CronTrigger(second="*", timezone="UTC")
    job = Job("work", trigger, lambda: work(database), timedelta(seconds=1))
    scheduler = Scheduler(leader_lock(database), database, SystemClock(), [job], tick=0.2)
    scheduler.start()
    stop.wait()
    scheduler.stop(10)


if __name__ == "__main__":
    main(sys.argv[1])
