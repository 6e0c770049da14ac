"""The same thing done twice at the same moment: threads meet where each has looked and none has written."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, local
from typing import Any

import pytest
from sqlalchemy import func, select

from adapters.sql import SqlAdapter
from engine.audit import ledger
from engine.errors import Conflict
from engine.ports import Record
from engine.retention import runs, told
from engine.retention.holds import Scope
from engine.store.tables.retention import sightings
from tests.engine.retention.company import log, user
from tests.engine.retention.world import BOTH, World, at

PATIENCE = 60
pytestmark = BOTH


class Meeting(SqlAdapter):
    """A platform at which threads meet: each waits, at its first scan or count, until all have come."""

    meets = ""
    barrier = Barrier(1)
    _met = local()

    def meet(self, what: str, threads: int) -> None:
        self.meets, self.barrier, self._met = what, Barrier(threads), local()

    def _wait(self, what: str) -> None:
        if self.meets == what and not getattr(self._met, "done", False):
            self._met.done = True
            self.barrier.wait(PATIENCE)

    def count(self, *args: object) -> int:
        self._wait("count")
        return super().count(*args)

    def scan(self, *args: object, **more: object) -> Iterator[list[Record]]:
        self._wait("scan")
        return super().scan(*args, **more)


@pytest.fixture
def platform(company: World) -> Meeting:
    platform = company._adapter = Meeting("platform", company.platform_url)
    company.clock.set(at("2026-06-15 12:00"))
    return platform


def together(*works: Callable[[], Any]) -> list[Any]:
    """What each of the works came to, or the conflict, begun at the same moment in threads of their own."""
    barrier = Barrier(len(works))

    def begin(work: Callable[[], Any]) -> Any:
        barrier.wait(PATIENCE)
        try:
            return work()
        except Conflict as problem:
            return problem

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(begin, works))


def kinds(world: World) -> list[str]:
    with world.database.read() as conn:
        return [entry.kind for entry in ledger.entries(conn, limit=1000)]


def test_two_plans_that_see_the_same_for_the_first_time_are_one(company: World, platform: Meeting):
    user(company, 1)
    for number in range(20):
        log(company, number, 2, "2026-06-01 12:00", owner=42)
    services = [company.service(), company.service()]
    platform.meet("scan", 2)
    one, other = together(*(service.plan for service in services))
    assert one == other
    with company.database.read() as conn:
        assert conn.scalar(select(func.count()).select_from(sightings)) > 0
    assert services[0].find_plan(one.digest) == one


def test_two_plans_made_at_the_same_moment_are_stored_once(company: World):
    company.clock.set(at("2026-06-15 12:00"))
    user(company, 1)
    log(company, 1, 2, "2026-01-01 12:00")
    almost = Barrier(2)

    def meet(_what: str, done: int, total: int) -> None:
        if done == total - 1:
            almost.wait(PATIENCE)

    services = [company.service(), company.service()]
    one, other = together(*(lambda s=s: s.plan(progress=meet) for s in services))
    assert one == other


def test_a_look_that_began_earlier_does_not_make_a_sighting_younger(company: World):
    user(company, 1)
    log(company, 1, 2, "2026-06-01 12:00", owner=42)
    company.clock.set(at("2026-06-15 12:00"))
    company.service().plan()
    first = seen(company)
    company.clock.advance(timedelta(days=1))
    company.service().plan()
    assert seen(company) == first


def seen(world: World) -> list[object]:
    with world.database.read() as conn:
        return [tuple(row) for row in conn.execute(select(sightings).order_by(sightings.c.event))]


@pytest.fixture
def dead(company: World, platform: Meeting) -> str:
    """A run that was begun and never heard of again."""
    user(company, 1)
    log(company, 1, 2, "2026-01-01 12:00")
    plan = company.service().plan()
    now, lease = company.clock.now(), timedelta(seconds=60)
    with company.database.begin() as conn:
        run = runs.open_run(conn, plan, {}, scheduled=False, now=now, lease=lease)
    company.clock.advance(timedelta(minutes=2))
    return run.id


def test_a_dead_run_is_recovered_once(company: World, platform: Meeting, dead: str):
    services = [company.service(), company.service()]
    platform.meet("count", 2)
    found = together(*(service.recover for service in services))
    assert sorted(len(one) for one in found) == [0, 1]
    assert kinds(company).count("purge.recovered") == 1
    assert kinds(company).count("purge.outcome") == 1


def test_a_run_that_lives_again_before_it_is_recovered_stays_open(company: World, dead: str):
    now, lease = company.clock.now(), timedelta(seconds=60)
    with company.database.begin() as conn:
        runs.keep_lease(conn, dead, "calls", now=now, lease=lease)
        assert runs.record_recovery(conn, dead, {}, now=now) is None
    assert company.service().run(dead).state == "open"


def test_a_run_that_has_ended_does_not_end_again(company: World, dead: str):
    company.service().recover()
    with company.database.begin() as conn:
        assert runs.close_run(conn, dead, "done", now=company.clock.now()).state == "interrupted"
    assert kinds(company).count("purge.outcome") == 1


def test_of_two_purges_of_the_same_data_one_goes(company: World, platform: Meeting):
    user(company, 1)
    log(company, 1, 2, "2026-01-01 12:00")
    service = company.service()
    plan = service.plan()
    found = together(*(begin(company, plan.digest) for _ in range(4)))
    assert len([one for one in found if isinstance(one, runs.Run)]) == 1
    assert len([one for one in found if isinstance(one, Conflict)]) == 3


def begin(world: World, digest: str) -> Callable[[], runs.Run]:
    plan, now = world.service().find_plan(digest), world.clock.now()

    def open_run() -> runs.Run:
        with world.database.begin() as conn:
            lease = timedelta(seconds=60)
            return runs.open_run(conn, plan, {}, scheduled=False, now=now, lease=lease)

    return open_run


def test_the_lease_of_a_dead_run_is_taken_over_once(company: World, platform: Meeting, dead: str):
    plan = company.service().latest_plan()
    found = together(*(begin(company, plan.digest) for _ in range(4)))
    assert len([one for one in found if isinstance(one, runs.Run)]) == 1
    assert len([one for one in found if isinstance(one, Conflict)]) == 3


def test_two_officers_approve_a_plan_once(company: World, platform: Meeting):
    user(company, 1)
    log(company, 1, 2, "2026-01-01 12:00")
    service = company.service()
    digest = service.plan().digest
    found = together(*(lambda who=who: service.approve(digest, officer=who) for who in "abcd"))
    assert sorted(len(one) for one in found) == [0, 0, 0, 1]
    assert kinds(company).count("purge.approved") == 1


def test_an_event_told_twice_at_once_is_remembered_once(company: World):
    service, now = company.service(), company.clock.now()
    tell = [lambda: service.record_event("1", "account.cancelled", now, "login")] * 4
    assert together(*tell) == [None] * 4
    with company.database.read() as conn:
        assert told.told_at(conn, "1", "account.cancelled") == now


def test_a_hold_is_released_once(company: World):
    service, now = company.service(), company.clock.now()
    hold = service.add_hold(
        "claims", Scope(dataset="users"), note="", by="a", review_at=now + timedelta(days=1)
    )
    found = together(*([lambda: service.release_hold(hold.id, by="b")] * 4))
    assert len([one for one in found if isinstance(one, Conflict)]) == 3
    assert kinds(company).count("hold.released") == 1
