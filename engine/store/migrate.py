"""Bringing the engine's database to the schema that this version of the code expects.

An upgrade is one transaction: a database is at the old revision or at the new one, never between. Two
processes that start together upgrade one after the other, and the second finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from engine.errors import Conflict, UnknownName
from engine.store.database import Database

MIGRATIONS = Path(__file__).with_name("migrations")

# Any number that no other program locks in this database; these are the bytes of "upheld".
_UPGRADE_LOCK = int.from_bytes(b"upheld")


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database to a revision (`head` is the newest); nothing happens when it is there already.

    Raises UnknownName for a revision that does not exist, Conflict when a newer Upheld has upgraded the
    database, StoreUnavailable when it does not answer.
    """
    script = script_directory()
    _require_known(script, revision)
    with _schema_transaction(database) as conn:
        _require_ours(script, conn)
        command.upgrade(config(conn), revision)


def current(database: Database) -> str | None:
    """Return the revision that the database is at, or None when it was never upgraded."""
    with database.read() as conn:
        return _revision(conn)


def is_current(database: Database) -> bool:
    """Return whether the database has exactly the schema that this version of the code expects."""
    return current(database) == newest()


def newest() -> str | None:
    """Return the newest revision that this version of the code knows."""
    return script_directory().get_current_head()


def config(conn: Connection) -> Config:
    """Alembic's configuration for a connection that is in a transaction."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = conn
    return config


def script_directory() -> ScriptDirectory:
    """The revisions on disk."""
    return ScriptDirectory(str(MIGRATIONS))


def _revision(conn: Connection) -> str | None:
    return MigrationContext.configure(conn).get_current_revision()


def _require_known(script: ScriptDirectory, revision: str) -> None:
    known = [each.revision for each in script.walk_revisions()]
    if revision not in ("head", *known):
        raise UnknownName("schema revision", revision, known)


def _require_ours(script: ScriptDirectory, conn: Connection) -> None:
    revision = _revision(conn)
    try:
        script.get_revisions(revision or ())
    except CommandError as error:
        raise Conflict(
            f"the database is at schema revision `{revision}`, which this version of upheld does not know: "
            "run the newer version that made it, or restore a backup"
        ) from error


@contextmanager
def _schema_transaction(database: Database) -> Iterator[Connection]:
    """A transaction that nobody else upgrades in, on whichever database it is."""
    if database.dialect == "sqlite":
        with _without_foreign_keys(database) as conn:
            yield conn
        return
    with database.begin() as conn:
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        yield conn


@contextmanager
def _without_foreign_keys(database: Database) -> Iterator[Connection]:
    """A writing transaction on SQLite in which a table can be replaced without deleting what points to it.

    SQLite changes a table by dropping and rebuilding it, and with its checks on the drop would cascade. It
    takes the pragma outside a transaction only; the check is made up for before the commit.
    """
    with database.connect() as conn:
        driver = conn.connection.cursor()
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with conn.begin():
                yield conn
                _require_whole_references(conn)
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def _require_whole_references(conn: Connection) -> None:
    broken = conn.execute(text("PRAGMA foreign_key_check")).first()
    if broken is not None:
        raise Conflict(
            f"the upgrade would leave rows of `{broken[0]}` pointing to nothing in `{broken[2]}`; "
            "it was undone, nothing has changed"
        )
