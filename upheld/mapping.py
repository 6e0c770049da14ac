"""The data map's tools: a proposal from a schema, and what does not agree with the stores."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from adapters.sql import SqlAdapter
from engine.datamap.drift import find_drift
from engine.datamap.load import check_against
from engine.datamap.scan import propose
from engine.errors import InvalidInput
from engine.policy.findings import Finding
from engine.policy.policy import Policy
from upheld.bootstrap import House


def propose_map(url: str, store: str) -> str:
    """A proposed data map for the database at `url`, as YAML; each guess is marked as one."""
    try:
        address = make_url(url)
    except ArgumentError:
        raise InvalidInput(
            "this is not a database address; write one such as sqlite:///platform.db "
            "or postgresql+psycopg://user@host/name",
            "url",
        ) from None
    _require_file(address)
    adapter = SqlAdapter(store, url)
    try:
        return propose(adapter.shapes(), store=store)
    finally:
        adapter.close()


def _require_file(address: URL) -> None:
    """SQLite would make an empty database of a mistyped name."""
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").exists():
        raise InvalidInput(f"no database file at `{address.database or ''}`", "url")


def check_map(house: House, policy: Policy) -> list[Finding]:
    """Where the data map disagrees with a version of the policy or with what the stores hold."""
    found = [
        *check_against(house.datamap, policy),
        *find_drift(house.datamap, house.adapters),
    ]
    return sorted(found, key=lambda finding: finding.where)
