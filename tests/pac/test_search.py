"""The learner that is told neither n nor μ: what it finds, what it claims, and how it follows a change."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream import UsageError
from flexstream.automata.compare import largest_difference
from flexstream.pac.search import adaptive_learner
from flexstream.pac.search.adaptive_learner import AdaptiveLearner
from flexstream.pac.search.found import Found
from flexstream.pac.search.guess_round import TOO_MANY, GuessRound
from flexstream.pac.search.suffixes import DEEPEST, END, Suffixes, distance
from flexstream.pac.search.visit_watch import VisitWatch, reference_size, window_size
from flexstream.pac.theorems.guesses import LOST, Guess, Terms
from flexstream.stream.batch import TraceBatch
from flexstream.targets import from_rows

TURNS = from_rows(
    {0: {"a": (0.7, 1), "b": (0.1, 0), None: (0.2, 0)}, 1: {"a": (0.05, 0), "b": (0.75, 1), None: (0.2, 0)}}
)
OTHER = from_rows({0: {"b": (0.6, 0), "a": (0.2, 0), None: (0.2, 0)}})


def strings(target, number: int, seed: int) -> list[list[str]]:
    return target.sample(number, seed=seed)


# --- prefixes -------------------------------------------------------------------------------------


@given(st.lists(st.lists(st.text("ab", max_size=6), min_size=1, max_size=30), max_size=8), st.floats(0.02, 0.5))
def test_no_count_is_too_small_by_more_than_the_floor(chunks: list[list[str]], share: float) -> None:
    node, true, visits = Suffixes(1, 0), {}, 0
    for chunk in chunks:
        for text in chunk:
            whole, visits = text + END, visits + 1
            node.add(whole, 0, 1)
            for stop in range(1, len(whole) + 1):
                true[whole[:stop]] = true.get(whole[:stop], 0) + 1
        node.forget(share, 3)
        assert node.floor <= share * visits
        for prefix, count in true.items():
            assert 0 <= count - node.counts.get(prefix, 0) <= node.floor


@given(*[st.lists(st.text("ab", max_size=4), min_size=1, max_size=30) for _ in range(2)])
def test_the_distance_is_that_of_the_worst_prefix(one: list[str], other: list[str]) -> None:
    nodes = Suffixes(1, 0), Suffixes(2, 0)
    for node, texts in zip(nodes, (one, other), strict=True):
        for text in texts:
            node.add(text + END, 0, 1)
    prefixes = {(text + END)[:stop] for text in one + other for stop in range(1, len(text) + 2)}

    def share(texts: list[str], prefix: str) -> float:
        return sum((text + END).startswith(prefix) for text in texts) / len(texts)

    worst = max(abs(share(one, prefix) - share(other, prefix)) for prefix in prefixes)
    assert distance(*nodes) == pytest.approx(worst)


def test_no_more_than_so_many_events_are_looked_at() -> None:
    node = Suffixes(1, 0)
    node.add("a" * 1000 + END, 0, 1)
    assert len(node.counts) == DEEPEST


# --- rounds ---------------------------------------------------------------------------------------


def test_a_string_counts_once_at_each_state() -> None:
    found = GuessRound(Terms(2, 0.5, 0.1, 0.1))
    root = found.states[0]
    root.edges["a"] = root
    found.take({"aaa" + END: 10}, 1)
    assert root.visits == 10
    assert root.counts["aaa" + END] == 10


def test_a_round_with_too_small_an_n_ends() -> None:
    told: list[str] = []
    learner = AdaptiveLearner(eps=0.2, guess=Guess(1, 0.5), rounds=1, tell=told.append)
    learner.learn_many(strings(TURNS, 5000, 1))
    assert learner.found is None
    assert (learner.guess, learner.looking) == (Guess(2, 0.5), False)
    assert told == ["more than 1 states were found: there are more, or mu is smaller"]


def test_too_many_states_are_told() -> None:
    found = GuessRound(Terms(1, 0.5, 0.1, 0.1))
    ends = [end for _ in range(100) if (end := found.take({"a" + END: 128, END: 128}, 1))]
    assert ends[0] == TOO_MANY


@pytest.mark.parametrize("seed", range(3))
def test_the_target_is_found_without_n_and_mu(seed: int) -> None:
    told: list[str] = []
    learner = AdaptiveLearner(eps=0.2, tell=told.append)
    learner.learn_many(strings(TURNS, 30_000, seed))
    assert learner.automaton is not None
    gap = largest_difference(learner.automaton, TURNS)
    assert gap is not None and gap < 0.05
    assert learner.found is not None and learner.found.text == told[-1]
    assert told[-1].startswith(f"2 states, 4 transitions from {learner.found.strings:,} traces (round ")
    assert "right, if no two states of the source are nearer than 0.5, but for what leaves it, at most 20 %" in told[0]
    assert not learner.noticed


def test_decisions_use_radius_and_what_was_lost() -> None:
    """At the size from which on nodes are surely decided no find comes later, and none much sooner than half of it."""
    terms = Terms(2, 0.5, 0.2, 0.05)
    found = GuessRound(terms)
    taken = 0
    draws = [tuple(text) for text in strings(TURNS, 40_000, 5)]
    while taken < len(draws):
        number = min(found.until, 2048)
        counts: dict[str, int] = {}
        for text in draws[taken : taken + number]:
            whole = "".join({"a": "\1", "b": "\2"}[symbol] for symbol in text) + END
            counts[whole] = counts.get(whole, 0) + 1
        taken += number
        if found.take(counts, 2):
            break
    assert terms.deciding_visits(5) / 16 < found.strings < terms.strings(2)
    assert all(node.floor <= LOST * terms.mu * node.visits for node in found.states)


@settings(max_examples=4)
@given(st.lists(st.integers(1, 3000), min_size=1, max_size=6))
def test_batches_do_not_matter(sizes: list[int]) -> None:
    given_strings = strings(TURNS, 6_000, 3)
    whole, parts = AdaptiveLearner(eps=0.3), AdaptiveLearner(eps=0.3)
    whole.learn_many(given_strings)
    start = 0
    for size in (*sizes, len(given_strings)):
        parts.learn_many(given_strings[start : start + size])
        start += size
    assert [found.text for found in parts.finds] == [found.text for found in whole.finds]


def test_rare_prefixes_are_forgotten_wherever_parts_end() -> None:
    """At looks, and between looks that are far apart at fixed places: counts hang on nothing else."""
    terms, texts = Terms(2, 0.9, 0.001, 0.1), [f"{chr(1 + number % 7) * (number % 23)}{END}" for number in range(9000)]
    whole, parts = GuessRound(terms), GuessRound(terms)
    for found, most in ((whole, 9000), (parts, 777)):
        start = 0
        while start < len(texts):
            stop = start + min(found.until, most)
            found.take(Counter(texts[start:stop]), 7)
            start = stop
    assert whole.states[0].floor > 0
    for one, other in zip(whole.states, parts.states, strict=True):
        assert (one.counts, one.floor) == (other.counts, other.floor)
        assert [(node.born, node.visits) for node in one.edges.values()] == [
            (node.born, node.visits) for node in other.edges.values()
        ]


def test_batches_of_another_alphabet_and_bad_values() -> None:
    learner = AdaptiveLearner(eps=0.3)
    batch = TraceBatch.from_traces([["x", "y"]], alphabet := learner.alphabet.copy())
    learner.learn_many(batch, alphabet)
    assert list(learner.alphabet) == ["x", "y"]
    for name in ("eps", "delta", "gamma"):
        with pytest.raises(UsageError, match=f"{name} must be a number above 0, below 1"):
            AdaptiveLearner(**{name: 1.0})


# --- changes --------------------------------------------------------------------------------------


def test_the_sizes_of_windows_by_their_bound() -> None:
    """Hoeffding at γ/4: the reference fails with δ/2, window i with 3δ/(π²i²), which sum to δ/2."""
    gamma, watched, delta = 0.1, 7, 0.05
    failure = 2 * watched * np.exp(-2 * reference_size(gamma, watched, delta) * (gamma / 4) ** 2)
    assert failure <= delta / 2 < failure * 1.01
    windows = [window_size(gamma, watched, delta, number) for number in range(1, 2000)]
    failures = 2 * watched * np.exp(-2 * np.array(windows) * (gamma / 4) ** 2)
    assert failures.sum() <= delta / 2 < failures.sum() * 1.01
    assert failures[2] == pytest.approx(3 * delta / (np.pi**2 * 9), rel=0.01)


def watched(gamma: float = 0.2) -> VisitWatch:
    return VisitWatch(Found(1, Guess(2, 0.5), 0.1, 1, 0, [{"a": 1}, {}], None), gamma, 0.05)  # type: ignore[arg-type]


@pytest.mark.parametrize(("moved", "alarm"), [(0.09, False), (0.11, True)])
def test_more_than_half_of_gamma_is_a_change(moved: float, alarm: bool) -> None:
    watch = watched()
    for share in (0.5, 0.5 + moved):
        size = watch.until
        some = round(share * size)
        found = watch.take({"a" + END: some, END: size - some})
    assert (found is not None) == alarm
    if found:
        assert (found.state, round(found.before, 2), round(found.after, 2)) == (1, 0.5, 0.61)


def test_the_longest_delay_is_two_windows() -> None:
    watch = watched()
    watch.take({END: watch.until})
    assert watch.longest_delay == window_size(0.2, 3, 0.05, 1) + window_size(0.2, 3, 0.05, 2)
    watch.take({END: watch.until})
    assert watch.longest_delay == window_size(0.2, 3, 0.05, 2) + window_size(0.2, 3, 0.05, 3)


def test_what_leaves_is_watched_too() -> None:
    watch = watched()
    watch.take({END: watch.until})
    found = watch.take({"b" + END: watch.until})
    assert found is not None and found.state == 2


def test_after_a_change_learning_begins_anew() -> None:
    told: list[str] = []
    learner = AdaptiveLearner(eps=0.3, gamma=0.3, tell=told.append)
    learner.learn_many(strings(TURNS, 15_000, 1))
    before = learner.found
    assert before is not None
    delay = learner.longest_delay
    assert delay is not None
    learner.learn_many(strings(OTHER, delay, 2))
    assert len(learner.noticed) == 1
    noticed = learner.noticed[0]
    assert 15_000 < noticed.strings <= 15_000 + delay
    assert noticed.text in told
    assert "learning begins anew" in noticed.text
    learner.learn_many(strings(OTHER, 12_000, 3))
    assert learner.found is not None and len(learner.found.edges) == 1
    assert learner.found.since >= noticed.strings


def test_who_is_told_n_and_mu_begins_anew_as_well() -> None:
    learner = AdaptiveLearner(eps=0.3, gamma=0.3, guess=Guess(2, 0.6), rounds=1)
    learner.learn_many(strings(TURNS, 6000, 1))
    assert learner.found is not None and not learner.looking
    learner.learn_many(strings(OTHER, 10_000, 2))
    assert len(learner.noticed) == 1
    assert learner.found is not None and len(learner.found.edges) == 1


def test_a_stream_that_stays_is_left_alone() -> None:
    for seed in range(2):
        learner = AdaptiveLearner(eps=0.3, gamma=0.3)
        learner.learn_many(strings(TURNS, 12_000, seed))
        assert not learner.noticed
        assert all(one.number < other.number for one, other in pairwise(learner.finds))


def test_symbols_of_all_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids whose characters are halves of others are symbols as well, and more than there are characters are refused."""
    learner = AdaptiveLearner(eps=0.3)
    for number in range(0xD7FD, 0xD803):
        batch = TraceBatch(np.array([number, number - 1], np.int32), np.array([0, 2]))
        assert [ord(character) - 1 for character in adaptive_learner._texts(batch)[0][:2]] == [number, number - 1]
    monkeypatch.setattr(adaptive_learner, "MOST_SYMBOLS", 2)
    with pytest.raises(UsageError, match="3 different symbols"):
        learner.learn_many([["a", "b", "c"]])
