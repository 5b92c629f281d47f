"""Work in a second thread: in order, never more than asked ahead, and never on after a failure."""

from __future__ import annotations

import itertools
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import Alphabet, StreamLearner, TraceBatch
from flexstream.stream.overlap import AHEAD, Overlap


def test_does_all_pieces_in_order_and_elsewhere() -> None:
    done: list[tuple[int, int]] = []
    with Overlap(lambda piece: done.append((piece, threading.get_ident()))) as overlap:
        for piece in range(100):
            overlap.do(piece)
    assert [piece for piece, _ in done] == list(range(100))
    assert len({thread for _, thread in done} | {threading.get_ident()}) == 2


def test_does_not_run_far_ahead() -> None:
    go, begun = threading.Semaphore(0), []
    given = []

    def work(piece: int) -> None:
        begun.append(piece)
        go.acquire()

    def give() -> None:
        with Overlap(work, ahead=2) as overlap:
            for piece in range(10):
                overlap.do(piece)
                given.append(piece)

    giver = threading.Thread(target=give)
    giver.start()
    for step in range(10):
        go.release()
        while len(begun) < min(10, step + 1):
            time.sleep(0.001)
        assert len(given) <= len(begun) + 3  # two that wait, and the one about to
    giver.join(10)
    assert not giver.is_alive()


@pytest.mark.parametrize("ahead", [0, 1, 2, 5, None])
def test_waits_as_soon_as_so_many_pieces_wait(ahead: int | None) -> None:
    go, given = threading.Event(), []

    def give() -> None:
        with Overlap(lambda _: go.wait(), **({} if ahead is None else {"ahead": ahead})) as overlap:
            for piece in range(20):
                overlap.do(piece)
                given.append(piece)

    giver = threading.Thread(target=give)
    giver.start()
    limit = 1 + (AHEAD if ahead is None else ahead)
    until = time.monotonic() + 5
    while len(given) < limit and time.monotonic() < until:
        time.sleep(0.001)
    time.sleep(0.05)
    assert len(given) == limit
    go.set()
    giver.join(10)
    assert len(given) == 20
    assert AHEAD == 2


def test_a_failure_is_told_with_the_next_piece_whatever_it_is() -> None:
    failed = threading.Event()

    def work(piece: int) -> None:
        failed.set()
        raise KeyboardInterrupt

    overlap = Overlap(work)
    with pytest.raises(KeyboardInterrupt), overlap:
        overlap.do(0)
        failed.wait(5)
        while overlap._error is None:
            time.sleep(0.001)
        overlap.do(1)
        pytest.fail("the failure was kept back")


def test_waiting_leaves_nothing_undone() -> None:
    done: list[int] = []
    with Overlap(lambda piece: (time.sleep(0.01), done.append(piece))) as overlap:
        for piece in range(3):
            overlap.do(piece)
        overlap.wait()
        assert done == [0, 1, 2]
        overlap.do(3)
    assert done == [0, 1, 2, 3]


def test_begins_nothing_after_a_failure_and_tells_it() -> None:
    done: list[int] = []

    def work(piece: int) -> None:
        if piece == 3:
            raise ValueError("three")
        done.append(piece)

    with pytest.raises(ValueError, match="three"), Overlap(work) as overlap:
        for piece in range(100):
            overlap.do(piece)
    assert done == [0, 1, 2]


def test_what_was_given_is_done_though_the_caller_fails() -> None:
    done: list[int] = []
    with pytest.raises(KeyError), Overlap(done.append) as overlap:
        for piece in range(3):
            overlap.do(piece)
        raise KeyError
    assert done == [0, 1, 2]


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=4), min_size=20, max_size=60), st.data())
def test_no_refinement_hangs_on_who_reads_ahead(traces: list[list[str]], data: st.DataObject) -> None:
    """However the stream is cut, and however far ahead of the learner it is read: symbols count once they occur."""
    models = []
    for ahead in (False, True):
        learner = StreamLearner(every=7)
        alphabet = learner.alphabet.copy()
        cuts = sorted(data.draw(st.sets(st.integers(0, len(traces)), max_size=5))) if ahead else range(len(traces))
        bounds = sorted({0, *cuts, len(traces)})
        batches = [TraceBatch.from_traces(traces[i:j], alphabet) for i, j in itertools.pairwise(bounds)]
        for batch in batches:
            learner.learn_many(batch, alphabet)
        models.append(learner.automaton.to_json())
    assert models[0] == models[1]


def test_a_closed_alphabet_is_followed() -> None:
    alphabet = Alphabet(["a"], capacity=500)
    ahead = alphabet.copy()
    ids = ahead.encode(["b", "c", "d"])
    alphabet.follow(ahead, 2)
    assert list(alphabet) == ["a", "b"]
    assert alphabet.other is None
    alphabet.follow(ahead, 1 + int(ids.max()))
    assert (list(alphabet), alphabet.other, alphabet.left) == (list(ahead), ahead.other, ahead.left)
    assert alphabet.other is not None
