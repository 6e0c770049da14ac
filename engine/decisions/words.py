"""Decisions in words that make sense to people who do not program."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.decisions.decision import Missing
from engine.policy.compiled.cells import CellKey
from engine.policy.compiled.conditions import Demand, Kind
from engine.policy.models.common import UNSTATED

_YES = {
    Kind.SUBJECT: "the person is a {}",
    Kind.REGION: "the person is in {}",
    Kind.ACCOUNT: "the account is {}",
    Kind.CHOICE: "the choice {} is on",
    Kind.EXPLICIT: "the choice {} was made explicitly",
    Kind.AGE_BELOW: "the person is younger than {}",
    Kind.SIGNAL: "the browser sends {}",
    Kind.OBJECTION: "the person objects to {}",
    Kind.RESTRICTION: "processing is restricted",
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
    Kind.RESTRICTION: "processing is not restricted",
    Kind.AGREEMENT: "the person did not agree to version {}",
    Kind.GROUND: "the rule names no {}",
}
_SHORT = {Kind.ACCOUNT, Kind.OBJECTION, Kind.RESTRICTION, Kind.AGREEMENT}
_FIRST_ONLY = {Kind.OBJECTION, Kind.AGREEMENT}
_ACTS = {"collect": "collected", "use": "used", "share": "shared"}


def phrase(demand: Demand) -> str:
    """What a demand wants, as a sentence without a full stop."""
    fact = demand.fact
    texts = _YES if demand.holds else _NO
    names = fact.values[:1] if fact.kind in _FIRST_ONLY else fact.values
    return texts[fact.kind].format(_either(names))


def label(demand: Demand) -> str:
    """What a demand wants, in two or three words."""
    fact = demand.fact
    name = fact.kind.value
    if fact.kind not in _SHORT:
        name = f"{name} {' or '.join(fact.values)}".strip()
    return name if demand.holds else f"no {name}"


def missing(demand: Demand, known: bool) -> Missing:
    """A demand that is not met, in structure and in words."""
    fact = demand.fact
    words = phrase(demand) + ("" if known else ", which is not known")
    return Missing(fact.kind.value, fact.values, demand.holds, known, label(demand), words)


def ask(key: CellKey, *, may: bool) -> str:
    """The head of a reason: "`usage.content` may not be used for `prevent-abuse`"."""
    verb = f"may{'' if may else ' not'} be {_ACTS.get(key.operation, key.operation)}"
    whom = f" with `{key.recipient}`" if key.recipient else ""
    why = f" for `{key.purpose}`" if key.purpose else ""
    return f"`{key.category}` {verb}{whom}{why}"


def cited(rule: str, clauses: Sequence[str]) -> str:
    """A rule with its clauses: "rule `no-sale` (clause 3.c)"."""
    if UNSTATED in clauses:
        return f"rule `{rule}` (not in the text)"
    noun = "clause" if len(clauses) == 1 else "clauses"
    return f"rule `{rule}` ({noun} {', '.join(clauses)})"


def _either(names: Sequence[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return " or ".join(filter(None, (", ".join(quoted[:-1]), quoted[-1] if quoted else "")))


def conditions(unmet: Iterable[Missing]) -> str:
    """Missing facts as one phrase."""
    return " and ".join(item.words for item in unmet)
