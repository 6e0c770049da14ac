"""What a new version would do to live data, people and open requests, found without touching any of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.consent.outlook import Asked, outlook
from engine.consent.store import facts_of
from engine.datamap.directory import everybody
from engine.datamap.load import check_against
from engine.errors import PolicyError
from engine.policy.policy import Policy
from engine.retention.comparing import DatasetChange
from engine.retention.planning import Progress
from engine.rights import store as requests
from engine.rights.outlook import Affected, affected
from engine.rights.state import Status
from upheld.bootstrap import House

_EVERY = 1_000_000


@dataclass(frozen=True)
class Impact:
    """What is so at `at`: when the new version comes into force, or now if it is then in force already."""

    at: datetime
    datasets: tuple[DatasetChange, ...]
    asked: Asked
    requests: tuple[Affected, ...]


def impact(house: House, old: Policy, new: Policy, progress: Progress) -> Impact:
    """Compare what both versions would do. PolicyError if the data map does not fit the new version."""
    findings = check_against(house.datamap, new)
    if findings:
        raise PolicyError(f"{findings[0].where}: {findings[0].message}", findings)
    at = max(
        house.clock.now(), datetime.combine(new.effective, datetime.min.time(), new.header.zone)
    )
    before, after = _chain(house, old), _chain(house, new)
    datasets = house.retention.compare(before, after, at, progress)
    return Impact(at, datasets, _asked(house, after, at), _requests(house, new))


def _chain(house: House, policy: Policy) -> list[Policy]:
    """The published versions before one, and it, oldest first."""
    older = [p for p in house.versions().up_to(policy) if p.version != policy.version]
    return [*older, policy]


def _asked(house: House, chain: Sequence[Policy], at: datetime) -> Asked:
    with house.database.read() as conn:
        people = everybody(house.datamap, house.adapters)
        return outlook(people, lambda ids: facts_of(conn, ids), chain, at)


def _requests(house: House, new: Policy) -> tuple[Affected, ...]:
    waiting = [status for status in Status if not status.closed]
    with house.database.read() as conn:
        return tuple(affected(requests.having(conn, waiting, limit=_EVERY), new))
