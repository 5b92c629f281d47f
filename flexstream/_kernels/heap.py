"""A binary heap of (weight, node): the heaviest first, of equals the node with the smallest number."""

from __future__ import annotations

from .jit import inline


@inline
def before(weights, nodes, a, b):
    """Tell whether entry a comes out before entry b."""
    return weights[a] > weights[b] or (weights[a] == weights[b] and nodes[a] < nodes[b])


@inline
def swap(weights, nodes, a, b):
    """Exchange two entries."""
    weights[a], weights[b] = weights[b], weights[a]
    nodes[a], nodes[b] = nodes[b], nodes[a]


@inline
def heap_push(weights, nodes, size, weight, node):
    """Enter (weight, node) into a heap of ``size`` entries."""
    at = size
    weights[at], nodes[at] = weight, node
    while at > 0 and before(weights, nodes, at, (at - 1) // 2):
        swap(weights, nodes, at, (at - 1) // 2)
        at = (at - 1) // 2


@inline
def heap_pop(weights, nodes, size):
    """Take the first entry out of a heap of ``size`` entries and return it."""
    weight, node = weights[0], nodes[0]
    last = size - 1
    weights[0], nodes[0] = weights[last], nodes[last]
    at = 0
    while True:
        least = at
        for kid in (2 * at + 1, 2 * at + 2):
            if kid < last and before(weights, nodes, kid, least):
                least = kid
        if least == at:
            return weight, node
        swap(weights, nodes, at, least)
        at = least
