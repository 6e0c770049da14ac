"""`upheld serve` and `upheld worker` whose terminal is closed, and what nohup makes of that."""

import os
import pty
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.store.database import Database
from engine.store.tables.serving import job_runs
from tests.support.postgres import PostgresServer
from tests.upheld.serving.running import PATIENCE, ROOT, ask, eventually, free_port
from upheld.bootstrap import open_house
from upheld.demo.house import FIRST, clear, demo_environment, merged
from upheld.publishing import publish
from upheld.queue import living_workers

SERVE = "from upheld.cli import main; main(['serve'])"
WORKER = "from upheld.cli import main; main(['worker'])"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The environment of an installation with a published policy and a platform that is not there."""
    clear(tmp_path / "installation", ROOT / "policies")
    told = merged(os.environ, demo_environment(tmp_path / "installation", free_port()))
    told |= {"UPHELD_LOG_FORMAT": "json", "PYTHONPATH": str(ROOT)}
    with open_house(told) as house:
        publish(house, FIRST, by="tests")
    return told


class Terminal:
    """A program in a terminal of its own: a session whose controlling terminal is the pty's other end."""

    def __init__(self, program: str, environ: dict[str, str]) -> None:
        self.pid, self._master = pty.fork()
        if not self.pid:
            os.execve(sys.executable, [sys.executable, "-c", program], environ)  # noqa: S606

    def read_until(self, words: bytes) -> None:
        """Wait for these words on the screen."""
        seen = b""
        while words not in seen:
            try:
                seen += os.read(self._master, 4096)
            except OSError:
                raise AssertionError(seen.decode()) from None

    def close(self) -> int:
        """Close the window; returns the exit code, negative if it was killed."""
        os.close(self._master)
        try:
            _, status = eventually(lambda: _ended(self.pid))
        except AssertionError:
            os.killpg(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            raise
        return os.waitstatus_to_exitcode(status)


def _ended(pid: int) -> tuple[int, int] | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return (ended, status) if ended else None


@contextmanager
def under_nohup(environ: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        command = ["nohup", sys.executable, "-c", SERVE]
        running = subprocess.Popen(
            command, env=environ, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        yield running
    finally:
        if running.poll() is None:
            running.terminate()
        running.wait(PATIENCE)


def states(environ: dict[str, str]) -> set[str]:
    with open_house(environ) as house, house.database.read() as conn:
        return set(conn.execute(select(job_runs.c.state)).scalars())


def test_when_its_terminal_is_closed_serve_ends_as_when_it_is_told_to_stop(
    environ: dict[str, str],
) -> None:
    port = int(environ["UPHELD_PORT"])
    terminal = Terminal(SERVE, environ)
    terminal.read_until(b"/v1/docs")
    assert eventually(lambda: ask(port, "/"))[0] == 200
    assert terminal.close() == 0
    assert "running" not in states(environ)
    with pytest.raises(ConnectionRefusedError):
        ask(port, "/")


@pytest.mark.skipif(shutil.which("nohup") is None, reason="there is no nohup on this machine")
def test_under_nohup_it_goes_on_and_is_stopped_by_sigterm(
    environ: dict[str, str], tmp_path: Path
) -> None:
    port = int(environ["UPHELD_PORT"])
    with under_nohup(environ, tmp_path / "log") as serving:
        assert eventually(lambda: ask(port, "/"))[0] == 200
        serving.send_signal(signal.SIGHUP)
        for _ in range(5):
            assert ask(port, "/health/live")[0] == 200
        assert serving.poll() is None
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(PATIENCE) == 0
    assert "respawning" not in (tmp_path / "log").read_text()


@pytest.mark.postgres
def test_when_its_terminal_is_closed_a_worker_ends_in_good_order(
    postgres: PostgresServer, environ: dict[str, str]
) -> None:
    with postgres.database() as url:
        terminal = Terminal(WORKER, {**environ, "UPHELD_DATABASE_URL": url})
        terminal.read_until(b"waiting for purge steps")
        database = Database(url)
        eventually(lambda: living_workers(database) == 1)
        assert terminal.close() == 0
        database.dispose()
