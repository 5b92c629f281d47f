"""What a theorem asks for, and how such numbers are written."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ..errors import UsageError

COUNTER_BYTES = 4
"""Of a cell of a count-min row, and of a stored symbol."""


@dataclass(frozen=True)
class Sizes:
    """The sample sizes of one theorem for one demand.

    Attributes
    ----------
    theorem : str
        Its name, see `flexstream.pac.planning.plan.THEOREMS`.
    node : float
        Strings that must have passed a state before it is decided about.
    batch : float
        Strings from one decision round to the next.
    batches : float
        Rounds at most.
    strings : float
        Strings in all, for the promise about the structure.
    probabilities : float
        Strings more for the promise about the probabilities; 0 where ``strings`` covers them.
    width, depth : int
        Counters a row and rows of each sketch; 0 where a theorem keeps none.
    memory : float
        Bytes of the sketches, or of the sample where the whole sample is kept.
    promise : str
        What then holds with probability 1 - delta.
    options : mapping of str to number
        Options of the merge test for a run, see `flexstream.pac.planning.planned_learner`.
    proven : bool
        Whether the promise is proved for our own run under these sizes.  The other theorems are about the learners of
        their authors, which draw fresh strings for each decision; for a run of ours their sizes are a measure.
    """

    theorem: str
    node: float
    batch: float
    batches: float
    strings: float
    probabilities: float
    width: int
    depth: int
    memory: float
    promise: str
    options: Mapping[str, float] = field(default_factory=dict)
    proven: bool = False

    def to_document(self) -> dict[str, Any]:
        """Return the sizes as JSON values: whole numbers as such as long as they are exact."""
        numbers = ("node", "batch", "batches", "strings", "probabilities", "width", "depth", "memory")
        return {
            "theorem": self.theorem,
            **{name: exact(getattr(self, name)) for name in numbers},
            "promise": self.promise,
            "proven": self.proven,
            "options": dict(self.options),
        }


def exact(value: float) -> float | int:
    """Return a size as a whole number where a double still holds each of them, as a float above.

    >>> exact(3.0), exact(1e27)
    (3, 1e+27)
    """
    return int(value) if abs(value) < 2.0**53 and float(value).is_integer() else float(value)


def amount(value: float) -> str:
    """Return a size as people read it, a power of ten from ten million on.

    >>> amount(57617), amount(3.49e8), amount(9.97e26)
    ('57,617', '3.5·10^8', '1.0·10^27')
    """
    if value < 1e7:
        return f"{math.ceil(value):,}"
    mantissa, power = f"{value:.1e}".split("e")
    return f"{mantissa}·10^{int(power)}"


@contextmanager
def no_overflow(what: str) -> Iterator[None]:
    """Turn what floating-point numbers cannot hold into an error that says so."""
    try:
        yield
    except (OverflowError, ZeroDivisionError):
        raise UsageError(
            f"{what}: the sizes pass 10^308 (expected: fewer states and symbols, or larger mu, eps and delta)"
        ) from None


def checked(compute: Callable[..., Sizes], *args: Any) -> Sizes:
    """Return the sizes of a theorem; raises UsageError if one of them is beyond all numbers."""
    with no_overflow("the plan"):
        sizes = compute(*args)
        values = (sizes.node, sizes.batch, sizes.batches, sizes.strings, sizes.probabilities, sizes.memory)
        if not all(math.isfinite(value) for value in values):
            raise OverflowError
    return sizes
