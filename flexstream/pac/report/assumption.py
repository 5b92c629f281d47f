"""What supposes that traces are independent draws from one source: whether their order speaks against it, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ...visible import visible
from ...writers.labels import counted, shorten

LONGEST = 32
LEAST_P = 1e-12
FEATURES = {
    "first": "how traces begin",
    "last": "how traces end",
    "length": "how long traces are",
    "trace": "which traces come",
}
BEFORE = {
    "first": "how the trace before began",
    "last": "how the trace before ended",
    "length": "how long the trace before was",
    "trace": "which trace came before",
    "symbol": "the trace before",
    "pair": "the trace before",
}
ORDINALS = {2: "second", 3: "third", 5: "fifth", 7: "seventh"}


def assumption(found: Mapping[str, Any] | None, symbols: Sequence[str], log_level: float) -> dict[str, Any] | None:
    """Return what the order of the traces says, None where there were too few to ask.

    Parameters
    ----------
    found : mapping or None
        What `flexstream.pac.statistics.order.dependence` found, as JSON values, with the ``traces`` it saw.
    symbols : sequence of str
        Of the automaton.
    log_level : float
        Logarithm of the probability with which it may be called a sign what is chance.

    Examples
    --------
    >>> found = {"kind": "again", "feature": "trace", "symbols": [], "number": 10, "other": "", "log_p": -90.0}
    >>> assumption({**found, "tests": 200, "traces": 1000}, [], -5.0)["why"]
    'traces come again after 9 others'
    """
    if found is None:
        return None
    fails = bool(found["log_p"] < log_level)
    why = _why(found, [symbols[symbol] for symbol in found["symbols"]])
    document = {
        "fails": fails,
        "why": why,
        **found,
        "symbols": [symbols[symbol] for symbol in found["symbols"]],
        "p": math.exp(max(found["log_p"], -700.0)),
    }
    return {**document, "sentence": _sentence(document)}


def unnoticed_change(order: Mapping[str, Any] | None, drift: Mapping[str, Any] | None) -> bool:
    """Tell whether the whole stream shows a change of which nothing was noticed while its traces came.

    Parameters
    ----------
    order : mapping or None
        As `assumption` returns it.
    drift : mapping or None
        What was noticed by who watched, None where nobody did.

    Examples
    --------
    >>> order = {"fails": True, "kind": "blocks"}
    >>> unnoticed_change(order, {"first": 1, "changes": []}), unnoticed_change(order, None)
    (True, False)
    """
    if drift is None or order is None or not order["fails"] or order["kind"] != "blocks":
        return False
    return all(_since(change) < drift["first"] for change in drift["changes"])


def _since(change: Any) -> int:
    """Return after which trace a change came, as a model holds it or a report."""
    return int(change["since"] if isinstance(change, Mapping) else change)


def _sentence(found: Mapping[str, Any]) -> str:
    if found["fails"]:
        return f"The traces are no independent draws from one source: {found['why']} ({_p(found['p'])})"
    tests = counted(found["tests"], "test")
    return (
        f"Nothing in the order of {counted(found['traces'], 'trace')} speaks against independent draws from one source "
        f"({tests})"
    )


def _p(p: float) -> str:
    return f"by chance with probability {p:.1g}" if p >= LEAST_P else f"by chance with probability below {LEAST_P:g}"


def _why(found: Mapping[str, Any], symbols: Sequence[str]) -> str:
    if found["kind"] == "again":
        others = found["number"] - 1
        return (
            f"traces come again after {counted(others, 'other')}" if others else "equal traces stand next to each other"
        )
    feature = _feature(found["feature"], symbols)
    if found["kind"] == "blocks":
        return f"{feature} changes over the stream"
    if found["kind"] == "period":
        return f"{feature} differs in every {ORDINALS[found['number']]} trace"
    if found["kind"] == "lately":
        return f"{feature} hangs on the traces shortly before"
    return f"{feature} hangs on {BEFORE[found['other']]}"


def _feature(kind: str, symbols: Sequence[str]) -> str:
    named = [f'"{shorten(visible(symbol), LONGEST)}"' for symbol in symbols]
    if kind == "symbol":
        return f"how often {named[0]} comes in a trace"
    return f"whether {named[1]} follows {named[0]}" if kind == "pair" else FEATURES[kind]
