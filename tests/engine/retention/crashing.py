"""Purges, killed again and again: run as a program by `test_crash.py`.

One process imports everything once and then forks. Each child purges a fresh copy of the same company and is
killed with SIGKILL at another point: at the n-th time that any of its databases is about to commit. The
parent then looks at what is left, lets a later purge finish the work, looks again, and prints one line of
JSON for each kill.
"""

import json
import os
import random
import shutil
import signal
import sys
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

from sqlalchemy import Engine, event

from engine.audit import ledger
from engine.audit.service import verify as verify_ledger
from engine.retention.purge import Settings
from engine.store.database import Database
from engine.store.schema import full_metadata
from tests.engine.retention.company import (
    LOGS,
    PLATFORM,
    RULES,
    USERS,
    VOUCHERS,
    log,
    user,
)  # fmt: skip
from tests.engine.retention.world import World, at
from tests.support.clock import FrozenClock

NOW = at("2026-06-15 12:00")
GOING, STAYING = range(35), range(35, 60)
LEAVERS = range(2, 8)


@dataclass
class Outcome:
    """What was seen after one kill."""

    point: int
    killed: bool
    lost: int
    left_after_kill: int
    left_after_next: int
    state: str
    upheld: bool
    ledger: bool
    batches: int
    recovered: int


def company(folder: Path) -> World:
    """35 old calls and 25 new ones of one user; six more users who left long ago, one call each."""
    database = Database(f"sqlite:///{folder / 'upheld.db'}")
    world = World(folder, f"sqlite:///{folder / 'platform.db'}", database, FrozenClock(NOW))
    world.retention, world.datasets, world.statutes = RULES, PLATFORM, VOUCHERS
    world.settings = Settings(batch=4)
    return world


def build(folder: Path) -> None:
    world = company(folder)
    with world.database.begin() as conn:
        full_metadata().create_all(conn)
    world.sql(USERS, LOGS)
    user(world, 1)
    for number in GOING:
        log(world, number, 2, "2026-01-01 12:00")
    for number in STAYING:
        log(world, number, 2, "2026-06-14 12:00")
    for number in LEAVERS:
        user(world, number, "2026-04-01 12:00")
        log(world, 100 + number, 2, "2026-06-14 12:00", owner=number)
    world.service().plan()
    close(world)


def close(world: World) -> None:
    world.close()
    world.database.dispose()


def purge_until(folder: Path, point: int) -> int:
    """Purge in a child that dies at a point; returns how many points it passed, or -1 if it was killed."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        die(folder, point, write)
    os.close(write)
    with os.fdopen(read) as told:
        answer = told.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return -1
    return int(answer)


def die(folder: Path, point: int, write: int) -> NoReturn:
    passed = 0

    def count(_conn: object) -> None:
        nonlocal passed
        passed += 1
        if passed == point:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        event.listen(Engine, "commit", count)
        service = company(folder).service()
        plan = service.latest_plan()
        assert plan is not None
        service.purge(plan.digest)
        os.write(write, str(passed).encode())
    finally:
        os._exit(0)


def look(folder: Path, point: int, killed: bool) -> Outcome:
    world = company(folder)
    lost, left = missing(world), due(world)
    world.clock.advance(timedelta(minutes=2))  # the dead run's leases expire
    service = world.service()
    run = service.purge()
    upheld = service.verify(run.id).upheld
    with world.database.read() as conn:
        sound = verify_ledger(conn, (), ()).ok
        kinds = [entry.kind for entry in ledger.entries(conn, limit=1000)]
    outcome = Outcome(
        point, killed, max(lost, missing(world)), left, due(world), run.state, upheld, sound,
        kinds.count("purge.batch"), kinds.count("purge.recovered"),
    )  # fmt: skip
    close(world)
    return outcome


def missing(world: World) -> int:
    """Rows that were never due, and are gone or changed."""
    calls = world.value("SELECT count(*) FROM logs WHERE id BETWEEN 35 AND 59 AND username = 'ann'")
    leavers = world.value("SELECT count(*) FROM logs WHERE id > 100 AND content = 'hello'")
    return (
        (len(STAYING) - calls)
        + (len(LEAVERS) - leavers)
        + 1
        - world.value("SELECT count(*) FROM users WHERE id = 1")
    )


def due(world: World) -> int:
    """Rows that should be gone or emptied and are not."""
    return sum(
        world.value(f"SELECT count(*) FROM {what}")
        for what in (
            "logs WHERE id < 35",
            "users WHERE id > 1",
            "logs WHERE id > 100 AND username <> ''",
        )
    )


def main(folder: Path, kills: int, seed: int) -> None:
    template = folder / "template"
    template.mkdir()
    build(template)
    whole = folder / "whole"
    shutil.copytree(template, whole)
    points = purge_until(whole, 0)
    chosen = sorted(random.Random(seed).sample(range(1, points + 1), min(kills, points)))
    for point in chosen:
        copy = folder / f"at-{point}"
        shutil.copytree(template, copy)
        killed = purge_until(copy, point) == -1
        sys.stdout.write(json.dumps(asdict(look(copy, point, killed))) + "\n")
        shutil.rmtree(copy)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
