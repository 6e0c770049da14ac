"""When a call is tried again: the arithmetic, with a clock and a chance of the test's own."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upheld_client.errors import Problem, Unreachable, UpheldError, refusal
from upheld_client.repeating import LONGEST_PAUSE, Attempts, passes, pause
from upheld_client.wire import Response, problem_in

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
LOST = Unreachable("no answer", passing=True)


def busy(retry_after: float | None = None) -> UpheldError:
    return refusal(Problem(503, retry_after=retry_after))


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (LOST, True),
        (Unreachable("not understood"), False),
        *((refusal(Problem(status)), True) for status in (429, 502, 503, 504)),
        *((refusal(Problem(status)), False) for status in (400, 401, 403, 404, 409, 418, 500, 501)),
    ],
)
def test_only_what_may_pass_is_tried_again(error: UpheldError, again: bool):
    assert passes(error) is again


@pytest.mark.parametrize(
    ("failures", "asked", "chance", "seconds"),
    [
        (1, None, 0.5, 0.05),
        (2, None, 0.5, 0.1),
        (3, None, 0.0, 0.1),
        (3, None, 1.0, 0.3),
        (6, None, 0.5, 1.0),
        (999, None, 0.5, 1.0),
        (1, 3.0, 0.5, 3.0),
        (6, 0.2, 0.5, 1.0),
    ],
)
def test_the_pause_doubles_and_is_never_shorter_than_asked(
    failures: int, asked: float | None, chance: float, seconds: float
):
    assert pause(failures, busy(asked), chance) == pytest.approx(seconds)


@settings(max_examples=30)
@given(st.floats(0.01, 10), st.lists(st.floats(0, 1), min_size=60, max_size=60), st.floats(0, 0.2))
def test_no_wait_reaches_beyond_the_deadline(seconds: float, chances: list[float], took: float):
    time, chance = [0.0], iter(chances)
    attempts = Attempts(seconds, lambda: time[0], lambda: next(chance))
    with pytest.raises(Unreachable):
        for _ in chances:
            time[0] += min(took, attempts.left())
            wait = attempts.wait_after(LOST)
            assert 0 < wait <= LONGEST_PAUSE * 1.5
            assert time[0] + wait < seconds
            time[0] += wait


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("", None),
        ("60", 60.0),
        ("-1", None),
        ("soon", None),
        ("Mon, 15 Jun 2026 12:00:30 GMT", 30.0),
        ("Mon, 15 Jun 2026 11:00:00 GMT", 0.0),
        ("Mon, 15 Jun 2026 12:00:30", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(told: str, seconds: float | None):
    problem = problem_in(Response(503, {"retry-after": told}, b""), NOW)
    assert problem.retry_after == seconds


def test_a_plain_message_is_the_detail():
    assert problem_in(Response(400, {}, b"`subject.type` is wrong"), NOW).detail == (
        "`subject.type` is wrong"
    )
