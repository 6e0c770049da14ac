"""What the web needs from the engine, named in one value; `upheld/bootstrap.py` fills it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from engine.access.service import Access
from engine.consent.guardianship import GuardianService
from engine.consent.service import ConsentService
from engine.datamap.map import DataMap
from engine.enforcement.service import Enforcement
from engine.policy.versions import Versions
from engine.ports import Addresses, Clock, Notifier
from engine.promises.disclosures import Disclosures
from engine.promises.reports import Reports
from engine.promises.service import PromiseService
from engine.retention.restricted_records import RestrictedRecords
from engine.rights.service import RightsService
from engine.store.database import Database


@dataclass(frozen=True, slots=True)
class WebConfig:
    """Settings of the web.

    `base_url` has no slash at the end; every link is built from it, never from a request. `trusted_proxies`
    is how many reverse proxies stand before Upheld. `secret` is at least 32 random bytes.
    """

    base_url: str
    secret: bytes = field(repr=False)
    trusted_proxies: int = 0
    service_url: str = ""
    """Where the platform itself is, for links back to it; empty if not known."""

    @property
    def https(self) -> bool:
        """Whether people reach this over https."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def host(self) -> str:
        """The host, with its port where there is one."""
        return urlsplit(self.base_url).netloc


class Directory(Addresses, Protocol):
    """Who is who on the platform."""

    def find(self, email: str) -> str | None:
        """The subject's id of the person with this address, or None."""
        ...

    def label(self, subject_id: str) -> str:
        """What the platform calls a person."""
        ...


@dataclass(frozen=True)
class Services:
    """Everything that portal, console and API are built on. What is None is not offered."""

    config: WebConfig
    database: Database
    clock: Clock
    access: Access
    versions: Callable[[], Versions]
    consent: ConsentService
    guardians: GuardianService
    directory: Directory
    notifier: Notifier
    rights: RightsService | None = None
    promises: PromiseService | None = None
    retention: Any = None
    enforcement: Enforcement | None = None
    datamap: Callable[[], DataMap] | None = None
    audit: Any = None
    events: Any = None
    reports: Reports | None = None
    disclosures: Disclosures | None = None
    records: RestrictedRecords | None = None
