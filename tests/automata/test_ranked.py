"""Ranks: looked up or searched, they are what counting says."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from flexstream.automata.ranked import Ranked


@given(st.lists(st.integers(-1, 60), max_size=30), st.lists(st.integers(-1, 80), max_size=60))
def test_how_many_are_as_large(seen: list[int], sought: list[int]) -> None:
    wanted = [sum(other >= value for other in seen) for value in sought]
    ranked = Ranked.of(np.array(seen, np.int64))
    assert ranked.at_least(np.array(sought, np.int64)).tolist() == wanted
    assert [int(ranked.at_least(np.array([value]))[0]) for value in sought] == wanted
