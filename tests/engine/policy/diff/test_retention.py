"""Where data is kept longer or less long is where trying every situation finds it so."""

from dataclasses import replace
from itertools import product
from random import Random

import pytest

from engine.decisions.facts import SubjectFacts, answer
from engine.policy.compiled.conditions import guarded
from engine.policy.diff import diff
from tests.support.generated import SMALL, guard, load

LENGTHS = (10, 30, 60)
SHAPE = replace(SMALL, signals=())
"""Retention goes by no signal."""
NEVER = 10_000


def _periods(random):
    """Rules that delete after some days from the record; some only under conditions."""
    rules = []
    for _ in range(random.randint(1, 3)):
        rule = {"data": "data-0.one", "keep": f"{random.choice(LENGTHS)} days"}
        rule |= {"after": "record.created", "then": "delete"}
        if random.random() < 0.7:
            rule[random.choice(["when", "unless"])] = guard(random, SHAPE)
        rules.append(rule)
    return {"retention": rules, "choices": [{"id": f"choice-{n}", "ask": "?"} for n in (0, 1)],
            "categories": {"data-0": {"one": {}}}}  # fmt: skip


SITUATIONS = [
    SubjectFacts(subject=subject, region=region, account=account, age=age, signals=frozenset(),
                 choices={"choice-0": one, "choice-1": other}, explicit=frozenset(),
                 objections=frozenset(), restricted=False)
    for subject, region, account, age, one, other in product(
        ("customer", "child"), ("FR", "DE", "US-CA", "US-NY", "CN"),
        ("active", "none", "suspended", "cancelled"), (12, 17, 18), (False, True), (False, True),
    )
]  # fmt: skip


def _holds(cases, about):
    return any(all(answer(d.fact, about) is d.holds for d in case) for case in cases)


def _days(policy, about):
    """When the record goes, in days."""
    bounds = [
        rule.keep.count
        for rule in policy.retention
        if _holds(guarded(rule.when, rule.unless), about)
    ]
    return min(bounds, default=NEVER)


@pytest.mark.parametrize("seed", range(25))
def test_longer_and_shorter_are_told_in_exactly_the_situations_in_which_they_are(seed):
    random = Random(seed)
    old, new = load(_periods(random)), load(_periods(random), "2026-02-01")
    told = {"retention.longer": (), "retention.shorter": ()}
    for change in diff(old, new).changes:
        if change.kind in told:
            (box,) = change.boxes
            told[change.kind] = box.when
    for about in SITUATIONS:
        before, after = _days(old, about), _days(new, about)
        assert _holds(told["retention.longer"], about) == (after > before), about
        assert _holds(told["retention.shorter"], about) == (after < before), about
