"""A small shop whose policy has a clause for each kind of rule, on a real database that tests can break."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from adapters.sql import SqlAdapter
from engine.datamap.load import read_datamap
from engine.decisions.decision import Request
from engine.decisions.facts import SubjectFacts
from engine.decisions.table import compile_table
from engine.policy.versions import PolicyFolder, Versions
from engine.promises import observations
from engine.promises.control import TlsFacts
from engine.promises.promise import Promise, State
from engine.promises.service import PromiseService
from engine.retention.service import RetentionService
from engine.store.database import Database
from tests.support.clock import FrozenClock

POLICY = {
    "policy.md": """
# Privacy policy

## 1. What we do

- We collect your address and your orders.
- We never store card numbers.
- We use orders to deliver.
- We use orders for suggestions if you choose so.
- We give orders to our carrier.
- We never sell anything.
- Orders are deleted after 90 days.
- You may ask for a copy.
- We set one cookie.
- Connections are encrypted.
- Our disks are encrypted.
- We tell you of significant changes and ask you again.
- We hold back what a dispute needs.
- Write to us.
- Welcome.
""",
    "policy.yaml": """
policy: shop
version: {version}
effective: {version}
timezone: Europe/Berlin
controller: {{name: Shop, country: DE}}
jurisdictions: [DE]
informative: {{1.o: a welcome}}
""",
    "vocabulary.yaml": """
subjects: [customer]
categories: {account: {email: }, order: {item: }, payment: {card_number: }}
purposes: {deliver: , suggest: {is: direct marketing}, sell: {is: sale}}
""",
    "collection.yaml": """
- {id: basics, clause: 1.a, data: [account, order], from: person}
- {id: no-cards, clause: 1.b, data: [payment.card_number], allow: never}
""",
    "use.yaml": """
- {id: deliver, clause: 1.c, data: [account, order], for: [deliver], basis: contract}
- {id: suggest, clause: 1.d, data: [order], for: [suggest], basis: consent, choice: suggestions}
""",
    "sharing.yaml": """
recipients: {carrier: {name: Carrier Ltd, role: processor, countries: [DE]}}
rules:
- {id: carrier, clause: 1.e, data: [order], for: [deliver], with: [carrier], basis: contract}
- {id: no-sale, clause: 1.f, data: everything, for: [sell], with: everyone, allow: never}
""",
    "retention.yaml": """
rules:
- {id: orders, clause: 1.g, data: [order], keep: 90 days, after: record.created, then: delete}
- {id: account, clause: unstated, data: [account], keep: 30 days, after: account.cancelled, then: delete}
holds:
- {id: dispute, clause: 1.m, data: [order], for: an open dispute, review every: 3 months}
""",
    "consent.yaml": """
agreement: {clause: 1.l, tell by: email}
choices: [{id: suggestions, clause: 1.d, default: off, ask: May we?, lasts: 12 months}]
""",
    "rights.yaml": """
contact: {clause: 1.n, email: privacy@shop.test}
rules: [{id: copy, clause: 1.h, right: access, data: everything, answer within: 30 days}]
""",
    "cookies.yaml": "[{id: login, clause: 1.i, cookies: [session, csrf_*], for: [deliver], exempt: login}]",
    "controls.yaml": """
- {id: tls, clause: 1.j, check: tls, at: "https://shop.test"}
- {id: disks, clause: 1.k, attested by: operations, evidence: a review, until: 2026-12-31}
""",
}  # fmt: skip
DATAMAP = """
stores: {platform: {adapter: sql, url: "${PLATFORM}"}}
datasets:
  users:
    store: platform
    table: users
    key: id
    row: account
    person: customer
    identities: {user_id: id}
    times: {account.cancelled: {field: cancelled_at, as: epoch seconds}}
    fields: {email: account.email}
  orders:
    store: platform
    table: orders
    key: id
    row: order.item
    subject: {user_id: users.id}
    times: {record.created: {field: created_at, as: epoch seconds}}
    fields: {item: order.item}
"""
SCHEMA = (
    "CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(99), cancelled_at BIGINT)",
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER, item VARCHAR(99), created_at BIGINT)",
)
CUSTOMER = SubjectFacts(
    subject="customer", region="DE", account="active", choices={"suggestions": False},
    restricted=False, agreed="2026-01-01",
)  # fmt: skip


class Shop:
    """The shop: `sql` changes its data, `check` looks, `state` is that of one clause."""

    def __init__(self, folder: Path, url: str, database: Database, clock: FrozenClock) -> None:
        self.folder, self.url, self.database, self.clock = folder / "shop", url, database, clock
        self.engine: Engine = create_engine(url)
        self.sql(*SCHEMA)
        self.sql("INSERT INTO users VALUES (1, 'ann@shop.test', NULL)")
        self.order(1, "2026-06-01")
        self.publish("2026-01-01")
        path = folder / "datamap.yaml"
        path.write_text(DATAMAP, encoding="utf-8")
        self.datamap = read_datamap(path, {"PLATFORM": url})
        self.adapters = {"platform": SqlAdapter("platform", url)}
        self.handshake = TlsFacts("https://shop.test", "TLSv1.3", datetime(2027, 1, 1, tzinfo=UTC))
        self.service = PromiseService(
            database,
            self.versions,
            self.datamap,
            self.adapters,
            clock,
            lambda _: self.handshake,
        )

    def versions(self) -> Versions:
        return PolicyFolder(self.folder).published()

    def publish(self, version: str, **changed: tuple[str, str]) -> None:
        path = self.folder / version
        path.mkdir(parents=True)
        for name, content in POLICY.items():
            old, new = changed.get(name.partition(".")[0], ("", ""))
            told = content.format(version=version) if name == "policy.yaml" else content
            (path / name).write_text(told.replace(old, new) if old else told, encoding="utf-8")
        PolicyFolder(self.folder).publish(version, by="officer", now=self.clock.now())

    def sql(self, *statements: str, **values: Any) -> None:
        with self.engine.begin() as conn:
            for statement in statements:
                conn.execute(text(statement), values)

    def order(self, number: int, day: str, item: str = "a book") -> None:
        at = int(datetime.fromisoformat(f"{day}T12:00+00:00").timestamp())
        self.sql("INSERT INTO orders VALUES (:id, 1, :item, :at)", id=number, item=item, at=at)

    def retention(self) -> RetentionService:
        policy = self.versions().policies[-1]
        return RetentionService(self.database, policy, self.datamap, self.adapters, self.clock)

    def reported(self, operation: str, category: str, purpose: str, recipient: str = "") -> None:
        """A service reports what it did; Upheld decides what it thinks of that, and counts it."""
        table = compile_table(self.versions().policies[-1])
        request = Request(operation, category, purpose, recipient)
        decision = table.decide(request, table.facts(CUSTOMER))
        with self.database.begin() as conn:
            observations.record_done(conn, decision, now=self.clock.now())

    def check(self, clause: str) -> Promise:
        return {promise.clause: promise for promise in self.service.check()}[clause]

    def assert_broken(self, clause: str, *words: str) -> None:
        """The clause is broken, and its evidence says these words; so does what pages read."""
        promise = self.check(clause)
        assert promise.state is State.BROKEN, promise
        assert all(word in " ".join(promise.evidence) for word in words), promise.evidence
        assert self.service.current()[clause] == promise

    def close(self) -> None:
        self.adapters["platform"].close()
        self.engine.dispose()


@pytest.fixture
def shop(
    tmp_path: Path, platform_url: str, database: Database, clock: FrozenClock
) -> Iterator[Shop]:
    shop = Shop(tmp_path, platform_url, database, clock)
    yield shop
    shop.close()
