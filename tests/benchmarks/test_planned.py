"""The samples of planned runs: drawn by how often each string comes, which is the same as one after the other."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from flexstream.targets import reber


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(Path(__file__).resolve().parents[2] / "benchmarks" / "pac")
    monkeypatch.delitem(sys.modules, "planned", raising=False)
    import planned

    return planned


def words(batch) -> Counter[tuple[int, ...]]:
    return Counter(
        tuple(batch.symbols[start:stop].tolist())
        for start, stop in zip(batch.offsets[:-1], batch.offsets[1:], strict=True)
    )


def test_strings_come_as_often_as_the_target_says(planned) -> None:
    target, number = reber(), 100_000
    batch = planned.draw(target, number, np.random.default_rng(3))
    assert len(batch) == number
    for word, count in words(batch).most_common(20):
        chance = 2.0 ** target.log2_prob([target.symbols[symbol] for symbol in word])
        assert abs(count - number * chance) < 5 * (number * chance) ** 0.5
    assert np.isfinite(planned.log_probabilities(target, batch, list(target.symbols))).all()


def test_shuffled_strings_are_the_same(planned) -> None:
    sorted_, mixed = (planned.draw(reber(), 2000, np.random.default_rng(4), shuffle) for shuffle in (False, True))
    assert words(sorted_) == words(mixed)
    assert sorted_.symbols.tolist() != mixed.symbols.tolist()


def test_a_planned_run_finds_the_grammar(planned) -> None:
    from flexstream.pac.demand import Demand
    from flexstream.pac.planning.plan import Plan

    demand = Demand(states=6, symbols=5, mu=0.4995, length=6.1, eps=0.9, delta=0.1, futures=2)
    found = planned.run(reber(), Plan.make(demand, "flexstream", "2GiB"), seed=0, shuffle=False)
    assert found["right"]
    assert found["l1"] < 0.1
    assert not found["given_up"]
