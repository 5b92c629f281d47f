"""An automaton laid out for walking traces through it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .._kernels.keys import make_keys
from .._kernels.scoring import NGramColumns, ScoreColumns
from .._kernels.table import rebuild

if TYPE_CHECKING:
    from .ngram import NGram
    from .pdfa import PDFA


def score_columns(automaton: PDFA) -> ScoreColumns:
    """Return an automaton, and its n-gram if it has one, as kernels take them."""
    smoothing = automaton.smoothing
    keys = make_keys(automaton.sources, automaton.edge_symbols)
    shares = bits_of(smoothing.base)
    return ScoreColumns(
        keys=keys,
        targets=automaton.targets,
        bits=bits_of(automaton.probabilities),
        slots=_slots(keys),
        stop_bits=bits_of(automaton.stop_probabilities),
        rare_bits=bits_of(automaton.rest / automaton.mass),
        base_bits=shares[2:],
        fallback=smoothing.fallback.copy(),
        unknown_bits=shares[1:2],
        shares=automaton.ngram_shares,
        ngram=no_ngram() if automaton.ngram is None else ngram_columns(automaton.ngram),
    )


def ngram_columns(ngram: NGram) -> NGramColumns:
    """Return an n-gram as kernels take it."""
    keys = make_keys(ngram.sources, ngram.outcomes)
    return NGramColumns(
        keys=keys,
        targets=ngram.targets,
        chances=ngram.probabilities,
        slots=_slots(keys),
        parents=ngram.parents,
        escapes=ngram.escapes,
        lowest=1 / (ngram.alphabet + 2),
        start=ngram.start,
    )


def no_ngram() -> NGramColumns:
    """Return what stands for an n-gram where there is none."""
    keys, ids, shares = np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0)
    return NGramColumns(keys, ids, shares, ids, ids, shares, 1.0, 0)


def _slots(keys: NDArray[np.int64]) -> NDArray[np.int32]:
    slots = np.empty(1 << max(3, (2 * len(keys)).bit_length()), np.int32)
    rebuild(slots, keys, len(keys))
    return slots


def bits_of(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the surprise of outcomes in bits, infinite where one is impossible."""
    with np.errstate(divide="ignore"):
        return -np.log2(probabilities)
