"""Two other ways to compare two versions never contradict the comparison."""

from itertools import count, islice

import pytest

from engine.policy.compiled.limits import check_decidable
from engine.policy.diff import diff
from tests.engine.policy.diff.oracles import check_by_solver, check_by_trying
from tests.support.generated import pair

FEW, MANY = range(15), 1_000


def _compare(seed):
    """Two versions from a seed, compared; None if one of them is not decidable."""
    old, new = pair(seed)
    decidable = not check_decidable(old) and not check_decidable(new)
    return (old, new, diff(old, new)) if decidable else None


@pytest.mark.parametrize("seed", FEW)
def test_no_situation_contradicts_what_is_said_of_two_versions(seed):
    found = _compare(seed)
    assert found is None or check_by_trying(*found)


@pytest.mark.parametrize("seed", FEW)
def test_no_solver_finds_what_is_not_said_of_two_versions(seed):
    found = _compare(seed)
    assert found is None or check_by_solver(*found)


@pytest.mark.campaign
def test_over_a_thousand_pairs_of_versions_neither_oracle_disagrees():
    decidable = (found for seed in count() if (found := _compare(seed)))
    for found in islice(decidable, MANY):
        assert check_by_trying(*found)
        assert check_by_solver(*found)
