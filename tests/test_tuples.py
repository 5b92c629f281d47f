"""Named tuples of this project are those of `typing` in all that is used of them."""

from __future__ import annotations

import copy
import pickle
import typing
from typing import Any

import pytest

from flexstream.tuples import NamedTuple


class Ours(NamedTuple):
    """A row."""

    first: int
    second: str = "two"

    @property
    def both(self) -> str:
        return f"{self.first} {self.second}"

    @classmethod
    def usual(cls) -> Ours:
        return cls(1)


class Theirs(typing.NamedTuple):
    """A row."""

    first: int
    second: str = "two"


def test_it_is_a_tuple_with_names_defaults_and_methods() -> None:
    row = Ours(1)
    assert row == (1, "two") == Ours.usual()
    assert row._replace(first=2).both == "2 two"
    assert repr(row) == repr(Theirs(1)).replace("Theirs", "Ours")
    assert isinstance(row, tuple)


@pytest.mark.parametrize("name", ["_fields", "_field_defaults", "__doc__", "__module__", "__slots__"])
def test_what_it_says_of_itself_is_what_typing_says(name: str) -> None:
    assert getattr(Ours, name) == getattr(Theirs, name)


def test_annotations_can_be_evaluated() -> None:
    assert typing.get_type_hints(Ours) == typing.get_type_hints(Theirs) == {"first": int, "second": str}


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda row: pickle.loads(pickle.dumps(row))])
def test_copies_are_of_the_same_class(again: Any) -> None:
    assert type(again(Ours(3))) is Ours
    assert again(Ours(3)) == Ours(3)


def test_fields_without_default_come_first() -> None:
    with pytest.raises(TypeError, match="default"):

        class Wrong(NamedTuple):
            first: int = 1
            second: str  # type: ignore[misc]


def test_it_has_no_attributes_of_its_own() -> None:
    with pytest.raises(AttributeError):
        Ours(1).third = 3  # type: ignore[attr-defined]
