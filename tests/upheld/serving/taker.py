"""A worker of the queue whose steps count themselves: a process for the tests.

`python -m tests.upheld.serving.taker URL`. The step `stuck` waits for ever the first time.
"""

import os
import sys
import time
from datetime import datetime

from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select

from engine.store.database import Database
from upheld import logs, queue

metadata = MetaData()
begun = Table(
    "test_begun",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("step", String(40)),
    Column("pid", Integer),
)
done = Table("test_done", metadata, Column("step", String(40), primary_key=True))


def handle(database: Database, dataset: str, by: datetime) -> None:
    """Note that the step began, and do it: idempotent, as a purge is."""
    step = f"{dataset} {by:%H:%M}"
    with database.begin() as conn:
        first = conn.execute(select(begun).where(begun.c.step == step)).first() is None
        conn.execute(insert(begun), {"step": step, "pid": os.getpid()})
    while dataset == "stuck" and first:
        time.sleep(1)
    with database.begin() as conn:
        if conn.execute(select(done).where(done.c.step == step)).first() is None:
            conn.execute(insert(done), {"step": step})


def finished(database: Database) -> set[str]:
    """The steps that are done."""
    with database.read() as conn:
        return set(conn.execute(select(done.c.step)).scalars())


def takers(database: Database, step: str) -> list[int]:
    """The processes that began a step, in order."""
    query = select(begun.c.pid).where(begun.c.step == step).order_by(begun.c.id)
    with database.read() as conn:
        return list(conn.execute(query).scalars())


if __name__ == "__main__":
    logs.configure("json")
    own = Database(sys.argv[1])
    queue.work(
        own,
        lambda dataset, by: handle(own, dataset, by),
        heartbeat=0.5,
        patience=2.0,
        check="* * * * * */2",
    )
