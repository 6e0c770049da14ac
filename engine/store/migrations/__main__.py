"""Write the next revision: `python -m engine.store.migrations "keep receipts"`, or `make migration m=…`.

It compares a fresh SQLite database at the newest revision with what the tables declare. Read what it
wrote: it does not see renames, and check constraints only where a table is new.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command

from engine.store.database import Database
from engine.store.migrate import config, script_directory, upgrade


def write_revision(message: str, url: str) -> None:
    """Write a revision that brings the empty database at `url` from the newest revision to the tables."""
    database = Database(url)
    upgrade(database)
    number = sum(1 for _ in script_directory().walk_revisions()) + 1
    with database.begin() as conn:
        command.revision(config(conn), message, autogenerate=True, rev_id=f"{number:04d}")
    database.dispose()


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        write_revision(sys.argv[1], f"sqlite:///{Path(folder) / 'empty.db'}")
