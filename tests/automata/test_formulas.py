"""Constants and formulas of automata, pinned by values worked out by hand."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from flexstream import END, PDFA, UNKNOWN, Ensemble, ModelError, TraceBatch
from flexstream.automata import mixture
from flexstream.automata.pdfa import ROUNDING
from flexstream.automata.smoothing import Smoothing, unsmoothed

BASE = [0.1, 0.2, 0.3, 0.4]


def smoothed(strength: float = 2.0, left: float = 1.0) -> PDFA:
    """Return one state: 2 ends, 3 a, 4 b, and what is left over."""
    smoothing = Smoothing(strength, np.array(BASE), np.array([0, 0], np.int32))
    return PDFA(["a", "b"], [9 + left], [2], [0, 2], [0, 1], [0, 0], [3, 4], None, smoothing)  # type: ignore[arg-type]


def test_smoothing_by_hand() -> None:
    """Left to the smoothing are 1 + 2 of 2 + 3 + 4 + 3 observations."""
    model = smoothed()
    assert model.rest.tolist() == [3]
    assert model.mass.tolist() == [12]
    assert model.probabilities == pytest.approx([(3 + 3 * 0.3) / 12, (4 + 3 * 0.4) / 12])
    assert model.stop_probabilities == pytest.approx([(2 + 3 * 0.1) / 12])
    chances = {"a": 3.9 / 12, "b": 5.2 / 12, END: 2.3 / 12, UNKNOWN: 0.6 / 12}
    assert model.predict_proba_one([]) == pytest.approx(chances)
    expected = math.log2(3.9 / 12) + math.log2(0.6 / 12) + math.log2(2.3 / 12)
    assert model.log2_prob(["a", "?"]) == pytest.approx(expected)


def test_symbols_without_a_transition_have_their_share_of_the_rest_and_lead_to_the_fallback() -> None:
    smoothing = Smoothing(1.0, np.array(BASE), np.array([0, 1], np.int32))
    arrays = [4, 3], [1, 3], [0, 1, 1], [0], [1], [3]
    model = PDFA(["a", "b"], *arrays, None, smoothing)  # type: ignore[arg-type]
    assert 2 ** -model.surprises(["b"])[0][0] == pytest.approx(1 * 0.4 / 5)
    assert model.state_after(["b"]) == 1
    assert model.state_after(["a", "?"]) == 1


@pytest.mark.parametrize(("share", "counts"), [(ROUNDING / 4, False), (ROUNDING * 4, True)])
def test_what_rounding_left_over_is_nothing(share: float, counts: bool) -> None:
    assert pytest.approx(1e-12) == ROUNDING
    model = PDFA(["a"], [1.0], [0.5], [0, 1], [0], [0], [0.5 - share])
    assert (model.rest[0] > 0) == counts


def test_the_base_adds_half_an_observation() -> None:
    smoothing = Smoothing.from_counts(2.0, 3, np.array([1, 0]), np.array([0, 0], np.int32))
    assert smoothing.base == pytest.approx(np.array([3.5, 0.5, 1.5, 0.5]) / 6)
    assert smoothing.strength == 2


def test_no_smoothing() -> None:
    smoothing = Smoothing.none(3)
    assert (smoothing.strength, smoothing.fallback.tolist()) == (0, [0, 0, 0])
    assert smoothing.base == pytest.approx([0.2] * 5)


@pytest.mark.parametrize(("off", "fits"), [(9e-7, True), (-9e-7, True), (1.1e-6, False), (-1.1e-6, False)])
def test_how_far_a_base_may_sum_from_one(off: float, fits: bool) -> None:
    smoothing = Smoothing(0.0, np.array([0.5, 0.25, 0.25 + off]), np.array([1], np.int32))
    if fits:
        smoothing.check(2, 1)
    else:
        with pytest.raises(ModelError, match="not normalised"):
            smoothing.check(2, 1)


@pytest.mark.parametrize(
    ("strength", "base", "fallback"),
    [
        (-1e-9, [0.5, 0.25, 0.25], [0]),
        (math.inf, [0.5, 0.25, 0.25], [0]),
        (0.0, [1.5, -0.25, -0.25], [0]),
        (0.0, [0.5, 0.25, 0.25], [-1]),
        (0.0, [0.5, 0.25, 0.25], [2]),
        (0.0, [0.5, 0.25, 0.25], [0, 0]),
    ],
)
def test_smoothing_that_cannot_be(strength: float, base: list[float], fallback: list[int]) -> None:
    with pytest.raises(ModelError, match="smoothing of the automaton is not valid"):
        Smoothing(strength, np.array(base), np.array(fallback, np.int32)).check(2, 1)


def test_without_smoothing_only_weights_count() -> None:
    stops, shares = unsmoothed(smoothed())
    assert stops == pytest.approx([2 / 9])
    assert shares == pytest.approx([3 / 9, 4 / 9])


def test_whole_numbers_have_no_point_as_long_as_they_are_exact() -> None:
    model = PDFA(["a"], [10**15], [10**15 - 1], [0, 1], [0], [0], [0.5])
    document = json.loads(model.to_json(), parse_int=lambda text: ("int", text), parse_float=float)
    assert document["states"] == {"visits": [1e15], "stops": [("int", "999999999999999")]}
    assert document["transitions"]["weight"] == [0.5]
    assert (document["version"], document["format"]) == (("int", "1"), "flexstream-pdfa")


# --- mixtures ------------------------------------------------------------------------------------------------------


def coin(heads: float) -> PDFA:
    return PDFA(["h", "t"], [1.0], [0.0], [0, 2], [0, 1], [0, 0], [heads, 1 - heads])


def test_the_next_outcome_of_a_mixture_by_bayes() -> None:
    """After h the odds of the coins are 3 · 3/4 to 1 · 1/4, nine to one."""
    model = Ensemble([coin(0.75), coin(0.25)], np.array([3, 1]))
    assert model.weights.tolist() == [0.75, 0.25]
    assert model.predict_proba_one([])["h"] == pytest.approx(0.75 * 0.75 + 0.25 * 0.25)
    assert model.predict_proba_one(["h"])["h"] == pytest.approx(0.9 * 0.75 + 0.1 * 0.25)


def test_members_that_hold_all_impossible_keep_their_weights() -> None:
    model = Ensemble([coin(0.75), coin(0.25)], np.array([3, 1]))
    assert model.predict_proba_one(["?"])["h"] == pytest.approx(0.75 * 0.75 + 0.25 * 0.25)


def test_members_have_seeds_of_their_own() -> None:
    """The seed chooses the members, the seeds that follow are theirs."""
    members = [PDFA(["h", "t"], [1.0], [0.25], [0, 2], [0, 1], [0, 0], [p, 0.75 - p]) for p in (0.7, 0.1)]
    model, drawn = Ensemble(members, np.array([1, 3])), np.random.default_rng(5).choice(2, 40, p=[0.25, 0.75])
    sources = [iter(member.sample(40, seed=6 + number)) for number, member in enumerate(members)]
    assert model.sample(40, seed=5) == [next(sources[number]) for number in drawn]


@pytest.mark.parametrize("make", [lambda: coin(1.0), lambda: Ensemble([coin(1.0)], np.ones(1))])
def test_traces_that_do_not_end_are_cut_after_ten_thousand_events(make) -> None:  # type: ignore[no-untyped-def]
    assert [len(trace) for trace in make().sample(2, seed=0)] == [10_000] * 2


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 1000])
def test_a_mixture_scores_alike_however_many_outcomes_at_a_time(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Traces longer than what is scored at a time too, the first and the last of a batch among them."""
    model = Ensemble([coin(0.75), coin(0.25)], np.array([3, 1]))
    traces = [["h"] * 7, [], ["t"], ["t", "h"], [], ["h"] * 11, ["t"] * 2, ["h"] * 9]
    batch = TraceBatch.from_traces(traces, model.alphabet())
    wanted = [model.score_one(trace) for trace in traces]
    monkeypatch.setattr(mixture, "CHUNK", chunk)
    for start, stop in ((0, 8), (1, 8), (5, 8), (4, 6), (3, 3)):
        columns = model.score_batch(batch.part(start, stop))
        found = list(zip(*(column.tolist() for column in columns), strict=True))
        assert found == [(s.log2_prob, s.worst.position, s.worst.bits, s.unseen) for s in wanted[start:stop]]
    parts: list[int] = []
    score = Ensemble._score
    monkeypatch.setattr(
        Ensemble, "_score", lambda self, part: parts.append(part.events + len(part)) or score(self, part)
    )
    model.score_batch(batch)
    assert sum(parts) == sum(map(len, traces)) + len(traces)
    assert all(part < chunk + 12 for part in parts)  # no more than that, but for one whole trace
    assert len(parts) == min(8, len(parts)) and (len(parts) > 1 or chunk == 1000)


def test_how_many_outcomes_are_scored_at_a_time() -> None:
    assert mixture.CHUNK == 65_536
