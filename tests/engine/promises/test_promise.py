"""A clause takes the worst of what keeps it, and its figures read well."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.promises.promise import State, Verdict, promise_of
from engine.promises.words import count, listed, span

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


@given(st.lists(st.sampled_from(State), min_size=1, max_size=6))
def test_the_worst_state_decides_and_its_sentences_stand(states: list[State]) -> None:
    verdicts = [Verdict(f"rule {n}", state, f"because {n}") for n, state in enumerate(states)]
    promise = promise_of("1.a", verdicts, NOW)
    assert promise.state is max(states, key=lambda state: state.gravity)
    told = promise.sentence.split("; ")
    assert told == [f"because {n}" for n, state in enumerate(states) if state is promise.state]


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(days=89, hours=4, minutes=59), "89 d 4 h"),
        (timedelta(days=1), "1 d 0 h"),
        (timedelta(hours=3, minutes=20), "3 h 20 min"),
        (timedelta(minutes=5, seconds=59), "5 min"),
        (timedelta(seconds=59), "under a minute"),
        (timedelta(seconds=-5), "under a minute"),
    ],
)
def test_spans(length: timedelta, words: str) -> None:
    assert span(length) == words


def test_counts_and_lists() -> None:
    assert (count(1, "row"), count(1204, "row")) == ("1 row", "1,204 rows")
    assert count(2, "person", "people") == "2 people"
    assert listed(["a", "b"]) == "`a`, `b`"
    assert listed(list("abcde")) == "`a`, `b`, `c` and 2 more"
