"""Allowances: so many at once, then one at a time as they come back; the same for every worker."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from engine.access.limits import Limit, Limits, spend
from engine.errors import TooManyRequests
from engine.store.database import Database
from engine.store.tables.access import rate_limits
from tests.support.clock import FrozenClock

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
FIVE_AN_HOUR = Limit("codes", 5, timedelta(hours=1))


def test_so_many_at_once_are_allowed_and_then_none():
    full_at = None
    for _ in range(5):
        verdict = spend(full_at, FIVE_AN_HOUR, NOW)
        assert verdict.allowed
        full_at = verdict.full_at
    refused = spend(full_at, FIVE_AN_HOUR, NOW)
    assert not refused.allowed
    assert refused.retry_after == 12 * 60
    assert refused.full_at == full_at


@given(st.lists(st.integers(0, 4000), max_size=60), st.integers(1, 10))
def test_never_more_than_the_limit_and_one_refill_within_any_window(gaps: list[int], times: int):
    limit = Limit("x", times, timedelta(hours=1))
    now, full_at, allowed = NOW, None, []
    for gap in gaps:
        now += timedelta(seconds=gap)
        verdict = spend(full_at, limit, now)
        if verdict.allowed:
            full_at = verdict.full_at
            allowed.append(now)
        else:
            later = spend(full_at, limit, now + timedelta(seconds=verdict.retry_after))
            assert later.allowed
    for start in allowed:
        within = [t for t in allowed if start <= t < start + limit.within]
        assert len(within) <= 2 * times


def test_an_allowance_is_shared_and_kept_for_each_key(database: Database, clock: FrozenClock):
    one, other = (Limits(database, clock, b"s" * 32) for _ in range(2))
    for number in range(5):
        (one, other)[number % 2].check(FIVE_AN_HOUR, "anna@example.com")
    with pytest.raises(TooManyRequests) as refused:
        one.check(FIVE_AN_HOUR, "anna@example.com")
    assert refused.value.retry_after == 12 * 60
    other.check(FIVE_AN_HOUR, "bo@example.com")
    clock.advance(timedelta(minutes=12))
    one.check(FIVE_AN_HOUR, "anna@example.com")


def test_no_key_is_stored_in_clear_and_what_is_whole_again_is_swept(
    database: Database, clock: FrozenClock
):
    limits = Limits(database, clock, b"s" * 32)
    limits.check(FIVE_AN_HOUR, "anna@example.com")
    with database.read() as conn:
        stored = conn.execute(select(rate_limits)).one()
    assert "anna" not in str(stored)
    assert limits.sweep() == 0
    clock.advance(timedelta(hours=1))
    assert limits.sweep() == 1
