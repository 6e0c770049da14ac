"""When a call is tried again, and after how long."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from upheld_client.errors import Refused, Unreachable, UpheldError

PASSING = frozenset({429, 502, 503, 504})
"""The statuses of what may pass."""

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 1.0


def passes(error: UpheldError) -> bool:
    """Is it worth trying again?"""
    if isinstance(error, Refused):
        return error.status in PASSING
    return isinstance(error, Unreachable) and error.passing


def pause(failures: int, error: UpheldError, chance: float) -> float:
    """The seconds to wait after so many failures: twice as long each time, uneven, and as long as was asked.

    `chance` from 0 to 1 spreads the callers, from half to one and a half of the pause.
    """
    doubled: float = min(FIRST_PAUSE * 2.0 ** min(failures - 1, 30), LONGEST_PAUSE)
    asked = error.retry_after if isinstance(error, Refused) else None
    return max(doubled * (0.5 + chance), asked or 0.0)


class Attempts:
    """The attempts of one call, up to its deadline. `seconds` is how long it may take in all."""

    def __init__(
        self,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._clock, self._chance = clock, chance
        self._end = clock() + seconds
        self._failures = 0

    def left(self) -> float:
        """The seconds to the deadline; Unreachable when it has come."""
        left = self._end - self._clock()
        if left <= 0:
            raise Unreachable("no answer in time")
        return left

    def wait_after(self, error: UpheldError) -> float:
        """How long to wait before the next attempt; raises the error where there is to be none."""
        self._failures += 1
        wait = pause(self._failures, error, self._chance())
        if not passes(error) or self._clock() + wait >= self._end:
            raise error
        return wait
