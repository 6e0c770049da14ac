"""The client's tests run against a server over a whole installation."""

from tests.support.installation import (  # noqa: F401  fixtures
    dialect,
    folder,
    make_world,
    table_of,
    versions,
    world,
)
from tests.support.served_world import served  # noqa: F401  fixture
