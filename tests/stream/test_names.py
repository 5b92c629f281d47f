"""Names that are looked up late: the same texts, made once, and not before somebody asks."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from flexstream.stream.names import LateNames, LateParts, LateSlot, LateTexts, joined, sizes


class Growing:
    """Words that may get more, and count how often they are asked."""

    def __init__(self, *texts: str) -> None:
        self.words, self.asked = list(texts), [0][:0]

    def __len__(self) -> int:
        return len(self.words)

    def texts(self, start: int = 0, stop: int | None = None) -> list[str]:
        self.asked.append(start)
        return self.words[start:stop]

    def sizes(self, start: int = 0, stop: int | None = None) -> NDArray[np.int64]:
        return np.full(len(self.words[start:stop]), 7)

    def take(self, other: Growing, words: NDArray[np.integer[Any]]) -> NDArray[np.int32]:
        texts = [other.words[word] for word in words.tolist()]
        self.words += [text for text in texts if text not in self.words]
        return np.array([self.words.index(text) for text in texts], np.int32)


def test_texts_are_made_when_asked_for_and_once() -> None:
    words = Growing("a", "b")
    late = LateTexts(words)
    assert (len(late), words.asked) == (2, [])
    assert (late[1], late[0], late[-1]) == ("b", "a", "b")
    assert words.asked == [0]
    words.words += ["c", "d"]
    assert late[1:] == ["b", "c", "d"] and late.made() is late.made()
    assert words.asked == [0, 2]


def test_bytes_of_texts() -> None:
    assert sizes(["a", "bc", "def"], 1, 3).tolist() == [sys.getsizeof("bc"), sys.getsizeof("def")]
    assert sizes(["a", "bc", "def"], 0, 1).tolist() == [sys.getsizeof("a")]
    assert sizes([], 0, 0).tolist() == []
    assert sizes(LateTexts(Growing("a", "b", "c")), 1, 3).tolist() == [7, 7]


def test_texts_that_were_not_said_to_be_there_are_not() -> None:
    late = LateTexts(Growing("a", "b", "c"))
    late.known = 2
    assert (len(late), late.made()) == (2, ["a", "b"])
    late.known = 3
    assert list(late) == ["a", "b", "c"]


def test_texts_of_another_list_are_taken_and_counted() -> None:
    one, other = LateTexts(Growing("a", "b")), LateTexts(Growing("c", "b", "d"))
    assert one.take(other, np.array([2, 1])).tolist() == [2, 1]
    assert (list(one), one.taken) == (["a", "b", "d"], 1)
    assert (one.take(other, np.array([0, 2])).tolist(), one.taken, other.taken) == ([3, 2], 2, 0)


def test_names_by_positions() -> None:
    words = Growing("x", "y", "z")
    for listed in (["x", "y", "z"], LateTexts(words)):
        names = LateNames(listed, np.array([2, 0, 2, 1]))
        assert (len(names), names.texts()) == (4, ["z", "x", "z", "y"])
        assert list(names[1:3]) == ["x", "z"] and names[1:3].listed is listed
    assert words.asked == [0]


def test_parts_behind_one_another() -> None:
    listed = ["x", "y"]
    one, two = LateNames(listed, np.array([1])), LateNames(listed, np.array([0, 0]))
    assert joined([one]) is one
    assert joined([one, two]).texts() == ["y", "x", "x"]
    assert joined([two, one, one]).listed is listed


def test_parts_of_several_lists() -> None:
    one, two = LateNames(["x", "y"], np.array([1, 0])), LateNames(["z"], np.array([0, 0, 0]))
    names = joined([one, one, two])
    assert (len(names), names.texts()) == (7, list("yxyxzzz"))
    for start in range(8):
        for stop in range(start, 8):
            assert list(names[start:stop]) == list("yxyxzzz")[start:stop]
            assert len(names[start:stop]) == stop - start


@pytest.mark.parametrize(
    "given",
    [
        LateNames(["x", "y"], np.array([1, 0])),
        LateParts([LateNames(["y"], np.array([0])), LateNames(["x"], np.array([0]))]),
    ],
)
def test_whoever_reads_late_names_gets_a_list(given: LateNames | LateParts) -> None:
    class Plain:
        __slots__ = ("names",)

    Plain.names = LateSlot(Plain.names)  # type: ignore[attr-defined]
    holder = Plain()
    holder.names = given
    slot = Plain.__dict__["names"]
    assert Plain.names is slot and slot.as_given(holder) is given
    assert holder.names == ["y", "x"]
    assert slot.as_given(holder) is holder.names
    holder.names = None  # type: ignore[assignment]
    assert holder.names is None
