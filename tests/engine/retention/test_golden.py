"""The worked examples of the specification, planned and purged on a real platform."""

import pytest

from tests.engine.retention.company import PLATFORM, USERS, log, user
from tests.engine.retention.world import World, at


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


RECORDS = """
  records:
    store: platform
    table: records
    key: id
    row: health.record
    subject: {patient: patients.id}
    times:
      record.created: {field: created_at, as: text}
      patient.last_stay: {field: last_stay, as: text}
    fields: {note: health.record}
  patients:
    store: platform
    table: patients
    key: id
    row: account.profile
    person: customer
    identities: {patient: id}
    times: {person.born: {field: born, as: text}}
    fields: {born: account.profile}
"""


@pytest.fixture
def clinic(world: World) -> World:
    world.datasets = RECORDS
    world.header = {"zone": "Europe/Berlin", "country": "DE"}
    world.sql(
        "CREATE TABLE patients (id INTEGER PRIMARY KEY, born VARCHAR(40))",
        "CREATE TABLE records (id INTEGER PRIMARY KEY, patient INTEGER, created_at VARCHAR(40),"
        " last_stay VARCHAR(40), note VARCHAR(40))",
    )
    return world


def rule(keep: str, after: str, more: str = "") -> str:
    return (
        "rules:\n- {id: records, clause: unstated, data: [health.record],"
        f" keep: {keep}, after: {after}, {more} then: delete}}\n"
        "- {id: people, clause: unstated, data: [account], keep: indefinitely}\n"
    )


def record(world: World, created: str, last_stay: str | None = None, born: str | None = None):
    world.sql("INSERT INTO patients VALUES (1, :born)", born=born)
    world.sql(
        "INSERT INTO records VALUES (1, 1, :created, :last_stay, 'x')",
        created=created,
        last_stay=last_stay,
    )


@pytest.mark.parametrize(
    ("zone", "keep", "after", "created", "last_before", "first"),
    [
        (  # 15: a month is a month of dates, through its last day
            "Europe/Berlin", "1 month", "record.created", "2026-01-31 15:00+01:00",
            "2026-02-28 23:59:59+01:00", "2026-03-01 00:00+01:00",
        ),
        (  # 15: and 30 days are 30 times 24 hours
            "Europe/Berlin", "30 days", "record.created", "2026-01-31 15:00+01:00",
            "2026-03-02 14:59:59+01:00", "2026-03-02 15:00+01:00",
        ),
        (  # 16
            "Europe/Berlin", "8 years", "end of the year of record.created",
            "2026-02-03 10:00+01:00", "2034-12-31 23:59:59+01:00", "2035-01-01 00:00+01:00",
        ),
        (  # 17: half past seven in the morning of the new year in Shanghai
            "Asia/Shanghai", "30 years", "end of the year of record.created",
            "2025-12-31 23:30+00:00", "2056-12-31 23:59:59+08:00", "2057-01-01 00:00+08:00",
        ),
        (  # 19
            "Asia/Shanghai", "1 year", "record.created", "2024-02-29 12:00+08:00",
            "2025-02-28 23:59:59+08:00", "2025-03-01 00:00+08:00",
        ),
    ],
)  # fmt: skip
def test_15_to_19_dates_end_where_the_specification_says(
    clinic: World, zone: str, keep: str, after: str, created: str, last_before: str, first: str
):
    clinic.header = {"zone": zone, "country": "DE"}
    clinic.retention = rule(keep, after)
    record(clinic, created)
    assert due(clinic, last_before) == set()
    assert due(clinic, first) == {"records.delete"}


def test_18_of_two_terms_the_later_counts(clinic: World):
    clinic.retention = rule(
        "20 years", "patient.last_stay", "or later: [{keep: 28 years, after: person.born}],"
    )
    record(clinic, "2010-05-04", "2010-05-04T12:00:00+02:00", "2006-07-01T00:00:00+02:00")
    assert due(clinic, "2034-07-01 23:59:59+02:00") == set()
    assert due(clinic, "2034-07-02 00:00+02:00") == {"records.delete"}


def test_20_a_state_counts_from_its_first_sighting_until_it_is_left(company: World):
    company.datasets = PLATFORM.replace(
        "{account.cancelled: {field: cancelled_at, as: epoch seconds}}",
        "{account.cancelled: {when: {status: 3}}}",
    )
    user(company, 1, "2026-05-01 00:00")
    assert due(company, "2026-05-05 10:00") == set()
    assert due(company, "2026-06-04 09:59:59") == set()
    assert due(company, "2026-06-04 10:00") == {"users.delete"}
    company.sql("UPDATE users SET status = 1")
    assert due(company, "2026-06-04 10:01") == set()
    assert due(company, "2030-01-01 00:00") == set()
    company.sql("UPDATE users SET status = 3")
    assert due(company, "2030-01-02 00:00") == set()
    assert due(company, "2030-02-01 00:00") == {"users.delete"}


VIEWS = """
  views:
    store: platform
    table: views
    key: id
    row: device.view
    subject: {user_id: users.id}
    times: {record.created: {field: created_at}}
    fields: {page: device.view, ip: {is: device.ip, anonymise: truncate ip}}
  users:
    store: platform
    table: users
    key: id
    row: account
    person: customer
    identities: {user_id: id}
    fields: {email: account.email}
"""


def test_21_two_actions_are_two_stages(world: World):
    world.datasets = VIEWS
    world.retention = """
rules:
- {id: views-90, clause: unstated, data: [device], keep: 90 days, after: record.created, then: anonymise}
- {id: views-2y, clause: unstated, data: [device], keep: 2 years, after: record.created, then: delete}
- {id: people, clause: unstated, data: [account], keep: indefinitely}
"""
    world.sql(
        USERS,
        "CREATE TABLE views (id INTEGER PRIMARY KEY, user_id INTEGER, page VARCHAR(99),"
        " ip VARCHAR(99), created_at TIMESTAMP)",
        "INSERT INTO views VALUES (1, 1, '/a', '192.0.2.17', '2026-01-01 00:00:00')",
        "INSERT INTO users (id) VALUES (1)",
    )
    assert due(world, "2026-03-31 23:59:59") == set()
    assert due(world, "2026-04-01 00:00") == {"views.anonymise"}
    run = world.service().purge()
    assert world.rows("SELECT user_id, page, ip FROM views") == [(None, None, "192.0.2.0")]
    assert world.service().verify(run.id).upheld
    assert due(world, "2027-12-31 23:59:59") == set()
    assert due(world, "2028-01-02 00:00") == {"views.delete"}
    world.service().purge()
    assert world.rows("SELECT * FROM views") == []


def test_14_what_the_law_keeps_is_restricted_once_the_account_is_gone(company: World):
    company.retention += (
        "- {id: locked, clause: unstated, data: [payment], keep: 30 days, after: account.cancelled,"
        " then: restrict}\n"
    )
    company.retention = company.retention.replace("holds:\n", "").replace(
        "- {id: claims, clause: unstated, data: [payment, account], for: liability claims,"
        " review every: 6 months}\n",
        "",
    )
    user(company, 1, CANCELLED)
    log(company, 2, 1, "2026-05-01 12:00+08:00")
    assert "topups.restrict" not in due(company, "2026-06-09 08:59:59+08:00")
    assert "topups.restrict" in due(company, "2026-06-09 09:00+08:00")
    assert "topups.restrict" in due(company, "2056-12-31 23:59+08:00")
