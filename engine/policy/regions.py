"""Regions: countries, their subdivisions, and groups such as the EU; dated data in `regions.yaml`.

A region is written `DE`, `US-CA` or `EU`. A group covers its members, a country its subdivisions.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from engine.policy.source import read_file

_FILE = Path(__file__).with_name("regions.yaml")


def within(region: str, place: str) -> bool:
    """Whether somebody in `region` is certainly in `place`: `DE` and `EEA`, but not `US` and `US-CA`."""
    return _lies_in(region, (place,)) is True


def lies_in(region: str, places: Iterable[str]) -> bool | None:
    """Whether somebody in `region` is in one of `places`; None if only a closer address would tell.

    `US` lies in `US-CA` perhaps (None), `EU` in `DE` perhaps, `DE` in `EU` certainly.
    """
    return _lies_in(region, tuple(places))


@lru_cache(maxsize=65_536)
def _lies_in(region: str, places: tuple[str, ...]) -> bool | None:
    where = _members(region)
    there = tuple(member for place in places for member in _members(place))
    if all(any(_below(one, other) for other in there) for one in where):
        return True
    if any(_below(one, other) or _below(other, one) for one in where for other in there):
        return None
    return False


def is_region(name: str) -> bool:
    """Whether a name is a group, a country, or a subdivision of a country."""
    return name in groups() or name.partition("-")[0] in countries()


@cache
def groups() -> dict[str, tuple[str, ...]]:
    """The groups and their members."""
    return {name: tuple(group["members"]) for name, group in _data()["groups"].items()}


@cache
def countries() -> frozenset[str]:
    """Every country code."""
    return frozenset(_data()["countries"]["members"])


def places(names: Iterable[str]) -> tuple[str, ...]:
    """The countries and subdivisions that names stand for, groups replaced by their members."""
    return tuple(dict.fromkeys(member for name in names for member in _members(name)))


def _members(region: str) -> tuple[str, ...]:
    return groups().get(region, (region,))


def _below(region: str, place: str) -> bool:
    return region == place or region.startswith(f"{place}-")


@cache
def _data() -> dict[str, Any]:
    # Read as policies are, every value as text: that is several times quicker than typing each.
    loaded: Any = read_file(_FILE, _FILE.name).value
    return dict(loaded)
