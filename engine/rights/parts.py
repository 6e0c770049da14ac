"""What carrying out requests needs: the stores, the services, and how long things last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection

from engine.audit.erasure_list import ErasureList
from engine.consent.reaching import GuardedDirectory
from engine.consent.service import ConsentService
from engine.datamap.map import DataMap
from engine.decisions.log import Scribe
from engine.errors import Unavailable
from engine.policy.policy import Policy
from engine.policy.versions import Versions
from engine.ports import Clock, DataAdapter, Notifier
from engine.retention import holds
from engine.rights.certificate import Signer
from engine.rights.erasure import Wait
from engine.rights.letters import letter
from engine.rights.store import Request
from engine.store.database import Database

SOURCE = "upheld rights"
RESTRICTED_FOR = timedelta(days=90)
"""After this, an officer looks at a restriction again."""


@dataclass(frozen=True)
class Settings:
    """How long things last, and where people find their requests.

    `state` is a folder for building copies; `lease`: after which silence a worker counts as dead.
    """

    base_url: str
    verify_within: timedelta = timedelta(days=14)
    package_lasts: timedelta = timedelta(days=14)
    retry_after: timedelta = timedelta(minutes=15)
    lease: timedelta = timedelta(minutes=2)
    state: Path | None = None


@dataclass(frozen=True)
class Parts:
    """Everything that carrying out a request needs."""

    database: Database
    versions: Callable[[], Versions]
    datamap: DataMap
    adapters: Mapping[str, DataAdapter]
    consent: ConsentService
    notifier: Notifier
    clock: Clock
    erasures: ErasureList
    signer: Signer
    settings: Settings
    scribe: Scribe
    directory: GuardedDirectory = field(init=False)

    def __post_init__(self) -> None:
        directory = GuardedDirectory(self.datamap, self.adapters, self.consent.answering)
        object.__setattr__(self, "directory", directory)

    def in_force(self) -> Policy:
        """The policy in force; Unavailable if there is none."""
        policy = self.versions().in_force(self.clock.now())
        if policy is None:
            raise Unavailable("no published version of the policy is in force")
        return policy

    def url(self, request: Request) -> str:
        """Where the person finds the request."""
        return f"{self.settings.base_url}/you/requests/{request.id}"

    def write(self, addresses: Sequence[str], name: str, request: Request, **told: Any) -> bool:
        """Send a letter to every address; returns whether all were taken. Mail that fails stops no work."""
        told = {"right": request.right, "url": self.url(request)} | told
        message = letter(name, request.language, **told)
        try:
            for address in addresses:
                self.notifier.send(address, message.subject, message.body)
        except Unavailable:
            return False
        return True


class Handler(Protocol):
    """Carries out one right; returns what must be waited for, or None when the request has ended."""

    def __call__(self, request: Request) -> Wait | None: ...


def restrictions(conn: Connection, subject_id: str) -> list[holds.Hold]:
    """The restrictions that a person asked for and that are in force."""
    active = holds.list_holds(conn)
    return [h for h in active if h.reason == holds.RESTRICTION and h.subject == subject_id]
