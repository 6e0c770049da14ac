"""Which regions lie in which: countries, subdivisions, groups."""

import pytest

from engine.policy.regions import countries, groups, is_region, lies_in, within


@pytest.mark.parametrize(
    ("region", "place", "lies"),
    [
        ("DE", "EU", True),
        ("EU", "EEA", True),
        ("NO", "EEA", True),
        ("NO", "EU", False),
        ("EEA", "EU", None),
        ("EU", "DE", None),
        ("US-CA", "US", True),
        ("US", "US-CA", None),
        ("US-NY", "US-CA", False),
        ("US", "EU", False),
        ("CN", "CN", True),
    ],
)
def test_a_region_lies_in_a_place_or_not_or_perhaps(region, place, lies):
    assert lies_in(region, [place]) is lies
    assert within(region, place) is (lies is True)


def test_several_places_together_can_cover_a_group():
    assert lies_in("EEA", ["EU", "NO", "IS", "LI"]) is True


def test_groups_hold_only_countries_that_exist():
    assert {name: len(members) for name, members in groups().items()} == {"EU": 27, "EEA": 30}
    assert all(set(members) <= countries() for members in groups().values())
    assert len(countries()) == 249


@pytest.mark.parametrize(
    ("name", "known"),
    [("EU", True), ("NO", True), ("US-CA", True), ("UK", False), ("XX-YY", False)],
)
def test_only_real_regions_are_regions(name, known):
    assert is_region(name) is known
