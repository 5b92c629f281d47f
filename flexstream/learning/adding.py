"""Adding to what a learner has seen: traces that it encodes, and what another has seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..stream.alphabet import Alphabet
from ..stream.batch import TraceBatch
from ..stream.manner import agreed
from ..summary.columns import fresh
from ..summary.cut import WHOLE
from .journal_chain import Chain

if TYPE_CHECKING:
    from .learner import StreamLearner
    from .observers import Observer


def encoded(
    alphabet: Alphabet, traces: TraceBatch | list[list[str]], start: int, stop: int, ahead: Alphabet | None
) -> TraceBatch:
    """Return some of the traces as a batch; the alphabet then has the symbols that occur by then, and no more.

    Parameters
    ----------
    alphabet : Alphabet
        The learner's, which grows.
    traces : TraceBatch or list of lists of str
    start, stop : int
    ahead : Alphabet or None
        What a batch is encoded with, a copy of the learner's that may have grown since.
    """
    if not isinstance(traces, TraceBatch):
        return TraceBatch.from_texts(traces[start:stop], alphabet)
    part = traces if (start, stop) == (0, len(traces)) else traces.part(start, stop)
    if ahead is not None and len(ahead) > len(alphabet):
        alphabet.follow(ahead, 1 + int(part.symbols.max(initial=-1)))
    return part


def next_batch(
    learner: StreamLearner,
    observers: Iterable[Observer],
    traces: TraceBatch | list[list[str]],
    rows: tuple[int, int],
    ahead: Alphabet | None,
) -> TraceBatch:
    """Return the next traces as a batch, those of some rows, or as many as all observers let be counted at once."""
    known, batch = len(learner.alphabet), encoded(learner.alphabet, traces, *rows, ahead)
    for observer in observers:
        if (reach := observer.ahead(learner, batch)) < len(batch):
            batch = batch.part(0, reach)
            learner.alphabet.forget(max(known, 1 + int(batch.symbols.max(initial=-1))))
    return batch


def count_evidence(learner: StreamLearner, batch: TraceBatch, codes: NDArray[np.uint64]) -> list[NDArray[np.int64]]:
    """Count what of a batch is evidence; return the renumberings of the tree's nodes on the way, -1: gone.

    Where it turns out that the beginning of the stream was none the tree is made anew.
    """
    learner.timed.add(batch)
    learner.drawn.add(batch)
    other = learner.alphabet.other
    veiled = None if other is None else _having(batch, other)
    evidence, anew = learner.repeats.evidence_of(batch, veiled), learner.repeats.counted_anew()
    renumberings = []
    if anew is not None:
        gone = np.full(len(learner.tree), -1)
        gone[0] = 0
        learner.tree.columns, learner.tree.cut = fresh(learner.tree.most_nodes, learner.tree.sketch), WHOLE
        renumberings = [gone, *learner.tree.count(anew, codes)]
    return [*renumberings, *learner.tree.count(evidence, codes)]


def _having(batch: TraceBatch, symbol: int) -> NDArray[np.bool_]:
    """Return which traces of a batch have a symbol."""
    before = np.concatenate([[0], np.cumsum(batch.symbols == symbol)])[batch.offsets]
    return np.asarray(np.diff(before) > 0)


def add(
    learner: StreamLearner, other: StreamLearner, codes: Callable[[], NDArray[np.uint64]]
) -> NDArray[np.int64] | None:
    """Add all that another learner has seen; return the renumbering of the tree's nodes if memory ran short.

    Parameters
    ----------
    learner, other : StreamLearner
    codes : callable
        Returns the hash of each symbol that the learner knows by then, as far as its sketches need it.

    Raises
    ------
    UsageError
        If the two have other parameters than one another, but for the memory.
    """
    learner.settings.check_same(other.settings)
    symbol_map = learner.alphabet.adopt(other.alphabet)
    learner.other_events += other.other_events + lost_symbols(learner, symbol_map, other)
    learner.closed_early += other.closed_early
    learner.reading, learner.chain = agreed(learner.reading, other.reading), _summed(learner)
    renumbering = learner.tree.add(other.tree, symbol_map, codes())
    learner.repeats.add(other.repeats, symbol_map)
    learner.timed.merge(other.timed, symbol_map)
    learner.drawn.merge(other.drawn, symbol_map)
    learner.events += other.events
    return renumbering


def _summed(learner: StreamLearner) -> Chain:
    """Return the chain of a learner to which parts are added: what it decided before is no beginning of the sum's."""
    return Chain.begin(learner.settings.to_dict(), summed=True)


def lost_symbols(learner: StreamLearner, symbol_map: NDArray[np.int32], other: StreamLearner) -> int:
    """Return how many events, as far as the tree of another learner holds them, lose their symbol here.

    Parameters
    ----------
    learner : StreamLearner
        What the other is added to.
    symbol_map : int32 array, shape (the other's alphabet,)
        Ids of its symbols here.
    other : StreamLearner
    """
    if learner.alphabet.other is None:
        return 0
    lost = symbol_map == learner.alphabet.other
    if other.alphabet.other is not None:
        lost[other.alphabet.other] = False  # they had lost theirs before
    return int(other.tree.occurrences(len(lost))[lost].sum())
