"""`shop`: a small shop with three customers; mail arrives at the `smtp` server.

Modules about rules and words run on SQLite alone (their own `dialect`); where data is erased or workers meet,
tests run on each database.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.notify import SmtpNotifier
from engine.store.database import Database
from tests.engine.rights.shop import Shop, found_shop, open_shop
from tests.support.clock import FrozenClock
from tests.support.mail import Mailbox


@pytest.fixture
def shop(
    tmp_path: Path, platform_url: str, database: Database, clock: FrozenClock, smtp: Mailbox
) -> Iterator[Shop]:
    notifier = SmtpNotifier(smtp.host, smtp.port, starttls=False)
    found_shop(tmp_path, platform_url, 3, clock.now())
    shop = open_shop(tmp_path, platform_url, database, clock, notifier)
    yield shop
    shop.close()
