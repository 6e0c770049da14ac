"""A database that all tests of a file share; each works in a transaction that is then taken back."""

import shutil

import pytest

from engine.store.database import Database
from tests.support.postgres import TEMPLATE


@pytest.fixture(
    scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
)
def shared_database(request, tmp_path_factory):
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("audit") / "upheld.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        database = Database(f"sqlite:///{path}")
        yield database
        database.dispose()
        return
    with request.getfixturevalue("postgres").database(TEMPLATE) as url:
        database = Database(url)
        yield database
        database.dispose()


@pytest.fixture
def conn(shared_database):
    """A connection in a transaction that nobody else ever sees."""
    with shared_database.engine.connect() as conn:
        transaction = conn.begin()
        yield conn
        transaction.rollback()
