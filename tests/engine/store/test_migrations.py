"""The migrations lead any database to exactly the tables that the code declares."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from engine.errors import Conflict, StoreUnavailable, UnknownName
from engine.store.database import Database
from engine.store.migrate import current, is_current, newest, upgrade
from engine.store.schema import full_metadata

BOOKKEEPING = "alembic_version"


@pytest.fixture
def empty(platform_url: str) -> Iterator[Database]:
    """A database with nothing in it."""
    database = Database(platform_url)
    yield database
    database.dispose()


def schema_of(conn: Connection) -> dict[str, Any]:
    """Everything that the database itself says about its tables."""
    inspector = inspect(conn)
    return {
        table: {
            "columns": [str(column) for column in inspector.get_columns(table)],
            "primary key": inspector.get_pk_constraint(table),
            "foreign keys": in_order(inspector.get_foreign_keys(table)),
            "unique": in_order(inspector.get_unique_constraints(table)),
            "indexes": in_order(inspector.get_indexes(table)),
            "checks": in_order(inspector.get_check_constraints(table)),
        }
        for table in inspector.get_table_names()
        if table != BOOKKEEPING
    }


def in_order(items: list[Any]) -> list[str]:
    return sorted(str(item) for item in items)


def test_migrating_an_empty_database_leaves_nothing_to_generate(empty: Database) -> None:
    upgrade(empty)
    with empty.read() as conn:
        assert compare_metadata(MigrationContext.configure(conn), full_metadata()) == []


def test_migrating_makes_the_same_database_as_the_declared_tables(
    empty: Database, database: Database
) -> None:
    upgrade(empty)
    with empty.read() as migrated, database.read() as declared:
        assert schema_of(migrated) == schema_of(declared)


def test_a_database_is_current_only_after_its_upgrade(empty: Database) -> None:
    assert current(empty) is None
    assert not is_current(empty)
    upgrade(empty)
    assert current(empty) == newest()
    assert is_current(empty)


def test_a_second_upgrade_changes_nothing(empty: Database) -> None:
    upgrade(empty)
    with empty.read() as conn:
        before = schema_of(conn)
    upgrade(empty)
    assert is_current(empty)
    with empty.read() as conn:
        assert schema_of(conn) == before


def test_two_processes_that_upgrade_at_once_both_succeed(empty: Database) -> None:
    code = (
        "import sys; from engine.store.database import Database; from engine.store import migrate;"
        "migrate.upgrade(Database(sys.argv[1]))"
    )
    url = empty.url.render_as_string(hide_password=False)
    both = [
        subprocess.Popen([sys.executable, "-c", code, url], stderr=subprocess.PIPE) for _ in "ab"
    ]
    errors = [process.communicate()[1].decode() for process in both]
    assert [process.returncode for process in both] == [0, 0], errors
    assert is_current(empty)


def test_an_unknown_revision_is_refused_with_the_nearest(empty: Database) -> None:
    with pytest.raises(UnknownName, match=r"no schema revision `00O1`, did you mean `0001`\?"):
        upgrade(empty, "00O1")


def test_a_database_of_a_newer_version_is_left_alone(empty: Database) -> None:
    upgrade(empty)
    with empty.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = 'from-later'"))
    assert not is_current(empty)
    with pytest.raises(Conflict, match="schema revision `from-later`, which this version"):
        upgrade(empty)
    assert current(empty) == "from-later"


def test_a_database_that_does_not_answer_is_said_to(tmp_path: Path) -> None:
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(StoreUnavailable, match="the store `upheld` does not answer"):
        upgrade(Database(f"sqlite:///{tmp_path / 'folder.db'}"))
