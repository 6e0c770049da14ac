"""Any number of replicas, one of which runs the jobs: with real processes on a real database."""

import json
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from engine.store.database import Database
from engine.store.leader import Deposed, begin_term, leader_lock, require_term
from engine.store.tables.serving import job_runs
from tests.support.clock import FrozenClock
from tests.upheld.serving import replica
from tests.upheld.serving.running import eventually, process


def test_only_one_holds_the_lock_until_it_lets_go(database: Database) -> None:
    first, second = leader_lock(database), leader_lock(database)
    assert first.take()
    assert first.take()
    assert not second.take()
    assert first.held()
    assert not second.held()
    first.release()
    assert not first.held()
    assert second.take()
    second.release()


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
@pytest.mark.postgres
def test_a_leader_whose_connection_is_cut_notices_and_can_be_followed(database: Database) -> None:
    first, second = leader_lock(database), leader_lock(database)
    assert first.take()
    with database.begin() as conn:
        conn.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'upheld leader' AND datname = current_database()"
            )
        )
    assert not first.held()
    assert eventually(second.take)
    assert not first.take()
    second.release()


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_lock_file_that_is_replaced_is_no_lock_any_more(database: Database) -> None:
    first = leader_lock(database)
    assert first.take()
    Path(f"{database.url.database}.leader").unlink()
    assert not first.held()


def test_a_new_term_ends_the_one_before(database: Database, clock: FrozenClock) -> None:
    with database.begin() as conn:
        first = begin_term(conn, "one", clock.now())
        require_term(conn, first)
        second = begin_term(conn, "two", clock.now())
    assert second > first
    with database.begin() as conn:
        require_term(conn, second)
        with pytest.raises(Deposed, match=f"term {first} is over: the leader's term is {second}"):
            require_term(conn, first)


def test_when_the_leader_is_killed_another_goes_on_and_nothing_is_lost_or_done_twice(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    with database.begin() as conn:
        replica.metadata.create_all(conn)
    log = tmp_path / "log"
    with ExitStack() as stack:
        both = [
            stack.enter_context(
                process("-m", "tests.upheld.serving.replica", database_url, log=log)
            )
            for _ in range(2)
        ]
        replica.add(database, 100)
        eventually(lambda: replica.count_passes(database) >= 2)
        (leader,) = replica.workers(database)
        killed, other = sorted(both, key=lambda one: one.pid != leader)
        replica.add(database, 100)
        killed.send_signal(signal.SIGKILL)
        replica.add(database, 100)
        eventually(lambda: set(replica.done(database)) == {1})
        replica.add(database, 100)
        eventually(lambda: replica.workers(database) == {killed.pid, other.pid})
        eventually(lambda: set(replica.done(database)) == {1})
        other.terminate()
        assert other.wait() == 0
    assert replica.done(database) == [1] * 400
    _each_slot_ran_once(database)
    assert [event["term"] for event in _events(log) if event["event"] == "leading"] == [1, 2]


def _each_slot_ran_once(database: Database) -> None:
    """A slot that the killed leader was in the middle of is counted once more, and no other."""
    with database.read() as conn:
        attempts = conn.execute(select(func.sum(job_runs.c.attempts))).scalar_one()
        slots = conn.execute(select(func.count()).select_from(job_runs)).scalar_one()
        states = set(conn.execute(select(job_runs.c.state)).scalars())
    assert states <= {"done", "running"}
    assert attempts - slots in {0, 1}
    assert replica.count_passes(database) in {attempts, attempts - 1}


def _events(log: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
