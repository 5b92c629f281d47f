"""Halves: how optimistic a calibration is, by automata that know one half of the traces and are asked for the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..automata.optimism import Optimism
from ..stream.batch import TraceBatch
from ..summary.hashes import mixed
from .calibrating import FEWEST

if TYPE_CHECKING:
    from ..stream.alphabet import Alphabet
    from .learner import StreamLearner

_SALT = np.uint64(0x2545F4914F6CDD1D)
ENOUGH = 20
"""Traces for each transition from which on none owes the states enough to tell (benchmarks/quality/rates.py)."""


def optimism_of(drawn: TraceBatch, alphabet: Alphabet, fresh: Callable[[], StreamLearner]) -> Optimism | None:
    """Return how optimistic an automaton's calibration is by traces that it was learned from; None if these are few.

    From a half of them, drawn by a hash of their places, another automaton is learned, and calibrated, in the same way.
    How often the others are strange for it shows what the states owe to the traces that found them.  The same is done
    the other way round: where one half happens to be stranger than the other that is made up for.  Both know less than
    the one that is asked about, so that they are rather more optimistic.

    Parameters
    ----------
    drawn : TraceBatch
    alphabet : Alphabet
        Of these.
    fresh : callable
        Returns a learner that has seen nothing.

    Examples
    --------
    >>> from flexstream import Alphabet, StreamLearner
    >>> alphabet = Alphabet()
    >>> drawn = TraceBatch.from_traces([["load", "run"]] * 400, alphabet)
    >>> optimism_of(drawn, alphabet, StreamLearner)
    Optimism(often=1.0, slope=1.0)
    """
    from ..automata.strangeness import strangeness

    if len(drawn) < 2 * FEWEST:
        return None
    first = (mixed(np.arange(len(drawn), dtype=np.uint64) + _SALT) >> np.uint64(63)).astype(np.bool_)
    shares = []
    for half in (first, ~first):
        learner = fresh()
        learner.learn_many(drawn.chosen(np.flatnonzero(half)), alphabet.copy())
        automaton = learner.answer().calibrated_alone
        if (known := automaton.calibration) is None:
            return None
        asked = drawn.chosen(np.flatnonzero(~half)).recoded(automaton.encode(alphabet.texts))
        strange = strangeness(automaton, known.tallies, asked, known.statistics, known.shared, known.beyond)
        judged = replace(known, dispersion=None).judged(strange)
        shares.append((judged.stranger, judged.p_values))
    return Optimism.of(*(np.concatenate(parts) for parts in zip(*shares, strict=True)))
