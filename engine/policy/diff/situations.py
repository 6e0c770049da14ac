"""Boxes of situations in an officer's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.policy.compiled.conditions import Case, Cases, Demand, Kind
from engine.policy.compiled.words import either, phrase
from engine.policy.diff.boxes import Box
from engine.policy.diff.dimensions import Dimension
from engine.policy.diff.limits import limit
from engine.policy.diff.worlds import Situations, Worlds
from engine.policy.models import Choice

_BY_RIGHT = {Kind.OBJECTION, Kind.RESTRICTION}
"""That nobody objects, or restricted their data, goes without saying: it is their right on every basis."""


def situation(worlds: Worlds, box: Box, usual: Sequence[int], choices: Mapping[str, Choice]) -> str:
    """A box in words: "the person is in `DE` and the person is younger than `16`"; empty for always.

    `usual` are, for each dimension, the values with which anything is permitted at all: an account's state
    that the lawful basis implies is not said.
    """
    told = [
        limit(dimension, values)
        for dimension, values, held in zip(worlds.dimensions, box, usual, strict=True)
        if values != dimension.whole and not _unsaid(dimension, values, held)
    ]
    told.sort(key=lambda cases: min((not d.holds, d.fact) for case in cases for d in case))
    return " and ".join(_either(cases, choices, alone=len(told) == 1) for cases in told)


def _either(cases: Cases, choices: Mapping[str, Choice], *, alone: bool) -> str:
    """The cases of one dimension; in brackets where others stand beside them."""
    words = " or ".join(_said(case, choices) for case in cases)
    return words if alone or len(cases) == 1 else f"({words})"


def _unsaid(dimension: Dimension, values: int, usual: int) -> bool:
    if dimension.kind in _BY_RIGHT:
        return values == 1  # the value `no`
    return dimension.kind in (Kind.ACCOUNT, Kind.GROUND) and values == usual


def wherever(worlds: Worlds, situations: Situations) -> str:
    """All of some situations as " when …, or when …"; empty for always."""
    usual = [dimension.whole for dimension in worlds.dimensions]
    return when(situation(worlds, box, usual, {}) for box in worlds.boxes(situations))


def when(words: Iterable[str]) -> str:
    """Situations as " when …, or when …"; empty if one of them is always."""
    told = list(words)
    return "" if "" in told else "".join((" when ", ", or when ".join(told)))


def _said(case: Case, choices: Mapping[str, Choice]) -> str:
    ordered = sorted(case, key=lambda demand: (not demand.holds, demand.fact))
    if [d.holds for d in ordered] == [True, False] and ordered[0].fact.kind is Kind.REGION:
        inside, outside = (either(demand.fact.values) for demand in ordered)
        return f"the person is in {inside} but not in {outside}"
    return " and ".join(_phrase(demand, choices) for demand in ordered)


def _phrase(demand: Demand, choices: Mapping[str, Choice]) -> str:
    kind, names = demand.fact.kind, demand.fact.values
    if kind is Kind.OBJECTION:
        return f"the person {'objects' if demand.holds else 'does not object'}"
    asked = demand.holds and kind in (Kind.CHOICE, Kind.EXPLICIT) and len(names) == 1
    if asked and (choice := choices.get(names[0])) and choice.default == "off":
        how = "explicitly " if kind is Kind.EXPLICIT else ""
        return f"the person has {how}chosen it (`{names[0]}`)"
    return phrase(demand)
