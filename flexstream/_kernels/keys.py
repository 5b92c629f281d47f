"""Keys of edges and transitions, many at once: node (or state) in the high half of an int64, symbol in the low one.

The same keys as `make_key`, `key_node` and `key_symbol` of table.py make and read one by one inside kernels; nothing
else in the library knows where in a key its two numbers stand.
"""

from typing import Any

import numpy as np

from .hints import NDArray

_BITS = 32
_LOW = (1 << _BITS) - 1


def make_keys(nodes: NDArray[np.integer[Any]], symbols: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Return the keys of pairs of a node and a symbol, neither negative, shape as the pairs.

    >>> make_keys(np.array([0, 3]), np.array([5, 1], np.int32)).tolist()
    [5, 12884901889]
    """
    return (nodes.astype(np.int64) << _BITS) | symbols


def split_keys(keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the nodes and the symbols of keys.

    >>> nodes, symbols = split_keys(np.array([5, 12884901889]))
    >>> nodes.tolist(), symbols.tolist()
    ([0, 3], [5, 1])
    """
    return keys >> _BITS, keys & _LOW
