"""Policies of a given size from a seed: for properties over very many of them, and for the benchmarks."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from engine.policy.policy import Policy
from tests.support.policies import policy

BASES = (
    "consent",
    "explicit consent",
    "contract",
    "legal obligation",
    "vital interests",
    "legitimate interest",
)
Files = dict[str, Any]
Rule = dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """How large: branches of three leaf categories, purposes, recipients, rules, and what guards may say."""

    branches: int = 1
    purposes: int = 3
    recipients: int = 2
    rules: int = 8
    choices: int = 2
    regions: tuple[str, ...] = ("EU", "DE", "US", "US-CA")
    accounts: tuple[str, ...] = ("none", "active", "suspended", "cancelled")
    ages: tuple[int, ...] = (13, 18)
    signals: tuple[str, ...] = ("gpc", "dnt")
    subjects: tuple[str, ...] = ("customer", "child")
    guarded: float = 0.4

    def names(self, kind: str, count: int) -> list[str]:
        """`purpose-0`, `purpose-1`, …"""
        return [f"{kind}-{number}" for number in range(count)]


SMALL = Shape()
"""Few names and many conditions: every situation can be tried."""


def files(random: Random, shape: Shape = SMALL) -> Files:
    """The files of a policy of this shape."""
    return {
        "subjects": list(shape.subjects),
        "categories": {
            branch: {"one": {}, "two": {}, "health": {"special": "health"}}
            for branch in shape.names("data", shape.branches)
        },
        "purposes": {
            name: {"is": kind} if kind else {}
            for name, kind in zip(
                shape.names("purpose", shape.purposes),
                ("", "direct marketing", "legal claims", *[""] * shape.purposes),
                strict=False,
            )
        },
        "recipients": {name: {} for name in shape.names("recipient", shape.recipients)},
        "choices": [{"id": name, "ask": "May we?"} for name in _choices(shape)],
        **_rules(random, shape),
    }


def changed(random: Random, before: Files, shape: Shape = SMALL, share: float = 0.3) -> Files:
    """The next version: about this share of the rules dropped, written anew, or added."""
    after = dict(before)
    for kind in ("collection", "use", "sharing"):
        kept = [rule for rule in before[kind] if random.random() > share]
        gone = len(before[kind]) - len(kept)
        added = [_rule(random, shape, kind) for _ in range(random.randint(0, gone + 1))]
        after[kind] = [*kept, *added]
    return after


def load(content: Files, version: str = "2026-01-01") -> Policy:
    """Write and load a version."""
    with tempfile.TemporaryDirectory() as folder:
        return policy(Path(folder), version, **content)


def pair(seed: int, shape: Shape = SMALL, share: float = 0.3) -> tuple[Policy, Policy]:
    """Two versions from a seed."""
    random = Random(seed)
    before = files(random, shape)
    return load(before), load(changed(random, before, shape, share), "2026-02-01")


def _choices(shape: Shape) -> list[str]:
    return shape.names("choice", shape.choices)


def _rules(random: Random, shape: Shape) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {"collection": [], "use": [], "sharing": []}
    for number in range(shape.rules):
        kind = ("use", "sharing", "use", "sharing", "collection")[number % 5]
        found[kind].append(_rule(random, shape, kind))
    return found


def _rule(random: Random, shape: Shape, kind: str) -> Rule:
    """A permit or, less often, a deny of one kind; a deny mostly under conditions."""
    rule: Rule = {"data": _data(random, shape)}
    denies = random.random() < 0.25
    if kind != "collection":
        rule["for"] = _some(random, shape.names("purpose", shape.purposes))
    if kind == "sharing":
        everyone = random.random() < 0.2
        names = shape.names("recipient", shape.recipients)
        rule["with"] = ["everyone"] if everyone else _some(random, names)
    for key in ("when", "unless"):
        if random.random() < (0.7 if denies else shape.guarded):
            rule[key] = guard(random, shape)
    if denies:
        return {**rule, "allow": "never"}
    if random.random() < 0.4:
        rule["must"] = random.choice([["log"], [{"warn": "1.b"}], ["log", {"warn": "1.b"}]])
    return rule if kind == "collection" else {**rule, **_ground(random, shape)}


def _data(random: Random, shape: Shape) -> list[str]:
    if random.random() < 0.1:
        return ["everything"]
    branch = random.choice(shape.names("data", shape.branches))
    return [branch] if random.random() < 0.4 else [f"{branch}.{random.choice(_LEAVES)}"]


_LEAVES = ("one", "two", "health")


def _ground(random: Random, shape: Shape) -> Rule:
    basis = random.choice(BASES)
    ground: Rule = {"basis": basis}
    if "consent" in basis and random.random() < 0.95:
        ground["choice"] = random.choice(_choices(shape))
    if random.random() < 0.3:
        ground["second ground"] = "GDPR 9(2)(h)"
    return ground


def guard(random: Random, shape: Shape) -> Rule:
    """One or two of the keys that the shape has values for."""
    values = {
        "subject": lambda: _some(random, shape.subjects),
        "region": lambda: _some(random, shape.regions),
        "account": lambda: _some(random, shape.accounts, 3),
        "choice": lambda: _some(random, _choices(shape)),
        "age below": lambda: str(random.choice(shape.ages)),
        "signal": lambda: _some(random, shape.signals),
    }
    empty = {
        "subject": len(shape.subjects) < 2,
        "region": not shape.regions,
        "choice": not shape.choices,
        "age below": not shape.ages,
        "signal": not shape.signals,
    }
    keys = [key for key in values if not empty.get(key)]
    return {key: values[key]() for key in random.sample(keys, random.randint(1, 2))}


def _some(random: Random, values: Any, most: int = 2) -> list[str]:
    return random.sample(list(values), random.randint(1, min(most, len(values))))
