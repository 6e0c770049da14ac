"""Fixtures for every test; each is a real component.

`database`      Upheld's own `Database` with all tables and no rows, on SQLite and on PostgreSQL
`database_url`  the URL of the same, for a test that starts a process
`platform_url`  the URL of an empty database for the governed platform, on the same dialect
`dialect`       `sqlite`, then `postgresql`: what the three above run on
`postgres`      the PostgreSQL server itself: `.url(name)`, `.database()`, `.create_database()`
`smtp`          an SMTP server: `.host`, `.port`, `.messages`, `.to(address)`, `.wait_for(number)`
`browser`       Chromium by Playwright, one a module; `context` a profile and `page` a page a test
`clock`         a clock that stands still: `.now()`, `.advance(timedelta)`, `.set(datetime)`

They live in `tests/support`, one file a component (the databases in `databases.py`).

A component that this machine lacks skips its tests with the one line that installs it; with
`UPHELD_NO_SKIP=1` a skip fails the run (support/no_skips.py).

Hypothesis runs the profile `ci`: the same examples every time. `HYPOTHESIS_PROFILE=explore` looks for new
ones, and more of them.
"""

import os

from hypothesis import HealthCheck, settings

pytest_plugins = [
    "tests.support.browser",
    "tests.support.clock",
    "tests.support.mail",
    "tests.support.no_skips",
    "tests.support.postgres",
    "tests.support.databases",  # after postgres, which it imports: pytest registers before it imports
]

# A busy machine must not fail a test: no deadline, and slow data generation is no error.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("ci", _PATIENT, derandomize=True, database=None, print_blob=True)
settings.register_profile("explore", _PATIENT, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
