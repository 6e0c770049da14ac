"""A small shop with untidy data: two databases and a folder of logs, its policy and map written here.

Customers order, pay, and write to each other; invoices must be kept by law and point to the customer by a
foreign key; visits lie in another database and lead to a customer through an order; a log is in files.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, create_engine, text

from adapters.notify import MaildirNotifier
from adapters.registry import open_adapters
from engine.audit.erasure_list import ErasureList
from engine.audit.keys import Keyring
from engine.consent.service import ConsentService
from engine.datamap.directory import PlatformDirectory
from engine.datamap.load import read_datamap
from engine.decisions.log import Scribe
from engine.policy.load import read_policy
from engine.policy.policy import Policy
from engine.policy.versions import Versions
from engine.ports import Clock, Notifier
from engine.retention.restricted import RestrictedData
from engine.rights.certificate import Signer
from engine.rights.parts import Parts, Settings
from engine.rights.service import RightsService
from engine.store.database import Database
from tests.support.policies import policy as write_policy

VERSION = "2026-01-01"
CATEGORIES = {
    "account": {"email": {}, "name": {}, "secret": {}, "state": {}},
    "order": {"record": {}, "note": {}},
    "bill": {"invoice": {}},
    "device": {"ip": {}, "visit": {}, "log": {}},
    "mail": {"message": {}},
    "guess": {"taste": {}},
}
PERSON = {"from": "person"}
COLLECTION = [
    {"data": ["account.email", "account.name"], **PERSON},
    {"data": ["account.secret", "account.state"], "from": ["person", "observed"]},
    {"data": ["order", "bill", "mail"], **PERSON},
    {"data": ["device"], "from": "observed"},
    {"data": ["guess"], "from": "derived"},
]
USE = [
    {
        "data": ["account", "order", "bill", "device", "mail"],
        "for": ["service"],
        "basis": "contract",
    },
    {"data": ["guess"], "for": ["improve"], "basis": "consent", "choice": "better"},
    {"data": ["bill"], "for": ["books"], "basis": "legal obligation"},
]
SHARING = [{"data": ["bill"], "for": ["service"], "with": ["cloud"], "basis": "contract"}]
RECIPIENTS = {
    "cloud": {"name": "Cloud <Ltd>", "role": "processor", "countries": ["US"],
              "safeguard": {"US": "standard clauses"}}
}  # fmt: skip
RETENTION = [
    {"data": ["account", "order", "device", "mail", "guess"], "keep": "30 days",
     "after": "account.cancelled", "then": "delete"},
    {"data": ["bill"], "keep": "as required by law", "then": "delete"},
]  # fmt: skip
HOLDS = [{"id": "dispute", "data": ["order"], "for": "an open dispute", "review every": "6 months"}]
LAW = "as required by law"
RIGHTS = [
    {"right": "access", "data": ["everything"], "answer within": LAW},
    {"right": "correction", "data": ["everything"], "answer within": LAW},
    {
        "right": "deletion",
        "data": ["everything"],
        "answer within": "30 days",
        "cooling off": "3 days",
    },
    {"right": "export", "data": ["everything"], "answer within": LAW},
    {"right": "restriction", "data": ["everything"], "answer within": LAW},
    {"right": "objection", "data": ["everything"], "answer within": LAW},
    {"right": "withdrawal", "data": ["everything"], "answer within": "1 day"},
    {"right": "complaint", "data": ["everything"], "answer within": LAW},
]
STATUTES = """
- {id: vouchers, data: [bill.invoice], of: controller, in: [DE], at least: 8 years,
   after: end of the year of record.created, source: "AO § 147", as of: 2026-01-01}
"""
DATAMAP = """
stores:
  shop: {adapter: sql, url: "${SHOP}"}
  visits: {adapter: sql, url: "${VISITS}"}
  logs: {adapter: jsonl, path: "${LOGS}"}
datasets:
  customers:
    store: shop
    table: customers
    key: id
    row: account
    person: customer
    identities: {user_id: id, email: email}
    facts: {region: {field: country}, account: {field: status, is: {1: active, 2: cancelled}}}
    times: {record.created: {field: created_at, as: epoch seconds}}
    fields:
      email: account.email
      name: account.name
      password_hash: account.secret
      country: account.state
      status: account.state
      taste: guess.taste
  orders:
    store: shop
    table: orders
    key: id
    row: order.record
    subject: {customer_id: customers.id}
    times: {record.created: {field: created_at, as: text}}
    fields: {note: order.note, created_at: order.record, meta.ip: device.ip}
  lines:
    store: shop
    table: order_lines
    key: id
    row: order.record
    subject: {order_id: orders.id}
    fields: {article: order.record}
  invoices:
    store: shop
    table: invoices
    key: id
    row: bill.invoice
    subject: {customer_id: customers.id}
    times: {record.created: {field: created_at, as: text}}
    fields: {cents: bill.invoice, created_at: bill.invoice, buyer: {is: account.name, erase: "-"}}
  messages:
    store: shop
    table: messages
    key: id
    row: mail.message
    subject: {sender: customers.email, receiver: customers.email}
    fields: {body: mail.message, sender: account.email, receiver: account.email}
  visits:
    store: visits
    table: visits
    key: id
    row: device.visit
    subject: {order_id: orders.id}
    fields: {ip: device.ip}
  log:
    store: logs
    files: access-%Y-%m-%d.jsonl
    row: device.log
    subject: {user: customers.id}
    fields: {path: device.log, ip: device.ip}
  shop_backup: {store: shop, backup of: [customers, orders]}
"""
SHOP = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, email VARCHAR(60) NOT NULL UNIQUE, name VARCHAR(40) NOT NULL,
  password_hash TEXT NOT NULL, country VARCHAR(2), status INTEGER NOT NULL, taste TEXT,
  created_at BIGINT NOT NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id),
  note TEXT, meta JSON, created_at TEXT NOT NULL);
CREATE TABLE order_lines (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id),
  article TEXT);
CREATE TABLE invoices (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id),
  cents INTEGER, created_at TEXT NOT NULL, buyer TEXT NOT NULL);
CREATE TABLE messages (id INTEGER PRIMARY KEY, sender TEXT NOT NULL, receiver TEXT NOT NULL, body TEXT)
"""
VISITS = "CREATE TABLE visits (id INTEGER PRIMARY KEY, order_id INTEGER, ip TEXT)"
CARD = "4111 1111 1111 1111"


@dataclass
class Shop:
    """The shop, opened: its rights service and a way into each database."""

    rights: RightsService
    parts: Parts
    engines: Mapping[str, Engine]
    folder: Path

    def sql(self, statement: str, store: str = "shop", **values: Any) -> None:
        with self.engines[store].begin() as conn:
            conn.execute(text(statement), values)

    def rows(self, query: str, store: str = "shop") -> list[tuple[Any, ...]]:
        with self.engines[store].connect() as conn:
            return [tuple(row) for row in conn.execute(text(query))]

    def value(self, query: str, store: str = "shop") -> Any:
        return self.rows(query, store)[0][0]

    def dump(self) -> str:
        """Every value in every store, as one text."""
        tables = ("customers", "orders", "order_lines", "invoices", "messages")
        found = [str(self.rows(f"SELECT * FROM {table}")) for table in tables]
        found.append(str(self.rows("SELECT * FROM visits", "visits")))
        logs = sorted((self.folder / "logs").glob("*"))
        return "\n".join([*found, *(path.read_text() for path in logs)])

    def close(self) -> None:
        for adapter in self.parts.adapters.values():
            adapter.close()
        for engine in self.engines.values():
            engine.dispose()


def open_shop(
    folder: Path,
    shop_url: str,
    database: Database,
    clock: Clock,
    notifier: Notifier | None = None,
) -> Shop:
    """Open a shop that `found_shop` made in this folder."""
    visits_url = f"sqlite:///{folder / 'visits.db'}"
    environ = {"SHOP": shop_url, "VISITS": visits_url, "LOGS": str(folder / "logs")}
    datamap = read_datamap(folder / "datamap.yaml", environ)
    versions = Versions((shop_policy(),), {})
    adapters = open_adapters(datamap, clock)
    notifier = notifier or MaildirNotifier(folder / "mail")
    settings = Settings(base_url="https://shop.example", state=folder)

    directory = PlatformDirectory(datamap, adapters)
    consent = ConsentService(
        database, lambda: versions, directory, clock, base_url="https://shop.example",
        restrictions=RestrictedData(database, lambda: versions.policies, datamap, adapters, clock),
    )  # fmt: skip
    parts = Parts(
        database=database,
        versions=lambda: versions,
        datamap=datamap,
        adapters=adapters,
        consent=consent,
        notifier=notifier,
        clock=clock,
        erasures=ErasureList(b"e" * 32, folder / "erased.list"),
        signer=Signer(Keyring(b"k" * 32, b"e" * 32), "shop.example/upheld"),
        settings=settings,
        scribe=Scribe(b"s" * 32),
    )
    engines = {"shop": create_engine(shop_url), "visits": create_engine(visits_url)}
    return Shop(RightsService(parts, b"s" * 32), parts, engines, folder)


@cache
def shop_policy() -> Policy:
    """The shop's policy, written and loaded once a run."""
    with TemporaryDirectory(prefix="shop-policy-") as folder:
        policies = Path(folder)
        write_policy(
            policies, VERSION, categories=CATEGORIES, collection=COLLECTION, use=USE, sharing=SHARING,
            recipients=RECIPIENTS, retention=RETENTION, holds=HOLDS, rights=RIGHTS,
            choices=[{"id": "better", "default": "off", "ask": "May we?"}], subjects=["customer"],
            purposes={"service": {}, "improve": {}, "books": {}},
            contact={"clause": "1.a", "email": "privacy@shop.example"},
            header={"controller": {"name": "The Shop", "country": "DE"}, "timezone": "Europe/Berlin",
                    "jurisdictions": ["DE"]},
        )  # fmt: skip
        (policies / "statutes.yaml").write_text(STATUTES)
        return read_policy(policies / VERSION)


def found_shop(folder: Path, shop_url: str, customers: int, now: datetime) -> None:
    """Write the map, make the tables, and let customers 1 to `customers` leave data everywhere."""
    (folder / "datamap.yaml").write_text(DATAMAP)
    _run(shop_url, SHOP)
    _run(f"sqlite:///{folder / 'visits.db'}", VISITS)
    _fill(folder, shop_url, customers, now)


def _run(url: str, statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as conn:
        for statement in statements.split(";"):
            conn.execute(text(statement))
    engine.dispose()


def _fill(folder: Path, shop_url: str, customers: int, now: datetime) -> None:
    engine, visits = create_engine(shop_url), create_engine(f"sqlite:///{folder / 'visits.db'}")
    lines = []
    with engine.begin() as conn, visits.begin() as other:
        for n in range(1, customers + 1):
            conn.execute(
                text(
                    "INSERT INTO customers VALUES (:n, :email, :name, 'argon2:x', 'DE', 1, 'jazz', :at)"
                ),
                {
                    "n": n,
                    "email": f"C{n}@Mail.example",
                    "name": f"Name{n}",
                    "at": int(now.timestamp()),
                },
            )
            for k in range(3):
                order = n * 10 + k
                conn.execute(
                    text("INSERT INTO orders VALUES (:o, :n, :note, :meta, :at)"),
                    {"o": order, "n": n, "note": f"=note{n} {CARD}", "at": "2026-05-01T12:00:00Z",
                     "meta": f'{{"ip": "10.0.{n}.{k}", "agent": "x"}}'},
                )  # fmt: skip
                conn.execute(
                    text("INSERT INTO order_lines VALUES (:o, :o, :a)"),
                    {"o": order, "a": f"art{n}"},
                )
                other.execute(
                    text("INSERT INTO visits VALUES (:o, :o, :ip)"),
                    {"o": order, "ip": f"10.9.{n}.{k}"},
                )
            _bills_and_mail(conn, n, customers)
            lines.append(f'{{"user": {n}, "path": "/p{n}", "ip": "10.8.{n}.1"}}\n')
    (folder / "logs").mkdir()
    (folder / "logs" / "access-2026-05-01.jsonl").write_text("".join(lines))
    engine.dispose()
    visits.dispose()


def _bills_and_mail(conn: Any, n: int, customers: int) -> None:
    """An invoice under the statute, one that is older; a message to the next customer, one to the shop."""
    for key, at in ((n * 10, "2026-05-01T12:00:00Z"), (n * 10 + 1, "2015-05-01T12:00:00Z")):
        values = {"k": key, "n": n, "at": at, "buyer": f"Name{n}"}
        conn.execute(text("INSERT INTO invoices VALUES (:k, :n, 999, :at, :buyer)"), values)
    following = n % customers + 1
    for key, to in ((n * 10, f"c{following}@mail.example"), (n * 10 + 1, "desk@shop.example")):
        values = {"k": key, "f": f"c{n}@mail.example", "t": to, "b": f"body{n}"}
        conn.execute(text("INSERT INTO messages VALUES (:k, :f, :t, :b)"), values)
