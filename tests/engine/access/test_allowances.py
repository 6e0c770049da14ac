"""A key's limit holds over all processes together, and comes back with time."""

from datetime import timedelta

import pytest

from engine.access.allowances import Allowances
from engine.access.keys import ApiKeys
from engine.access.limits import Limits
from engine.errors import TooManyRequests

SECRET = b"0123456789abcdef0123456789abcdef"


@pytest.fixture
def processes(database, clock):
    """Two processes over one database."""
    return [Allowances(Limits(database, clock, SECRET)) for _ in range(2)]


def spent(key, *allowances: Allowances) -> int:
    """How many calls succeed before each process refuses."""
    total = 0
    for process in allowances:
        with pytest.raises(TooManyRequests, match="may ask 60 times a minute") as refused:
            while True:
                process.take(key)
                total += 1
        assert refused.value.retry_after >= 1
    return total


def test_the_limit_holds_over_two_processes_and_comes_back(database, clock, processes):
    key, _ = ApiKeys(database, clock, SECRET).create("busy", ["decide"], per_minute=60)
    assert spent(key, *processes) == 60
    clock.advance(timedelta(seconds=30))
    assert spent(key, *processes) == 30
    clock.advance(timedelta(minutes=5))
    assert spent(key, *processes) == 60


def test_a_key_without_a_limit_has_no_end(database, clock, processes):
    key, _ = ApiKeys(database, clock, SECRET).create("free", ["decide"])
    for _ in range(500):
        processes[0].take(key)
