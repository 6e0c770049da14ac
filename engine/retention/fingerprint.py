"""Which rows stayed: a count and an order-independent hash of their keys, in 64 buckets.

Taken of the rows that were not due when a purge began, and again when it is verified. A bucket that has
fewer rows than before has lost some; the hash notices one row replaced by another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from engine.retention.keys import key_text

BUCKETS = 64
_MASK = 2**64 - 1


@dataclass
class Fingerprint:
    """Grows row by row; `buckets` are pairs of count and sum of key hashes (mod 2^64)."""

    buckets: list[list[int]] = field(default_factory=lambda: [[0, 0] for _ in range(BUCKETS)])

    def add(self, key: tuple[Any, ...]) -> None:
        """Count a row."""
        number = int.from_bytes(blake2b(key_text(key).encode(), digest_size=8).digest(), "big")
        bucket = self.buckets[number % BUCKETS]
        bucket[0] += 1
        bucket[1] = (bucket[1] + number) & _MASK

    @property
    def rows(self) -> int:
        """How many rows were counted."""
        return sum(count for count, _ in self.buckets)

    def plain(self) -> list[list[Any]]:
        """As JSON: the hashes as hexadecimal text, since JSON numbers are not exact that far."""
        return [[count, f"{total:016x}"] for count, total in self.buckets]


def missing(before: list[list[Any]], after: Fingerprint) -> int:
    """At least how many of the rows counted before are gone."""
    lost = 0
    for (count, total), (count_now, total_now) in zip(before, after.buckets, strict=True):
        if count_now < count:
            lost += count - count_now
        elif count_now == count and total != f"{total_now:016x}":
            lost += 1
    return lost
