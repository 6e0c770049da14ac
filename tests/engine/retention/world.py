"""A small company in a real database: its policy and data map are YAML that each test writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, create_engine, text

from adapters.jsonl import JsonlAdapter
from adapters.sql import SqlAdapter
from engine.datamap.load import read_datamap
from engine.policy.load import read_policy
from engine.retention.purge import DEFAULTS, Settings
from engine.retention.service import RetentionService
from engine.store.database import Database
from tests.support.clock import FrozenClock

BOTH = pytest.mark.parametrize(
    "dialect", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)

HEADER = """
policy: example
version: {version}
effective: {version}
timezone: {zone}
controller: {{name: Example, country: {country}}}
jurisdictions: [{country}]
{more}
"""
TEXT = "# Privacy policy\n\n## 1. Retention\n\n- We delete what we said.\n"
VOCABULARY = """
subjects: [customer]
categories:
  account: {email: , username: , profile: {means: the profile}}
  usage: {call: , content: }
  payment: {topup: }
  device: {view: , ip: }
  health: {record: {special: health}}
purposes: {serve: {means: to serve}}
"""
STORES = """
stores:
  platform: {adapter: sql, url: "${PLATFORM}"}
  files: {adapter: jsonl, path: "${FILES}"}
datasets:
"""


@dataclass
class World:
    """The company. `sql` runs statements in its database; `service` is retention over all of it."""

    folder: Path
    platform_url: str
    database: Database
    clock: FrozenClock
    retention: str = ""
    datasets: str = ""
    statutes: str = ""
    header: Mapping[str, str] = field(default_factory=dict)
    vocabulary: str = VOCABULARY
    settings: Settings = DEFAULTS
    _engine: Engine | None = None
    _adapter: SqlAdapter | None = None
    _zone: ZoneInfo | None = None

    @property
    def engine(self) -> Engine:
        self._engine = self._engine or create_engine(self.platform_url)
        return self._engine

    def sql(self, *statements: str, **values: Any) -> None:
        with self.engine.begin() as conn:
            for statement in statements:
                conn.execute(text(statement), values)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.engine.begin() as conn:
            return [tuple(row) for row in conn.execute(text(query))]

    def value(self, query: str) -> Any:
        return self.rows(query)[0][0]

    def policy(self, version: str = "2026-01-01") -> Any:
        folder = self.folder / "policies" / version
        folder.mkdir(parents=True, exist_ok=True)
        told = {"zone": "Asia/Shanghai", "country": "CN", "more": ""} | dict(self.header)
        (folder / "policy.yaml").write_text(HEADER.format(version=version, **told))
        (folder / "policy.md").write_text(TEXT)
        (folder / "vocabulary.yaml").write_text(self.vocabulary)
        (folder / "retention.yaml").write_text(self.retention)
        if self.statutes:
            (folder.parent / "statutes.yaml").write_text(self.statutes)
        return read_policy(folder)

    def service(self, **more: Any) -> RetentionService:
        path = self.folder / "datamap.yaml"
        path.write_text(STORES + self.datasets)
        files = self.folder / "files"
        files.mkdir(exist_ok=True)
        datamap = read_datamap(path, {"PLATFORM": self.platform_url, "FILES": str(files)})
        policy = more.pop("policy", None) or self.policy()
        self._zone = policy.header.zone
        zone = partial(getattr, self, "_zone")
        self._adapter = self._adapter or SqlAdapter("platform", self.platform_url, zone=zone)
        jsonl = JsonlAdapter("files", files, clock=self.clock, zone=zone)
        adapters = {"platform": self._adapter, "files": jsonl}
        return RetentionService(
            self.database, policy, datamap, adapters, self.clock, self.settings, **more
        )

    def close(self) -> None:
        if self._adapter:
            self._adapter.close()
        if self._engine:
            self._engine.dispose()


def at(moment: str) -> datetime:
    """`2026-05-10 09:00` as an aware time; with an offset, such as `+08:00`, in that."""
    found = datetime.fromisoformat(moment)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def epoch(moment: str) -> int:
    return int(at(moment).timestamp())
