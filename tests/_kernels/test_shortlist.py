"""The shortlist: what it leaves out would have been rejected, and what it keeps is what the formula says."""

from __future__ import annotations

import numpy as np
import pytest

from flexstream import StreamLearner, TraceBatch
from flexstream._kernels import shortlist
from flexstream._kernels.shortlist import GROUPS, share_groups
from flexstream.merging.search import Strategy, refine
from flexstream.targets import PFA, Recipe, random_pdfa

from .. import naive


def test_with_few_symbols_each_has_its_own_group() -> None:
    base = np.arange(1.0, GROUPS + 1)
    assert sorted(share_groups(base)) == sorted(base.tolist() + [0.0] * (GROUPS - len(base)))


def test_groups_share_out_the_whole_stream() -> None:
    base = np.full(500, 1 / 500)
    shares = share_groups(base)
    assert shares.sum() == pytest.approx(1)
    assert (shares > 0).all()
    assert shares[0] == pytest.approx(1 / 500)  # the end is alone


def test_the_measure_is_the_likelihood_ratio() -> None:
    """The naive form of the measure against the log Bayes factor: far below zero, the factor is too."""
    random = np.random.default_rng(1)
    for _ in range(300):
        size = int(random.integers(2, 12))
        one, other = (
            random.multinomial(random.integers(5, 400), random.dirichlet(np.full(size, 0.7))) for _ in range(2)
        )
        base = (one + other + 0.5) / (one + other + 0.5).sum()
        gap = naive.schwarz_gap(one.tolist(), other.tolist(), base.tolist(), shortlist.PRIOR)
        factor = naive.dirichlet_factor(one.tolist(), other.tolist(), base.tolist(), strength=5.0)
        if gap > shortlist.SPARE:
            assert factor < -2.0


def target(seed: int) -> PFA:
    """Return a target with many states."""
    return random_pdfa(Recipe(states=120, symbols=15, transition_sparsity=0.05), seed)


def learner(seed: int) -> StreamLearner:
    """Return a learner that has counted the traces of a target with many states."""
    made = StreamLearner(every=0)
    made.learn_many(target(seed).sample(4000, seed=1))
    return made


def test_finds_what_a_full_search_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """On average: either search is some per cent ahead on one target or another."""
    excess = []
    for seed in (1, 2, 3, 5):
        made = learner(seed)
        monkeypatch.setattr(type(made.heuristic), "narrow", True)
        narrow = refine(made.tree, len(made.alphabet), made.heuristic, Strategy.FRESH)
        monkeypatch.setattr(type(made.heuristic), "narrow", False)
        full = refine(made.tree, len(made.alphabet), made.heuristic, Strategy.FRESH)
        assert len(full.reds) > 2 * shortlist.MANY
        assert abs(len(narrow.reds) - len(full.reds)) <= 0.05 * len(full.reds)
        fresh = TraceBatch.from_traces(target(seed).sample(500, seed=9), made.alphabet)
        bits = [-found.automaton(made.tree, made.alphabet).score_batch(fresh)[0].mean() for found in (narrow, full)]
        excess.append(bits[0] / bits[1] - 1)
    assert np.mean(excess) < 0.015
