"""Names that are looked up late: the same texts, made once, and not before somebody asks."""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from flexstream.stream.names import LateNames, LateSlot, LateTexts, joined, sizes


class Growing:
    """Words that may get more, and count how often they are asked."""

    def __init__(self, *texts: str) -> None:
        self.words, self.asked = list(texts), [0][:0]

    def __len__(self) -> int:
        return len(self.words)

    def texts(self, start: int = 0) -> list[str]:
        self.asked.append(start)
        return self.words[start:]

    def sizes(self, start: int = 0) -> NDArray[np.int64]:
        return np.full(len(self.words) - start, 7)


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
    assert sizes(["a", "bc", "def"], 1).tolist() == [sys.getsizeof("bc"), sys.getsizeof("def")]
    assert sizes([], 0).tolist() == []
    assert sizes(LateTexts(Growing("a", "b", "c")), 1).tolist() == [7, 7]


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


def test_whoever_reads_late_names_gets_a_list() -> None:
    class Plain:
        __slots__ = ("names",)

    Plain.names = LateSlot(Plain.names)  # type: ignore[attr-defined]
    holder = Plain()
    given = LateNames(["x", "y"], np.array([1, 0]))
    holder.names = given
    slot = Plain.__dict__["names"]
    assert Plain.names is slot and slot.as_given(holder) is given
    assert holder.names == ["y", "x"]
    assert slot.as_given(holder) is holder.names
    holder.names = None  # type: ignore[assignment]
    assert holder.names is None
