"""Idempotency keys: once carried out, ever answered alike; never stuck."""

from datetime import timedelta

import pytest

from engine.access.replays import GIVEN_UP_AFTER, KEPT_FOR, Answer, Replays
from engine.errors import Conflict
from engine.store.database import Database
from tests.support.clock import FrozenClock

DONE = Answer(201, b'{"id": "1"}')


@pytest.fixture
def replays(database: Database, clock: FrozenClock) -> Replays:
    return Replays(database, clock, b"0" * 32)


def test_the_second_call_gets_the_first_answer(replays: Replays):
    claim = replays.claim("service", "key", "file 1")
    assert claim.answer is None
    replays.keep(claim, DONE)
    assert replays.claim("service", "key", "file 1").answer == DONE


def test_a_key_stands_for_one_call_of_one_caller(replays: Replays):
    replays.keep(replays.claim("service", "key", "file 1"), DONE)
    with pytest.raises(Conflict, match="another request"):
        replays.claim("service", "key", "file 2")
    assert replays.claim("another service", "key", "file 2").answer is None


def test_two_at_once_are_not_both_carried_out(replays: Replays):
    replays.claim("service", "key", "file 1")
    with pytest.raises(Conflict, match="still being answered"):
        replays.claim("service", "key", "file 1")


def test_a_call_that_died_or_failed_may_be_made_again(replays: Replays, clock: FrozenClock):
    replays.claim("service", "died", "file 1")
    clock.advance(GIVEN_UP_AFTER)
    assert replays.claim("service", "died", "file 1").answer is None
    replays.release(replays.claim("service", "failed", "file 1"))
    assert replays.claim("service", "failed", "file 2").answer is None


def test_answers_are_forgotten_in_time(replays: Replays, clock: FrozenClock, database: Database):
    replays.keep(replays.claim("service", "key", "file 1"), DONE)
    clock.advance(KEPT_FOR - timedelta(seconds=1))
    assert replays.claim("service", "key", "file 1").answer == DONE
    clock.advance(timedelta(seconds=1))
    assert replays.claim("service", "key", "file 2").answer is None
    clock.advance(KEPT_FOR)
    with database.begin() as conn:
        assert replays.sweep(conn) == 1
