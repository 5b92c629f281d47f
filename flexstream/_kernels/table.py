"""The open-addressing table from (node, symbol) to edge, and the hash functions.

An edge's key is one int64, node in the high half and symbol in the low half, kept in the edge's own column; a
slot holds only the edge's number.  Linear probing, load at most one half.  Entries are never deleted one by one
except the newest first (the undo of a fold), which linear probing allows exactly.
"""

from __future__ import annotations

import numpy as np

from .jit import hot, inline, kernel

FREE = -1
_LOW = np.int64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@hot
def mix(x):
    """Scramble 64 bits (the finaliser of SplitMix64: Steele, Lea & Flood, OOPSLA 2014)."""
    x = np.uint64(x)
    x = (x ^ (x >> np.uint64(30))) * _M1
    x = (x ^ (x >> np.uint64(27))) * _M2
    return x ^ (x >> np.uint64(31))


@inline
def chain(running, symbol):
    """Extend the hash of a string by one symbol; every bit of both goes into every bit of the result."""
    return mix(running * _GOLDEN + np.uint64(symbol) + np.uint64(1))


@hot
def make_key(node, symbol):
    """Return the key of (node, symbol)."""
    return (np.int64(node) << np.int64(32)) | np.int64(symbol)


@hot
def key_node(key):
    """Return the node of a key."""
    return np.int64(key) >> np.int64(32)


@hot
def key_symbol(key):
    """Return the symbol of a key."""
    return np.int64(key) & _LOW


@hot
def home_slot(slots, key):
    """Return the slot where the search for a key begins; eight symbols of a node stand side by side."""
    return (mix(key >> np.int64(3)) + np.uint64(key & np.int64(7))) & np.uint64(len(slots) - 1)


@hot
def find_slot(slots, keys, key):
    """Return the slot that holds the key, or the free one where it belongs."""
    mask = np.uint64(len(slots) - 1)
    slot = home_slot(slots, key)
    while True:
        edge = slots[slot]
        if edge == FREE or keys[edge] == key:
            return np.int64(slot)
        slot = (slot + np.uint64(1)) & mask


@kernel
def rebuild(slots, keys, edges):
    """Clear the table and enter the first ``edges`` keys."""
    slots[:] = FREE
    for edge in range(edges):
        slots[find_slot(slots, keys, keys[edge])] = edge
