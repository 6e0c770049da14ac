"""When jobs are due, that each slot is run once, and that no job stops another."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import select

from engine.errors import StoreUnavailable
from engine.store.database import Database
from engine.store.leader import begin_term
from engine.store.tables.serving import job_runs
from tests.support.clock import FrozenClock
from upheld.serving import slots
from upheld.serving.jobs import Job, Work, build_jobs, latest_slot, next_slot
from upheld.serving.runner import Runner

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def daily(zone: ZoneInfo, run: Callable[[], None] = lambda: None) -> Job:
    return Job("purge", CronTrigger(hour=2, timezone=zone), run, timedelta(hours=25))


@pytest.mark.parametrize(
    ("zone", "now", "latest", "coming"),
    [
        (SHANGHAI, "2026-06-15T12:00Z", "2026-06-14T18:00Z", "2026-06-15T18:00Z"),
        (SHANGHAI, "2026-06-14T18:00Z", "2026-06-14T18:00Z", "2026-06-15T18:00Z"),
        (SHANGHAI, "2026-06-14T17:59:59Z", "2026-06-13T18:00Z", "2026-06-14T18:00Z"),
        # The clocks change: that day has 25 hours, and two o'clock twice.
        (BERLIN, "2026-10-25T00:59Z", "2026-10-25T00:00Z", "2026-10-25T01:00Z"),
        (BERLIN, "2026-10-26T00:59Z", "2026-10-25T01:00Z", "2026-10-26T01:00Z"),
    ],
)
def test_the_daily_slot_is_at_its_hour_in_the_policys_zone(
    zone: ZoneInfo, now: str, latest: str, coming: str
) -> None:
    assert latest_slot(daily(zone), at(now)) == at(latest)
    assert next_slot(daily(zone).trigger, at(now)) == at(coming)


def build(clock: FrozenClock, calls: list[object]) -> dict[str, Job]:
    def noting(name: str) -> Callable[[], None]:
        return lambda: calls.append(name)

    work = Work(
        purge=calls.append,
        purge_own=noting("purge-own"),
        see_states=noting("states"),
        recover=noting("recovery"),
        process_requests=noting("requests"),
        send_notices=noting("notices"),
        check_promises=noting("promises"),
        save_checkpoint=noting("checkpoint"),
        sweep=noting("sweep"),
    )
    return {job.name: job for job in build_jobs(work, clock, purge_hour=2, zone=SHANGHAI)}


def test_the_purge_plans_until_the_next_one(clock: FrozenClock) -> None:
    calls: list[object] = []
    build(clock, calls)["purge"].run()
    assert calls == [at("2026-06-15T18:00Z")]


def test_every_job_has_a_slot_at_any_time(clock: FrozenClock) -> None:
    for job in build(clock, []).values():
        for minutes in range(0, 3 * 24 * 60, 7):
            assert latest_slot(job, clock.now() + timedelta(minutes=minutes)), job.name


def test_every_job_does_its_own_work(clock: FrozenClock) -> None:
    calls: list[object] = []
    jobs = build(clock, calls)
    for job in jobs.values():
        job.run()
    assert {call for call in calls if isinstance(call, str)} == set(jobs) - {"purge"}


class Led:
    """A runner of a new leader, and what its job did."""

    def __init__(self, database: Database, clock: FrozenClock) -> None:
        self.database, self.clock = database, clock
        self.ran: list[datetime] = []
        self.error: Exception | None = None
        self.job = daily(SHANGHAI, self._work)
        self.runner = self.elect()

    def elect(self) -> Runner:
        with self.database.begin() as conn:
            return Runner(self.database, self.clock, begin_term(conn, "here", self.clock.now()))

    def _work(self) -> None:
        self.ran.append(self.clock.now())
        if self.error:
            raise self.error

    def recorded(self) -> list[tuple[str, int, str | None]]:
        columns = (job_runs.c.state, job_runs.c.attempts, job_runs.c.problem)
        with self.database.read() as conn:
            return [
                tuple(row) for row in conn.execute(select(*columns).order_by(job_runs.c.due_at))
            ]


@pytest.fixture
def led(database: Database, clock: FrozenClock) -> Led:
    return Led(database, clock)


def test_a_slot_is_run_once_by_whoever_leads(led: Led) -> None:
    led.runner.run(led.job)
    led.runner.run(led.job)
    led.elect().run(led.job)
    assert len(led.ran) == 1
    assert led.recorded() == [("done", 1, None)]


def test_slots_missed_while_nobody_ran_are_one(led: Led) -> None:
    led.runner.run(led.job)
    led.clock.advance(timedelta(days=9))
    led.runner.run(led.job)
    led.runner.run(led.job)
    assert len(led.ran) == 2


def test_a_slot_whose_leader_died_is_run_by_the_next(led: Led) -> None:
    due_at = latest_slot(led.job, led.clock.now())
    assert due_at
    with led.database.begin() as conn:
        assert slots.claim(conn, "purge", due_at, term=led.runner.term, now=led.clock.now())
    led.runner.run(led.job)
    assert led.ran == []
    led.elect().run(led.job)
    assert len(led.ran) == 1
    assert led.recorded() == [("done", 2, None)]


def test_a_leader_of_the_past_starts_nothing(led: Led) -> None:
    led.elect()
    led.runner.run(led.job)
    assert led.ran == []
    assert led.recorded() == []


def test_what_fails_is_tried_again_ever_more_rarely_and_in_the_end_left(led: Led) -> None:
    led.error = StoreUnavailable("platform", "no answer")
    for _ in range(6 * 30):
        led.runner.run(led.job)
        led.clock.advance(timedelta(seconds=10))
    waits = [b - a for a, b in zip(led.ran, led.ran[1:], strict=False)]
    assert [wait.total_seconds() for wait in waits] == [30, 60, 120, 240, 480]
    assert led.recorded() == [("failed", 6, "StoreUnavailable")]


def test_what_failed_and_then_works_is_done(led: Led) -> None:
    led.error = RuntimeError("jane@example.org")
    led.runner.run(led.job)
    led.error = None
    led.clock.advance(timedelta(minutes=1))
    led.runner.run(led.job)
    assert led.recorded() == [("done", 2, None)]


def test_the_log_says_what_kind_of_error_and_where_but_not_its_words(
    led: Led, capsys: pytest.CaptureFixture[str]
) -> None:
    led.error = RuntimeError("jane@example.org")
    led.runner.run(led.job)
    told = capsys.readouterr()
    assert "RuntimeError" in told.out + told.err
    assert "test_jobs.py" in told.out + told.err
    assert "jane" not in told.out + told.err


def test_what_was_run_is_forgotten_after_a_season(led: Led) -> None:
    led.runner.run(led.job)
    with led.database.begin() as conn:
        assert slots.forget(conn, led.clock.now() + timedelta(days=89)) == 0
        assert slots.forget(conn, led.clock.now() + timedelta(days=91)) == 1
    assert led.recorded() == []
