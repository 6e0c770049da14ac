"""Decisions in words that make sense to people who do not program."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.decisions.decision import Missing
from engine.policy.compiled.cells import CellKey
from engine.policy.compiled.conditions import Demand
from engine.policy.compiled.words import label, phrase
from engine.policy.models.common import UNSTATED

_ACTS = {"collect": "collected", "use": "used", "share": "shared"}


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


def conditions(unmet: Iterable[Missing]) -> str:
    """Missing facts as one phrase."""
    return " and ".join(item.words for item in unmet)
