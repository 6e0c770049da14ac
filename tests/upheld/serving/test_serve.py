"""`upheld serve` as an operator meets it: what it says, what it refuses, what it does by the clock."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select, text

from engine.audit import ledger
from engine.store.tables.serving import job_runs
from tests.upheld.serving.running import ROOT, ask, eventually, free_port, process
from upheld.bootstrap import open_house
from upheld.demo.house import FIRST, clear, demo_environment, merged
from upheld.publishing import publish

SERVE = "from upheld.cli import main; main(['serve'])"
DUE_AT_ANY_TIME = {
    "recovery",
    "purge",
    "purge-own",
    "states",
    "requests",
    "notices",
    "promises",
    "checkpoint",
    "sweep",
}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with a published policy and a platform that is not there."""
    folder = tmp_path_factory.mktemp("installation")
    clear(folder, ROOT / "policies")
    with open_house(settings(folder)) as house:
        publish(house, FIRST, by="tests")
    return folder


@pytest.fixture
def environ(published: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of an installation of this test's own."""
    folder = tmp_path / "installation"
    shutil.copytree(published, folder)
    return settings(folder)


def settings(folder: Path) -> dict[str, str]:
    told = merged(os.environ, demo_environment(folder, free_port()))
    return {**told, "UPHELD_LOG_FORMAT": "json"}


def refused(environ: dict[str, str]) -> str:
    """What `upheld serve` says when it does not start."""
    ended = subprocess.run(
        [sys.executable, "-c", SERVE],
        env={**environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 3, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_it_says_what_it_serves_where_and_does_what_is_due(
    environ: dict[str, str], tmp_path: Path
) -> None:
    port, log = int(environ["UPHELD_PORT"]), tmp_path / "log"
    with process("-c", SERVE, log=log, **environ) as serving:
        assert eventually(lambda: ask(port, "/"))[0] == 200
        eventually(lambda: ended_jobs(environ) == DUE_AT_ANY_TIME)
        serving.send_signal(signal.SIGTERM)
        assert serving.wait() == 0
    said = log.read_text()
    assert f"upheld serves `aicodewith`, version {FIRST}, on 127.0.0.1:{port}" in said
    assert "Traceback" not in said
    assert [json.loads(line)["term"] for line in said.splitlines() if '"leading"' in line] == [1]
    assert list((Path(environ["UPHELD_STATE"]) / "checkpoints").iterdir())


def ended_jobs(environ: dict[str, str]) -> set[str]:
    """The jobs that were tried, with or without success: the platform is not there."""
    with open_house(environ) as house, house.database.read() as conn:
        ended = job_runs.c.finished_at.is_not(None)
        return set(conn.execute(select(job_runs.c.job).where(ended)).scalars())


def test_a_port_that_is_taken_ends_it(environ: dict[str, str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(environ["UPHELD_PORT"])))
        other.listen()
        assert "is taken: stop what listens there, or set UPHELD_PORT" in refused(environ)


def test_a_ledger_that_is_shorter_than_a_checkpoint_kept_elsewhere_is_not_served(
    environ: dict[str, str],
) -> None:
    with open_house(environ) as house:
        with house.database.begin() as conn:
            ledger.append(conn, "test.entry", {"n": 1}, now=house.clock.now())
        path = Path(house.database.url.database or "")
        house.database.dispose()
        before = path.read_bytes()
        with house.database.begin() as conn:
            ledger.append(conn, "test.entry", {"n": 2}, now=house.clock.now())
        house.checkpoint()
    for tail in ("-wal", "-shm"):
        Path(f"{path}{tail}").unlink(missing_ok=True)
    path.write_bytes(before)
    assert "restore the newest backup of the database before serving" in refused(environ)


def test_without_a_version_in_force_nothing_is_served(environ: dict[str, str]) -> None:
    (Path(environ["UPHELD_POLICIES"]) / "aicodewith" / "published.yaml").unlink()
    assert "no version of `aicodewith` is in force; publish one" in refused(environ)


def test_a_database_of_a_newer_version_is_not_served(environ: dict[str, str]) -> None:
    with open_house(environ) as house, house.database.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = 'from-later'"))
    assert "which this version of upheld does not know" in refused(environ)
