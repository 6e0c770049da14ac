"""Some of the rows that a condition means: by their physical address where they have one, else by key."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.sql.conditions import Scope
from adapters.sql.flavour import Test

Done = tuple[int, bool]
"""How many rows were deleted or changed, and whether more may remain."""


def batch(scope: Scope, wanted: Test, limit: int) -> Test:
    """Up to `limit` of the rows that are wanted."""
    source = scope.source
    if source.plain and source.rowid:
        address = scope.flavour.address(source.rowid, source.table)
        chosen = sa.select(address).select_from(source.table).where(wanted).limit(limit)
        return scope.flavour.at_addresses(address, chosen.correlate(None))
    return sa.and_(wanted, _at_keys(scope, wanted, limit))


def _at_keys(scope: Scope, wanted: Test, limit: int) -> Test:
    """By key; the inner query has a name, without which some databases refuse to change what they read."""
    places = scope.key()
    columns = [scope.source.table.c[place.column.name] for place in places]
    chosen = sa.select(*columns).where(wanted).limit(limit).correlate(None).subquery()
    return sa.tuple_(*columns).in_(sa.select(*chosen.c))
