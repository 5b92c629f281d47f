"""Slow twins of the fold and of the search: whole graphs are copied, nothing is taken back."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from typing import Any

from .evidence import division, evidence
from .registry import twin
from .trees import Node

Decision = tuple[str, int, int]


@twin("folding.fold_pairs")
def fold(target: Node, source: Node, parent: Node, symbol: str, most: float = math.inf) -> list[tuple[Node, Node]]:
    """Merge source, the child of parent under symbol, into target; return the pairs that met, level by level.

    No more than ``most`` pairs are merged.
    """
    parent.children[symbol] = target
    pairs, done = [(target, source)], 0
    while done < min(len(pairs), most):
        _join(pairs, *pairs[done])
        done += 1
    return pairs


@twin("folding.undo_pairs")
def unfolded(root: Node) -> Node:
    """Return a graph as it is after a fold that will be taken back: a copy, made before."""
    return copy.deepcopy(root)


def _join(pairs: list[tuple[Node, Node]], one: Node, other: Node) -> None:
    """Add one node to another; children that meet join the pairs."""
    one.visits += other.visits
    one.ends += other.ends
    # The newest edge first, as the kernel keeps its lists: of edges that are handed over the last is the newest then.
    for letter in reversed(list(other.counts)):
        one.counts[letter] += other.counts[letter]
        child = other.children.get(letter)
        if child is not None and letter in one.children:
            pairs.append((one.children[letter], child))
        elif child is not None:
            one.children[letter] = child


@twin("heap.sort_by_heap")
def heaviest_first(entries: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return (weight, node) as they come out of a heap: the heaviest first, of equals the smallest number."""
    return sorted(entries, key=lambda entry: (-entry[0], entry[1]))


@twin("search.refine")
def search(
    root: Node,
    base: dict[str | None, float],
    heuristic: Any,
    lost: float,
    unsure: Callable[[Sequence[float]], None] = lambda limits: None,
    most: float = math.inf,
) -> list[Decision]:
    """Search greedily by the heuristic ``evidence``, copying whole graphs for each trial; return the decisions.

    ``lost`` is how far below the best no light node's score is followed; ``unsure`` is shown the numbers of which the
    order decides.  From ``most`` states on nothing becomes one.
    """
    decisions: list[Decision] = []
    reds: list[Node] = []
    blues: dict[int, tuple[Node, Any, str]] = {root.number: (root, None, "")}
    while blues:
        _, number = min((-node.visits, number) for number, (node, _, _) in blues.items())
        node, parent, symbol = blues.pop(number)
        scores: list[float] = []
        folded = node.visits < heuristic.light or len(reds) >= most
        for red in reds:
            floor = heuristic.margin - heuristic.slack
            if folded:
                floor = min(floor, max(scores, default=-math.inf) - lost)
            limit = -math.inf if folded else min(0.0, heuristic.margin) - heuristic.division
            apart = division(red, node)
            unsure([limit, apart])
            score = _trial(root, red, node, parent, symbol, base, heuristic.strength, floor)
            first = evidence(red, node, base, heuristic.strength)
            scores.append(min(score, apart + heuristic.division) if first >= floor and apart < limit else score)
        least = -math.inf if folded else heuristic.margin - 1e-9
        unsure([heuristic.margin, *(score for score in scores if score >= least)])
        best = max(range(len(reds)), key=lambda index: scores[index], default=None)
        if best is not None and (scores[best] > heuristic.margin or folded):
            decisions.append(("merge", number, reds[best].number))
            fold(reds[best], node, parent, symbol)
        else:
            decisions.append(("promote", number, -1))
            reds.append(node)
        known = {id(red) for red in reds}
        blues = {
            child.number: (child, red, letter)
            for red in reds
            for letter, child in red.children.items()
            if id(child) not in known
        }
    return decisions


def _trial(  # type: ignore[no-untyped-def]
    root: Node, red: Node, node: Node, parent: Any, symbol: str, base, strength: float, floor: float
) -> float:
    """Return the score of a merge, tried on a deep copy."""
    memo: dict[int, Any] = {}
    copy.deepcopy(root, memo)
    memo[id(parent)].children[symbol] = memo[id(red)]
    pairs, done, total = [(memo[id(red)], memo[id(node)])], 0, 0.0
    while done < len(pairs):
        total += evidence(*pairs[done], base, strength)
        if total < floor:
            return total
        _join(pairs, *pairs[done])
        done += 1
    return total


def shape(root: Node) -> list[tuple[int, int, dict[str, int], dict[str, int]]]:
    """Return the graph below a node in a canonical form: its states in the order of a walk by symbol."""
    numbers, order, at = {id(root): 0}, [root], 0
    while at < len(order):
        node = order[at]
        at += 1
        for symbol in sorted(node.children):
            child = node.children[symbol]
            if id(child) not in numbers:
                numbers[id(child)] = len(order)
                order.append(child)
    return [(n.visits, n.ends, dict(n.counts), {s: numbers[id(c)] for s, c in n.children.items()}) for n in order]
