"""An automaton laid out for walking traces through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.hints import EDGE, NODE, TAIL
from .._kernels.keys import make_keys
from .._kernels.rows import side_by_side
from .._kernels.scoring import (
    NGramColumns,
    ScoreColumns,
    batch_chances,
    event_bits,
    fill_outcomes,
    interpolate,
    walk_traces,
)
from .._kernels.table import rebuild

if TYPE_CHECKING:
    from ..stream.batch import TraceBatch
    from .ngram import NGram
    from .pdfa import PDFA

PAIRS = 1 << 17
"""States times symbols up to which each pair has a row, so that none is searched."""


def score_columns(automaton: PDFA, pairs: int = PAIRS) -> ScoreColumns:
    """Return an automaton, and its n-gram if it has one, as kernels take them.

    Parameters
    ----------
    automaton : PDFA
    pairs : int
        Up to so many pairs of state and symbol, each has a row.
    """
    smoothing, shares = automaton.smoothing, automaton.ngram_shares
    left = 1.0 if automaton.ngram is None else 1.0 - shares
    rare, base = left * automaton.rest / automaton.mass, smoothing.base[2:]
    each = len(automaton) * len(base) <= pairs
    keys = np.empty(0, np.int64) if each else make_keys(automaton.sources, automaton.edge_symbols)
    return ScoreColumns(
        **(_of_pairs if each else _of_transitions)(automaton, rare, base),
        each=each,
        keys=keys,
        slots=table_of(keys),
        stops=left * automaton.stop_probabilities,
        rare=rare,
        base=base,
        fallback=smoothing.fallback.copy(),
        unknown=float(smoothing.base[1]),
        shares=shares,
        ngram=no_ngram() if automaton.ngram is None else ngram_columns(automaton.ngram, pairs),
    )


def _of_pairs(automaton: PDFA, rare: NDArray[np.float64], base: NDArray[np.float64]) -> dict[str, NDArray[Any]]:
    """Return what a row for each state and symbol holds."""
    states, symbols = len(rare), len(base)
    rows = side_by_side(ScoreColumns, EDGE, states * symbols)
    row = automaton.sources * symbols + automaton.edge_symbols
    rows["chances"][: states * symbols] = np.multiply.outer(rare, base).ravel()
    rows["targets"][: states * symbols] = np.tile(automaton.smoothing.fallback, states)
    rows["chances"][row], rows["targets"][row], rows["known"][row] = _chances(automaton), automaton.targets, 1
    return rows


def _of_transitions(automaton: PDFA, *_: NDArray[np.float64]) -> dict[str, NDArray[Any]]:
    """Return what a row for each transition holds."""
    rows, edges = side_by_side(ScoreColumns, EDGE, len(automaton.targets)), len(automaton.targets)
    rows["chances"][:edges], rows["targets"][:edges], rows["known"][:edges] = _chances(automaton), automaton.targets, 1
    return rows


def _chances(automaton: PDFA) -> NDArray[np.float64]:
    """Return the probabilities of transitions beside the n-gram's share."""
    if automaton.ngram is None:
        return automaton.probabilities
    return (1.0 - automaton.ngram_shares)[automaton.sources] * automaton.probabilities


def ngram_columns(ngram: NGram, pairs: int = PAIRS) -> NGramColumns:
    """Return an n-gram as kernels take it; up to so many pairs of context and outcome, each has a place."""
    size, rows, width = len(ngram), len(ngram.sources), ngram.alphabet + 2
    width = width if size * width <= pairs else 0
    contexts, outcomes = side_by_side(NGramColumns, NODE, size + 1), side_by_side(NGramColumns, EDGE, rows)
    places = side_by_side(NGramColumns, TAIL, size * width)
    contexts["first"][: size + 1] = np.searchsorted(ngram.sources, np.arange(size + 1))
    contexts["parents"][:size], contexts["escapes"][:size] = ngram.parents, ngram.escapes
    outcomes["symbols"][:rows], outcomes["targets"][:rows] = ngram.outcomes, ngram.targets
    outcomes["chances"][:rows] = ngram.own_shares
    found = NGramColumns(
        **contexts, **outcomes, **places, lowest=1 / (ngram.alphabet + 2), start=ngram.start, width=width
    )
    interpolate(found)
    if width:
        fill_outcomes(found)
    return found


def no_ngram() -> NGramColumns:
    """Return what stands for an n-gram where there is none."""
    rows = {kind: side_by_side(NGramColumns, kind, 1) for kind in (NODE, EDGE, TAIL)}
    return NGramColumns(**rows[NODE], **rows[EDGE], **rows[TAIL], lowest=1.0, start=0, width=0)


def no_automaton() -> ScoreColumns:
    """Return what stands for an automaton where there is none."""
    none, ids, keys = np.zeros(1), np.zeros(1, np.int32), np.empty(0, np.int64)
    rows = side_by_side(ScoreColumns, EDGE, 1)
    return ScoreColumns(
        **rows,
        each=True,
        keys=keys,
        slots=table_of(keys),
        stops=none,
        rare=none,
        base=none,
        fallback=ids,
        unknown=0.0,
        shares=none[:0],
        ngram=no_ngram(),
    )


def table_of(keys: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return a table from keys of transitions to their rows, see :mod:`flexstream._kernels.table`."""
    slots = np.empty(1 << max(3, (2 * len(keys)).bit_length()), np.int32)
    rebuild(slots, keys, len(keys))
    return slots


def chances_of(automaton: PDFA, batch: TraceBatch, chances: NDArray[np.float64], known: NDArray[np.bool_]) -> None:
    """Fill the probability of each event and end of a batch, as :meth:`PDFA.bits_of` fills bits."""
    batch_chances(automaton._columns, batch.symbols, batch.offsets, chances, known)


def into_bits(chances: NDArray[np.float64]) -> None:
    """Turn probabilities into surprises in bits, infinite where one is 0, in place."""
    with np.errstate(divide="ignore"):
        np.log2(chances, out=chances)
    np.negative(chances, out=chances)


def walk_batch(automaton: PDFA, batch: TraceBatch) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the surprise in bits of each event and end of a batch, trace by trace, and the states before them."""
    size = batch.events + len(batch)
    bits, states = np.empty(size), np.empty(size, np.int64)
    walk_traces(automaton._columns, batch.symbols, batch.offsets, bits, states)
    return bits, states


def walk(automaton: PDFA, ids: NDArray[np.int32]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Return the surprise in bits of each event of a trace and of the end, those of an end there, and the states."""
    bits, ends = np.empty((2, len(ids) + 1))
    states = np.empty(len(ids) + 1, np.int64)
    event_bits(automaton._columns, ids, bits, ends, states)
    return bits, ends, states
