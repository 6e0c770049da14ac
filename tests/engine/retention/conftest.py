"""A small company in a real database (`world`), and the same with users, calls and top-ups (`company`).

Both run on SQLite. A test marked `BOTH` runs on PostgreSQL too: where rows are compared, changed, locked or
looked up, the database matters; where rules are weighed, it does not.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.store.database import Database
from tests.engine.retention.company import LOGS, PLATFORM, RULES, USERS, VOUCHERS
from tests.engine.retention.world import World
from tests.support.clock import FrozenClock


@pytest.fixture
def dialect(request: pytest.FixtureRequest) -> str:
    return getattr(request, "param", "sqlite")


@pytest.fixture
def world(
    tmp_path: Path, platform_url: str, database: Database, clock: FrozenClock
) -> Iterator[World]:
    world = World(tmp_path, platform_url, database, clock)
    yield world
    world.close()


@pytest.fixture
def company(world: World) -> World:
    world.retention, world.datasets, world.statutes = RULES, PLATFORM, VOUCHERS
    world.sql(USERS, LOGS)
    return world
