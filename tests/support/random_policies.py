"""Random small policies and random facts about a person, for properties of decisions and of the diff."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from engine.decisions.facts import SubjectFacts
from engine.policy.policy import Policy
from tests.support.generated import BASES
from tests.support.policies import policy

CATEGORIES = {"person": {"email": {}, "health": {"special": "health"}}, "usage": {}}
PURPOSES = {"service": {}, "news": {"is": "direct marketing"}, "claims": {"is": "legal claims"}}
RECIPIENTS = {"cloud": {}, "partner": {}}
CHOICES = ("one", "two")
DATA = ("everything", "person", "person.email", "person.health", "usage")
FOR = ("service", "news", "claims")
WITH = ("cloud", "partner", "everyone")
PLACES = ("EU", "DE", "US", "US-CA")


def _some(values: tuple[str, ...], most: int = 2) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True)


_KEYS = {
    "subject": _some(("customer", "child")),
    "region": _some(PLACES),
    "account": _some(("none", "active", "suspended", "cancelled"), 3),
    "choice": _some(CHOICES),
    "age below": st.sampled_from(["13", "18"]),
    "signal": _some(("gpc", "dnt")),
}


@st.composite
def guards(draw: st.DrawFn) -> dict[str, Any]:
    """A guard with one or two keys."""
    keys = draw(_some(tuple(_KEYS)))
    return {key: draw(_KEYS[key]) for key in keys}


@st.composite
def rules(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """A permit or, less often, a deny of one kind; a deny mostly under conditions."""
    rule: dict[str, Any] = {"data": draw(st.one_of(st.just(["everything"]), _some(DATA)))}
    denies = draw(st.integers(0, 3)) == 3
    if kind != "collection":
        rule["for"] = draw(_some(FOR))
    if kind == "sharing":
        rule["with"] = draw(_some(WITH))
    for key in ("when", "unless"):
        if draw(st.integers(0, 3)) >= (1 if denies else 3):
            rule[key] = draw(guards())
    if denies:
        return {**rule, "allow": "never"}
    if draw(st.booleans()):
        rule["must"] = draw(st.sampled_from([["log"], [{"warn": "1.b"}], ["log", {"warn": "1.b"}]]))
    return rule if kind == "collection" else {**rule, **draw(_grounds())}


@st.composite
def _grounds(draw: st.DrawFn) -> dict[str, Any]:
    basis = draw(st.sampled_from(BASES))
    ground: dict[str, Any] = {"basis": basis}
    if "consent" in basis and draw(st.integers(0, 9)):
        ground["choice"] = draw(st.sampled_from(CHOICES))
    if draw(st.integers(0, 3)) == 0:
        ground["second ground"] = "GDPR 9(2)(h)"
    return ground


@st.composite
def contents(draw: st.DrawFn) -> dict[str, Any]:
    """The rule files of a small policy."""
    return {
        "categories": CATEGORIES,
        "purposes": PURPOSES,
        "recipients": RECIPIENTS,
        "choices": [{"id": name, "ask": "May we?"} for name in CHOICES],
        "collection": draw(st.lists(rules("collection"), min_size=1, max_size=3)),
        "use": draw(st.lists(rules("use"), min_size=2, max_size=5)),
        "sharing": draw(st.lists(rules("sharing"), min_size=1, max_size=4)),
    }


@st.composite
def changed(draw: st.DrawFn, before: dict[str, Any]) -> dict[str, Any]:
    """The same files with one kind of rule written anew or one rule dropped, as a new version has them."""
    kind = draw(st.sampled_from(["use", "sharing", "collection"]))
    kept = list(before[kind])
    if kept and draw(st.booleans()):
        kept.pop(draw(st.integers(0, len(kept) - 1)))
    return {**before, kind: [*kept, *draw(st.lists(rules(kind), max_size=2))]}


def load(files: dict[str, Any], version: str = "2026-01-01") -> Policy:
    """Write and load the files of a small policy."""
    with tempfile.TemporaryDirectory() as folder:
        return policy(Path(folder), version, **files)


def facts(*, known: bool = False) -> st.SearchStrategy[SubjectFacts]:
    """Facts about a person; all of them told if `known`, otherwise some unknown."""

    def told(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return values if known else st.one_of(values, values, st.none())

    regions = ("DE", "FR", "US-CA", "US-NY", "CN") + (() if known else ("US", "EU"))
    return st.builds(
        SubjectFacts,
        subject=told(st.sampled_from(["customer", "child"])),
        region=told(st.sampled_from(regions)),
        account=told(st.sampled_from(["active", "none", "active", "suspended", "cancelled"])),
        age=told(st.sampled_from([5, 12, 13, 17, 18, 40])),
        choices=st.fixed_dictionaries({name: told(st.booleans()) for name in CHOICES}),
        explicit=told(st.frozensets(st.sampled_from(CHOICES))),
        signals=told(st.frozensets(st.sampled_from(["gpc", "dnt"]))),
        objections=told(st.frozensets(st.sampled_from(FOR), max_size=1)),
        restricted=told(st.sampled_from([False, False, False, True])),
    )
