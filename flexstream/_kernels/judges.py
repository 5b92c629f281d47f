"""Judges: what a heuristic says about a pair of nodes, as a function that the search can call.

In C a judge is ::

    double judge(const int64_t *counts, const double *shares, int64_t outcomes,
                 const int32_t *target, const int32_t *source, const int64_t *sketch_shape,
                 const int32_t *futures, const int64_t *futures_shape, const void *parameters);

with counts of shape (outcomes, 2), sketches of the three numbers at ``sketch_shape``, and futures of the two numbers at
``futures_shape``; see :class:`~flexstream.merging.heuristic.Heuristic` for what they mean.  Those of the package are
compiled with it.  Any other compiled function will do, given as its address, or as something that has an ``address``
(numba's ``cfunc``); and so will a Python function, which takes some hundred times as long.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..tuples import NamedTuple
from .columns import address_of, laid_out
from .hints import Address, Given, GivenCube, GivenMatrix, NDArray
from .library import check_record, kernel, library

_POINTER = ctypes.c_void_p
_SIGNATURE = ctypes.CFUNCTYPE(
    ctypes.c_double, _POINTER, _POINTER, ctypes.c_int64, _POINTER, _POINTER, _POINTER, _POINTER, _POINTER, _POINTER
)


@kernel
def ask_judge(
    judge: Address,
    counts: GivenMatrix[np.int64],
    shares: Given[np.float64],
    target: GivenCube[np.int32],
    source: GivenCube[np.int32],
    futures: GivenMatrix[np.int32],
    parameters: Address,
    score: NDArray[np.float64],
) -> None:
    """Ask a judge about one pair of nodes; fill its score, shape (1,)."""


class CompiledJudge:
    """A judge that is compiled with the package.

    Parameters
    ----------
    name : str
        Of the heuristic.
    parameters : type
        The NamedTuple that its parameters are.
    """

    def __init__(self, name: str, parameters: type) -> None:
        self.name, self._parameters = name, parameters

    @functools.cached_property
    def address(self) -> int:
        """Where it lies in memory."""
        check_record(self._parameters)
        return int(ctypes.cast(getattr(library(), f"fs_judge_{self.name}"), _POINTER).value or 0)

    def __call__(self, *asked: Any) -> float:
        """Return the score of one pair, given counts, shares, sketches, futures and parameters as a judge is."""
        counts, shares, target, source, futures, parameters = asked
        place, kept = place_of(parameters)
        score = np.empty(1)
        ask_judge(self.address, counts, shares, target, source, futures, place, score)
        del kept
        return float(score[0])


class Bound(NamedTuple):
    """A judge that a search can call."""

    address: int
    kept: object  # what must live as long
    failures: list[BaseException]

    @property
    def failure(self) -> BaseException | None:
        """What a judge in Python raised."""
        return self.failures[0] if self.failures else None


def place_of(parameters: Any) -> tuple[int, object]:
    """Return where the parameters of a judge lie in memory, and what must live as long."""
    if isinstance(parameters, np.ndarray):
        return address_of(parameters), parameters
    return laid_out(parameters)


def bound(
    judge: Any,
    parameters: Any,
    counts: NDArray[np.int64],
    shares: NDArray[np.float64],
    sketches: NDArray[np.int32],
    futures: NDArray[np.int32],
    stopped: NDArray[np.int64],
) -> Bound:
    """Return a judge as the search calls it, which keeps counts, shares and sketches in these arrays."""
    if isinstance(judge, int):
        return Bound(judge, None, [])
    if hasattr(judge, "address"):
        return Bound(int(judge.address), judge, [])
    if not callable(judge):
        raise TypeError(f"a judge of type {type(judge).__name__} (expected: a function, or the address of one)")
    _say_slow(judge)
    failures: list[BaseException] = []
    answer = _in_python(judge, parameters, counts, shares, sketches, futures, stopped, failures)
    callback = _SIGNATURE(answer)
    return Bound(int(ctypes.cast(callback, _POINTER).value or 0), callback, failures)


def _in_python(
    judge: Callable[..., float],
    parameters: Any,
    counts: NDArray[np.int64],
    shares: NDArray[np.float64],
    sketches: NDArray[np.int32],
    futures: NDArray[np.int32],
    stopped: NDArray[np.int64],
    failures: list[BaseException],
) -> Callable[..., float]:
    """Return what calls a judge in Python with parts of the arrays that the addresses it is given lie in."""
    first, stride = address_of(sketches), max(1, sketches.strides[0])

    def answer(_: int, __: int, outcomes: int, target: int | None, source: int | None, *___: int) -> float:
        one, other = (((place or first) - first) // stride for place in (target, source))
        try:
            return float(
                judge(counts[:outcomes], shares[:outcomes], sketches[one], sketches[other], futures, parameters)
            )
        except BaseException as error:
            failures.append(error)
            stopped[0] = 1
            return 0.0

    return answer


@functools.cache
def _say_slow(judge: Callable[..., float]) -> None:
    """Say once that a judge is in Python."""
    import logging  # late: few need it

    logging.getLogger("flexstream").warning(
        "the judge %s.%s is a Python function, some hundred times slower than a compiled one (docs/heuristics.md says "
        "how to compile it)",
        judge.__module__,
        judge.__qualname__,
    )
