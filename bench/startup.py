"""Whole processes of the command line, from start to end: the help, and lint of the seed policy.

Python keeps what it has compiled, as it does wherever Upheld is installed; the first run fills that cache.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMMANDS: dict[str, tuple[Sequence[str], float]] = {
    "--help": (("--help",), 0.2),
    "lint, first version": (("lint", "2026-04-03"), 0.5),
    "lint, second version": (("lint", "2026-10-01"), 0.5),
}
"""What is run, and the seconds that it may take."""


def main(*, quick: bool = False) -> None:
    """Print the median wall and CPU time of each command; the first run, which fills caches, is left out."""
    runs = 5 if quick else 21
    print(f"{'command':24}{'wall':>10}{'CPU':>10}{'at most':>10}")
    with tempfile.TemporaryDirectory() as cache:
        environ = {k: v for k, v in os.environ.items() if not k.startswith(("UPHELD_", "PYTHON"))}
        environ["PYTHONPYCACHEPREFIX"] = cache
        for name, (arguments, most) in COMMANDS.items():
            _once(arguments, environ)
            times = [_once(arguments, environ) for _ in range(runs)]
            wall, cpu = (statistics.median(part) for part in zip(*times, strict=True))
            print(f"{name:24}{wall:>8.3f} s{cpu:>8.3f} s{most:>8.1f} s")


def _once(arguments: Sequence[str], environ: Mapping[str, str]) -> tuple[float, float]:
    """One process; returns its wall and CPU time in seconds."""
    before, started = _cpu(), time.perf_counter()
    subprocess.run(
        (sys.executable, "-c", "from upheld.cli import main; main()", *arguments),
        cwd=ROOT,
        env=environ,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - started, _cpu() - before


def _cpu() -> float:
    """CPU seconds of all processes that this one has waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
