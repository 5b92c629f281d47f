"""Merge heuristics, one a file.

A heuristic answers one question: given the next-symbol counts and the sketches of two nodes, what speaks for
their being one state?  The search adds its answers up over all pairs of nodes that a merge brings together, and
merges where the total is above the heuristic's margin.  Heuristics never see traces.

To add one, write a file with a subclass of :class:`~flexstream.merging.heuristic.Heuristic` and enter it in
``HEURISTICS`` below; every command and the whole library then know it by its name.

>>> make("evidence", strength=3.0).strength
3.0
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

from ...arguments import fitting
from ...errors import UsageError
from ...registry import Registry

if TYPE_CHECKING:
    from ..heuristic import Heuristic

HEURISTICS: Registry[type[Heuristic]] = Registry(
    __name__,
    "heuristic",
    {
        "alergia": "alergia.Alergia",
        "css": "css.CSS",
        "css-published": "css.CSSPublished",
        "evidence": "evidence.Evidence",
        "spacesaving": "spacesaving.SpaceSaving",
    },
)
"""The heuristics by name."""


LARGEST = 2**53
"""Largest whole number that an option can be: up to there none loses its last digit as a float."""


def _as(default: object, value: float) -> Any:
    """Return a value as the whole number that an option is, if it is one; raises ValueError if it cannot be."""
    if not isinstance(default, int):
        return float(value)
    if LARGEST < abs(value) < math.inf:
        raise ValueError(f"{value:g} where a whole number of at most {LARGEST:,} is expected")
    if int(value) != value:
        raise ValueError(f"{value:g} where a whole number is expected")
    return int(value)


def make(name: str, /, **options: float) -> Heuristic:
    """Return a heuristic by its name, with options of its own.

    Raises
    ------
    UsageError
        If there is no such heuristic or option, or a value is out of range.
    WrongTypeError
        If a value is no number.
    """
    kind = HEURISTICS[name]
    known = {field.name: field.default for field in dataclasses.fields(kind)}
    for option, value in options.items():
        if option not in known:
            raise UsageError(f"heuristic {name} has no option {option!r} (expected: one of {', '.join(known)})")
        fitting(option, value, float)
        no_number = option in {"slack", "lead"} and math.isnan(value)
        if no_number or (option == "margin" and not math.isfinite(value)) or (option == "light" and value < 0):
            raise UsageError(f"heuristic {name}: {option} cannot be {value:g} (expected: a number that fits)")
    try:
        return kind(**{key: _as(known[key], value) for key, value in options.items()})
    except (ValueError, OverflowError) as error:
        raise UsageError(f"heuristic {name}: {error}") from None
