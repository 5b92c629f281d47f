"""The trial: an automaton is learned from the first half of the traces drawn, and tested on the second half.

Nothing is set aside in the stream: the automaton that is written has learned all of it.  The trial tells what one that
knows less is worth on traces that it does not know.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...automata.pdfa import PDFA
from ...merging.evidence_kind import EvidenceKind
from ...ordered import quantile
from ...stream.batch import TraceBatch
from ...summary.drawn import MOST
from ..statistics.betting import Spread, spread_of
from .pairs import pair_bits

if TYPE_CHECKING:
    from ...learning.answer import Answer
    from ...learning.learner import StreamLearner

FEWEST = 40
"""Traces without which nothing is tried: of fewer nothing of use can be promised."""
WORTHS = 1e-3, 1e-2, 1e-1
"""Nats per event that a state has to save in the automata that compete with the one that is written."""
MOST_BITS = 2.0**20
"""Of one trace: what is impossible without smoothing."""
DIGITS = 6
LEAST_RANGE = 2.0**-10
WITHIN = 0.99
"""Part of the traces learned whose values are not clipped."""


def tried(learner: StreamLearner) -> dict[str, Any] | None:
    """Return how traces are foretold that were not learned, as JSON values; None where there are too few to try.

    All that is chosen is chosen by the traces learned: the automata, into which range values are clipped, and how much
    they are thought to vary.

    Parameters
    ----------
    learner : StreamLearner
        It is left as it is.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> learner = StreamLearner()
    >>> learner.learn_many([["a", "b"], ["c", "c"]] * 500)
    >>> found = tried(learner)
    >>> found["learned"], found["tested"], round(found["bits"]["variance"], 2)
    (500, 500, 0.0)
    """
    held = learner.drawn.held()
    drawn = TraceBatch(held.symbols, held.offsets)  # times foretell nothing
    if len(drawn) < FEWEST or getattr(learner, "plan", None) is not None:
        return None
    half = len(drawn) // 2
    other = learner.clone()
    learned = drawn.part(0, half)
    other.learn_many(learned, learner.alphabet.copy())
    answer = other.answer()
    automaton = answer.automaton_alone
    ids = automaton.encode(learner.alphabet.texts)
    known, asked = (part.recoded(ids) for part in (learned, drawn.part(half, len(drawn))))
    own = [_bits(automaton, batch) for batch in (known, asked)]
    pairs = [np.minimum(bits, MOST_BITS) for bits in pair_bits(known, (known, asked), automaton.smoothing)]
    others = _others(answer, other.settings.ensemble, known, asked)
    return {
        "learned": half,
        "tested": len(drawn) - half,
        "states": len(automaton),
        "halvings": _halvings(learner.drawn.seen, learner.drawn.one_in),
        "bits": _positive(*own),
        "saved": _either(pairs[0] - own[0], pairs[1] - own[1]),
        "others": [
            {"states": states, "behind": _either(own[0] - bits, own[1] - more)} for states, bits, more in others
        ],
    }


def _bits(automaton: PDFA, batch: TraceBatch) -> NDArray[np.float64]:
    return np.minimum(-automaton.score_batch(batch)[0], MOST_BITS)


def _others(
    answer: Answer, members: int, known: TraceBatch, asked: TraceBatch
) -> list[tuple[int, NDArray[np.float64], NDArray[np.float64]]]:
    """Return states and bits of the automata that compete: other members of an ensemble, or smaller ones."""
    if members > 1:
        automata = [one for one in answer.alone if one is not answer.automaton_alone]
    elif answer.heuristic.evidence_kind is EvidenceKind.BAYES_FACTOR:
        automata = list(answer.smaller(WORTHS))
    else:
        automata = []
    found, seen = [], {_bits(answer.automaton_alone, known).tobytes()}
    for automaton in automata:
        bits = _bits(automaton, known)
        if bits.tobytes() not in seen:  # of two that say the same one is enough
            seen.add(bits.tobytes())
            found.append((len(automaton), bits, _bits(automaton, asked)))
    return found


def _halvings(seen: int, one_in: int) -> int:
    """Return how many more halvings than their number asks for brought the traces into the memory."""
    return abs(int(math.log2(one_in)) - math.ceil(math.log2(max(1.0, seen / MOST))))


def _positive(known: NDArray[np.float64], asked: NDArray[np.float64]) -> dict[str, Any]:
    return _document(spread_of(asked, 0.0, _range(known), float(known.var())))


def _either(known: NDArray[np.float64], asked: NDArray[np.float64]) -> dict[str, Any]:
    most = _range(known)
    return _document(spread_of(asked, -most, most, float(known.var())))


def _range(known: NDArray[np.float64]) -> float:
    """Return the power of two from which on values are clipped."""
    return float(2.0 ** math.ceil(math.log2(max(LEAST_RANGE, quantile(np.abs(known), WITHIN)))))


def _document(spread: Spread) -> dict[str, Any]:
    masses = [[cell, round(mass, DIGITS)] for cell, mass in enumerate(spread.masses.tolist()) if mass]
    return {"least": spread.least, "most": spread.most, "variance": round(spread.variance, DIGITS), "masses": masses}
