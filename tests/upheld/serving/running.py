"""Processes and connections for the tests of this folder."""

import ast
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
PATIENCE = 60
"""Seconds until a test gives up; a busy machine may need many of them."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(found: Callable[[], Any]) -> Any:
    """Ask until the answer is true, and return it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            answer = found()
        except OSError:
            answer = None
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


@contextmanager
def process(*arguments: str, log: Path, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python ARGUMENTS`; ended with everything it started at the end of the block."""
    env = {**os.environ, **environ, "PYTHONPATH": str(ROOT)}
    with log.open("ab") as output:
        running = subprocess.Popen(
            [sys.executable, *arguments],
            env=env,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield running
    finally:
        if running.poll() is None:
            running.terminate()
            try:
                running.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, signal.SIGKILL)
        running.wait()


def ask(port: int, path: str = "/", body: bytes = b"", **headers: str) -> tuple[int, Any, bytes]:
    """One request on a connection of its own: status, headers, body."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("POST" if body else "GET", path, body or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def ask_environ(port: int, path: str, **headers: str) -> dict[str, str]:
    """What the WSGI application was given."""
    found: dict[str, str] = ast.literal_eval(ask(port, path, **headers)[2].decode())
    return found
