"""A small web application, and a supervisor of its workers: what the tests start as processes of their own.

`python -m tests.upheld.serving.tiny PORT WORKERS [BODY_SECONDS]`
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from upheld import logs
from upheld.serving.bridge import Limits
from upheld.serving.supervisor import Site, Supervisor
from upheld.serving.terminal import stop_when_hung_up


@contextmanager
def open_app() -> Iterator[Any]:
    """Notes in the file `TINY_NOTES` that it opens and closes; fails while the file `TINY_BROKEN` exists."""
    if Path(os.environ.get("TINY_BROKEN", "none")).exists():
        raise RuntimeError("nothing works")
    note("opened")
    yield app
    note("closed")


def app(environ: dict[str, Any], start: Any) -> Any:
    """Echoes."""
    told = [("X-Pid", str(os.getpid())), ("Content-Type", "text/plain")]
    start("200 OK", told)
    path = environ["PATH_INFO"]
    if path == "/big":
        return (b"x" * 100_000 for _ in range(50))
    if path == "/wait":
        note("asked")
        time.sleep(1)
    if path == "/environ":
        plain = {name: value for name, value in environ.items() if isinstance(value, str)}
        return [repr(plain).encode()]
    return [environ["wsgi.input"].read() or b"hello"]


def note(line: str) -> None:
    """Write a line where the test reads it."""
    with Path(os.environ.get("TINY_NOTES", os.devnull)).open("a") as notes:
        notes.write(f"{line}\n")


if __name__ == "__main__":
    port, workers, *more = sys.argv[1:]
    logs.configure("json")
    stop_when_hung_up()
    limits = Limits(body_seconds=float(more[0]) if more else 20.0, threads=2)
    opener = "tests.upheld.serving.tiny:open_app"
    Supervisor(Site("127.0.0.1", int(port), int(workers), opener, limits=limits)).run()
