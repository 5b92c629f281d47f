"""Layers of a graph: how far down each node stands, once the arrows that lead back are set aside.

The first two steps of Sugiyama, Tagawa & Toda, "Methods for visual understanding of hierarchical system structures",
IEEE Transactions on Systems, Man, and Cybernetics 11, 1981.
"""

from __future__ import annotations

from collections.abc import Sequence

Arrow = tuple[int, int]


def backward(size: int, arrows: Sequence[Arrow]) -> set[int]:
    """Return the positions of arrows that lead back, found by a search in depth that takes earlier arrows first.

    Without them, and without loops, no way leads from a node to itself.

    Examples
    --------
    >>> backward(3, [(0, 1), (1, 2), (2, 0), (2, 2)])
    {2}
    """
    leaving: list[list[int]] = [[] for _ in range(size)]
    for number, (source, target) in enumerate(arrows):
        if source != target:
            leaving[source].append(number)
    found: set[int] = set()
    open_, done = [False] * size, [False] * size
    for root in range(size):
        path = [] if done[root] else [(root, iter(leaving[root]))]
        open_[root] = bool(path)
        while path:
            node, rest = path[-1]
            number = next(rest, -1)
            if number < 0:
                open_[node], done[node] = False, True
                path.pop()
                continue
            target = arrows[number][1]
            if open_[target]:
                found.add(number)
            elif not done[target]:
                open_[target] = True
                path.append((target, iter(leaving[target])))
    return found


def layers(size: int, arrows: Sequence[Arrow]) -> list[int]:
    """Return the layer of each node, from 0: one more than the last of those with arrows to it, back ones excepted.

    Examples
    --------
    >>> layers(4, [(0, 1), (1, 2), (0, 2), (2, 0), (2, 3)])
    [0, 1, 2, 3]
    """
    back = backward(size, arrows)
    leaving: list[list[int]] = [[] for _ in range(size)]
    entering = [0] * size
    for number, (source, target) in enumerate(arrows):
        if source != target and number not in back:
            leaving[source].append(target)
            entering[target] += 1
    found, ready = [0] * size, [node for node in range(size) if not entering[node]]
    while ready:
        node = ready.pop()
        for target in leaving[node]:
            found[target] = max(found[target], found[node] + 1)
            entering[target] -= 1
            if not entering[target]:
                ready.append(target)
    return found
