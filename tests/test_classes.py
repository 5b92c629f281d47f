"""Dataclasses of this project are those of `dataclasses` in all that is used of them."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from typing import Any, ClassVar

import pytest

from flexstream.classes import dataclass


@dataclass(frozen=True)
class Ours:
    """A row."""

    first: int
    second: str = "two"
    many: list[int] = dataclasses.field(default_factory=list, repr=False, compare=False)
    hidden: int = dataclasses.field(default=4, init=False)
    shared: ClassVar[int] = 9

    def __post_init__(self) -> None:
        if self.first < 0:
            raise ValueError("negative")


@dataclasses.dataclass(frozen=True)
class Theirs:
    """A row."""

    first: int
    second: str = "two"
    many: list[int] = dataclasses.field(default_factory=list, repr=False, compare=False)
    hidden: int = dataclasses.field(default=4, init=False)
    shared: ClassVar[int] = 9

    def __post_init__(self) -> None:
        if self.first < 0:
            raise ValueError("negative")


@dataclass(frozen=True, slots=True)
class Slotted:
    """Without a dictionary."""

    first: int = 1


@dataclass()
class Open:
    """May be changed."""

    first: int

    def __repr__(self) -> str:
        return "its own"


@dataclass(frozen=True, eq=False)
class Alone:
    """Equal to itself only."""

    first: int


@dataclasses.dataclass(frozen=True)
class Below(Ours):
    """One of the usual kind below one of this."""

    third: int = 3


ARGUMENTS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((), {}),
    ((1, "a", [], 4, 5), {}),
    ((1,), {"first": 2}),
    ((), {"first": 1, "fourth": 4}),
    ((1,), {"hidden": 4}),
    ((-1,), {}),
    ((1,), {}),
    ((1, "b"), {"many": [1, 2]}),
    ((), {"second": "c", "first": 7}),
]


def _made(kind: Any, args: tuple[Any, ...], given: dict[str, Any]) -> Any:
    """Return the fields of what is made, or what is wrong."""
    try:
        return dataclasses.asdict(kind(*args, **given))
    except (TypeError, ValueError) as error:
        return type(error), str(error).replace("Theirs", "Ours").replace("from 2 to 4", "4")


@pytest.mark.parametrize(("args", "given"), ARGUMENTS)
def test_arguments_are_taken_and_refused_alike(args: tuple[Any, ...], given: dict[str, Any]) -> None:
    assert _made(Ours, args, given) == _made(Theirs, args, given)


@pytest.mark.parametrize("look", [repr, dataclasses.fields, inspect.signature], ids=lambda look: look.__name__)
def test_what_it_says_of_itself_is_the_same(look: Any) -> None:
    ours, theirs = (look(kind(1)) if look is repr else look(kind) for kind in (Ours, Theirs))
    assert repr(ours).replace("Ours", "Theirs") == repr(theirs)


def test_equal_fields_are_equal_and_have_one_hash() -> None:
    assert Ours(1, many=[1]) == Ours(1, many=[2]) != Ours(2)
    assert hash(Ours(1)) == hash(Ours(1))
    assert Ours(1) != Theirs(1)
    assert Open(1) == Open(1)
    assert Open.__hash__ is None
    assert Alone(1) != Alone(1)
    assert len({Alone(1), Alone(1)}) == 2


@pytest.mark.parametrize("one", [Ours(1), Slotted(1), Alone(1), Below(1)], ids=lambda one: type(one).__name__)
def test_what_is_frozen_stays(one: Any) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.first = 2
    assert dataclasses.replace(one, first=2).first == 2
    assert one.first == 1


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
@pytest.mark.parametrize("one", [Ours(3), Slotted(3), Open(3), Below(3)], ids=lambda one: type(one).__name__)
def test_copies_are_equal(again: Any, one: Any) -> None:
    assert again(one) == one
    assert type(again(one)) is type(one)


def test_a_default_that_is_made_is_made_anew_for_each() -> None:
    assert Ours(1).many is not Ours(1).many


def test_methods_of_the_class_stay_its_own() -> None:
    assert repr(Open(1)) == "its own"
    assert not hasattr(Slotted(), "__dict__")


def test_classes_of_the_usual_kind_go_by_its_fields() -> None:
    assert [field.name for field in dataclasses.fields(Below)] == ["first", "second", "many", "hidden", "third"]
    assert Below(1, third=5).third == 5
    with pytest.raises(ValueError, match="negative"):
        Below(-1)
