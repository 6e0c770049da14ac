"""A small installation for officers: people who asked, calls that are due above the cap, holds, promises.

`desk`    the console over it, and an officer who can log in
`manned`  the same behind a real HTTP server, for a browser
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, insert, text
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from adapters.registry import open_adapters
from engine.audit.keys import Keyring
from engine.audit.notary import Notary
from engine.datamap.load import read_datamap
from engine.promises.promise import State
from engine.retention.holds import Scope
from engine.retention.service import RetentionService
from engine.store.tables.decisions import decision_log
from tests.support.clock import FrozenClock
from tests.support.mail import Mailbox
from tests.web.conftest import BASE_URL, DATAMAP, Client, Site, build_site, csrf_token
from web.app import create_app
from web.console import ORDERS

PARTS = ("web.portal", "web.console")
OFFICER, PASSWORD = "mira", "a long enough password"
CALLS, DUE = 300, 180
DAYS_OVER = 120

CALLS_MAP = """
  calls:
    store: platform
    table: calls
    key: id
    row: usage.call
    subject: {user_id: people.id}
    times: {record.created: {field: made_at}}
    fields:
      model: usage.call
"""
EVIL = "<script>alert(1)</script>"


@dataclass
class Desk:
    """The console, what stands around it, and an officer."""

    site: Site
    retention: RetentionService
    platform: str

    @property
    def app(self) -> Flask:
        return self.site.app

    def lose(self, table: str) -> None:
        """Let a table of the platform be gone."""
        engine = create_engine(self.platform)
        with engine.begin() as conn:
            conn.execute(text(f"DROP TABLE {table}"))
        engine.dispose()

    def finish(self) -> None:
        """Wait until every order that was given is carried out."""
        settle(self.app)

    def client(self) -> "Officer":
        """A browser that nobody has logged in with."""
        return Officer(self.site)

    def officer(self) -> "Officer":
        """A browser with an officer logged in."""
        client = self.client()
        assert client.enter(OFFICER, PASSWORD).status_code == 303
        return client

    def ask(self, right: str, details: Mapping[str, Any] | None = None, subject: str = "1") -> str:
        """A person asks; returns the request's id."""
        rights = self.site.services.rights
        assert rights is not None
        return rights.file(subject, right, details, source="portal", proved=True).id


class Officer(Client):
    """A client of the console: its forms take their token from the console's own pages."""

    def enter(self, name: str, password: str, **more: str) -> TestResponse:
        return self.post("/console/login", {"name": name, "password": password, **more})

    def post(self, path: str, data: Mapping[str, Any] = {}, **more: Any) -> TestResponse:
        page = self.get("/console/login", follow_redirects=True)
        return self.raw_post(path, {"csrf_token": csrf_token(page), **data}, **more)

    def order(self, path: str, data: Mapping[str, str] = {}) -> TestResponse:
        """Order long work and see what came of it, once it is done."""
        answer = self.post(path, data)
        assert answer.status_code == 303, answer.text
        settle(self.site.app)
        return self.get(answer.location, follow_redirects=True)


def settle(app: Flask) -> None:
    """Wait until every order that was given is carried out."""
    app.extensions[ORDERS].finish()


@pytest.fixture
def desk(
    tmp_path: Path, sqlite_template: Path, clock: FrozenClock, smtp: Mailbox
) -> Iterator[Desk]:
    """The console at 2026-06-15T12:00Z."""
    built = build_desk(tmp_path, sqlite_template, clock, smtp)
    yield built
    settle(built.app)
    built.site.services.database.dispose()


def build_desk(
    folder: Path, template: Path, clock: FrozenClock, mailbox: Mailbox, base_url: str = BASE_URL
) -> Desk:
    """Build the installation in a folder."""
    site = build_site(folder, template, clock, mailbox, base_url)
    platform = f"sqlite:///{folder / 'platform.db'}"
    _calls(platform, clock.now())
    (folder / "datamap.yaml").write_text(DATAMAP + CALLS_MAP)
    datamap = read_datamap(folder / "datamap.yaml", {"PLATFORM": platform})
    services = site.services
    policy = services.versions().get("2026-04-03")
    adapters = open_adapters(datamap, clock)
    retention = RetentionService(services.database, policy, datamap, adapters, clock)
    notary = Notary(services.database, Keyring(b"l" * 32, b"e" * 32), "desk.example", clock)
    site.services = replace(services, retention=lambda: retention, audit=notary)
    site.app = create_app(site.services, PARTS)
    site.services.access.officers.add(OFFICER, PASSWORD)
    return Desk(site, retention, platform)


def _calls(url: str, now: datetime) -> None:
    engine = create_engine(url)
    with engine.begin() as conn:
        conn.execute(
            text(
                "CREATE TABLE calls (id INTEGER PRIMARY KEY, user_id INTEGER, model TEXT, made_at TIMESTAMP)"
            )
        )
        add = text("INSERT INTO calls VALUES (:id, 1, 'm', :at)")
        for number in range(CALLS):
            at = now - timedelta(days=DAYS_OVER if number < DUE else 3, minutes=number)
            conn.execute(add, {"id": number, "at": at.replace(tzinfo=None).isoformat(" ")})
    engine.dispose()


def seed(desk: Desk) -> dict[str, str]:
    """Fill the desk with one of everything; returns the names that addresses need."""
    services, retention, now = desk.site.services, desk.retention, desk.site.clock.now()
    request_id = desk.ask("deletion", subject="2")
    desk.ask("complaint", {"text": f"You are slow. {EVIL}"})
    hold = retention.add_hold(
        "payment-dispute" if "payment-dispute" in _reasons(retention) else _reasons(retention)[0],
        Scope(subject="1"),
        note=f"case 7 {EVIL}",
        by=OFFICER,
        review_at=now + timedelta(days=7),
    )
    desk.site.find(
        "5.b",
        State.BROKEN,
        f"180 rows are older than they may be {EVIL}",
        "the oldest is 120 days old",
    )
    desk.site.find("5.a", State.KEPT, "nothing is overdue")
    plan = retention.plan()
    retention.approve(plan.digest, officer=OFFICER)
    run = retention.purge(plan.digest)
    retention.verify(run.id)
    desk.site.clock.advance(timedelta(minutes=5))
    key, _text = services.access.keys.create(f"billing {EVIL}", ["decide"])
    services.audit.checkpoint()
    return {
        "request_id": request_id,
        "digest": plan.digest,
        "run_id": run.id,
        "hold_id": hold.id,
        "clause": "5.b",
        "version": "2026-04-03",
        "int:index": "0",
        "int:number": "0",
        "prefix": key.prefix,
    }


def log(desk: Desk, count: int, **told: str) -> None:
    """Log decisions, the last the latest, two at each moment."""
    now = desk.site.services.clock.now()
    row = {
        "spool": "s", "caller": "abc", "mode": "enforce", "subject": "f" * 64, "operation": "use",
        "category": "usage.call", "purpose": "service", "recipient": "", "effect": "permit",
        "rule": "calls", "lacks": "", "version": "2026-01-01", "digest": "d", **told,
    }  # fmt: skip
    rows = [
        {**row, "place": n, "request": told.get("request") or f"call-{n}-{row['rule']}"[:64],
         "at": now - timedelta(minutes=(count - n) // 2)}
        for n in range(count)
    ]  # fmt: skip
    with desk.site.services.database.begin() as conn:
        conn.execute(insert(decision_log), rows)


def _reasons(retention: RetentionService) -> list[str]:
    policy = retention.policy
    return [*(hold.id for hold in policy.holds), *(one.id for one in policy.statutes)]


@dataclass
class Manned:
    """A desk behind a real HTTP server."""

    desk: Desk
    url: str


@pytest.fixture
def manned(
    tmp_path: Path, sqlite_template: Path, clock: FrozenClock, smtp: Mailbox
) -> Iterator[Manned]:
    """The console on a free loopback port."""
    server = make_server("127.0.0.1", 0, Flask("not yet"), threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    desk = build_desk(tmp_path, sqlite_template, clock, smtp, url)
    server.app = desk.app
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Manned(desk, url)
    server.shutdown()
    thread.join()
    server.server_close()
    settle(desk.app)
    desk.site.services.database.dispose()
