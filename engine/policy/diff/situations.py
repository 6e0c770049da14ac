"""Boxes of situations in an officer's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.policy.compiled.conditions import Case, Demand, Kind
from engine.policy.compiled.words import either, phrase
from engine.policy.diff.boxes import Box
from engine.policy.diff.dimensions import Dimension
from engine.policy.diff.worlds import Situations, Worlds
from engine.policy.models import Choice

_BY_RIGHT = {Kind.OBJECTION, Kind.RESTRICTION}
"""That nobody objects, or restricted their data, goes without saying: it is their right on every basis."""


def situation(worlds: Worlds, box: Box, usual: Sequence[int], choices: Mapping[str, Choice]) -> str:
    """A box in words: "the person is in `DE` and the person is younger than `16`"; empty for always.

    `usual` are, for each dimension, the values with which anything is permitted at all: an account's state
    that the lawful basis implies is not said.
    """
    said = tuple(
        dimension.whole if _unsaid(dimension, values, held) else values
        for dimension, values, held in zip(worlds.dimensions, box, usual, strict=True)
    )
    return " or ".join(_said(case, choices) for case in worlds.case(said))


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
    places = [demand for demand in ordered if demand.fact.kind is Kind.REGION]
    if len(places) == 2 and places[0].holds and not places[1].holds:
        inside, outside = (either(demand.fact.values) for demand in places)
        rest = [demand for demand in ordered if demand not in places]
        told = [f"the person is in {inside} but not in {outside}"]
        return " and ".join([*told, *(_phrase(demand, choices) for demand in rest)])
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
