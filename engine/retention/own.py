"""Upheld's own personal data, under a policy and a data map of its own, purged by the same engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

import engine.store
from engine.datamap.load import read_datamap
from engine.datamap.map import DataMap
from engine.policy.findings import Finding, error
from engine.policy.load import read_policy
from engine.policy.policy import Policy
from engine.ports import Clock, DataAdapter
from engine.retention.purge import Settings
from engine.retention.service import RetentionService
from engine.store.database import Database

STORE = "upheld"
"""The name of Upheld's own database in its data map."""

OWN_PEOPLE, OWN_KEY = "upheld-people", "subject_id"
"""The dataset of people in its data map, and the field that its other datasets name them by."""

_FOLDER = Path(engine.store.__file__).with_name("own")


def own_policy() -> Policy:
    """What Upheld promises of its own tables: the newest version."""
    return read_policy(max(path.parent for path in _FOLDER.glob("*/policy.yaml")))


def own_datamap(database: Database) -> DataMap:
    """Where the personal data lies in Upheld's own tables."""
    url = database.url.render_as_string(hide_password=False)
    return read_datamap(_FOLDER / "datamap.yaml", {"UPHELD_DATABASE_URL": url})


def foreign_only(datamap: DataMap, own_url: str) -> Iterator[Finding]:
    """A data map of the platform must leave Upheld's own database alone: what is wrong where it does not.

    Erasures and purges of the platform's data would otherwise reach into the proof that they happened.
    """
    own = make_url(own_url)
    for name, spec in datamap.stores.items():
        if name == STORE or _is(spec.url, own):
            message = f"the store `{name}` is Upheld's own database, which has a policy of its own"
            yield error("OWN_STORE", message, datamap.document.at("stores", name))


def _is(url: str | None, own: URL) -> bool:
    try:
        other = make_url(url or "")
    except ArgumentError:
        return False
    if (other.get_backend_name(), own.get_backend_name()) == ("sqlite", "sqlite"):
        return Path(other.database or "").resolve() == Path(own.database or "").resolve()
    here = (own.get_backend_name(), own.host, own.port, own.database)
    return here == (other.get_backend_name(), other.host, other.port, other.database)


def own_retention(
    database: Database, adapters: Mapping[str, DataAdapter], clock: Clock
) -> RetentionService:
    """Retention over Upheld's own tables; `adapters` has one for `STORE`.

    Caps and first approvals do not apply: most one-time codes are always due.
    """
    settings = Settings(guarded=False)
    policy, datamap = own_policy(), own_datamap(database)
    return RetentionService(database, policy, datamap, adapters, clock, settings)
