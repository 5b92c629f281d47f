"""What a node's sketch counts: the futures of length 1..F that leave it, by code, or all prefixes of its futures."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .jit import columns_type, inline, kernel
from .spacesaving import sketch_prefixes
from .table import chain, mix

END = np.uint64(0xFFFFFFFF)
_PRIME = np.uint64((1 << 61) - 1)
_LOW = np.uint64(0xFFFFFFFF)


class Coding(NamedTuple):
    """How futures become numbers."""

    codes: NDArray[np.uint64]  # symbol: its hash
    multipliers: NDArray[np.uint64]  # MinHash function: x -> (multiplier x + offset) mod 2^61 - 1; empty: no MinHash
    offsets: NDArray[np.uint64]
    minima: NDArray[np.uint64]  # room for a signature
    shingle: int  # symbols in one element of the set that MinHash sees
    prefixes: int  # 1: Space-Saving counts of all prefixes; 0: count-min rows of the futures of each length


CODING = columns_type(Coding)


@inline
def sketch_futures(sketch, coding, symbols, position, stop, visit):
    """Count what leaves a node at a position; a future cut short by the end counts as itself then END."""
    lengths, depth, width = sketch.shape
    if coding.prefixes == 1:
        sketch_prefixes(sketch, coding.codes, END, symbols, position, stop, visit)
        return
    future = np.uint64(0)
    for length in range(lengths):
        future = longer_future(coding, future, symbols, position, position + length, stop)
        for row in range(depth):
            sketch[length, row, cell(future, row, width)] += 1


@inline
def longer_future(coding, future, symbols, start, at, stop):
    """Return the code of a future with what comes at ``at``, given its code without; past the end nothing changes."""
    if at > stop:
        return future
    if len(coding.multipliers) > 0:
        return minhash(coding, symbols, start, at, stop)
    return chain(future, coding.codes[symbols[at]] if at < stop else END)


@inline
def minhash(coding, symbols, start, at, stop):
    """Return the code of the MinHash signature of a future, given that of the future without its last symbol.

    A future is the set of its shingles, runs of a few symbols; one that is no longer is a single shingle.
    """
    shingle = np.uint64(0)
    for position in range(max(start, at - coding.shingle + 1), at + 1):
        shingle = chain(shingle, coding.codes[symbols[position]] if position < stop else END)
    fresh = at - start < coding.shingle
    signature = np.uint64(0)
    for k in range(len(coding.multipliers)):
        value = ((coding.multipliers[k] * (shingle & _LOW) + coding.offsets[k]) % _PRIME) & _LOW
        coding.minima[k] = value if fresh else min(value, coding.minima[k])
        signature = chain(signature, coding.minima[k])
    return signature


@inline
def cell(future, row, width):
    """Return the cell of a future in a row: an independent hash for each row, scaled to the width."""
    scrambled = mix(future + np.uint64(row) * np.uint64(0xD6E8FEB86659FD93))
    return np.int64(((scrambled >> np.uint64(32)) * np.uint64(width)) >> np.uint64(32))


@kernel
def future_cells(codes, ended, depth, width):
    """Return the cell of one future in each row of the sketch of its length."""
    future = np.uint64(0)
    for code in codes:
        future = chain(future, code)
    if ended:
        future = chain(future, END)
    cells = np.empty(depth, np.int64)
    for row in range(depth):
        cells[row] = cell(future, row, width)
    return cells
