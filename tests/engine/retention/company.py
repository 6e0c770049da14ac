"""The platform that most tests of retention run on: calls and top-ups in one table, and their users."""

from tests.engine.retention.world import World, epoch

USERS = (
    "CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(99), username VARCHAR(99),"
    " status INTEGER, cancelled_at BIGINT)"
)
LOGS = (
    "CREATE TABLE logs (id INTEGER PRIMARY KEY, user_id INTEGER, username VARCHAR(99) NOT NULL,"
    " type INTEGER, content VARCHAR(99), created_at BIGINT)"
)
PLATFORM = """
  calls:
    store: platform
    table: logs
    rows: {type: [2]}
    key: id
    row: usage.call
    subject: {user_id: users.id}
    times: {record.created: {field: created_at, as: epoch seconds}}
    fields: {content: usage.content, username: {is: account.username, erase: ""}}
  topups:
    store: platform
    table: logs
    rows: {type: [1]}
    key: id
    row: payment.topup
    subject: {user_id: users.id}
    times: {record.created: {field: created_at, as: epoch seconds}}
    fields: {username: {is: account.username, erase: ""}}
  users:
    store: platform
    table: users
    key: id
    row: account
    person: customer
    identities: {user_id: id}
    times: {account.cancelled: {field: cancelled_at, as: epoch seconds}}
    fields: {email: account.email, username: account.username}
"""
RULES = """
rules:
- {id: calls, clause: unstated, data: [usage.call], keep: 90 days, after: record.created, then: delete}
- {id: content, clause: unstated, data: [usage.content], keep: 30 days, after: record.created, then: delete}
- {id: account, clause: unstated, data: [account], keep: 30 days, after: account.cancelled, then: delete}
- {id: payments, clause: unstated, data: [payment], keep: as required by law, then: delete}
holds:
- {id: claims, clause: unstated, data: [payment, account], for: liability claims, review every: 6 months}
"""
VOUCHERS = """
- {id: cn-vouchers, data: [payment], of: controller, in: [CN], at least: 30 years,
   after: end of the year of record.created, source: an example, as of: 2026-01-01}
"""


def user(world: World, number: int, cancelled: str | None = None) -> None:
    world.sql(
        "INSERT INTO users VALUES (:id, :email, 'ann', :status, :at)",
        id=number,
        email=f"{number}@example.com",
        status=3 if cancelled else 1,
        at=epoch(cancelled) if cancelled else None,
    )


def log(world: World, number: int, kind: int, created: str, owner: int | None = 1) -> None:
    world.sql(
        "INSERT INTO logs VALUES (:id, :owner, 'ann', :kind, 'hello', :at)",
        id=number,
        owner=owner,
        kind=kind,
        at=epoch(created),
    )
