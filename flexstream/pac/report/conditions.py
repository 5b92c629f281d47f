"""For each theorem: what it supposes, what of that holds, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...errors import UsageError
from ...writers.labels import counted
from ..demand import Demand
from ..planning.plan import THEOREMS, sizes_of, smallest
from ..sizes import Sizes, exact
from .analysis import Analysis

LEAST_MU = 1e-6


@dataclass(frozen=True)
class Facts:
    """What a theorem's conditions are held against.

    Attributes
    ----------
    strings : int
    length : float
        Mean length of the strings, events.
    states, symbols : int
    mu_most : float
        Upper end of the interval of the smallest distance of two states; 1 with one state.
    smallest_state : float
        Visits of the least visited state.
    complete : bool
        Whether nothing was evicted for lack of memory, no case closed early, and no string repeated.
    judged : bool
        Whether it is known how often such decisions are wrong, or the learner ran under a plan.
    explained : bool
        Whether nothing speaks against it that what comes next hangs on the state alone.
    """

    strings: int
    length: float
    states: int
    symbols: int
    mu_most: float
    smallest_state: float
    complete: bool
    judged: bool = True
    explained: bool = True


def demand_of(analysis: Analysis, facts: Facts, mu: float, eps: float) -> Demand:
    """Return the demand that a report judges by: the plan's, or one read off the automaton itself."""
    if analysis.demand is not None:
        return analysis.demand
    return Demand(
        states=facts.states,
        symbols=max(1, facts.symbols),
        mu=min(1.0, max(mu, LEAST_MU)),
        length=max(facts.length, 1e-3),
        eps=eps,
        delta=analysis.delta,
        futures=max(1, min(analysis.depth, 3)),
    )


def conditions(theorem: str, demand: Demand, facts: Facts) -> dict[str, Any]:
    """Return whether a theorem's promise holds, its first condition that fails, and what the sample supports instead.

    Examples
    --------
    >>> demand = Demand(states=2, symbols=2, mu=0.5, length=3, eps=0.5, delta=0.1)
    >>> facts = Facts(1000, 2.5, 2, 2, 0.6, 400, True)
    >>> found = conditions("palmer-goldberg", demand, facts)
    >>> found["met"], found["fails"], found["strings_missing"]
    (False, 'a state has 400 visits (needed: 15,690)', 501080)
    """
    try:
        sizes = sizes_of(theorem, demand)
    except UsageError as error:
        return {"theorem": theorem, "met": False, "fails": str(error), "strings_missing": None, "supports": {}}
    tests = [*_suppositions(demand, facts), *_amounts(sizes, facts)]
    failing = [text for holds, text in tests if not holds]
    supposed = all(holds for holds, _ in _suppositions(demand, facts))
    return {
        "theorem": theorem,
        "met": not failing,
        "fails": failing[0] if failing else None,
        "strings_needed": exact(sizes.strings),
        "strings_missing": exact(max(0.0, sizes.strings - facts.strings)),
        "promise": sizes.promise,
        "proven": sizes.proven,
        "supports": {what: smallest(theorem, demand, facts.strings, what) for what in ("eps", "mu")}
        if supposed
        else {},
    }


def _suppositions(demand: Demand, facts: Facts) -> list[tuple[bool, str]]:
    """Return what is supposed whatever the number of strings: whether it holds, and how to say that it does not."""
    return [
        (facts.states <= demand.states, f"{facts.states:,} states (supposed: at most {demand.states:,})"),
        (facts.symbols <= demand.symbols, f"{facts.symbols:,} symbols (supposed: at most {demand.symbols:,})"),
        (facts.length <= demand.length * (1 + 1e-9), f"length {facts.length:.4g} (supposed: {demand.length:g})"),
        (facts.complete, "counts were evicted, cases closed early, or strings repeated (supposed: none)"),
        (facts.explained, "the states do not explain the stream (supposed: an automaton)"),
        (facts.judged, "the decisions cannot be judged (supposed: a test or a Bayes factor)"),
        (facts.mu_most >= demand.mu, f"two states differ by at most {facts.mu_most:.3g} (supposed: {demand.mu:g})"),
    ]


def _amounts(sizes: Sizes, facts: Facts) -> list[tuple[bool, str]]:
    """Return the same for what more strings would mend."""
    node = f"{sizes.node:,.4g}" if sizes.node >= 1e7 else f"{sizes.node:,.0f}"
    visits = f"a state has {counted(facts.smallest_state, 'visit')} (needed: {node})"
    strings = f"{counted(facts.strings, 'string')} (needed: {sizes.strings:,.4g})"
    return [(facts.smallest_state >= sizes.node, visits), (facts.strings >= sizes.strings, strings)]


def all_conditions(demand: Demand, facts: Facts) -> list[dict[str, Any]]:
    """Return the conditions of every theorem."""
    return [conditions(theorem, demand, facts) for theorem in THEOREMS]
