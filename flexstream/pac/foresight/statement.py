"""What the trial promises at a level: bits a trace, against counting pairs, against the best of the automata tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...writers.labels import counted
from ..statistics.betting import CELLS, Spread, limits

LARGEST_FACTOR = 1e6
"""Beyond it a factor is told in bits alone."""
NOTHING = 0.0005
"""Bits that are not worth to be told."""


def foreseen(trial: Mapping[str, Any], share: float) -> dict[str, Any]:
    """Return what may be promised of traces that an automaton has not learned, all of it together at a level.

    Needs nothing but that traces are exchangeable: that their order tells nothing.  How many traces are held hangs on
    their lengths where memory is short, so each number of halvings beyond what is due has a part of the level, together
    less than one.

    Parameters
    ----------
    trial : mapping
        What `flexstream.pac.foresight.trial.tried` returned.
    share : float
        Probability with which any of it may be wrong.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> from flexstream.pac.foresight.trial import tried
    >>> learner = StreamLearner()
    >>> learner.learn_many([["a", "b"], ["c", "c"]] * 500)
    >>> found = foreseen(tried(learner), 0.05)
    >>> abs(found["bits"]["estimate"] - 1.0) < 0.1, found["saved"]["least"] > 0.5
    (True, True)
    """
    others, saved = trial["others"], saving(trial, share)
    bits = _limited(spread_from(trial["bits"]), _level(trial, share))
    behind = [row for _, row in against(trial, share)]
    document = {
        "learned": trial["learned"],
        "tested": trial["tested"],
        "states": trial["states"],
        "bits": bits,
        "saved": {**saved, "factor": min(2.0 ** saved["estimate"], 1e300)},
        "best_of": {
            "automata": 1 + len(others),
            "states": [trial["states"], *(row["states"] for row in others)],
            "behind": max([0.0, *(row["estimate"] for row in behind)]),
            "behind_at_most": max([0.0, *(row["most"] for row in behind)]),
        },
    }
    return document | {"sentence": sentence(document)}


def saving(trial: Mapping[str, Any], share: float) -> dict[str, float]:
    """Return how many bits a trace fewer are taken than by counting pairs, with limits that hold as those of all else.

    It holds together with what `foreseen` and `against` return.
    """
    return _limited(spread_from(trial["saved"]), _level(trial, share))


def against(trial: Mapping[str, Any], share: float) -> list[tuple[int, dict[str, float]]]:
    """Return the states of the automata that compete, and how many bits a trace less each takes, with its limits.

    All of it and what `foreseen` returns hold together at the level.
    """
    level = _level(trial, share)
    return [(row["states"], _limited(spread_from(row["behind"]), level)) for row in trial["others"]]


def _level(trial: Mapping[str, Any], share: float) -> float:
    """Return the part of the level that each limit has."""
    return float(share * 2.0 ** -(2 * trial["halvings"] + 1) / (4 + len(trial["others"])))


def spread_from(document: Mapping[str, Any]) -> Spread:
    """Return what was written of values."""
    masses = np.zeros(CELLS + 1)
    for cell, mass in document["masses"]:
        masses[cell] = mass
    return Spread(document["least"], document["most"], masses, document["variance"])


def _limited(spread: Spread, level: float) -> dict[str, float]:
    low, high = limits(spread, level)
    return {"estimate": spread.mean, "least": low, "most": high, "clipped_at": spread.most}


def sentence(found: Mapping[str, Any]) -> str:
    """Say it for people."""
    bits, saved, best = found["bits"], found["saved"], found["best_of"]
    against = _against_pairs(saved)
    within = (
        ""
        if best["automata"] < 2
        else f", and is the best of {best['automata']:,} automata"
        if best["behind_at_most"] < NOTHING
        else f", and is within {_bits(best['behind_at_most'])} of the best of {best['automata']:,} automata"
    )
    return (
        f"Learned from {found['learned']:,} of the traces, it foretells {_others(found['tested'])} with "
        f"{bits['estimate']:.3g} bits each (from {bits['least']:.3g} to {bits['most']:.3g}){against}{within}"
    )


def measured(found: Mapping[str, Any]) -> str:
    """Say what was measured, where nothing can be promised."""
    bits, saved = found["bits"]["estimate"], found["saved"]["estimate"]
    return (
        f"Learned from the first {found['learned']:,} of the traces, it took {bits:.3g} bits for each of "
        f"{_others(found['tested'])} that came later, where counting pairs took {bits + saved:.3g}"
    )


def _others(tested: int) -> str:
    return f"{tested:,} others" if tested != 1 else counted(tested, "other")


def _bits(value: float) -> str:
    return f"{value:.2g} {'bit' if value == 1 else 'bits'}"


def _against_pairs(saved: Mapping[str, float]) -> str:
    if saved["least"] > 0:
        factor = saved["factor"]
        likelier = f"{factor:.3g}"  # which may be 1 where very many traces prove very little
        times = f", which makes them {likelier} times as likely" if likelier != "1" and factor < LARGEST_FACTOR else ""
        return (
            f", at least {_bits(saved['least'])} fewer than counting pairs takes ({saved['estimate']:.2g} here{times})"
        )
    if saved["most"] < 0:
        return f", at least {_bits(-saved['most'])} more than counting pairs takes ({-saved['estimate']:.2g} here)"
    return (
        f", neither clearly fewer nor clearly more than counting pairs takes ({saved['least']:.2g} to "
        f"{saved['most']:.2g} fewer)"
    )
