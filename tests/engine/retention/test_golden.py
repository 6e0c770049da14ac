"""The worked examples of the specification, planned and purged on a real platform."""

import pytest

from tests.engine.retention.conftest import World, at, epoch

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


@pytest.fixture
def company(world: World) -> World:
    world.retention, world.datasets, world.statutes = RULES, PLATFORM, VOUCHERS
    world.sql(USERS, LOGS)
    return world


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


def due(world: World, moment: str) -> set[str]:
    """The steps that have rows due at a moment."""
    world.clock.set(at(moment))
    return {step.id for step in world.service().plan().steps if step.rows}


CALL = "2026-05-01 12:00+08:00"
CANCELLED = "2026-05-10 09:00+08:00"


@pytest.mark.parametrize(
    ("step", "last_before", "first"),
    [
        ("calls.erase.usage.content", "2026-05-31 11:59:59+08:00", "2026-05-31 12:00+08:00"),
        ("calls.erase.account.username", "2026-06-09 08:59:59+08:00", "2026-06-09 09:00+08:00"),
        ("calls.delete", "2026-07-30 11:59:59+08:00", "2026-07-30 12:00+08:00"),
    ],
)
def test_12_each_part_of_a_call_goes_at_its_own_time(
    company: World, step: str, last_before: str, first: str
):
    user(company, 1, CANCELLED)
    log(company, 1, 2, CALL)
    assert step not in due(company, last_before)
    assert step in due(company, first)


def test_13_while_the_account_is_active_the_copied_name_goes_with_the_row(company: World):
    user(company, 1)
    log(company, 1, 2, CALL)
    assert due(company, "2026-07-30 11:59:59+08:00") == {"calls.erase.usage.content"}
    assert due(company, "2026-07-30 12:00+08:00") == {"calls.delete"}


def test_14_a_payment_loses_the_name_and_stays_as_long_as_the_law_says(company: World):
    user(company, 1, CANCELLED)
    log(company, 2, 1, "2026-05-01 12:00+08:00")
    assert "topups.erase.account.username" not in due(company, "2026-06-09 08:59+08:00")
    assert "topups.erase.account.username" in due(company, "2026-06-09 09:00+08:00")
    assert "topups.delete" not in due(company, "2056-12-31 23:59:59+08:00")
    assert "topups.delete" in due(company, "2057-01-01 00:00+08:00")


def test_14_the_payment_outlives_the_account_and_still_ends(company: World):
    user(company, 1, CANCELLED)
    log(company, 2, 1, "2026-05-01 12:00+08:00")
    company.clock.set(at("2026-06-10 09:00+08:00"))
    service = company.service()
    run = service.purge()
    assert run.state == "done"
    assert company.rows("SELECT * FROM users") == []
    assert company.value("SELECT username FROM logs") == ""
    assert service.verify(run.id).upheld
    company.clock.set(at("2057-01-02 00:00+08:00"))
    assert company.service().purge().state == "done"
    assert company.rows("SELECT * FROM logs") == []
