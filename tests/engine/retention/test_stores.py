"""A person's data in several stores: access logs in files, whose people lie in a database."""

import json
from datetime import timedelta

import pytest

from tests.engine.retention.company import PLATFORM, RULES, user
from tests.engine.retention.world import BOTH, World, at

pytestmark = BOTH

ACCESS = """
  access:
    store: files
    files: access-%Y-%m-%d.jsonl
    row: device.view
    subject: {user: users.id}
    times: {record.created: {field: time, as: text}}
    fields: {path: device.view, ip: device.ip, name: account.username}
"""
DEVICE = """rules:
- {id: device, clause: unstated, data: [device], keep: 7 months, after: record.created, then: delete}"""


@pytest.fixture
def logged(company: World) -> World:
    company.datasets = PLATFORM + ACCESS
    company.retention = RULES.replace("rules:", DEVICE)
    company.clock.set(at("2026-06-15 12:00"))
    return company


def access(world: World, day: str, *owners: int) -> None:
    folder = world.folder / "files"
    folder.mkdir(exist_ok=True)
    lines = [
        json.dumps({"time": f"{day}T08:00:00Z", "user": n, "path": "/", "ip": "::1", "name": "ann"})
        for n in owners
    ]
    (folder / f"access-{day}.jsonl").write_text("\n".join(lines) + "\n")


def lines(world: World, day: str) -> list[dict[str, object]]:
    path = world.folder / "files" / f"access-{day}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_old_lines_go_and_names_of_those_who_left_are_taken_out(logged: World):
    user(logged, 1)
    user(logged, 2, "2026-01-01 00:00")
    access(logged, "2025-10-01", 1, 2)
    access(logged, "2026-06-01", 1, 2)
    service = logged.service()
    run = service.purge()
    assert run.state == "done"
    assert lines(logged, "2025-10-01") == []
    assert [line.get("name") for line in lines(logged, "2026-06-01")] == ["ann", None]
    assert service.verify(run.id).upheld


def test_what_a_store_could_not_do_is_told_in_the_run(logged: World):
    user(logged, 1)
    access(logged, "2025-10-01", 1, 2)
    path = logged.folder / "files" / "access-2025-10-01.jsonl"
    path.write_text(path.read_text() + "no line of JSON\n")
    run = logged.service().purge()
    assert run.state == "done"
    note = "1 line of `access-2025-10-01.jsonl` could not be read and stayed"
    assert run.of("access.delete").note == note


def test_a_file_that_is_still_written_to_waits(logged: World):
    user(logged, 2, "2026-01-01 00:00")
    access(logged, "2026-06-15", 2)
    run = logged.service().purge()
    step = run.of("access.erase.account.username")
    assert step.state == "waiting"
    assert step.note is not None
    assert "access-2026-06-15.jsonl is still written to" in step.note
    assert lines(logged, "2026-06-15")[0]["name"] == "ann"


def test_a_line_of_somebody_unknown_counts_from_its_first_sighting(logged: World):
    user(logged, 1)
    access(logged, "2026-06-01", 1, 42)
    service = logged.service()
    assert [note.code for note in service.plan().notes] == ["ORPHANS"]
    logged.clock.advance(timedelta(days=31))
    run = service.purge()
    assert [line.get("name") for line in lines(logged, "2026-06-01")] == ["ann", None]
    assert service.verify(run.id).upheld


MAIL = """
  mail:
    store: platform
    table: mail
    key: id
    row: usage.content
    subject: {sender: users.email}
    times: {record.created: {field: received_at, as: epoch seconds}}
    fields: {sender: {is: account.email, erase: ""}, body: usage.content}
"""


def test_a_row_goes_with_whom_its_address_belongs_to_the_letter_or_with_nobody(company: World):
    company.datasets = PLATFORM.replace("user_id: id}", "user_id: id, email: email}") + MAIL
    company.sql(
        "CREATE TABLE mail (id INTEGER PRIMARY KEY, sender VARCHAR(99) NOT NULL,"
        " body VARCHAR(99), received_at BIGINT)",
        "INSERT INTO mail VALUES (1, '2@Example.COM', 'nobody can tell', 1781000000)",
        "INSERT INTO mail VALUES (2, '2@example.com', 'of the one who left', 1781000000)",
        "INSERT INTO mail VALUES (3, '2@EXAMPLE.com', 'of the one who stays', 1781000000)",
    )
    user(company, 2, "2026-05-16 12:00")
    user(company, 3)
    company.sql("UPDATE users SET email = '2@EXAMPLE.com' WHERE id = 3")
    company.clock.set(at("2026-06-15 12:00"))
    service = company.service()
    assert [note.code for note in service.plan().notes] == ["UNCLEAR_PERSON"]
    run = service.purge()
    assert company.rows("SELECT sender FROM mail ORDER BY id") == [
        ("2@Example.COM",), ("",), ("2@EXAMPLE.com",)
    ]  # fmt: skip
    assert company.rows("SELECT id FROM users") == [(3,)]
    assert service.verify(run.id).upheld


def test_a_link_by_address_ignores_case_and_once_erased_leads_to_nobody(company: World):
    company.datasets = PLATFORM.replace("user_id: id}", "user_id: id, email: email}") + MAIL
    company.sql(
        "CREATE TABLE mail (id INTEGER PRIMARY KEY, sender VARCHAR(99) NOT NULL,"
        " body VARCHAR(99), received_at BIGINT)",
        "INSERT INTO mail VALUES (1, '2@Example.COM', 'hello', 1781000000)",
    )
    user(company, 2, "2026-05-16 12:00")
    company.clock.set(at("2026-06-15 12:00"))
    service = company.service()
    run = service.purge()
    assert company.rows("SELECT sender, body FROM mail") == [("", "hello")]
    assert company.value("SELECT count(*) FROM users") == 0
    assert service.verify(run.id).upheld
    assert service.plan().notes == ()
