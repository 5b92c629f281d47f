"""Slow twins of what is done with a whole tree: lists, dictionaries, recursion."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .hashing import chain, mix
from .registry import twin

if TYPE_CHECKING:
    from flexstream.stream.alphabet import Alphabet
    from flexstream.summary.tree import PrefixTree

MASK = (1 << 64) - 1
END_CODE = 0xFFFFFFFF
Path = tuple[str, ...]


@dataclass
class Node:
    """A node of a prefix tree, or of a fold."""

    number: int = 0
    visits: int = 0
    ends: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    children: dict[str, Node] = field(default_factory=dict)
    futures: Counter[tuple[str | None, ...]] = field(default_factory=Counter)
    tails: dict[str, list[Sequence[str]]] = field(default_factory=dict)
    longest: int = 0
    """Up to which length futures are counted."""


@twin("growth.count_traces")
def grow(traces: Iterable[Sequence[str]], grow_at: int = 1, reach: float = math.inf, futures: int = 0) -> Node:
    """Count traces into a prefix tree."""
    root, made = Node(longest=futures), 1
    for trace in traces:
        node = root
        for position, symbol in enumerate([*trace, None]):
            _visit(node, trace[position:])
            if symbol is None:
                break
            if symbol not in node.children:
                if node.visits < grow_at or position >= reach:
                    node.tails.setdefault(symbol, []).append(trace[position + 1 :])
                    break
                child = node.children[symbol] = Node(made, longest=futures)
                made += 1
                for tail in reversed(node.tails.pop(symbol, [])):
                    _visit(child, tail)
                    if tail:
                        child.tails.setdefault(tail[0], []).append(tail[1:])
            node = node.children[symbol]
    return root


def _visit(node: Node, rest: Sequence[str]) -> None:
    """Count that a trace with this rest came by."""
    node.visits += 1
    ending = (*rest, None)
    for length in range(1, node.longest + 1):
        node.futures[(length, *ending[:length])] += 1  # type: ignore[index]
    if rest:
        node.counts[rest[0]] += 1
    else:
        node.ends += 1


@twin("growth.grow_tails")
def grow_near(node: Node, levels: int) -> None:
    """Give every edge of the first levels that has tails a child, to which they move."""
    if levels <= 0:
        return
    for symbol in list(node.tails):
        _sprout(node, symbol)
    for child in node.children.values():
        grow_near(child, levels - 1)


@twin("addition.add_tree")
def add(node: Node, other: Node) -> None:
    """Add the counts and tails of another tree, node by node; what only one of them had grown is grown."""
    node.visits += other.visits
    node.ends += other.ends
    node.futures += other.futures
    for symbol, number in other.counts.items():
        if symbol in other.children and symbol not in node.children:
            _sprout(node, symbol)
        node.counts[symbol] += number
        for tail in other.tails.get(symbol, []):
            if symbol in node.children:
                _place(node.children[symbol], tail)
            else:
                node.tails.setdefault(symbol, []).append(tail)
        if symbol in other.children:
            add(node.children[symbol], other.children[symbol])


@twin("addition.close_growth")
def close(node: Node, grow_at: int, reach: float = math.inf, level: int = 0) -> None:
    """Give every edge with tails a child, to which they move, where its node has the visits and lies within reach."""
    if node.visits >= grow_at and level < reach:
        for symbol in list(node.tails):
            _sprout(node, symbol)
    for child in node.children.values():
        close(child, grow_at, reach, level + 1)


@twin("addition.add_same")
def add_beside(node: Node, other: Node) -> None:
    """Add another tree that began as this one: nothing else than to add any tree, path by path."""
    add(node, other)


@twin("addition.find_owners")
def owners(lists: dict[int, list[int]], tails: int) -> list[int]:
    """Return the edge on which each tail hangs, -1 for none, given those of each edge."""
    found = [-1] * tails
    for edge, hanging in lists.items():
        for tail in hanging:
            found[tail] = edge
    return found


def _sprout(node: Node, symbol: str) -> None:
    node.children[symbol] = Node(longest=node.longest)
    for tail in node.tails.pop(symbol, []):
        _place(node.children[symbol], tail)


def _place(node: Node, rest: Sequence[str]) -> None:
    """Count the rest of a trace from a node on, down to where the tree has not grown."""
    _visit(node, rest)
    if not rest:
        return
    if rest[0] in node.children:
        _place(node.children[rest[0]], rest[1:])
    else:
        node.tails.setdefault(rest[0], []).append(rest[1:])


@twin("growth.compact_tails")
def packed(tails: Sequence[Sequence[int]]) -> tuple[list[int], list[tuple[int, int]]]:
    """Return tails one behind the other, and from where to where each of them goes."""
    store: list[int] = []
    bounds = []
    for tail in tails:
        bounds.append((len(store), len(store) + len(tail)))
        store += tail
    return store, bounds


@twin("growth.relink")
def lists(owners: Sequence[int]) -> dict[int, list[int]]:
    """Return the edges of each node, the newest first."""
    found: dict[int, list[int]] = {}
    for edge, node in enumerate(owners):
        found.setdefault(node, []).insert(0, edge)
    return found


@twin("folding.enter_children")
def entries(children: Sequence[int], nodes: int) -> list[int]:
    """Return for each node the edge that leads to it, -1 if none does."""
    return [children.index(node) if node in children else -1 for node in range(nodes)]


@twin("states.place_nodes")
def levels_below(parents: Sequence[int], reds: Iterable[int]) -> list[int]:
    """Return how far each node lies below the nearest red one; the root counts as red."""
    red = {0, *reds}

    def level(node: int) -> int:
        return 0 if node in red else level(parents[node]) + 1

    return [level(node) for node in range(len(parents))]


@twin("states.nearest_below")
def least_levels(parents: Sequence[int], levels: Sequence[int]) -> list[int]:
    """Return the least level among each node and all that hang on it."""
    found = list(levels)
    for node, level in enumerate(levels):
        above = node
        while above > 0:
            above = parents[above]
            found[above] = min(found[above], level)
    return found


def facts(node: Node, path: Path = ()) -> dict[Path, tuple[int, int, dict[str, int], bool]]:
    """Return what every node knows, by its path."""
    found = {path: (node.visits, node.ends, dict(node.counts), bool(node.children))}
    for symbol, child in node.children.items():
        found |= facts(child, (*path, symbol))
    return found


def facts_of(tree: PrefixTree, alphabet: Alphabet) -> dict[Path, tuple[int, int, dict[str, int], bool]]:
    """Return the same of a real tree."""
    columns, found = tree.columns, {}
    for node in range(len(tree)):
        counts = {alphabet.text(symbol): count for symbol, count in tree.counts_of(node).items()}
        grown = any(columns.child[edge] >= 0 for edge in tree.edges_of(node))
        path = tuple(alphabet.text(symbol) for symbol in tree.path(node))
        found[path] = (int(columns.visits[node]), int(columns.ends[node]), counts, grown)
    return found


# --- sketches of futures -------------------------------------------------------------------------------------------


def cell(future: int, row: int, width: int) -> int:
    """Return the cell of the code of a future in one row of a sketch."""
    return ((mix((future + row * 0xD6E8FEB86659FD93) & MASK) >> 32) * width) >> 32


@twin("futures.future_cells")
def future_cell(codes: Sequence[int], row: int, width: int) -> int:
    """Return the cell of a future in one row of a sketch."""
    return cell(chain(codes), row, width)


@twin("future_lists.list_futures")
def all_futures(node: Node, codes: dict[str | None, int], depth: int, width: int) -> Counter[tuple[int, ...]]:
    """Count the futures of a node and of all below it, by length - 1 and cells; nodes must have counted futures."""
    found: Counter[tuple[int, ...]] = Counter()
    for (length, *future), times in node.futures.items():
        cells = [future_cell([codes[symbol] for symbol in future], row, width) for row in range(depth)]
        found[(length - 1, *cells)] += times  # type: ignore[operator]
    for child in node.children.values():
        found += all_futures(child, codes, depth, width)
    return found


def sketches(
    node: Node, codes: Callable[[str | None], int], depth: int, width: int, path: Path = ()
) -> dict[Path, list[list[list[int]]]]:
    """Return the sketch of every node, by its path: cells of rows of lengths."""
    sketch = [[[0] * width for _ in range(depth)] for _ in range(node.longest)]
    for (length, *future), times in node.futures.items():
        for row in range(depth):
            sketch[length - 1][row][future_cell([codes(symbol) for symbol in future], row, width)] += times  # type: ignore[operator]
    found = {path: sketch}
    for symbol, child in node.children.items():
        found |= sketches(child, codes, depth, width, (*path, symbol))
    return found


def sketches_of(tree: PrefixTree, alphabet: Alphabet) -> dict[Path, list[list[list[int]]]]:
    """Return the same of a real tree."""
    paths = [tuple(alphabet.text(symbol) for symbol in tree.path(node)) for node in range(len(tree))]
    return {path: tree.columns.sketch[node].tolist() for node, path in enumerate(paths)}


@twin("recall.recall_futures")
def recall(tree: PrefixTree, codes: Sequence[int], likely: Sequence[int]) -> list[tuple[int, int, int, dict[int, int]]]:
    """Return edge, visits, ends and next-symbol counts of the nodes that sketches remember below a tree's leaves."""
    columns, edges = tree.columns, tree.edges
    waiting: list[tuple[int, int, int, list[int]]] = []  # edge, its events, node with the sketch, future
    for edge in range(edges):
        if columns.child[edge] < 0 and columns.counts[edge] >= 2:
            node, symbol = divmod(int(columns.keys[edge]), 1 << 32)
            waiting.append((edge, int(columns.counts[edge]), node, [codes[symbol]]))
    found, made = [], edges
    for edge, events, owner, future in waiting:  # grows on the way
        sketch = columns.sketch[owner].tolist()
        rough = {symbol: _share(sketch, [*future, codes[symbol]]) for symbol in likely}
        ends = _share(sketch, [*future, END_CODE])
        total = ends
        for estimated in rough.values():
            total += estimated
        scale = events / total if total > events else 1.0
        counts = {symbol: int(estimated * scale + 0.5) for symbol, estimated in rough.items()}
        counts = {symbol: count for symbol, count in counts.items() if count}
        stopped = int(ends * scale + 0.5)
        found.append((edge, stopped + sum(counts.values()), stopped, counts))
        for symbol, count in counts.items():
            if count >= 2 and len(future) + 1 < len(sketch):
                waiting.append((made, count, owner, [*future, codes[symbol]]))
            made += 1
    return found


def _share(sketch: Sequence[Sequence[Sequence[int]]], future: Sequence[int]) -> float:
    """Return how often a future was counted: the least cell without the mean of the cells of others."""
    rows = sketch[len(future) - 1]
    least = min(cells[future_cell(future, row, len(cells))] for row, cells in enumerate(rows))
    return max(0.0, least - (sum(rows[0]) - least) / max(1, len(rows[0]) - 1))
