"""The published versions as they are now; a change that cannot be used never replaces a good state."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from engine.errors import PolicyError, Unavailable
from engine.policy.versions import PUBLISHED_FILE, PolicyFolder, Versions

Stamp = tuple[int, int]


class CurrentVersions:
    """Call it for the published versions. It looks for a change at most every `every` seconds.

    When the new state cannot be used, the last good one stays in force and `problem` says why: for as long as
    `patience` (seconds; None is for ever). Then nothing is answered by it any more.
    """

    def __init__(
        self,
        folder: PolicyFolder,
        *,
        every: float = 2.0,
        patience: float | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._every = every
        self._patience = patience
        self._wrong_since: float | None = None
        self._seconds = seconds
        self._lock = Lock()
        self._looked = -every
        self._stamp: Stamp | None = None
        self._good: Versions | None = None
        self.problem: PolicyError | None = None

    def __call__(self) -> Versions:
        """The published versions; Unavailable if none could ever be read, or not for too long."""
        if self._good is None or self._seconds() - self._looked >= self._every:
            self.refresh()
        if self._good is None or self._has_waited_enough():
            raise Unavailable(f"the policy cannot be used: {self.problem}")
        return self._good

    def _has_waited_enough(self) -> bool:
        if self._patience is None or self._wrong_since is None:
            return False
        return self._seconds() - self._wrong_since >= self._patience

    def refresh(self) -> None:
        """Look now whether `published.yaml` changed, and read the versions again if it did."""
        with self._lock:
            self._looked = self._seconds()
            stamp = self._file_stamp()
            if stamp == self._stamp and self._good is not None:
                return
            try:
                self._good = self._folder.published()
            except PolicyError as problem:
                self.problem = problem
                if self._wrong_since is None:
                    self._wrong_since = self._looked
            else:
                self._stamp, self.problem, self._wrong_since = stamp, None, None

    def _file_stamp(self) -> Stamp | None:
        try:
            found = (self._folder.folder / PUBLISHED_FILE).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino
