"""Upheld's own database as files."""

import stat
from pathlib import Path

import pytest

from engine.errors import StoreUnavailable
from engine.store.database import Database


def test_a_new_database_is_readable_by_its_owner_alone(tmp_path: Path):
    """Copies of people's data wait in it for their download."""
    database = Database(f"sqlite:///{tmp_path / 'deeper' / 'upheld.db'}")
    with database.begin() as conn:
        conn.exec_driver_sql("CREATE TABLE one (id INTEGER)")
        files = list((tmp_path / "deeper").iterdir())
        assert len(files) > 1
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    database.dispose()


def test_a_place_that_no_database_can_lie_in_is_said(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match=r"upheld\.db"):
        Database(f"sqlite:///{tmp_path / 'file' / 'upheld.db'}")
