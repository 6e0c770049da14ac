"""The fewest boxes that hold exactly some points of a finite space with several dimensions.

A set of points is an integer with a bit for each; the first dimension varies fastest. A box takes in each
dimension a set of values (again as bits) and holds every combination of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod

Points = int
Box = tuple[int, ...]

MOST_BOXES = 400
"""More maximal boxes than these are not all tried; the cover is exact then too, but may not be the least."""
MOST_STEPS = 2_000
"""How many choices are tried to do better than always taking the largest box."""


class _TooMany(Exception):
    """There are more maximal boxes than are worth trying."""


def cover(points: Points, sizes: Sequence[int]) -> tuple[Box, ...]:
    """The fewest boxes whose union is exactly `points`, the largest first."""
    if not points:
        return ()
    shape = tuple(sizes)
    try:
        found: Iterable[Box] = _Maximal().boxes(points, shape)
    except _TooMany:
        found = _slabs(points, shape)
    held = {box: held_by(box, shape) for box in found}
    ordered = sorted(held, key=lambda box: (-held[box].bit_count(), box))
    return tuple(_fewest(points, [(box, held[box]) for box in ordered]))


def held_by(box: Box, sizes: Sequence[int]) -> Points:
    """The points of a box."""
    total, stride = 1, 1
    for values, size in zip(box, sizes, strict=True):
        total = _union(total << (value * stride) for value in bits(values))
        stride *= size
    return total


def bits(values: int) -> Iterator[int]:
    """The numbers of the bits that are set, the lowest first."""
    while values:
        low = values & -values
        yield low.bit_length() - 1
        values ^= low


def disjoint(boxes: Sequence[Box], sizes: Sequence[int]) -> tuple[Box, ...]:
    """The same points in boxes that overlap less: a later box gives up the values that earlier ones hold."""
    result, done = [], 0
    for box in boxes:
        cut = _cut(box, done, sizes)
        if cut is not None:
            result.append(cut)
            done |= held_by(cut, sizes)
    return tuple(result)


def _cut(box: Box, done: Points, sizes: Sequence[int]) -> Box | None:
    for index, values in enumerate(box):
        for value in bits(values):
            slab = (*box[:index], 1 << value, *box[index + 1 :])
            if not held_by(slab, sizes) & ~done:
                left = box[index] & ~(1 << value)
                if not left:
                    return None
                box = (*box[:index], left, *box[index + 1 :])
    return box


class _Maximal:
    """Finds every box in a set of points that no larger one holds."""

    def __init__(self) -> None:
        self._known: dict[tuple[Points, int], frozenset[Box]] = {}

    def boxes(self, points: Points, sizes: tuple[int, ...]) -> frozenset[Box]:
        if not sizes:
            return frozenset({()})
        key = points, len(sizes)
        if key not in self._known:
            self._known[key] = frozenset(self._boxes(points, sizes))
        return self._known[key]

    def _boxes(self, points: Points, sizes: tuple[int, ...]) -> set[Box]:
        """A box lies in what some slices of the last dimension share, and takes every slice that holds it."""
        slices = _slices(points, sizes)
        found: set[Box] = set()
        for shared in _intersections(slices):
            for box in self.boxes(shared, sizes[:-1]):
                held = held_by(box, sizes[:-1])
                values = _union(1 << n for n, part in enumerate(slices) if not held & ~part)
                found.add((*box, values))
            if len(found) > MOST_BOXES:
                raise _TooMany
        return found


def _slices(points: Points, sizes: tuple[int, ...]) -> list[Points]:
    stride = prod(sizes[:-1])
    whole = (1 << stride) - 1
    return [(points >> (value * stride)) & whole for value in range(sizes[-1])]


def _intersections(slices: Iterable[Points]) -> set[Points]:
    """Everything that some of the sets have in common, as far as it is not empty."""
    found: set[Points] = set()
    for part in set(slices) - {0}:
        found |= {part, *(part & other for other in found)}
        if len(found) > MOST_BOXES:
            raise _TooMany
    return found - {0}


def _slabs(points: Points, sizes: tuple[int, ...]) -> Iterator[Box]:
    """Boxes by halving no further than needed: equal slices of the last dimension go together."""
    if not sizes:
        yield ()
        return
    alike: dict[Points, int] = {}
    for value, part in enumerate(_slices(points, sizes)):
        if part:
            alike[part] = alike.get(part, 0) | (1 << value)
    for part, values in alike.items():
        for box in _slabs(part, sizes[:-1]):
            yield (*box, values)


Held = tuple[Box, Points]


def _fewest(points: Points, boxes: Sequence[Held]) -> list[Box]:
    """A least choice of boxes that holds all points; boxes come largest first."""
    needed = _needed(boxes)
    left = points & ~_union(held for _, held in needed)
    rest = [item for item in boxes if item not in needed and item[1] & left]
    return [box for box, _ in (*needed, *_Choice(rest).best(left))]


def _needed(boxes: Sequence[Held]) -> list[Held]:
    """The boxes that alone hold some point."""
    once = twice = 0
    for _, held in boxes:
        twice |= once & held
        once |= held
    return [item for item in boxes if item[1] & once & ~twice]


class _Choice:
    """Tries to do better than always taking the box that holds the most of what is left."""

    def __init__(self, boxes: Sequence[Held]) -> None:
        self._boxes = boxes
        self._steps = MOST_STEPS
        self._best: list[Held] = []

    def best(self, points: Points) -> list[Held]:
        self._best = self._greedy(points)
        self._search(points, [])
        return self._best

    def _greedy(self, points: Points) -> list[Held]:
        chosen = []
        while points:
            largest = max(self._boxes, key=lambda item: (item[1] & points).bit_count())
            chosen.append(largest)
            points &= ~largest[1]
        return chosen

    def _search(self, points: Points, chosen: list[Held]) -> None:
        if not points:
            self._best = chosen
            return
        self._steps -= 1
        if self._steps < 0 or len(chosen) + 1 >= len(self._best):
            return
        lowest = points & -points
        for item in self._boxes:
            if item[1] & lowest and len(chosen) + 1 < len(self._best):
                self._search(points & ~item[1], [*chosen, item])


def _union(sets: Iterable[int]) -> int:
    total = 0
    for one in sets:
        total |= one
    return total
