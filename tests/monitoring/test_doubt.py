"""Doubt: what may have been counted in a wrong state, how it goes on with the traces, and how it widens intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import PDFA
from flexstream.monitoring.chances import chances
from flexstream.monitoring.doubt import FEW, doubtful_shares, widened


def line(seldom: float) -> PDFA:
    """After "a" always "b", after which all ends; the few that begin with "c" are taken to be in the same state."""
    often = 1000 - seldom
    symbols, stops = [0, 2, 1], [0, 0, 1000]
    return PDFA(["a", "b", "c"], [1000] * 3, stops, [0, 2, 3, 3], symbols, [1, 1, 2], [often, seldom, 1000])  # type: ignore[arg-type]


def test_few_traces_leave_a_doubt_that_goes_on_with_them_and_many_do_not() -> None:
    assert doubtful_shares(line(FEW - 1)).tolist() == pytest.approx([0, 0.019, 0.019])
    assert doubtful_shares(line(FEW)).tolist() == [0, 0, 0]


def test_doubt_goes_round_a_loop() -> None:
    """Half of all visits come from the loop itself: a share of a hundredth that enters in doubt is one everywhere."""
    loop = PDFA(["a", "c"], [1000, 2000], [0, 1000], [0, 2, 3], [0, 1, 0], [1, 1, 1], [990, 10, 1000])  # type: ignore[arg-type]
    assert doubtful_shares(loop).tolist() == pytest.approx([0, 0.01], abs=1e-4)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.99))
def test_an_interval_holds_what_is_left_without_the_counts_in_doubt(a: float, b: float, c: float, share: float) -> None:
    """Of all counts p are hits, of those in doubt r: then of the others (p - share·r) / (1 - share) are."""
    low, p, high = sorted((a, b, c))
    least, most = widened(np.array([low]), np.array([high]), share)
    assert 0 <= least[0] <= low
    assert high <= most[0] <= 1
    for r in (0.0, 0.5, 1.0):
        true = (p - share * r) / (1 - share)
        if 0 <= true <= 1:
            assert least[0] - 1e-9 <= true <= most[0] + 1e-9


def test_what_nearly_always_came_may_be_certain_and_what_seldom_came_may_be_none() -> None:
    """Of 1,000 visits 10 came along a transition that few took, and 5 ended otherwise: these may not belong here."""
    model = PDFA(["a", "b", "c"], [1000, 1000, 995], [0, 5, 995], [0, 2, 3, 3], [0, 2, 1], [1, 1, 2], [990, 10, 995])  # type: ignore[arg-type]
    found = {one.symbol: one for one in chances(model, ["a"])}
    assert (found["b"].high, found[None].low) == (1.0, 0.0)
    sure = {one.symbol: one for one in chances(line(FEW), ["a"])}
    assert (sure["b"].high, sure[None].low) == (1.0, 0.0)
    assert sure["b"].low is not None and found["b"].low is not None
    assert sure["b"].low > found["b"].low > 0.97
