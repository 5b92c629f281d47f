"""Reading ahead: the same pieces in the same order, and waits where both sides look at one thing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from flexstream.stream import ahead as module
from flexstream.stream.ahead import Ahead


def large(piece: int) -> bool:
    return piece % 3 == 0


@pytest.mark.parametrize(("bundle", "waiting"), [(1, 1), (2, 3), (1024, 2)])
def test_all_come_in_their_order(bundle: int, waiting: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUNDLE", bundle)
    monkeypatch.setattr(module, "AHEAD", waiting)
    with Ahead(iter(range(100)), large) as ahead:
        assert list(ahead) == list(range(100))


def test_what_is_raised_comes_behind_what_was_fetched() -> None:
    def pieces() -> Iterator[int]:
        yield from (1, 2, 3)
        raise ValueError("broken")

    found = []
    with Ahead(pieces(), large) as ahead, pytest.raises(ValueError, match="broken"):
        found.extend(ahead)  # which keeps nothing of what was raised on the way
    assert found == [1, 2, 3]


def test_what_is_apart_is_fetched_while_the_caller_works() -> None:
    fetched = threading.Event()

    def pieces() -> Iterator[int]:
        yield 3
        fetched.set()
        yield 6

    with Ahead(pieces(), large) as ahead:
        assert next(ahead) == 3
        assert fetched.wait(10)


def test_settling_waits_for_what_is_not_apart() -> None:
    done: list[int] = []
    seen = []

    def pieces() -> Iterator[int]:
        for piece in (1, 2, 3, 4):
            yield piece
            ahead.settle()
            seen.append(list(done))

    ahead = Ahead(pieces(), large)
    with ahead:
        for piece in ahead:
            time.sleep(0.005)
            done.append(piece)
    assert (seen[0], seen[1], seen[3]) == ([1], [1, 2], [1, 2, 3, 4])  # who has fetched 3 need not wait


def test_nothing_is_fetched_once_the_caller_has_left() -> None:
    fetched: list[int] = []

    def pieces() -> Iterator[int]:
        for piece in range(0, 3000, 3):
            fetched.append(piece)
            ahead.settle_all()
            yield piece

    before = {*threading.enumerate()}  # of other tests, which may end meanwhile
    ahead = Ahead(pieces(), large)
    with ahead:
        assert next(ahead) == 0
    assert len(fetched) < 20
    assert {*threading.enumerate()} <= before
