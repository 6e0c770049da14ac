"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

import pytest

START = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)


class FrozenClock:
    """Tells the time that the test set; satisfies the engine's `Clock` port."""

    def __init__(self, moment: datetime = START) -> None:
        self._moment = moment.astimezone(UTC)

    def now(self) -> datetime:
        return self._moment

    def advance(self, by: timedelta) -> datetime:
        """Move on by that much and return the new time."""
        self._moment += by
        return self._moment

    def set(self, moment: datetime) -> None:
        """Jump to an aware time, forwards or backwards."""
        if moment.tzinfo is None:
            raise ValueError(f"naive datetime {moment!r}: a clock takes aware times only")
        self._moment = moment.astimezone(UTC)


@pytest.fixture
def clock() -> FrozenClock:
    """A clock at 2026-06-15T12:00Z that only the test moves."""
    return FrozenClock()
