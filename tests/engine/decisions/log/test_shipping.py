"""Spools reach the store line by line, each once, whoever dies in between, with a ledger entry a batch."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.audit import ledger
from engine.decisions.decision import Request
from engine.decisions.facts import NOTHING_KNOWN
from engine.decisions.log import Origin, Scribe, Shipper, Spool, reading
from engine.decisions.log.shipping import Shipped
from engine.decisions.table import compile_table
from engine.promises.observations import observed
from engine.store.tables.decisions import decision_log, decision_spools
from tests.support.policies import policy

RULES = {
    "use": [{"data": "usage", "for": "service", "basis": "legal obligation", "must": ["log"]}],
}
ORIGIN = Origin("request-1", "0123456789ab")
MOMENT = 1_781_524_800_123


@pytest.fixture
def table(tmp_path):
    return compile_table(policy(tmp_path / "policy", **RULES))


@pytest.fixture
def lines(table):
    """One line for each question: a permit, a deny, and a parent with both kinds of leaves."""
    scribe, facts = Scribe(b"s" * 32), table.facts(NOTHING_KNOWN)
    asked = [("usage.call", "service"), ("person.email", "service"), ("usage", "service")]
    return [
        scribe.lines([table.decide(Request("use", *names), facts)], "u-71", ORIGIN, MOMENT)
        for names in asked
    ]


def rows(database):
    with database.read() as conn:
        query = select(decision_log).order_by(decision_log.c.spool, decision_log.c.place)
        return conn.execute(query).all()


def entries(database):
    with database.read() as conn:
        return ledger.entries(conn, kind="decisions.logged")


def test_a_line_becomes_a_row_that_names_nobody(database, clock, tmp_path, lines):
    spool = Spool(tmp_path / "spool", limit=100_000)
    spool.append(lines[0])
    assert Shipper(tmp_path / "spool", database, clock).ship() == Shipped(records=1)
    (row,) = rows(database)
    assert (row.operation, row.category, row.purpose, row.effect) == (
        "use", "usage.call", "service", "permit",
    )  # fmt: skip
    assert (row.request, row.caller, row.mode) == ("request-1", "0123456789ab", "enforce")
    assert round(row.at.timestamp() * 1000) == MOMENT
    assert row.subject == Scribe(b"s" * 32).mask("u-71")
    assert Scribe(b"t" * 32).mask("u-71") != row.subject
    assert "u-71" not in str(row)


def test_what_is_shipped_is_not_shipped_again(database, clock, tmp_path, lines):
    spool = Spool(tmp_path / "spool", limit=100_000)
    shipper = Shipper(tmp_path / "spool", database, clock)
    for line in lines:
        spool.append(line)
        shipper.ship()
    assert shipper.ship() == Shipped()
    assert len(rows(database)) == 3
    assert [entry.facts["decisions"] for entry in entries(database)] == [1, 1, 1]


def test_a_batch_has_one_ledger_entry(database, clock, tmp_path, lines):
    spool = Spool(tmp_path / "spool", limit=1_000_000)
    for _ in range(100):
        spool.append(lines[0])
    Shipper(tmp_path / "spool", database, clock, batch=len(lines[0]) * 60).ship()
    assert [entry.facts["decisions"] for entry in entries(database)] == [60, 40]


def test_a_file_goes_when_its_process_has_ended_and_it_is_shipped(database, clock, tmp_path, lines):
    folder = tmp_path / "spool"
    spool = Spool(folder, limit=100_000)
    spool.append(lines[0])
    shipper = Shipper(folder, database, clock)
    shipper.ship()
    assert len(list(folder.glob("*.spool"))) == 1
    spool.close()
    shipper.ship()
    assert list(folder.glob("*.spool")) == []
    with database.read() as conn:
        assert conn.execute(select(func.count()).select_from(decision_spools)).scalar() == 0
    assert len(rows(database)) == 1


def test_a_line_that_was_torn_is_counted_and_hides_none(database, clock, tmp_path, lines):
    folder = tmp_path / "spool"
    folder.mkdir()
    (folder / f"{'a' * 32}.spool").write_bytes(lines[0] + b'{"at":17' + b"\n" + lines[1] + b'{"a')
    assert Shipper(folder, database, clock).ship() == Shipped(records=2, damaged=2)
    assert list(folder.glob("*.spool")) == []


def test_the_unfinished_line_of_a_process_that_lives_waits(database, clock, tmp_path, lines):
    folder = tmp_path / "spool"
    spool = Spool(folder, limit=100_000)
    spool.append(lines[0])
    spool.append(lines[1][:20])
    shipper = Shipper(folder, database, clock)
    assert shipper.ship() == Shipped(records=1)
    spool.append(lines[1][20:])
    assert shipper.ship() == Shipped(records=1)


def test_decisions_whose_rule_wants_a_log_are_counted_leaf_by_leaf(
    database, clock, tmp_path, lines
):
    spool = Spool(tmp_path / "spool", limit=100_000)
    for line in (*lines, lines[0]):
        spool.append(line)
    Shipper(tmp_path / "spool", database, clock).ship()
    with database.read() as conn:
        seen = {item.category: item.asked for item in observed(conn)}
    assert seen == {"usage.call": 3, "usage.content": 1}


def test_while_one_ships_another_leaves_the_folder_alone(database, clock, tmp_path, lines):
    folder = tmp_path / "spool"
    spool = Spool(folder, limit=100_000)
    spool.append(lines[0])
    code = f"""
import fcntl, os, sys
handle = os.open({str(folder / ".shipping")!r}, os.O_WRONLY | os.O_CREAT)
fcntl.flock(handle, fcntl.LOCK_EX)
print("locked", flush=True)
sys.stdin.read()
"""
    other = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    other.stdout.readline()
    shipper = Shipper(folder, database, clock)
    assert shipper.ship() == Shipped()
    other.communicate()
    assert shipper.ship() == Shipped(records=1)


def test_a_shipper_that_dies_before_its_commit_leaves_nothing(database, clock, tmp_path, lines):
    folder = tmp_path / "spool"
    spool = Spool(folder, limit=100_000)
    spool.append(lines[0])
    other = f"""
import os
from pathlib import Path
from sqlalchemy import event
from engine.decisions.log import Shipper
from engine.store.database import Database
from tests.support.clock import FrozenClock
database = Database({database.url.render_as_string(hide_password=False)!r})
event.listen(database.engine, "commit", lambda conn: os._exit(9))
Shipper(Path({str(folder)!r}), database, FrozenClock()).ship()
"""
    dead = subprocess.run([sys.executable, "-c", other], check=False, cwd=Path.cwd())
    assert dead.returncode == 9
    assert rows(database) == []
    assert Shipper(folder, database, clock).ship() == Shipped(records=1)
    assert len(entries(database)) == 1


def test_an_erased_person_can_no_longer_be_found_by_their_id(database, clock, tmp_path, lines):
    spool = Spool(tmp_path / "spool", limit=100_000)
    for line in lines:
        spool.append(line)
    Shipper(tmp_path / "spool", database, clock).ship()
    mask = Scribe(b"s" * 32).mask("u-71")
    with database.begin() as conn:
        assert len(reading.latest(conn, subject=mask)) == 3
        assert reading.forget(conn, mask) == 3
        assert reading.latest(conn, subject=mask) == ()
        assert len(reading.latest(conn)) == 3
