"""Growth for real: two `upheld serve` and two `upheld worker` on PostgreSQL, the leader and a worker killed.

A twin of the platform is purged by one process that nobody disturbs; in the end both hold the same. Steps of
different datasets go side by side, so a user may wait until the next purge for calls that point to them.
"""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import create_engine, inspect, text

from engine.audit import service as audit
from tests.support.postgres import PostgresServer
from tests.upheld.serving.running import ROOT, ask, free_port, process
from upheld.bootstrap import House, open_house
from upheld.demo.house import FIRST, clear, demo_environment, merged
from upheld.demo.platform import build
from upheld.publishing import publish
from upheld.queue import living_workers
from upheld.serving.jobs import next_slot
from upheld.serving.work import purge

pytestmark = [pytest.mark.campaign, pytest.mark.postgres]

SERVE = "from upheld.cli import main; main(['serve'])"
WORKER = "from upheld.cli import main; main(['worker'])"
USERS, CALLS, ASKING = 300, 20_000, 6
PATIENCE = 900
"""Seconds: a dead worker's step waits for its heartbeat, its lease and the pause before another attempt."""


@dataclass
class Installation:
    """Upheld over a platform, all on PostgreSQL."""

    environ: dict[str, str]

    @contextmanager
    def house(self) -> Iterator[House]:
        with open_house(self.environ) as house:
            yield house

    def ask(self, question: str) -> list[tuple[object, ...]]:
        """Rows of Upheld's own database."""
        with self.house() as house, house.database.read() as conn:
            return [tuple(row) for row in conn.execute(text(question))]

    def holds(self) -> dict[str, str]:
        """What the platform holds: a digest of each table and of each log file."""
        engine = create_engine(self.environ["UPHELD_PLATFORM_URL"])
        found = {}
        with engine.connect() as conn:
            for table in inspect(conn).get_table_names():
                rows = f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM \"{table}\" t"
                found[table] = str(conn.execute(text(rows)).scalar())
        engine.dispose()
        logs = Path(self.environ["UPHELD_ACCESS_LOGS"])
        return found | {p.name: p.read_text() for p in logs.rglob("*") if p.is_file()}


def installed(folder: Path, store: str, platform: str, now: datetime) -> Installation:
    """The demonstration's platform and policy; an officer has approved the first plan."""
    clear(folder, ROOT / "policies")
    environ = merged(os.environ, demo_environment(folder, free_port()))
    environ |= {
        "UPHELD_DATABASE_URL": store, "UPHELD_PLATFORM_URL": platform, "UPHELD_LOG_FORMAT": "json",
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    build(platform, folder / "access-logs", seed=3, now=now, users=USERS, calls=CALLS)
    made = Installation(environ)
    with made.house() as house:
        publish(house, FIRST, by="tests")
        plan = house.retention.plan()
        house.retention.approve(plan.digest, officer="tests")
    return made


@pytest.fixture
def twins(postgres: PostgresServer, tmp_path: Path) -> Iterator[tuple[Installation, Installation]]:
    """Two installations that hold the same."""
    with open_house({"UPHELD_STATE": str(tmp_path)}) as house:
        now = house.clock.now()
    with ExitStack() as stack:
        urls = [stack.enter_context(postgres.database()) for _ in range(4)]
        pair = [
            installed(tmp_path / name, store, platform, now)
            for name, store, platform in (("one", *urls[:2]), ("many", *urls[2:]))
        ]
        assert pair[0].holds() == pair[1].holds()
        yield pair[0], pair[1]


def until(found: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def logged(log: Path, event: str) -> list[dict[str, object]]:
    lines = log.read_text().splitlines() if log.exists() else []
    return [
        told
        for line in lines
        if line.startswith("{") and (told := json.loads(line))["event"] == event
    ]


def test_when_the_leader_and_a_worker_are_killed_nothing_is_lost_or_done_twice(
    twins: tuple[Installation, Installation], tmp_path: Path
):
    alone, many = twins
    with alone.house() as house:
        by = tonight(house)
        purge(house, by)
    asked = file_requests(many)
    logs = [tmp_path / f"replica{n}" for n in range(2)]
    with ExitStack() as stack:
        workers = [start(stack, WORKER, many.environ, tmp_path / f"worker{n}") for n in range(2)]
        until(lambda: living(many) == 2, "both workers live")
        ports = [free_port(), free_port()]
        replicas = [
            start(stack, SERVE, many.environ | {"UPHELD_PORT": str(port)}, log)
            for port, log in zip(ports, logs, strict=True)
        ]
        until(lambda: open_runs(many), "a worker purges")
        workers[0].send_signal(signal.SIGKILL)
        (leader,) = [n for n, log in enumerate(logs) if logged(log, "leading")]
        replicas[leader].send_signal(signal.SIGKILL)
        until(lambda: logged(logs[1 - leader], "leading"), "the other replica leads")
        assert answers(ports[1 - leader])
        until(lambda: settled(many, asked), "all work is done")
        for running in (replicas[1 - leader], workers[1]):
            running.terminate()
            assert running.wait(120) == 0

    apart = {name for name, held in many.holds().items() if held != alone.holds()[name]}
    assert apart <= {"users"}, "a user waits while a call points to them, and side by side one may"
    with many.house() as house:
        house.retention.purge(house.retention.plan(by=by).digest, scheduled=True)  # the next night
    assert many.holds() == alone.holds()
    terms = [told["term"] for log in logs for told in logged(log, "leading")]
    assert sorted(terms) == [1, 2]
    assert letters(many, "Your data is ready") == dict.fromkeys(asked, 1)
    assert not any("Traceback" in log.read_text() for log in tmp_path.glob("[rw]*[01]"))
    with many.house() as house, house.database.read() as conn:
        assert audit.verify(conn, [], house.keyring.verifiers(house.origin)).findings == ()


def tonight(house: House) -> datetime:
    """Until when the clock's purge takes what becomes due."""
    zone = house.policy().header.zone
    hour = CronTrigger(hour=house.settings.purge_hour, minute=0, timezone=zone)
    return next_slot(hour, house.clock.now())


def start(
    stack: ExitStack, program: str, environ: dict[str, str], log: Path
) -> subprocess.Popen[bytes]:
    return stack.enter_context(process("-c", program, log=log, **environ))


def file_requests(many: Installation) -> list[str]:
    """Some people ask for their data; returns their addresses."""
    engine = create_engine(many.environ["UPHELD_PLATFORM_URL"])
    with engine.connect() as conn:
        query = text("SELECT id, email FROM users WHERE status = 1 ORDER BY id LIMIT :n")
        people = [tuple(row) for row in conn.execute(query, {"n": ASKING})]
    engine.dispose()
    with many.house() as house:
        for person, _ in people:
            house.rights.file(str(person), "access", source="api", proved=True)
    return [email for _, email in people]


def living(many: Installation) -> int:
    with many.house() as house:
        return living_workers(house.database)


def open_runs(many: Installation) -> int:
    (row,) = many.ask("SELECT count(*) FROM retention_runs WHERE state = 'open'")
    return int(str(row[0]))


def settled(many: Installation, asked: list[str]) -> bool:
    """Whether the queue is empty, no run is open, and everybody who asked is answered."""
    queued = many.ask(
        "SELECT count(*) FROM upheld_queue.procrastinate_jobs "
        "WHERE task_name = 'upheld.purge' AND status IN ('todo', 'doing')"
    )
    answered = many.ask("SELECT count(*) FROM rights_requests WHERE status = 'completed'")
    return queued == [(0,)] and not open_runs(many) and answered == [(len(asked),)]


def answers(port: int) -> bool:
    until(lambda: ask_quietly(port) == 200, "the replica that is left answers")
    return True


def ask_quietly(port: int) -> int:
    try:
        return ask(port, "/health/live")[0]
    except OSError:
        return 0


def letters(many: Installation, subject: str) -> dict[str, int]:
    """How many letters with this subject each address got."""
    found: dict[str, int] = {}
    for path in (Path(many.environ["UPHELD_MAILDIR"]) / "new").iterdir():
        head = path.read_text(errors="replace")
        if f"Subject: {subject}" in head:
            to = re.search(r"^To: (.+)$", head, re.M)
            assert to is not None
            found[to[1]] = found.get(to[1], 0) + 1
    return found
