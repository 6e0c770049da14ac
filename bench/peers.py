"""How long a decision takes beside cedarpy, pycasbin and hobofan-regorus, on the same policy.

All engines first answer the same questions; where one of them differs the benchmark fails and shows the
question. Then they are timed in turns, by processor time, and the medians of many rounds are compared.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import cycle, islice
from random import Random
from statistics import median
from time import process_time_ns
from typing import Any

from bench.engines import own
from bench.engines.prepared import Prepared
from bench.engines.rules import LARGE, SMALL, Question, Rule, Size, questions, rules

SEED = 20_260_403
ASKED = 2_000
PEERS = ("cedar", "pycasbin", "rego")
INSTALL = ".venv/bin/python -m pip install --require-hashes -r requirements/bench.txt"
ROUND = 10_000_000
"""Nanoseconds for which each engine is asked in a round, about."""


def main(quick: bool) -> None:
    """Print the table for 40 rules and for 1,000; all of both are timed in turns."""
    both = [_prepared(size) for size in (SMALL, LARGE)]
    times = _timed([engine for engines in both for engine in engines], 5 if quick else 31)
    small, large = (
        _print_table(size, engines, [median(next(times)) for _ in engines])
        for size, engines in zip((SMALL, LARGE), both, strict=True)
    )
    print(f"upheld, 40 → 1,000 rules: {large / small:.2f} × as long")


def _prepared(size: Size) -> list[Prepared]:
    """All engines for a policy of this size, after checking that they agree."""
    known = rules(Random(SEED), size)
    put = questions(Random(SEED + 1), size, known, ASKED)
    engines = list(_engines(known, size, put))
    print(
        f"{size.rules:,} rules: {len(engines)} engines agree on {ASKED:,} questions, "
        f"{agreed(engines, put):,} of them permitted"
    )
    return engines


def _print_table(size: Size, engines: list[Prepared], spent: list[float]) -> float:
    """Each engine beside Upheld, and Upheld beside the floor; returns our nanoseconds."""
    floor, ours = spent[:2]
    print(
        f"{size.rules:,} rules, {size.categories} categories × {size.purposes} purposes × "
        f"{size.recipients} recipients, {size.consents} consents"
    )
    print(f"  {engines[0].name:26} {floor:12,.0f} ns")
    print(f"  {engines[1].name:26} {ours:12,.0f} ns {ours / floor:9.2f} × one precomputed probe")
    for engine, each in zip(engines[2:], spent[2:], strict=True):
        print(f"  {engine.name:26} {each:12,.0f} ns {each / ours:9,.0f} × upheld")
    return ours


def _engines(known: list[Rule], size: Size, put: list[Question]) -> Iterator[Prepared]:
    """The floor, Upheld, and every peer that is installed."""
    ours = own.upheld(known, size, put)
    yield own.floor(ours)
    yield ours
    for name in PEERS:
        try:
            peer = import_module(f"bench.engines.{name}")
        except ModuleNotFoundError as missing:
            print(f"left out: `{missing.name}` is not installed; install it: {INSTALL}")
            continue
        yield from peer.prepare(known, put)


def agreed(engines: list[Prepared], put: list[Question]) -> int:
    """How many questions are permitted; exits with the first that the engines answer differently."""
    answers = [engine.answers() for engine in engines]
    for question, *given in zip(put, *answers, strict=True):
        if len(set(given)) > 1:
            said = ", ".join(
                f"{engine.name}: {'permit' if permitted else 'deny'}"
                for engine, permitted in zip(engines, given, strict=True)
            )
            sys.exit(f"the engines disagree on {question}\n  {said}")
    return sum(answers[0])


def _timed(engines: list[Prepared], rounds: int) -> Iterator[list[float]]:
    """Nanoseconds of one question in each round, engine by engine; they take turns."""
    turns = [_turns(engine) for engine in engines]
    found = [[next(turn) for turn in turns] for _ in range(rounds)]
    return iter([list(times) for times in zip(*found, strict=True)])


def _turns(engine: Prepared) -> Iterator[float]:
    """Time one round after the other, each on the next questions, as many as fit."""
    fits = max(20, int(ROUND / _time(engine, engine.asked[:20])))
    ahead = cycle(engine.asked)
    while True:
        yield _time(engine, list(islice(ahead, fits)))


def _time(engine: Prepared, asked: list[tuple[Any, Any]]) -> float:
    ask = engine.ask
    start = process_time_ns()
    for what, whom in asked:
        ask(what, whom)
    return (process_time_ns() - start) / len(asked)
