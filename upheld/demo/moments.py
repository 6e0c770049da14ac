"""Moments in time: growing traffic, in order, without holding more than one of them."""

from __future__ import annotations

from collections.abc import Iterator
from math import expm1, log1p
from random import Random

DAY = 86_400


def moments(count: int, start: int, end: int, growth: float, rng: Random) -> Iterator[int]:
    """Yield `count` epoch seconds in `start <= t < end`, ascending, growing by e^`growth`.

    One moment falls in each of `count` equally likely slices: shares by age hold for every seed.
    """
    for i in range(count):
        share = (i + rng.random()) / count
        yield start + int((end - start) * log1p(share * expm1(growth)) / growth)


def growth_for(share: float, before: float) -> float:
    """The growth at which `share` of the moments lie in the first `before` (0..1) of the time.

    A share that is out of reach (more than steady traffic has there) gives nearly steady traffic.
    """
    low, high = 0.01, 60.0
    for _ in range(60):
        middle = (low + high) / 2
        reached = expm1(middle * before) / expm1(middle)
        low, high = (middle, high) if reached > share else (low, middle)
    return low
