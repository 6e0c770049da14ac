"""Databases on each dialect that Upheld runs on; a test that asks for one runs once on each.

Fixtures that depend on `dialect` change together: a test that asks for both `database` and `platform_url`
runs twice, not four times.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.store.database import Database
from engine.store.schema import full_metadata
from tests.support.postgres import TEMPLATE, PostgresServer


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def dialect(request: pytest.FixtureRequest) -> str:
    """`sqlite`, then `postgresql`."""
    return str(request.param)


@pytest.fixture
def database_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of Upheld's own that has all tables and no rows."""
    if dialect == "sqlite":
        path = tmp_path / "upheld.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database(TEMPLATE) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Upheld's own database with all tables and no rows."""
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture
def store_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database for Upheld's own store, which it makes its tables in."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'upheld.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


@pytest.fixture
def platform_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database, for the platform whose data is governed."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'platform.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{path}")
    with database.begin() as conn:
        full_metadata().create_all(conn)
    database.dispose()
    return path
