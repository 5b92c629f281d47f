"""Saved: the state of a part as it is read back, in which nothing is believed before it was looked at."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .errors import DataError, FlexStreamError

Model = TypeVar("Model")

MOST = 2**53
"""What no count passes: sums of such numbers fit into 64 bits."""


class StateError(DataError):
    """A state that no part of a learner can have had."""


class Saved:
    """A mapping of names to values, each asked for by what it has to be.

    Parameters
    ----------
    state : object
        What `flexstream.container.decode` returned, or a part of it.
    place : str, optional
        Where in the state it stands, as errors say it.

    Raises
    ------
    StateError
        If it is no mapping.  All that is asked for raises it where the value is another.

    Examples
    --------
    >>> saved = Saved({"traces": 3, "visits": np.array([3, 2])}, "tree")
    >>> saved.whole("traces"), saved.column("visits", np.int64, 2)
    (3, array([3, 2]))
    >>> saved.whole("events")
    Traceback (most recent call last):
    flexstream.saved.StateError: checkpoint: is damaged: tree: there is no events (expected: the file as it was written,
    or an older one)
    """

    def __init__(self, state: Any, place: str = "state") -> None:
        self.place = place
        if not isinstance(state, Mapping):
            self.wrong("it is no mapping")
        self._state = state

    def __contains__(self, name: str) -> bool:
        return name in self._state

    def wrong(self, what: str) -> NoReturn:
        """Raise the error that tells what is wrong."""
        expected = "the file as it was written, or an older one"
        raise StateError("checkpoint", None, f"is damaged: {self.place}: {what}", expected)

    def check(self, truth: object, what: str) -> None:
        """Raise the error that tells what is wrong unless something is true, of all elements of an array."""
        if not (truth.all() if isinstance(truth, np.ndarray) else truth):
            self.wrong(what)

    def raw(self, name: str, *kinds: type) -> Any:
        """Return a value that is of one of these types exactly."""
        if name not in self._state:
            self.wrong(f"there is no {name}")
        value = self._state[name]
        if kinds and type(value) not in kinds:
            self.wrong(f"{name} is of another type")
        return value

    def whole(self, name: str, least: int = 0, most: int = MOST) -> int:
        """Return a whole number within bounds."""
        value = self.raw(name, int)
        self.check(least <= value <= most, f"{name} is out of range")
        return int(value)

    def number(self, name: str, least: float = -math.inf, most: float = math.inf) -> float:
        """Return a number within bounds that is none of NaN."""
        value = self.raw(name, float)
        self.check(least <= value <= most, f"{name} is out of range")
        return float(value)

    def flag(self, name: str) -> bool:
        """Return a truth value."""
        return bool(self.raw(name, bool))

    def text(self, name: str) -> str:
        """Return a text."""
        return str(self.raw(name, str))

    def optional(self, name: str, ask: Callable[[str], Any]) -> Any:
        """Return what one of the other methods says of a value, None where it is None."""
        return None if self.raw(name) is None else ask(name)

    def column(self, name: str, kind: DTypeLike, *shape: int | None) -> NDArray[Any]:
        """Return an array of a type and a shape; None in place of a length allows any."""
        value = self.raw(name, np.ndarray)
        fits = value.ndim == len(shape or (None,)) and all(
            wanted in (None, length) for wanted, length in zip(shape or (None,), value.shape, strict=True)
        )
        self.check(value.dtype == np.dtype(kind) and fits, f"{name} has another type or shape")
        return np.asarray(value)

    def counts(self, name: str, *shape: int | None, most: int = MOST) -> NDArray[np.int64]:
        """Return an array of counts, none of them above a number."""
        value = self.column(name, np.int64, *shape)
        self.check_range(name, value, 0, most)
        return value

    def ids(self, name: str, kind: DTypeLike, stop: int, *shape: int | None, least: int = 0) -> NDArray[Any]:
        """Return an array of whole numbers from ``least`` to below ``stop``."""
        value = self.column(name, kind, *shape)
        self.check_range(name, value, least, stop - 1)
        return value

    def check_range(self, name: str, value: NDArray[Any], least: int, most: int) -> None:
        """Raise the error unless all elements are within bounds."""
        if value.size:
            self.check(least <= int(value.min()) and int(value.max()) <= most, f"{name} is out of range")

    def bounds(self, name: str, rows: int, end: int) -> NDArray[np.int64]:
        """Return where so many stretches begin that lie one behind the other from 0 to an end, and the end."""
        value = self.column(name, np.int64, rows + 1)
        tiles = value[0] == 0 and value[-1] == end and bool((np.diff(value) >= 0).all())
        self.check(tiles, f"{name} is no row of stretches")
        return value

    def part(self, name: str) -> Saved:
        """Return a mapping within this one."""
        return Saved(self.raw(name), f"{self.place}.{name}")

    def parts(self, name: str, length: int | None = None) -> list[Saved]:
        """Return a list of mappings within this one."""
        found = [Saved(one, f"{self.place}.{name}[{number}]") for number, one in enumerate(self.raw(name, list))]
        self.check(length in (None, len(found)), f"{name} has another length")
        return found

    def automaton(self, name: str, read: Callable[[str], Model]) -> Model:
        """Return what the text of a model file is read into."""
        return self.model(self.raw(name), read)

    def model(self, text: Any, read: Callable[[str], Model]) -> Model:
        """Return what the text of a model file, in UTF-8, is read into."""
        try:
            return read(bytes.decode(text))
        except (FlexStreamError, TypeError, UnicodeDecodeError) as error:
            self.wrong(f"a model in it is none: {error}")

    def texts(self, name: str) -> list[str]:
        """Return a list of texts."""
        found = self.raw(name, list)
        self.check(all(type(text) is str for text in found), f"{name} is no list of texts")
        return list(found)
