"""Upheld's own personal data, under a policy and a data map of its own, purged by the same engine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import engine.store
from engine.datamap.load import read_datamap
from engine.datamap.map import DataMap
from engine.policy.load import read_policy
from engine.policy.policy import Policy
from engine.ports import Clock, DataAdapter
from engine.retention.purge import Settings
from engine.retention.service import RetentionService
from engine.store.database import Database

STORE = "upheld"
"""The name of Upheld's own database in its data map."""

_FOLDER = Path(engine.store.__file__).with_name("own")


def own_policy() -> Policy:
    """What Upheld promises of its own tables: the newest version."""
    return read_policy(max(path.parent for path in _FOLDER.glob("*/policy.yaml")))


def own_datamap(database: Database) -> DataMap:
    """Where the personal data lies in Upheld's own tables."""
    url = database.url.render_as_string(hide_password=False)
    return read_datamap(_FOLDER / "datamap.yaml", {"UPHELD_DATABASE_URL": url})


def own_retention(
    database: Database, adapters: Mapping[str, DataAdapter], clock: Clock
) -> RetentionService:
    """Retention over Upheld's own tables; `adapters` has one for `STORE`.

    Caps and first approvals do not apply: most one-time codes are always due.
    """
    settings = Settings(guarded=False)
    policy, datamap = own_policy(), own_datamap(database)
    return RetentionService(database, policy, datamap, adapters, clock, settings)
