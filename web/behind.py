"""What is done behind the answer's back: mail.

How long a mail server takes would tell whether an address is known, and would hold people up. What a crash
loses is no harm: a person who gets no code asks for another.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from engine.errors import UpheldError

log = logging.getLogger(__name__)


class Behind:
    """Runs jobs one after another, in a thread that starts with the first."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    def run(self, job: Callable[[], object]) -> Future[None]:
        """Run a job when those before it are done. Its errors are logged, without personal data."""
        return self._pool.submit(self._run, job)

    def _run(self, job: Callable[[], object]) -> None:
        try:
            job()
        except UpheldError as problem:
            log.error("%s: %s", self._name, problem)
        except Exception as problem:  # noqa: BLE001 - a thread's error would be lost; its text may name somebody
            log.error("%s: %s", self._name, type(problem).__name__)
