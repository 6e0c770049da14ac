"""A clinic behind real `upheld serve` processes, and callers on connections that stay open."""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from tests.support.clinic import VERSION, clinic_environ
from tests.upheld.serving.running import PATIENCE, ROOT, ask, eventually, free_port, process
from upheld.bootstrap import open_house
from upheld.publishing import publish

SERVE = "from upheld.cli import main; main(['serve'])"
RESEARCH = {"operation": "use", "category": "health.lab_result", "purpose": "research"}
"""Permitted by the choice `research` alone."""


@dataclass(frozen=True)
class Clinic:
    """An installation with so many patients, numbered from 1; `environ` lacks the port."""

    folder: Path
    environ: Mapping[str, str]

    def key(self, *scopes: str) -> str:
        """A new API key."""
        with open_house(self.environ) as house:
            return house.access.keys.create("a service", scopes)[1]

    @contextmanager
    def served(self, name: str = "server") -> Iterator["Server"]:
        """Serve it with two workers, by a supervisor of its own."""
        port = free_port()
        told = {**self.environ, "UPHELD_PORT": str(port)}
        told |= {"UPHELD_BASE_URL": f"http://127.0.0.1:{port}", "UPHELD_WORKERS": "2"}
        with process("-c", SERVE, log=self.folder / f"{name}.log", **told) as running:
            eventually(lambda: ask(port, "/health/ready")[0] == 200)
            yield Server(port, running)


@dataclass(frozen=True)
class Server:
    """A supervisor with its workers."""

    port: int
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """Kill all of it at once, as a machine does that runs out of memory."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def found_clinic(folder: Path, store_url: str, patients: int) -> Clinic:
    """A clinic whose own data is in SQLite, and Upheld's where it is said."""
    url = f"sqlite:///{folder / 'clinic.db'}"
    environ = {**os.environ, **clinic_environ(folder, store_url, url), "PYTHONPATH": str(ROOT)}
    environ["UPHELD_LOG_FORMAT"] = "json"
    row = text("INSERT INTO patients VALUES (:n, 'P', :mail, '1980-01-01', 'DE', 'current', NULL)")
    engine = create_engine(url)
    with engine.begin() as conn:
        conn.execute(row, [{"n": n, "mail": f"p{n}@example.com"} for n in range(1, patients + 1)])
    engine.dispose()
    with open_house(environ) as house:
        publish(house, VERSION, by="officer")
    return Clinic(folder, environ)


class Caller:
    """One connection with one key."""

    def __init__(self, port: int, key: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def post(self, path: str, body: Any, **headers: str) -> Any:
        """The answer, which must be 200 or 201."""
        self._connection.request("POST", path, json.dumps(body), {**self._headers, **headers})
        answer = self._connection.getresponse()
        told = answer.read()
        assert answer.status in (200, 201), told
        return json.loads(told)

    def choose(self, subject: str, on: bool) -> None:
        """Say the person's choice; it is acknowledged when this returns."""
        said = {"subject": subject, "kind": "choice", "name": "research", "on": on}
        self.post("/v1/consents", said)

    def effect(self, subject: str) -> str:
        """Whether research is permitted."""
        return str(self.post("/v1/decisions", {**RESEARCH, "subject": subject})["effect"])

    def close(self) -> None:
        self._connection.close()


class Load:
    """Callers that ask without pause until they are stopped or nobody answers; `answered` are their requests.

    Every third request is a batch of three.
    """

    def __init__(self, port: int, key: str, names: str, *, callers: int, patients: int) -> None:
        self.answered: dict[str, int] = {}
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(port, key, f"{names}-{n}", patients))
            for n in range(callers)
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Wait for all callers."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, port: int, key: str, name: str, patients: int) -> None:
        caller, number = Caller(port, key), 0
        try:
            while not self._stop.is_set():
                number += 1
                self._ask(caller, f"{name}-{number}", number, str(1 + number % patients))
        except (OSError, HTTPException):
            return
        finally:
            caller.close()

    def _ask(self, caller: Caller, name: str, number: int, subject: str) -> None:
        marked = {"X-Request-ID": name}
        if number % 3:
            caller.post("/v1/decisions", {**RESEARCH, "subject": subject}, **marked)
            self.answered[name] = 1
        else:
            batch = {"subject": subject, "requests": [RESEARCH] * 3}
            caller.post("/v1/decisions/batch", batch, **marked)
            self.answered[name] = 3
