"""Steps of the queue, with real workers on a real PostgreSQL."""

import signal
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.errors import InvalidInput
from engine.store.database import Database
from tests.upheld.serving import taker
from tests.upheld.serving.running import eventually, process
from upheld import queue

BY = datetime(2026, 6, 15, 18, 0, tzinfo=UTC)
on_postgresql = pytest.mark.parametrize(
    "dialect", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


@on_postgresql
def test_the_queues_tables_are_made_once_and_lie_apart(database: Database) -> None:
    assert queue.upgrade(database)
    assert not queue.upgrade(database)
    with database.read() as conn:
        tables = set(
            conn.execute(
                text("SELECT schemaname FROM pg_tables WHERE tablename LIKE 'procrastinate%'")
            ).scalars()
        )
    assert tables == {queue.SCHEMA}


@on_postgresql
def test_tables_of_an_earlier_version_are_brought_up(database: Database) -> None:
    queue.upgrade(database)
    with database.begin() as conn:
        conn.execute(text(f"COMMENT ON SCHEMA {queue.SCHEMA} IS 'procrastinate 3.5.0'"))
    assert queue.upgrade(database)
    assert not queue.upgrade(database)


@on_postgresql
def test_a_step_that_waits_already_is_not_queued_twice(database: Database) -> None:
    queue.upgrade(database)
    assert queue.defer(database, ["calls", "visits"], BY) == ["calls", "visits"]
    assert queue.defer(database, ["visits", "mail"], BY) == ["mail"]


@on_postgresql
def test_nobody_lives_where_nothing_was_ever_queued(database: Database) -> None:
    assert queue.living_workers(database) == 0


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_on_sqlite_there_is_no_queue_and_a_worker_says_why(database: Database) -> None:
    assert not queue.is_available(database)
    with pytest.raises(InvalidInput, match="workers need PostgreSQL"):
        queue.require_available(database)


@on_postgresql
def test_when_a_worker_is_killed_in_a_step_another_does_it_and_nothing_is_lost_or_done_twice(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    with database.begin() as conn:
        taker.metadata.create_all(conn)
    queue.upgrade(database)
    others = [f"dataset{number}" for number in range(20)]
    queue.defer(database, ["stuck", *others], BY)
    with ExitStack() as stack:
        both = [
            stack.enter_context(
                process("-m", "tests.upheld.serving.taker", database_url, log=tmp_path / "log")
            )
            for _ in range(2)
        ]
        (victim,) = eventually(lambda: taker.takers(database, "stuck 18:00"))
        assert queue.living_workers(database) >= 1
        killed, other = sorted(both, key=lambda one: one.pid != victim)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        steps = {f"{name} 18:00" for name in ["stuck", *others]}
        eventually(lambda: taker.finished(database) == steps)
        other.terminate()
        assert other.wait() == 0
    assert taker.takers(database, "stuck 18:00") == [victim, other.pid]
    twice = [pids for name in others if len(pids := taker.takers(database, f"{name} 18:00")) > 1]
    assert all(pids == [victim, other.pid] for pids in twice), (
        "only what the killed one had in hand"
    )
    assert len(twice) <= 1
