"""A consent service over the seed policy, both versions published, and a platform that can be away."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from engine.consent.service import ConsentService
from engine.datamap.directory import PlatformFacts
from engine.errors import StoreUnavailable
from engine.policy.versions import PolicyFolder, Versions
from engine.store.database import Database
from tests.support.clock import FrozenClock

SEED = Path(__file__).parents[3] / "policies" / "aicodewith"
JUNE = datetime(2026, 6, 1, 12, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 1, 12, tzinfo=UTC)


@dataclass
class Platform:
    """What the platform would say of people; `away` makes it not answer."""

    people: dict[str, PlatformFacts] = field(default_factory=dict)
    away: bool = False

    def facts(self, subject_id: str) -> PlatformFacts | None:
        if self.away:
            raise StoreUnavailable("platform", "away")
        return self.people.get(subject_id)


class NothingRestricted:
    """No rule restricts anything, and no erasure left anything."""

    def coming(self, _: str, __: str | None, ___: datetime) -> Mapping[str, datetime]:
        return {}

    def left(self, _: Connection, __: str, ___: datetime | None) -> frozenset[str]:
        return frozenset()


@pytest.fixture(scope="session")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Versions:
    folder = tmp_path_factory.mktemp("policies") / "aicodewith"
    shutil.copytree(SEED, folder)
    (folder / "published.yaml").unlink(missing_ok=True)
    found = PolicyFolder(folder)
    for version in found.names():
        found.publish(version, by="officer", now=JUNE)
    return found.published()


@pytest.fixture
def platform() -> Platform:
    return Platform({"7": PlatformFacts("customer", "DE", "active")})


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(JUNE)


@pytest.fixture
def consent(
    database: Database, versions: Versions, platform: Platform, clock: FrozenClock
) -> ConsentService:
    return ConsentService(
        database, lambda: versions, platform, clock, base_url="https://privacy.example.com",
        restrictions=NothingRestricted(),
    )  # fmt: skip
