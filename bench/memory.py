"""How much memory purging and exporting take at their peak, with ten times the rows.

Each figure is the peak of a process of its own (`VmHWM`), which does nothing else; the floor is a process
that opens the same installation and asks for the policy. What streams stays flat: the ratio of the two
sizes is near 1.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import clinic
from upheld.bootstrap import House, open_house

Build = Callable[[Path, int], dict[str, str]]


def main(quick: bool) -> None:
    """Print peaks in MiB at both sizes, and their ratio."""
    sizes = (5_000, 50_000) if quick else (200_000, 2_000_000)
    print(f"memory: peak MiB at {sizes[0]:,} and {sizes[1]:,} rows, SQLite")
    for what, build in _BUILT.items():
        few, many = (_measured(what, build, rows) for rows in sizes)
        print(f"  {what:<24} {few:>7,.0f}   {many:>7,.0f}   {many / few:.2f}")


def _measured(what: str, build: Build, rows: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        environ = os.environ | build(Path(folder), rows)
        command = [sys.executable, "-m", "bench.memory", what]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"`{what}` with {rows:,} rows: {done.stderr}")
        return float(done.stdout.splitlines()[-1])


def _nothing(house: House) -> None:
    house.policy()


def _purge(house: House) -> None:
    plan = house.retention.plan()
    if house.retention.refusals(plan):
        house.retention.approve(plan.digest, officer=clinic.OFFICER)
    run = house.retention.purge(plan.digest)
    found = house.retention.verify(run.id)
    assert run.rows, run.state
    assert found.upheld, found.datasets


def _export(house: House) -> None:
    case = house.rights.file("1", "export", source="bench", proved=True)
    done = house.rights.process(case.id)
    assert done.status.value == "completed", done.status


_WORK = {"opening": _nothing, "plan, purge, verify": _purge, "export": _export}
_BUILT: dict[str, Build] = {
    "opening": clinic.with_reminders,
    "plan, purge, verify": clinic.with_reminders,
    "export": clinic.with_visits,
}


def _peak() -> float:
    """The largest resident set of this process so far, in MiB (Linux).

    `getrusage` would not do: a new process begins with the peak of the one that started it.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    with open_house() as opened:
        _WORK[sys.argv[1]](opened)
    print(_peak())
