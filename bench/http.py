"""How many decisions a second over HTTP, against a raw WSGI callable that only parses and answers JSON.

Both run behind the same server in one worker process pinned to a core; `wrk` (Debian) asks from another. They
take turns, and the medians of several rounds are compared.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.error import URLError
from urllib.request import urlopen

from bench.clinic import with_visits
from bench.postgres import postgres_url
from upheld.bootstrap import open_house

CONNECTIONS = 8
ASK = {"operation": "use", "category": "reminder", "purpose": "treat"}
BATCH = 50
_BARE = (
    "import sys; from upheld.serving.supervisor import Site, Supervisor; "
    "Supervisor(Site('127.0.0.1', int(sys.argv[1]), 1, opener='bench.bare:open_bare')).run()"
)
_SERVE = "from upheld.cli import main; main(['serve'])"


@dataclass(frozen=True)
class Round:
    """What wrk saw."""

    per_second: float
    p99: float


def main(quick: bool) -> None:
    """Print the table; `quick` for a glance."""
    if shutil.which("wrk") is None:
        print("needs wrk; install it: apt-get install wrk")
        return
    rounds, seconds = (1, 3) if quick else (5, 8)
    with tempfile.TemporaryDirectory() as folder:
        _compare("sqlite", Path(folder), "", rounds, seconds)
    with tempfile.TemporaryDirectory() as folder, postgres_url() as url:
        _compare("postgresql", Path(folder), url, rounds, seconds)


def _compare(dialect: str, folder: Path, url: str, rounds: int, seconds: int) -> None:
    environ, key = _installation(folder, url)
    with ExitStack() as stack:
        bare = {**os.environ, "BENCH_BARE_DATABASE": url.replace("+psycopg", "")}
        floor = stack.enter_context(_server([sys.executable, "-c", _BARE], bare))
        ours = stack.enter_context(_server([sys.executable, "-c", _SERVE], environ))
        for what, path, body in (
            ("one", "/v1/decisions", {**ASK, "subject": "1"}),
            (
                f"batch of {BATCH}",
                "/v1/decisions/batch",
                {"subject": "1", "requests": [ASK] * BATCH},
            ),
        ):
            script = _script(folder, what, path, body, key)
            found: dict[int, list[Round]] = {floor: [], ours: []}
            for port in found:
                _wrk(port, script, 1)
            for _ in range(rounds):
                for port, results in found.items():
                    results.append(_wrk(port, script, seconds))
            _print(dialect, what, found[floor], found[ours])


def _print(dialect: str, what: str, floor: list[Round], ours: list[Round]) -> None:
    one, other = (median(r.per_second for r in rounds) for rounds in (floor, ours))
    p99, p99_ours = (median(r.p99 for r in rounds) for rounds in (floor, ours))
    print(
        f"  {dialect:11} {what:12} bare {one:8,.0f}/s p99 {p99:6.2f} ms   "
        f"decisions {other:8,.0f}/s p99 {p99_ours:6.2f} ms   {other / one:4.2f} × bare, "
        f"p99 {p99_ours / p99:4.2f} ×"
    )


def _installation(folder: Path, url: str) -> tuple[dict[str, str], str]:
    """A clinic with one patient, whose facts are in the database, and a key."""
    environ = {**os.environ, **with_visits(folder, 1), "UPHELD_LOG_FORMAT": "text"}
    if url:
        environ["UPHELD_DATABASE_URL"] = url
    with open_house(environ) as house:
        house.consent.stored("1")
        _, key = house.access.keys.create("bench", ["decide"])
    return environ, key


@contextmanager
def _server(command: list[str], environ: Mapping[str, str]) -> Iterator[int]:
    """A server on a port of its own, pinned to the first core."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = {**environ, "UPHELD_PORT": str(port), "UPHELD_BASE_URL": f"http://127.0.0.1:{port}"}
    argv = ["taskset", "-c", "0", *command, str(port)]
    process = subprocess.Popen(argv, env=told, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            urlopen(f"http://127.0.0.1:{port}/health/live", timeout=2)
        except URLError as error:
            if not isinstance(error.reason, OSError) or hasattr(error, "code"):
                return
            time.sleep(0.1)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not start")


def _script(folder: Path, name: str, path: str, body: object, key: str) -> Path:
    script = folder / f"{name}.lua"
    script.write_text(
        f'wrk.method = "POST"\nwrk.path = "{path}"\nwrk.body = {json.dumps(json.dumps(body))}\n'
        f'wrk.headers["Content-Type"] = "application/json"\n'
        f'wrk.headers["Authorization"] = "Bearer {key}"\n'
    )
    return script


def _wrk(port: int, script: Path, seconds: int) -> Round:
    command = [
        "taskset", "-c", "1", "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency",
        "-s", str(script), f"http://127.0.0.1:{port}",
    ]  # fmt: skip
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in said, said
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    assert rate, said
    assert p99, said
    return Round(float(rate[1]), float(p99[1]) * {"us": 0.001, "ms": 1, "s": 1000}[p99[2]])
