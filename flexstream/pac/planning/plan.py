"""The plan: what each theorem asks for, the way back from strings to errors, and the parameters of a run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...arguments import expect, fitting, fitting_path
from ...defaults import MEMORY
from ...errors import UsageError
from ...json_text import read_json
from ...own_files import PLAN, another
from ...registry import Registry
from ..demand import Demand
from ..sizes import Sizes, checked
from ..theorems.balle import FIRST_TEST
from ..theorems.flexstream import LEAST_LEVEL
from .reads import reads

FORMAT = "flexstream-pac-plan"
OLD, VERSION = 1, 2
"""Sizes of version 1 left the test no room for chance (docs/pac.md, lemma 3): of such a plan the demand is taken."""
THEOREMS: Registry[Callable[[Demand], Sizes]] = Registry(
    "flexstream.pac.theorems",
    "theorem",
    {
        "flexstream": "flexstream.sizes",
        "baumgartner-verwer": "baumgartner_verwer.sizes",
        "balle-castro-gavalda": "balle.sizes",
        "palmer-goldberg": "palmer_goldberg.sizes",
        "clark-thollard": "clark_thollard.sizes",
    },
)
"""The sizes that each theorem asks for, by its name."""
LARGEST_RUN = 2.0**53
_LEAST = 1e-12


def sizes_of(theorem: str, demand: Demand) -> Sizes:
    """Return the sizes of one theorem; raises UsageError for an unknown one, or where they pass all numbers."""
    return checked(THEOREMS[theorem], demand)


def smallest(theorem: str, demand: Demand, strings: float, what: str) -> float | None:
    """Return the smallest ``eps`` or ``mu`` that so many strings still support, the other one as demanded.

    Every theorem asks for more strings the smaller eps or mu is, so bisection finds it, to one part in a million.

    Parameters
    ----------
    theorem : str
    demand : Demand
        Its value of ``what`` is not looked at.
    strings : float
    what : {"eps", "mu"}

    Returns
    -------
    float or None
        None if not even the largest value is supported.

    Examples
    --------
    >>> demand = Demand(states=6, symbols=5, mu=0.2, length=7.6, eps=0.1, delta=0.05)
    >>> round(smallest("palmer-goldberg", demand, 3.6e8, "eps"), 2)
    0.1
    >>> smallest("clark-thollard", demand, 1e6, "eps") is None
    True
    """
    high = 1.0 if what == "mu" else 1 - 1e-9
    low = _LEAST
    if not _supported(theorem, demand.with_(**{what: high}), strings):
        return None
    while high / low > 1 + 1e-6:
        middle = math.sqrt(low * high)
        if _supported(theorem, demand.with_(**{what: middle}), strings):
            high = middle
        else:
            low = middle
    return high


def _supported(theorem: str, demand: Demand, strings: float) -> bool:
    try:
        return sizes_of(theorem, demand).strings <= strings
    except UsageError:  # the sizes pass all numbers
        return False


def run_parameters(sizes: Sizes, demand: Demand, memory: str) -> dict[str, Any] | None:
    """Return the learner's parameters for a run under a theorem, None if it is too large for any run.

    Theorems without a sketch of their own get the test L∞ <= μ/2 as the level at which Hoeffding's threshold of two
    nodes of the theorem's size is half of what the counters show of μ (docs/pac.md, lemma 3).
    """
    if max(sizes.batch, sizes.node) >= LARGEST_RUN or sizes.options.get("alpha", 1.0) <= LEAST_LEVEL:
        return None
    if sizes.theorem == "balle-castro-gavalda":
        return {
            "heuristic": "spacesaving",
            "options": dict(sizes.options),
            "strategy": "final",
            "every": FIRST_TEST,
            "memory": memory,
        }
    return {
        "heuristic": "css",
        "options": dict(sizes.options) or _half_mu(sizes, demand),
        "strategy": "replay",
        "every": int(sizes.batch),
        "memory": memory,
    }


def _half_mu(sizes: Sizes, demand: Demand) -> dict[str, float]:
    from ..statistics.coverage import row_width, rows_for, visible

    level = max(2 * math.exp(-(visible(demand.mu) ** 2) * sizes.node / 8), LEAST_LEVEL)
    return {
        "alpha": level,
        "futures": demand.futures,
        "depth": rows_for(demand.delta / 2, demand.states),
        "width": row_width(demand.mu),
        "cells": 1,
        "light": int(sizes.node),
    }


@dataclass(frozen=True)
class Plan:
    """A demand, what each theorem asks for, and the parameters of a run under one of them.

    Attributes
    ----------
    demand : Demand
    theorem : str
        The one to run under.
    sizes : mapping of str to Sizes
        Of all theorems.
    run : mapping or None
        The learner's parameters; None where the theorem asks for more than any run can have.
    renewed : bool
        Whether it comes from the file of an older FlexStream, whose sizes were others: these are computed anew.

    Examples
    --------
    >>> demand = Demand(states=2, symbols=2, mu=0.5, length=3, eps=0.5, delta=0.1)
    >>> plan = Plan.make(demand)
    >>> plan.run["every"] == plan.sizes["flexstream"].batch
    True
    >>> Plan.from_document(plan.to_document()) == plan
    True
    """

    demand: Demand
    theorem: str
    sizes: Mapping[str, Sizes]
    run: Mapping[str, Any] | None
    renewed: bool = field(default=False, compare=False)

    @classmethod
    def make(cls, demand: Demand, theorem: str = "flexstream", memory: str = MEMORY) -> Plan:
        """Plan for a demand; raises UsageError where a size passes all numbers."""
        from ...budget import parse_memory

        expect("demand", demand, Demand)
        parse_memory(fitting("memory", memory, str))
        THEOREMS.known(theorem)
        sizes = {name: sizes_of(name, demand) for name in THEOREMS}
        return cls(demand, theorem, sizes, run_parameters(sizes[theorem], demand, memory))

    def to_document(self) -> dict[str, Any]:
        """Return the plan as JSON values."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "demand": self.demand.to_document(),
            "theorem": self.theorem,
            "run": None if self.run is None else dict(self.run),
            "sizes": {name: sizes.to_document() for name, sizes in self.sizes.items()},
            "strings_read": reads(self.demand),
        }

    @classmethod
    def from_document(cls, document: Any) -> Plan:
        """Read a plan; its sizes are computed again, its run must be what they give unless it is of an older version.

        Raises
        ------
        UsageError
            If it is no plan, of another version, or was changed by hand.
        """
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise UsageError(f'not a plan: "format" is not "{FORMAT}" (expected: a file of flexstream pac plan -o)')
        version = document.get("version")
        if type(version) is not int or version not in (OLD, VERSION):
            raise UsageError(
                f"plan of version {version!r}, this FlexStream reads versions {OLD} and {VERSION} "
                "(expected: a plan made anew, by flexstream pac plan)"
            )
        run = document.get("run")
        memory = run.get("memory", MEMORY) if isinstance(run, dict) else MEMORY
        plan = cls.make(Demand.from_document(document.get("demand")), str(document.get("theorem")), memory)
        if run != plan.run and version != OLD:
            raise UsageError("the parameters of the plan do not follow from its demand: make it anew")
        return replace(plan, renewed=version == OLD)


def load_plan(path: str | Path) -> Plan:
    """Read the file of a plan; raises UsageError that names it."""
    place = fitting_path(path, expected="a plan")
    try:
        text = place.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror} (expected: a plan)") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not a plan: the file is not UTF-8 text (expected: {PLAN.source})") from None
    try:
        return Plan.from_document(read_json(text))
    except ValueError as error:
        raise UsageError(f"{path}: {another(text, PLAN) or f'not a plan: {error}'}") from None
    except UsageError as error:
        raise UsageError(f"{path}: {another(text, PLAN) or error}") from None
