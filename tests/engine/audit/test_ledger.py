import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select, text

from engine.audit import ledger
from engine.audit.merkle import leaf_hash, root_of
from engine.errors import InvalidInput, LedgerBroken
from engine.store.tables.audit import ledger_entries, subject_salts

NOW = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)


def append_numbers(conn, count, **more):
    for number in range(count):
        ledger.append(conn, "purge.batch", {"rows": number}, now=NOW, **more)


def test_an_empty_ledger_has_the_root_of_nothing(conn):
    head = ledger.head(conn)
    assert (head.size, head.root) == (0, hashlib.sha256(b"").digest())


def test_an_entry_is_stored_exactly_as_it_was_hashed(conn):
    facts = {"rows": 3, "dataset": "api_calls", "ü": [1.5, None, True, {"b": 1, "a": 2}]}
    written = ledger.append(conn, "purge.batch", facts, now=NOW)
    (read,) = ledger.entries(conn)
    assert read == written
    assert read.facts == facts
    assert read.leaf_hash == leaf_hash(read.body)
    assert read.body.decode() == (
        '{"at":"2026-11-03T02:00:00.000000Z","facts":{"dataset":"api_calls","rows":3,'
        '"ü":[1.5,null,true,{"a":2,"b":1}]},"index":0,"kind":"purge.batch"}'
    )


def test_the_head_is_the_root_over_all_bodies(conn):
    append_numbers(conn, 21)
    head, found = ledger.head(conn), ledger.entries(conn)
    assert [entry.index for entry in found] == list(range(21))
    assert head.size == 21
    assert head.root == root_of([leaf_hash(entry.body) for entry in found])


def test_an_entry_shares_the_fate_of_its_transaction(database):
    with database.begin() as conn:
        ledger.append(conn, "k", {"n": 0}, now=NOW)
    with database.begin() as conn:
        ledger.append(conn, "k", {"n": 99}, now=NOW)
        conn.rollback()
    with database.begin() as conn:
        ledger.append(conn, "k", {"n": 1}, now=NOW)
    with database.read() as conn:
        assert [entry.facts for entry in ledger.entries(conn)] == [{"n": 0}, {"n": 1}]
        assert ledger.head(conn).size == 2


def test_concurrent_writers_leave_no_gap(database):
    def write(worker):
        for number in range(10):
            with database.begin() as conn:
                # Every writer touches the same new subjects, in another order than it appends them.
                subject = f"user-{(number * 7 + worker) % 5}"
                ledger.append(conn, "test.race", {"n": number}, now=NOW, subject=subject)
                ledger.append(conn, "test.race", {"n": number}, now=NOW, subject=f"u{number}")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    with database.read() as conn:
        found = ledger.entries(conn, limit=1000)
        head = ledger.head(conn)
    assert [entry.index for entry in found] == list(range(120))
    assert head.root == root_of([entry.leaf_hash for entry in found])


def test_forgetting_and_appending_at_once_do_not_block_each_other(database):
    def write(worker):
        for number in range(10):
            with database.begin() as conn:
                if worker % 2:
                    ledger.forget_subject(conn, f"user-{number % 2}")
                ledger.append(conn, "test.race", {}, now=NOW, subject=f"user-{number % 2}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    with database.read() as conn:
        assert ledger.head(conn).size == 40


def test_entries_are_found_by_start_limit_and_kind(conn):
    for number in range(10):
        kind = "even" if number % 2 == 0 else "odd"
        ledger.append(conn, kind, {"n": number}, now=NOW)
    assert [e.index for e in ledger.entries(conn, 4, 3)] == [4, 5, 6]
    assert [e.index for e in ledger.entries(conn, 3, 2, kind="odd")] == [3, 5]
    assert ledger.entries(conn, kind="none") == ()


def test_a_subject_is_found_until_it_is_forgotten(conn):
    for subject in ("anna", "bela", "anna", None):
        ledger.append(conn, "consent.recorded", {}, now=NOW, subject=subject)
    assert [e.index for e in ledger.entries(conn, subject="anna")] == [0, 2]
    assert ledger.entries(conn, subject="nobody") == ()
    before = ledger.head(conn)
    assert ledger.forget_subject(conn, "anna")
    assert not ledger.forget_subject(conn, "anna")
    assert ledger.entries(conn, subject="anna") == ()
    assert [e.index for e in ledger.entries(conn, subject="bela")] == [1]
    assert ledger.head(conn) == before


def test_a_pseudonym_is_the_hmac_under_the_subjects_own_random_salt(conn):
    entries = [ledger.append(conn, "k", {}, now=NOW, subject=s) for s in ("anna", "bela")]
    salts = dict(conn.execute(select(subject_salts.c.subject, subject_salts.c.salt)).all())
    assert salts["anna"] != salts["bela"]
    for entry, subject in zip(entries, ("anna", "bela"), strict=True):
        expected = hmac.new(salts[subject], subject.encode(), hashlib.sha256).hexdigest()
        assert json.loads(entry.body)["subject"] == entry.subject == expected


def test_a_subject_who_comes_back_after_being_forgotten_is_somebody_new(conn):
    first = ledger.append(conn, "k", {}, now=NOW, subject="anna")
    ledger.forget_subject(conn, "anna")
    second = ledger.append(conn, "k", {}, now=NOW, subject="anna")
    assert first.subject != second.subject


def test_the_ledger_says_nothing_of_a_subject_in_clear(conn):
    ledger.append(conn, "k", {"rows": 1}, now=NOW, subject="anna-4711")
    ledger.forget_subject(conn, "anna-4711")
    rows = conn.execute(text("SELECT * FROM ledger_entries")).all()
    rows += conn.execute(text("SELECT * FROM subject_salts")).all()
    assert "anna" not in repr(
        [[bytes(c) if isinstance(c, memoryview) else c for c in r] for r in rows]
    )


@pytest.mark.parametrize("kind", ["", "Purge", "purge batch", "x" * 65, "1st"])
def test_a_kind_that_does_not_read_like_one_is_refused(conn, kind):
    with pytest.raises(InvalidInput, match="no kind of ledger entry"):
        ledger.append(conn, kind, {}, now=NOW)


@pytest.mark.parametrize("subject", ["", "x" * 256, "a\0b", "\ud800"])
def test_a_subject_id_is_text_of_a_bounded_length(conn, subject):
    with pytest.raises(InvalidInput, match="subject id"):
        ledger.append(conn, "k", {}, now=NOW, subject=subject)
    assert ledger.entries(conn, subject=subject) == ()
    assert not ledger.forget_subject(conn, subject)


def test_times_are_kept_as_utc_and_naive_ones_refused(conn):
    east = NOW.astimezone(timezone(timedelta(hours=8)))
    entry = ledger.append(conn, "k", {}, now=east)
    assert json.loads(entry.body)["at"] == "2026-11-03T02:00:00.000000Z"
    with pytest.raises(ValueError, match="naive"):
        ledger.append(conn, "k", {}, now=NOW.replace(tzinfo=None))


def test_an_entry_that_is_already_there_is_not_written_over(conn):
    append_numbers(conn, 2)
    row = conn.execute(select(ledger_entries).limit(1)).one()._asdict()
    conn.execute(insert(ledger_entries), row | {"position": 2})
    with pytest.raises(LedgerBroken, match="entry 2 exists already"):
        append_numbers(conn, 1)


def test_an_overlong_entry_is_refused(conn):
    with pytest.raises(InvalidInput, match="at most 262144 bytes"):
        ledger.append(conn, "k", {"s": "x" * 300_000}, now=NOW)
    assert ledger.head(conn).size == 0
