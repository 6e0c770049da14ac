"""The only wiring: from settings to everything that runs. Nothing else builds a service."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from engine.store.database import Database
from upheld.settings import read_settings


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.now(UTC)


@contextmanager
def open_database(environ: Mapping[str, str] | None = None) -> Iterator[Database]:
    """Upheld's own database, as the settings name it."""
    settings = read_settings(os.environ if environ is None else environ)
    database = Database(settings.database_url.get_secret_value())
    try:
        yield database
    finally:
        database.dispose()
