"""The API over real parts: Upheld's store, a platform's database, the published policy and its data map.

A folder of tests takes these fixtures by importing them into its conftest.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, insert
from werkzeug.test import TestResponse

from adapters import tls
from adapters.notify import MaildirNotifier
from adapters.registry import open_adapters
from engine.access.service import Access
from engine.audit.erasure_list import ErasureList
from engine.audit.keys import load_or_create
from engine.audit.notary import Notary
from engine.consent.facts import ConsentFacts
from engine.consent.guardianship import GuardianService
from engine.consent.service import ConsentService
from engine.datamap.directory import PlatformDirectory
from engine.datamap.load import read_datamap
from engine.decisions.log import DecisionLog, Scribe, Spool
from engine.decisions.service import DecisionService
from engine.decisions.table import Table, compile_table
from engine.enforcement.quick import QuickFacts
from engine.enforcement.service import Enforcement
from engine.policy.diff import stamps
from engine.policy.policy import Policy
from engine.policy.versions import PolicyFolder, Versions
from engine.promises.disclosures import Disclosures
from engine.promises.reports import Reports
from engine.promises.service import PromiseService
from engine.retention.memory import nobody_agreed, nobody_chose
from engine.retention.restricted import RestrictedData
from engine.retention.restricted_records import RestrictedRecords
from engine.retention.service import RetentionService
from engine.rights.certificate import Signer
from engine.rights.parts import Parts, Settings
from engine.rights.service import RightsService
from engine.store.database import Database
from tests.support.clock import FrozenClock
from upheld.demo.schema import metadata as platform_tables
from upheld.demo.schema import users
from web.api.quick import DecisionPath
from web.app import create_app
from web.services import Services, WebConfig

SEED = Path(__file__).parents[2] / "policies" / "aicodewith"
FIRST, SECOND = "2026-04-03", "2026-10-01"
JUNE = datetime(2026, 6, 15, 12, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 1, 12, tzinfo=UTC)
BASE = "http://127.0.0.1:8080"
SECRET = b"0123456789abcdef0123456789abcdef"
STATUS = {"active": 1, "suspended": 2, "cancelled": 3}


@dataclass
class World:
    """An installation: its services, the app over them, and ways to arrange what is the case."""

    services: Services
    app: Flask
    client: FlaskClient
    clock: FrozenClock
    platform_url: str
    _keys: dict[str, str] = field(default_factory=dict)

    def key_for(self, scope: str) -> str:
        """The installation's key of one scope."""
        if scope not in self._keys:
            self._keys[scope] = self.key(scope)
        return self._keys[scope]

    def key(self, *scopes: str) -> str:
        """A new API key."""
        return self.services.access.keys.create("test", scopes)[1]

    def post(
        self, path: str, body: Any = None, *, scope: str = "admin", **more: Any
    ) -> TestResponse:
        """Call with a key of a scope."""
        headers = {"Authorization": f"Bearer {self.key_for(scope)}", **more.pop("headers", {})}
        return self.client.post(path, json=body, headers=headers, base_url=BASE, **more)

    def get(self, path: str, *, scope: str | None = None, **more: Any) -> TestResponse:
        """Ask with a key of a scope, or with none."""
        headers = {"Authorization": f"Bearer {self.key_for(scope)}"} if scope else {}
        return self.client.get(
            path, headers={**headers, **more.pop("headers", {})}, base_url=BASE, **more
        )

    def person(self, subject: str, **facts: Any) -> str:
        """Put a person on the platform and let them say what they have said."""
        add_person(
            self.platform_url, subject, facts.get("region", "DE"), facts.get("account", "active")
        )
        consent = self.services.consent
        if facts.get("agreed"):
            consent.agree(subject, facts["agreed"], {}, source="test")
        for choice, on in facts.get("choices", {}).items():
            consent.choose(subject, choice, on, source="test")
        for purpose in facts.get("objected", ()):
            consent.set_objection(subject, purpose, True, source="test")
        if facts.get("restricted"):
            with self.services.database.begin() as conn:
                consent.restrict(conn, subject, True)
        return subject


def add_person(url: str, subject: str, region: str, account: str) -> None:
    """Write a person's row on the platform."""
    engine = create_engine(url)
    row = {
        "id": int(subject),
        "email": f"person{subject}@example.com",
        "username": f"person{subject}",
        "password_hash": "-",
        "display_name": "A Person",
        "country": region,
        "status": STATUS[account],
        "created_at": 1_770_000_000,
        "updated_at": 1_770_000_000,
        "balance_cents": 0,
    }
    with engine.begin() as conn:
        conn.execute(insert(users), row)
    engine.dispose()


def tables(versions: Versions) -> Callable[[str], Table]:
    """Gives the table of a version, compiled once."""

    @cache
    def table(version: str) -> Table:
        policy = versions.get(version)
        return compile_table(policy, stamps(versions.up_to(policy)))

    return table


@pytest.fixture
def dialect() -> str:
    """SQLite, unless a module asks for both."""
    return "sqlite"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The policies, both versions published."""
    path = tmp_path_factory.mktemp("policies") / "aicodewith"
    shutil.copytree(SEED, path)
    for version in (FIRST, SECOND):
        PolicyFolder(path).publish(version, by="an officer", now=JUNE)
    return path


@pytest.fixture(scope="session")
def versions(folder: Path) -> Versions:
    """The published versions."""
    return PolicyFolder(folder).published()


@pytest.fixture(scope="session")
def table_of(versions: Versions) -> Callable[[str], Table]:
    """The table of a version, compiled once."""
    return tables(versions)


@pytest.fixture
def make_world(
    database: Database,
    platform_url: str,
    clock: FrozenClock,
    folder: Path,
    versions: Versions,
    table_of: Callable[[str], Table],
    tmp_path: Path,
) -> Iterator[Callable[..., World]]:
    """Builds an installation; what is given replaces a service."""
    engine = create_engine(platform_url)
    platform_tables.create_all(engine)
    engine.dispose()
    logs = tmp_path / "access-logs"
    logs.mkdir()
    environ = {"UPHELD_PLATFORM_URL": platform_url, "UPHELD_ACCESS_LOGS": str(logs)}
    datamap = read_datamap(folder / "datamap.yaml", environ)
    datamap = _only_the_database(datamap)
    adapters = open_adapters(datamap)

    def in_force() -> Table | None:
        policy = versions.in_force(clock.now())
        return policy and table_of(policy.version)

    def chain() -> Sequence[Policy]:
        policy = versions.in_force(clock.now())
        return versions.up_to(policy) if policy else ()

    made: list[Enforcement] = []

    def make(base_url: str = BASE, **replaced: Any) -> World:
        config = WebConfig(base_url, SECRET)
        directory = PlatformDirectory(datamap, adapters)
        consent = ConsentService(
            database, lambda: versions, directory, clock, base_url=config.base_url,
            restrictions=RestrictedData(database, chain, datamap, adapters, clock),
        )  # fmt: skip
        keyring = load_or_create(tmp_path / "keys", {})
        notifier = MaildirNotifier(tmp_path / "mail", "privacy@example.com")
        parts = Parts(
            database=database,
            versions=lambda: versions,
            datamap=datamap,
            adapters=adapters,
            consent=consent,
            notifier=notifier,
            clock=clock,
            erasures=ErasureList(keyring.erasure_key, tmp_path / "erased.list"),
            signer=Signer(keyring, "ledger.example.com"),
            settings=Settings(base_url),
            scribe=Scribe(SECRET),
        )
        access = Access(database, clock, SECRET)
        facts = ConsentFacts(consent)
        quick = QuickFacts(database, access.keys, access.allowances, facts, in_force, clock)
        log = DecisionLog(Scribe(SECRET), Spool(tmp_path / "decisions", limit=10_000_000), clock)
        decisions = DecisionService(database, in_force, facts, clock)
        made.append(Enforcement(decisions, quick, log))
        services = Services(
            config=config,
            database=database,
            clock=clock,
            access=access,
            versions=lambda: versions,
            consent=consent,
            guardians=GuardianService(database, consent, clock),
            directory=directory,
            notifier=notifier,
            events=RetentionService(database, versions.get(FIRST), datamap, adapters, clock),
            enforcement=made[-1],
            datamap=lambda: datamap,
            rights=RightsService(parts, SECRET),
            promises=PromiseService(
                database, lambda: versions, datamap, adapters, clock, tls.probe
            ),
            reports=Reports(database, decisions, clock),
            disclosures=Disclosures(database, decisions, lambda: versions, clock),
            records=RestrictedRecords(
                database, chain, datamap, adapters, clock, nobody_agreed, nobody_chose
            ),
            audit=Notary(database, keyring, "ledger.example.com", clock),
        )
        services = replace(services, **replaced)
        app = create_app(services)
        app.wsgi_app = DecisionPath(app.wsgi_app, services)
        return World(services, app, app.test_client(), clock, platform_url)

    yield make
    for enforcement in made:
        enforcement.close()
    for adapter in adapters.values():
        adapter.close()


def _only_the_database(datamap: Any) -> Any:
    kept = {n: d for n, d in datamap.datasets.items() if d.store == "platform"}
    return replace(datamap, datasets=kept, stores={"platform": datamap.stores["platform"]})


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """An installation in June 2026, when the first version is in force."""
    return make_world()
