"""Named tuples of this project are those of `typing` in all that is used of them."""

from __future__ import annotations

import copy
import inspect
import pickle
import types
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


CALLS: list[Any] = [
    lambda kind: kind(),
    lambda kind: kind(1, "a", 3),
    lambda kind: kind(1, first=2),
    lambda kind: kind(1, third=2),
    lambda kind: kind(second="b", first=1),
    lambda kind: kind._make([1]),
    lambda kind: kind._make((4, "c")),
    lambda kind: kind(1)._replace(second="d"),
    lambda kind: kind(1)._replace(third=3, fourth=4),
    lambda kind: kind(1)._asdict(),
    lambda kind: kind(1).second,
    lambda kind: hash(kind(1)),
    lambda kind: kind.first.__doc__,
    lambda kind: list(inspect.signature(kind).parameters),
]


@pytest.mark.parametrize("call", CALLS)
def test_it_does_and_refuses_what_theirs_does(call: Any) -> None:
    def told(kind: Any) -> Any:
        try:
            return repr(call(kind))
        except (TypeError, ValueError) as error:
            return type(error), str(error)

    assert str(told(Ours)).replace("Ours", "Theirs") == str(told(Theirs))


def test_there_may_be_no_fields_and_a_match_goes_by_them() -> None:
    class Nothing(NamedTuple):
        """Empty."""

    assert Nothing() == ()
    match Ours(1):
        case Ours(first, second):
            assert (first, second) == (1, "two")


@pytest.mark.parametrize("width", [*range(1, 20), 25])
def test_there_may_be_any_number_of_fields(width: int) -> None:
    names = [f"field{place}" for place in range(width)]
    made = types.new_class("Made", (NamedTuple,), {}, lambda space: space.update(__annotations__=dict.fromkeys(names)))
    values = tuple(range(width))
    assert made(*values) == made(**dict(zip(names, values, strict=True))) == values
    assert list(inspect.signature(made).parameters) == names
    with pytest.raises(TypeError, match=rf"^Made.__new__\(\) .*argument.*'?{names[-1]}'?$"):
        made(*values[1:])


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
