"""Demands on facts in words that make sense to people who do not program."""

from __future__ import annotations

from collections.abc import Sequence

from engine.policy.compiled.conditions import Demand, Kind

_YES = {
    Kind.SUBJECT: "the person is a {}",
    Kind.REGION: "the person is in {}",
    Kind.ACCOUNT: "the account is {}",
    Kind.CHOICE: "the choice {} is on",
    Kind.EXPLICIT: "the choice {} was made explicitly",
    Kind.AGE_BELOW: "the person is younger than {}",
    Kind.SIGNAL: "the browser sends {}",
    Kind.OBJECTION: "the person objects to {}",
    Kind.RESTRICTION: "processing of {} is restricted",
    Kind.AGREEMENT: "the person agreed to version {} or a later one",
    Kind.GROUND: "the rule names a {}",
}
_NO = {
    Kind.SUBJECT: "the person is not a {}",
    Kind.REGION: "the person is not in {}",
    Kind.ACCOUNT: "the account is not {}",
    Kind.CHOICE: "the choice {} is off",
    Kind.EXPLICIT: "the choice {} was not made explicitly",
    Kind.AGE_BELOW: "the person is {} or older",
    Kind.SIGNAL: "the browser does not send {}",
    Kind.OBJECTION: "the person does not object to {}",
    Kind.RESTRICTION: "processing of {} is not restricted",
    Kind.AGREEMENT: "the person did not agree to version {}",
    Kind.GROUND: "the rule names no {}",
}
_SHORT = {Kind.ACCOUNT, Kind.OBJECTION, Kind.RESTRICTION, Kind.AGREEMENT}
_FIRST_ONLY = {Kind.OBJECTION, Kind.RESTRICTION, Kind.AGREEMENT}


def phrase(demand: Demand) -> str:
    """What a demand wants, as a sentence without a full stop."""
    fact = demand.fact
    texts = _YES if demand.holds else _NO
    names = fact.values[:1] if fact.kind in _FIRST_ONLY else fact.values
    return texts[fact.kind].format(either(names) or "the data")


def label(demand: Demand) -> str:
    """What a demand wants, in two or three words."""
    fact = demand.fact
    name = fact.kind.value
    if fact.kind not in _SHORT:
        name = f"{name} {' or '.join(fact.values)}".strip()
    return name if demand.holds else f"no {name}"


def either(names: Sequence[str]) -> str:
    """Names in backticks, joined by "or"."""
    quoted = [f"`{name}`" for name in names]
    return " or ".join(filter(None, (", ".join(quoted[:-1]), quoted[-1] if quoted else "")))
