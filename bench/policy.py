"""How long it takes to compile a large policy, and to compare two versions over their whole space."""

from __future__ import annotations

import gc
from collections.abc import Callable
from statistics import median
from time import process_time

from engine.decisions.table import compile_table
from engine.policy.diff import diff
from engine.policy.diff.cells import Pairs
from engine.policy.policy import Policy
from tests.support.generated import Shape, files, load, pair

LARGE = Shape(
    branches=20, purposes=12, recipients=10, rules=1000, choices=2, accounts=("cancelled",),
    regions=("EU",), ages=(16,), signals=(), subjects=("customer",), guarded=0.2,
)  # fmt: skip
"""1,000 rules over 60 leaf categories."""
WIDE = Shape(
    branches=5, purposes=12, recipients=8, rules=60, choices=2,
    regions=("EU", "US-CA"), ages=(16,), signals=(), subjects=("customer",), guarded=0.2,
)  # fmt: skip
"""60 rules over a space of about 1.4 million points: cells times situations."""
SEEDS = (1, 2, 3)


def main(quick: bool) -> None:
    """Print medians of the processor time."""
    rounds = 3 if quick else 21
    from random import Random

    for seed in SEEDS:
        policy = load(files(Random(seed), LARGE))
        spent = _median(lambda policy=policy: compile_table(policy), rounds)
        print(f"compile  1,000 rules, seed {seed}{'':32}{spent:8.1f} ms")
    for share, what in ((0.1, "a tenth of the rules"), (1.0, "every rule")):
        for seed in SEEDS:
            old, new = pair(seed, WIDE, share)
            points, spent = Pairs(old, new).points, _median(_compare(old, new), rounds)
            print(
                f"diff     60 rules, {points:,} points, {what} changed, seed {seed}{spent:9.1f} ms"
            )


def _compare(old: Policy, new: Policy) -> Callable[[], object]:
    def compare() -> object:
        diff.cache_clear()
        return diff(old, new)

    return compare


def _median(work: Callable[[], object], rounds: int) -> float:
    """The median of the processor time of some rounds, in milliseconds.

    What a round leaves is collected before the next one begins, so that none pays for another's.
    """
    times = []
    for _ in range(rounds):
        gc.collect()
        start = process_time()
        work()
        times.append((process_time() - start) * 1000)
    return median(times)
