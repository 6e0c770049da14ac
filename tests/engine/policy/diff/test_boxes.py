"""Boxes hold exactly the points that they stand for, and there are no more of them than needed."""

from itertools import combinations, product
from math import prod

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.policy.diff.boxes import MOST_BOXES, bits, cover, disjoint, held_by

SIZES = st.lists(st.integers(1, 4), min_size=1, max_size=4)


@st.composite
def spaces(draw, sizes=SIZES):
    shape = draw(sizes)
    return draw(st.integers(0, (1 << prod(shape)) - 1)), shape


def union(boxes, sizes):
    total = 0
    for box in boxes:
        total |= held_by(box, sizes)
    return total


@given(spaces())
def test_a_cover_holds_exactly_the_points(space):
    points, sizes = space
    assert union(cover(points, sizes), sizes) == points


@settings(max_examples=60, deadline=None)
@given(spaces(st.sampled_from([(2, 2, 2), (3, 2), (2, 3), (4, 2)])))
def test_no_fewer_boxes_hold_exactly_the_points(space):
    points, sizes = space
    every = [held_by(box, sizes) for box in product(*(range(1, 1 << size) for size in sizes))]
    inside = {held for held in every if not held & ~points}
    least = next(
        number
        for number in range(len(inside) + 1)
        if any(_all_of(chosen) == points for chosen in combinations(inside, number))
    )
    assert len(cover(points, sizes)) == least


def _all_of(sets):
    total = 0
    for one in sets:
        total |= one
    return total


@given(spaces())
def test_boxes_that_overlap_less_still_hold_the_same_points(space):
    points, sizes = space
    apart = disjoint(cover(points, sizes), sizes)
    assert union(apart, sizes) == points


def test_a_space_with_very_many_maximal_boxes_is_covered_exactly_all_the_same():
    sizes = (2,) * 12
    odd = sum(1 << n for n in range(1 << 12) if n.bit_count() % 3 == 0)
    found = cover(odd, sizes)
    assert union(found, sizes) == odd
    assert len(found) > MOST_BOXES


def test_the_first_dimension_varies_fastest():
    assert held_by((0b10, 0b100), (2, 3)) == 1 << 5
    assert list(bits(0b1011)) == [0, 1, 3]
