"""An erasure that is killed anywhere goes on where it stopped: nothing is left, nothing of others is lost."""

import os
import random
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select

from adapters.notify import MaildirNotifier
from engine.audit import service
from engine.rights.state import Status
from engine.store.database import Database
from engine.store.tables.rights import rights_intents
from tests.engine.rights.shop import Shop, found_shop, open_shop
from tests.support.clock import FrozenClock

FEW, MANY = 10, 60  # points on each of two databases
MARKS = (
    "C{n}@Mail.",
    "c{n}@mail.",
    "'Name{n}'",
    "note{n} ",
    "'art{n}'",
    "10.0.{n}.",
    "'10.9.{n}.",
    "10.8.{n}.",
)


class Bomb:
    """Counts what touches a database or a file, and kills this process at the given number."""

    def __init__(self, at: int | None) -> None:
        self.at = at
        self.count = 0
        for name in ("before_cursor_execute", "after_cursor_execute", "commit", "rollback"):
            event.listen(Engine, name, self.tick)
        sys.addaudithook(self.hook)

    def hook(self, what: str, arguments: tuple) -> None:
        if what in ("os.rename", "os.remove", "os.truncate"):
            self.tick()

    def tick(self, *_) -> None:
        self.count += 1
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def in_child(work: Callable[[], int]) -> int:
    """Run in a forked process and return its number, or -9 if it was killed."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(write, str(work()).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    return -signal.SIGKILL if os.WIFSIGNALED(status) else int(told)


def visible(shop: Shop, n: int) -> list[str]:
    dump = shop.dump()
    return [mark.format(n=n) for mark in MARKS if mark.format(n=n) in dump]


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("number", [FEW, pytest.param(MANY, marks=pytest.mark.campaign)])
def test_killed_anywhere_an_erasure_ends_complete_and_takes_nobody_elses(
    tmp_path: Path, platform_url: str, database_url: str, clock: FrozenClock, number: int
):
    people = number + 1
    found_shop(tmp_path, platform_url, people, clock.now())

    def opened() -> tuple[Shop, Database]:
        database = Database(database_url)
        notifier = MaildirNotifier(tmp_path / "mail")
        return open_shop(tmp_path, platform_url, database, clock, notifier), database

    def closed(shop: Shop, database: Database) -> None:
        shop.close()
        database.dispose()

    shop, database = opened()
    ids = {
        n: shop.rights.file(str(n), "deletion", source="portal", proved=True).id
        for n in range(1, people + 1)
    }
    clock.advance(timedelta(days=4))
    closed(shop, database)

    def erase(n: int, at: int | None) -> int:
        bomb = Bomb(at)
        shop, _ = opened()
        assert shop.rights.process(ids[n]).status is Status.COMPLETED
        return bomb.count

    total = in_child(lambda: erase(1, None))
    chance = random.Random(20)
    points = sorted(chance.sample(range(1, total), number))
    for n, at in zip(range(2, people + 1), points, strict=True):
        assert in_child(lambda n=n, at=at: erase(n, at)) == -signal.SIGKILL
        shop, database = opened()
        dump = shop.dump()
        lost = [
            m.format(n=k)
            for k in range(n + 1, people + 1)
            for m in MARKS
            if m.format(n=k) not in dump
        ]
        assert lost == [], (n, at)
        shop.rights.recover()
        clock.advance(timedelta(minutes=16))
        shop.rights.process_due() if n == people else shop.rights.process(ids[n])
        assert shop.rights.case(ids[n]).status is Status.COMPLETED, (n, at)
        assert visible(shop, n) == [], (n, at)
        closed(shop, database)

    shop, database = opened()
    assert shop.value("SELECT count(*) FROM invoices") == people
    assert shop.value("SELECT count(*) FROM orders") == 0
    assert shop.value("SELECT count(*) FROM visits", "visits") == 0
    with database.read() as conn:
        assert conn.execute(select(rights_intents)).first() is None
        keys = shop.parts.signer.keyring.verifiers(shop.parts.signer.origin)
        assert service.verify(conn, [], keys).findings == ()
    letters = [path.read_text() for path in (tmp_path / "mail" / "new").iterdir()]
    assert sum("certificate of what was" in letter for letter in letters) >= people
    closed(shop, database)
