"""Cells in the fewest groups that can each be said in one sentence: some data, for some purposes, to some."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engine.policy.compiled.cells import CellKey
from engine.policy.diff.boxes import bits, cover, disjoint


def grouped(keys: Iterable[CellKey]) -> Iterator[tuple[CellKey, ...]]:
    """Groups that each hold every combination of their names, and together exactly these cells."""
    cells = tuple(dict.fromkeys(keys))
    axes = [tuple(dict.fromkeys(names)) for names in zip(*(key[1:] for key in cells), strict=True)]
    sizes = [len(axis) for axis in axes]
    if len(cells) == sizes[0] * sizes[1] * sizes[2]:
        yield cells
        return
    at = [{name: number for number, name in enumerate(axis)} for axis in axes]
    points = 0
    for key in cells:
        points |= 1 << _number([at[i][name] for i, name in enumerate(key[1:])], sizes)
    for box in disjoint(cover(points, sizes), sizes):
        held = [{axis[n] for n in bits(values)} for axis, values in zip(axes, box, strict=True)]
        yield tuple(key for key in cells if all(n in h for n, h in zip(key[1:], held, strict=True)))


def _number(places: Sequence[int], sizes: Sequence[int]) -> int:
    total = 0
    for place, size in zip(reversed(places), reversed(sizes), strict=True):
        total = total * size + place
    return total
