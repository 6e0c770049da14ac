"""Growing traffic: in order, inside its span, with the share of old moments that was asked for."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upheld.demo.moments import growth_for, moments


@given(st.integers(1, 200), st.integers(1, 10**7), st.floats(0.01, 20), st.integers())
def test_moments_are_ascending_and_inside_the_span(count, span, growth, seed):
    found = list(moments(count, 1000, 1000 + span, growth, Random(seed)))
    assert len(found) == count
    assert found == sorted(found)
    assert 1000 <= found[0] <= found[-1] < 1000 + span


@pytest.mark.parametrize(("share", "before"), [(0.12, 0.4), (0.05, 0.5), (0.12, 0.775)])
def test_the_growth_found_puts_that_share_before(share, before):
    growth = growth_for(share, before)
    found = list(moments(10_000, 0, 1_000_000, growth, Random(1)))
    early = sum(1 for at in found if at < before * 1_000_000)
    assert early / 10_000 == pytest.approx(share, abs=0.001)


@pytest.mark.parametrize("before", [0.0, 0.05])
def test_a_share_out_of_reach_gives_nearly_steady_traffic(before):
    assert growth_for(0.12, before) == pytest.approx(0.01, abs=0.01)
