"""The terminal that a service was started from: when it is closed, the service stops in good order."""

from __future__ import annotations

import os
import signal
from types import FrameType

_OUTPUTS = (1, 2)


def stop_when_hung_up() -> None:
    """Let the closing of the terminal (SIGHUP) stop this process as SIGTERM does.

    Not when whoever started it had the signal ignored, as nohup does: then it goes on.
    """
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        return
    terminals = [number for number in _OUTPUTS if os.isatty(number)]

    def hung_up(_number: int, _frame: FrameType | None) -> None:
        # The shell tells it, and then the kernel once more; a second time must not cut anything short.
        ignore_hang_up()
        _fall_silent(terminals)
        os.kill(os.getpid(), signal.SIGTERM)

    signal.signal(signal.SIGHUP, hung_up)


def ignore_hang_up() -> None:
    """Leave it to another process to stop this one: the terminal tells every process that it started."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _fall_silent(outputs: list[int]) -> None:
    """Send nowhere what is still said: a terminal that is gone refuses every line."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in outputs:
        os.dup2(nowhere, number)
    os.close(nowhere)
