"""What follows from a decision alone, made once: a table gives the very same decision again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from engine.decisions.decision import Decision

MOST = 8192
"""Decisions of which something is remembered; beyond, all are forgotten and made again."""

T = TypeVar("T")


class Remembered(Generic[T]):
    """Call it with a decision for what `make` makes of it."""

    def __init__(self, make: Callable[[Decision], T]) -> None:
        self._make = make
        self._known: dict[int, tuple[Decision, T]] = {}

    def __call__(self, decision: Decision) -> T:
        """What follows from this decision."""
        known = self._known.get(id(decision))
        # The decision is kept beside it, so that its id cannot come to mean another one.
        if known is not None and known[0] is decision:
            return known[1]
        made = self._make(decision)
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[id(decision)] = (decision, made)
        return made
