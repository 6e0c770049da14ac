"""An invented company's installation: a policy of `policies/examples`, its own database, the command line."""

from __future__ import annotations

import shutil
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.clinic import statements
from tests.support.clock import FrozenClock
from tests.support.terminal import Terminal
from upheld.bootstrap import House, open_house
from upheld.publishing import publish

EXAMPLES = Path(__file__).parents[2] / "policies" / "examples"
ROWS = Path(__file__).parents[1] / "end_to_end" / "examples"
VERSION = "2026-05-01"
JUNE = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass
class Company(Terminal):
    """One company: its environment, and everything that can be asked of its installation."""

    environ: dict[str, str]
    clock: FrozenClock

    def sql(self, script: str) -> list[tuple[Any, ...]]:
        """Run statements on the company's database; returns the rows of the last one."""
        return statements(self.environ["EXAMPLE_URL"], script)

    def left(self, table: str, key: str = "id") -> list[Any]:
        """The keys of the rows that a table has."""
        return [row[0] for row in self.sql(f"SELECT {key} FROM {table} ORDER BY {key}")]

    def house(self) -> AbstractContextManager[House]:
        """The installation itself, at the test's own time."""
        return open_house(self.environ, self.clock)


def found_company(
    name: str,
    folder: Path,
    store_url: str,
    own_url: str,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Company:
    """The company with its rows, and its policy in force since May; it is June 2026."""
    shutil.copytree(EXAMPLES / name, folder / "policies" / name)
    environ = {
        "UPHELD_POLICIES": str(folder / "policies"),
        "UPHELD_DATABASE_URL": store_url,
        "UPHELD_STATE": str(folder / "state"),
        "UPHELD_OFFICER": "officer",
        "UPHELD_MAIL": "maildir",
        "UPHELD_MAILDIR": str(folder / "mail"),
        "EXAMPLE_URL": own_url,
    }
    for key, value in environ.items():
        monkeypatch.setenv(key, value)
    statements(own_url, (ROWS / f"{name}.sql").read_text(encoding="utf-8"))
    clock.set(JUNE)
    company = Company(capsys, environ, clock)
    with company.house() as house:
        publish(house, VERSION, by="officer")
    return company


def purged(house: House) -> dict[str, int]:
    """Approve what is due and purge it; returns the rows of each dataset that were due."""
    plan = house.retention.plan()
    if house.retention.refusals(plan):
        house.retention.approve(plan.digest, officer="officer")
    run = house.retention.purge(plan.digest)
    assert house.retention.verify(run.id).upheld
    due: dict[str, int] = {}
    for step in plan.steps:
        if step.rows:
            due[f"{step.verb} {step.dataset}"] = step.rows
    return due
