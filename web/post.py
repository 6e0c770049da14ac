"""Mail that is sent behind the answer's back.

How long a mail server takes would tell whether an address is known, and would hold people up; so mail is
handed to a thread, and whoever gets none asks for another code.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from engine.errors import UpheldError
from engine.ports import Notifier

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent to one address."""

    to: str
    subject: str
    body: str


class Post:
    """Sends letters one after another, in a thread that starts with the first."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="post")

    def send(self, write: Callable[[], Letter | None]) -> Future[None]:
        """Write a letter in the thread and send it; nothing is sent where there is nobody to write to."""
        return self._pool.submit(self._send, write)

    def _send(self, write: Callable[[], Letter | None]) -> None:
        try:
            letter = write()
            if letter is not None:
                self._notifier.send(letter.to, letter.subject, letter.body)
        except UpheldError as problem:
            log.error("a letter could not be sent: %s", problem)
        except Exception as problem:  # noqa: BLE001 - a thread's error would be lost; its text may name somebody
            log.error("a letter could not be sent: %s", type(problem).__name__)
