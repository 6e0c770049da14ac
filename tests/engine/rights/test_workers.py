"""Several workers at once: each request is carried out once, whoever takes it; the dead are followed."""

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from adapters.notify import MaildirNotifier
from engine.audit import ledger
from engine.rights import store
from engine.rights.claims import Claims
from engine.rights.state import Status
from engine.store.database import Database
from engine.store.tables.rights import rights_intents, rights_requests
from tests.engine.rights.shop import Shop, found_shop, open_shop
from tests.support.clock import FrozenClock

LEASE = timedelta(minutes=2)


@pytest.fixture
def workers(
    tmp_path: Path, platform_url: str, database_url: str, clock: FrozenClock
) -> Iterator[list[Shop]]:
    """The same shop opened three times over, each with connections of its own."""
    found_shop(tmp_path, platform_url, 3, clock.now())
    databases = [Database(database_url) for _ in range(3)]
    shops = [
        open_shop(tmp_path, platform_url, one, clock, MaildirNotifier(tmp_path / "mail"))
        for one in databases
    ]
    yield shops
    for shop, database in zip(shops, databases, strict=True):
        shop.close()
        database.dispose()


def all_at_once(works: list[Callable[[], object]]) -> list[BaseException]:
    """Run each in a thread of its own, started together; returns what they raised."""
    start, raised = Barrier(len(works)), []

    def run(work: Callable[[], object]) -> None:
        start.wait()
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test shows it
            raised.append(error)

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def file_some(shop: Shop, clock: FrozenClock) -> list[str]:
    new = {"account.name": "Ann"}
    asked = [("1", "deletion", {}), ("2", "deletion", {}), ("3", "correction", new),
             ("3", "access", {})]  # fmt: skip
    cases = [shop.rights.file(s, r, d, source="portal", proved=True) for s, r, d in asked]
    clock.advance(timedelta(days=4))
    return [case.id for case in cases]


def test_workers_at_the_same_time_carry_out_each_request_once(workers, clock, tmp_path):
    first, second, third = workers
    ids = file_some(first, clock)
    works = [first.rights.process_due, second.rights.recover, second.rights.process_due]
    works.append(lambda: [third.rights.process(one) for one in reversed(ids)])
    assert all_at_once(works) == []
    # What one worker passed over because another had it, comes with the next occasion.
    clock.advance(timedelta(minutes=16))
    first.rights.process_due()
    assert {first.rights.case(one).status for one in ids} == {Status.COMPLETED}
    with first.parts.database.read() as conn:
        kinds = Counter(entry.kind for entry in ledger.entries(conn))
        assert conn.execute(select(rights_intents)).all() == []
        assert set(conn.execute(select(rights_requests.c.claimed_until)).scalars()) == {None}
    assert (kinds["rights.begun"], kinds["rights.completed"]) == (4, 4)
    assert kinds["rights.erasure-certified"] == 2
    letters = [path.read_text() for path in (tmp_path / "mail" / "new").iterdir()]
    assert sum("certificate of what was" in letter for letter in letters) == 2
    assert len(letters) == len(set(letters)) == 4
    dump = first.dump()
    assert "/p3" in dump
    assert not [mark for mark in ("Name1", "Name2", "/p1", "/p2") if mark in dump]


def test_what_one_worker_has_in_hand_no_other_touches(workers, clock):
    first, second, _ = workers
    ids = file_some(first, clock)
    claims = Claims(first.parts.database, clock, LEASE)
    with claims.held(ids) as mine:
        assert [request.id for request in mine] == ids
        before = second.dump()
        second.rights.recover()
        second.rights.process_due()
        assert second.dump() == before
    second.rights.process_due()
    assert {second.rights.case(one).status for one in ids} == {Status.COMPLETED}


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_the_requests_of_a_dead_worker_are_free_when_its_lease_is_over(workers, clock):
    first = workers[0]
    (one, *_) = file_some(first, clock)
    for shop in workers:
        shop.parts.database.dispose()
    child = os.fork()
    if child == 0:
        held = Claims(first.parts.database, clock, LEASE).held([one])
        held.__enter__()
        os.kill(os.getpid(), signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    assert first.rights.process(one).status is Status.COOLING_OFF
    clock.advance(LEASE)
    assert first.rights.process(one).status is Status.COMPLETED


def test_a_claim_that_was_taken_over_is_not_given_back_by_its_first_holder(workers, clock):
    first, second, _ = workers
    (one, *_) = file_some(first, clock)
    with Claims(first.parts.database, clock, LEASE).held([one]):
        clock.advance(LEASE)
        with Claims(second.parts.database, clock, LEASE).held([one]) as taken:
            assert len(taken) == 1
            # The first one ends late; what it says of the request must not free it.
            until = clock.now() + LEASE
            with first.parts.database.begin() as conn:
                assert not store.hand_over(conn, one, clock.now(), None, retry_why="late")
                assert store.get(conn, one).claimed_until == until


def test_a_copy_is_made_where_the_state_folder_does_not_exist_yet(tmp_path, workers, clock):
    shop = workers[0]
    state = tmp_path / "not" / "yet"
    object.__setattr__(shop.parts.settings, "state", state)
    case = shop.rights.file("1", "access", source="portal", proved=True)
    assert shop.rights.process(case.id).status is Status.COMPLETED
    assert state.stat().st_mode & 0o777 == 0o700
    assert list(state.iterdir()) == []
