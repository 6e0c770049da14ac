"""What holds on SQLite alone."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.sql import SqlAdapter, sqlite
from engine.datamap.model import Dataset, TimeSource
from engine.errors import StoreUnavailable
from engine.ports import Always, Before, Edit, OneOf

USERS = Dataset(store="platform", table="users", key=("id",))


def test_deleted_rows_are_in_no_file_after_finishing(tmp_path: Path):
    path = tmp_path / "platform.db"
    with sqlite3.connect(path) as conn:
        conn.execute("PRAGMA journal_mode=WAL")
        conn.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)")
        conn.executemany("INSERT INTO users VALUES (?, ?)", [(n, f"SECRET{n}") for n in range(500)])
    conn.close()
    adapter = SqlAdapter("platform", f"sqlite:///{path}")
    adapter.apply(USERS, [Edit(Always())], limit=1000)
    assert adapter.finish() == ()
    left = {file.name: file.read_bytes().count(b"SECRET") for file in tmp_path.iterdir()}
    assert set(left.values()) == {0}, left
    adapter.close()


def test_a_reader_that_holds_the_log_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0)
    path = tmp_path / "platform.db"
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("PRAGMA journal_mode=WAL")
    reader.execute("CREATE TABLE users (id INTEGER PRIMARY KEY)")
    reader.execute("INSERT INTO users VALUES (1), (2)")
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM users").fetchall()
    adapter = SqlAdapter("platform", f"sqlite:///{path}")
    assert adapter.apply(USERS, [Edit(OneOf("id", ("1",)))], limit=9).rows == (1,)
    (told,) = adapter.finish()
    assert "may still hold deleted rows" in told
    reader.close()
    assert adapter.finish() == ()
    adapter.close()


def test_a_locked_database_is_unavailable_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0)
    path = tmp_path / "platform.db"
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("CREATE TABLE users (id INTEGER PRIMARY KEY)")
    writer.execute("BEGIN IMMEDIATE")
    adapter = SqlAdapter("platform", f"sqlite:///{path}")
    with pytest.raises(StoreUnavailable, match="locked by another process"):
        adapter.apply(USERS, [Edit(Always())], limit=9)
    writer.close()
    assert adapter.apply(USERS, [Edit(Always())], limit=9).rows == (0,)
    adapter.close()


def test_a_column_may_hold_anything_whatever_it_declares(tmp_path: Path):
    path = tmp_path / "platform.db"
    with sqlite3.connect(path) as conn:
        conn.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, at DATETIME, n INTEGER)")
        values = [("2026-05-01T12:00:00+02:00", 5), (1777629600, "five"), (b"\xff", 5.0), ("x", "")]
        conn.executemany("INSERT INTO users (at, n) VALUES (?, ?)", values)
    conn.close()
    adapter = SqlAdapter("platform", f"sqlite:///{path}")
    limit = datetime(2026, 5, 1, 10, 0, 0, 1, tzinfo=UTC)
    assert adapter.count(USERS, Before(TimeSource(field="at"), limit)) == 1
    epoch = TimeSource(field="at", form="epoch seconds")
    assert adapter.count(USERS, Before(epoch, limit)) == 1
    assert adapter.count(USERS, OneOf("n", ("5",))) == 2
    (batch,) = adapter.scan(USERS, Always(), ("at", "n"))
    assert [record.values["n"] for record in batch] == [5, "five", 5, ""]
    assert batch[0].values["at"] == datetime(2026, 5, 1, 10, tzinfo=UTC)
    adapter.close()


def test_a_text_key_that_holds_null_loses_no_row(tmp_path: Path):
    path = tmp_path / "platform.db"
    with sqlite3.connect(path) as conn:
        conn.execute("CREATE TABLE users (id TEXT PRIMARY KEY)")
        conn.execute("INSERT INTO users VALUES (NULL), ('a'), (NULL), ('b'), (NULL)")
    conn.close()
    adapter = SqlAdapter("platform", f"sqlite:///{path}")
    assert sum(len(batch) for batch in adapter.scan(USERS, Always(), (), batch=2)) == 5
    adapter.close()


def test_a_table_whose_columns_hide_the_row_number_is_still_purged(tmp_path: Path):
    path = tmp_path / "platform.db"
    with sqlite3.connect(path) as conn:
        conn.execute("CREATE TABLE users (rowid TEXT, _rowid_ TEXT, oid TEXT, id TEXT PRIMARY KEY)")
        conn.execute("INSERT INTO users VALUES ('1', '1', '1', 'a'), ('1', '1', '1', 'b')")
    conn.close()
    adapter = SqlAdapter("platform", f"sqlite:///{path}")
    assert adapter.apply(USERS, [Edit(OneOf("id", ("a",)))], limit=9).rows == (1,)
    assert adapter.count(USERS, Always()) == 1
    assert adapter.grants(USERS, "upheld") == ()
    adapter.close()
