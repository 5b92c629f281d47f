"""PrefixTree: the additive summary of a stream."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .._kernels.growth import (
    EDGES,
    FREED,
    LOST_EVENTS,
    LOST_TAILS,
    NODES,
    SIZES,
    STORED,
    TAILS,
    WANTED,
    GrowthRules,
    TreeColumns,
    add_tree,
    compact_tails,
    count_traces,
    grow_tails,
    relink,
)
from .._kernels.rows import EDGE, NODE, TAIL, layout, names_of, side_by_side
from .._kernels.states import nearest_below
from ..budget import format_memory
from ..errors import UsageError
from ..stream.batch import TraceBatch
from .sketch import NO_SKETCH, AnyShape, coding

UNLIMITED = np.iinfo(np.int64).max
_SPARE = 0.7  # share of its room that a tree keeps when it gives something up
_SMALL = 1 << 13  # rows below which copying the columns costs more than room for many
_MOST = 1 << 40  # visits that no node reaches
CACHED = 4 << 20
"""Bytes for nodes and edges of a tree that is kept near the states, so that they stay in the processor's cache ..."""
SURE = 3
"""... if what lies within so many levels below red nodes fits into 70 % of it; else more."""
NEAREST = 2
"""Levels below a red node that are given up only for lack of any other: enough to compare a blue node and its children
with a red one and its."""
_NODE_COLUMNS = (*names_of(TreeColumns, NODE), "sketch")
_EDGE_COLUMNS, _TAIL_COLUMNS = names_of(TreeColumns, EDGE), names_of(TreeColumns, TAIL)
_NODE_BYTES, _EDGE_BYTES, _TAIL_BYTES = (layout(TreeColumns, kind).itemsize for kind in (NODE, EDGE, TAIL))


class PrefixTree:
    """Counts of all prefixes of a stream, as far as they have grown; only ever added to, never merged.

    A node counts its visits, the traces that ended there, the next symbols (its edges) and, if asked to, sketches
    of the futures that left it.  A child is made once its parent has ``grow_at`` visits and lies within ``reach``
    levels of a red node of the last refinement; what goes further down is kept as tails, plain symbols, and moves
    into the tree as it grows.  ``room`` is shared half and half: where tails would pass theirs they are given up;
    where nodes and edges would, the lightest nodes are given up, ``grow_at`` doubles, and an edge must have gathered
    more events before it grows.

    Parameters
    ----------
    sketch : SketchShape or PrefixSketchShape
        Size of the sketches of each node.
    grow_at : int
        Visits a node needs before it gets children, >= 1.
    reach : int or None
        Levels below a red node at which growth stops, >= 1; None grows everywhere.
    room : int or None
        Bytes for the columns; None for no limit.
    nodes : int or None
        Most nodes, >= 2; None for no limit but ``room``.
    keep_tails : bool
        Whether tails are kept; without them a node counts only what came after its birth.

    Examples
    --------
    >>> from flexstream import Alphabet
    >>> alphabet = Alphabet()
    >>> tree = PrefixTree(grow_at=1)
    >>> _ = tree.count(TraceBatch.from_traces([["a", "b"], ["a"], []], alphabet))
    >>> len(tree), tree.traces, tree.counts_of(0)
    (3, 3, {0: 2})
    """

    def __init__(
        self,
        sketch: AnyShape = NO_SKETCH,
        grow_at: int = 2,
        reach: int | None = None,
        room: int | None = None,
        nodes: int | None = None,
        keep_tails: bool = True,
    ) -> None:
        if grow_at < 1 or (reach is not None and reach < 1) or (room is not None and room < 0):
            raise UsageError("grow_at and reach must be at least 1, room at least 0")
        if nodes is not None and nodes < 2:
            raise UsageError(f"a tree of at most {nodes} nodes (expected: at least 2)")
        if room is not None and 64 * sketch.bytes_per_node > room:
            raise UsageError(
                f"sketches of {format_memory(sketch.bytes_per_node)} a node do not fit into {format_memory(room)} for "
                f"the tree (expected: smaller sketches, or more memory)"
            )
        self.sketch = sketch
        longest = (UNLIMITED if room is None else room // 16 - 1) if keep_tails else -1
        self.rules = GrowthRules(grow_at, 1, UNLIMITED, UNLIMITED if reach is None else reach, longest)
        self.room = room
        self.limit = self._half  # bytes for nodes and edges
        self.most_nodes = UNLIMITED if nodes is None else nodes
        self.given_up_nodes = 0
        self.given_up_edges = 0
        self.too_long_tails = 0
        self.too_long_events = 0
        self.columns = _allocate(min(64, self.most_nodes), 64, 0, 0, sketch)
        self.columns.size[NODES] = 1  # the root

    def __len__(self) -> int:
        """Return the number of nodes."""
        return int(self.columns.size[NODES])

    def __repr__(self) -> str:
        return f"PrefixTree({len(self)} nodes, {self.edges} edges, {self.traces} traces)"

    @property
    def edges(self) -> int:
        """Number of edges."""
        return int(self.columns.size[EDGES])

    @property
    def traces(self) -> int:
        """Number of traces counted."""
        return int(self.columns.visits[0])

    @property
    def tails(self) -> int:
        """Number of tails that are kept."""
        return int(np.count_nonzero(self.columns.tail_start[: self.columns.size[TAILS]] >= 0))

    @property
    def given_up_tails(self) -> int:
        """Number of tails that were given up."""
        return int(self.columns.size[LOST_TAILS])

    @property
    def given_up_events(self) -> int:
        """Number of events in the tails that were given up."""
        return int(self.columns.size[LOST_EVENTS])

    @property
    def nbytes(self) -> int:
        """Bytes of all columns, spare room included."""
        return sum(column.nbytes for column in self.columns)

    # --- counting ----------------------------------------------------------------------------------------------

    def count(self, batch: TraceBatch, codes: NDArray[np.uint64] | None = None) -> list[NDArray[np.int64]]:
        """Count all traces of a batch.

        Parameters
        ----------
        batch : TraceBatch
        codes : uint64 array, shape (alphabet,)
            Hash of each symbol; needed where there are sketches.

        Returns
        -------
        list of int64 arrays
            A renumbering of the nodes (-1: given up) for each time that memory ran short.
        """
        how = coding(self.sketch, np.empty(0, np.uint64) if codes is None else codes)
        renumberings: list[NDArray[np.int64]] = []
        symbols, offsets = np.ascontiguousarray(batch.symbols, np.int32), batch.offsets
        done = 0
        while done < len(batch):
            lost = self.given_up_tails, self.given_up_events
            done = count_traces(self.columns, how, symbols, offsets, done, len(batch), self.rules)
            if self.rules.longest >= 0:  # else no tail is kept, however short
                self.too_long_tails += self.given_up_tails - lost[0]
                self.too_long_events += self.given_up_events - lost[1]
            if self.columns.size[WANTED]:
                length = int(offsets[done + 1] - offsets[done]) if done < len(batch) else 0
                renumbering = self._make_room(length)
                if renumbering is not None:
                    renumberings.append(renumbering)
        return renumberings

    def grow_near(self, levels: int, codes: NDArray[np.uint64] | None = None) -> None:
        """Move tails into the tree that hang less than ``levels`` below a red node, as far as reach and room allow."""
        levels = min(levels, self.rules.reach)
        how = coding(self.sketch, np.empty(0, np.uint64) if codes is None else codes)
        node = 0
        while node < len(self):
            node = grow_tails(self.columns, how, node, levels)
            if node < len(self):
                before = len(self.columns.parent), len(self.columns.keys)
                rows = int(self.columns.size[WANTED])
                nodes, edges = max(2 * before[0], len(self) + 1), max(2 * before[1], self.edges + rows)
                nodes = min(self.most_nodes, nodes)
                if nodes <= len(self) or _tree_bytes(nodes, edges, self.sketch) > self.limit:
                    return
                self.columns = _resize(self.columns, nodes, edges, self.sketch)

    def keep_near(self) -> NDArray[np.int64]:
        """Cut the tree down to what stays in the processor's cache; return the renumbering of its nodes (-1: gone).

        For a long stream whose states are known: what is near them has events in plenty, and what lies further down
        says it once more.
        """
        self.limit = min(self._half, CACHED)
        while self.limit < self._half and not self._fits(nearest_below(self.columns) <= SURE):
            self.limit = min(self._half, 2 * self.limit)
        nodes, edges = self._capacity
        if len(self) <= nodes and self.edges <= edges:
            return np.arange(len(self))
        renumbering = self._give_up()
        self.columns = _resize(self.columns, nodes, edges, self.sketch)
        return renumbering

    def _make_room(self, length: int) -> NDArray[np.int64] | None:
        """Make room for a trace and more; where that passes the room, give something up."""
        if length <= self.rules.longest:
            self._make_room_for_tails(length)
        rows = max(int(self.columns.size[WANTED]), length + 1 if self.rules.grow_at == 1 else 1)
        nodes, edges = len(self.columns.parent), len(self.columns.keys)
        grown = min(self.most_nodes, _more(nodes, len(self) + rows)), _more(edges, self.edges + rows)
        # Half full it will be full soon; copying the columns once for both saves half.
        both = _tree_bytes(*grown, self.sketch) <= self.limit
        least = 0.5 if both else 1.0
        nodes = grown[0] if len(self) + rows > least * nodes else nodes
        edges = grown[1] if self.edges + rows > least * edges else edges
        fits = _tree_bytes(nodes, edges, self.sketch) <= self.limit
        if fits and len(self) + rows <= nodes:
            self.columns = _resize(self.columns, nodes, edges, self.sketch)
            return None
        if self.limit < self._half and not self._fits(nearest_below(self.columns) <= SURE):
            self.limit = min(self._half, 2 * self.limit)
            return None
        return self._give_up()

    @property
    def _half(self) -> int:
        """Half of the room, in bytes."""
        return UNLIMITED if self.room is None else self.room // 2

    def _make_room_for_tails(self, length: int) -> None:
        columns = self.columns
        tails, store = len(columns.tail_start), len(columns.store)
        full = columns.size[FREED] < 0 and columns.size[TAILS] == tails
        if not full and columns.size[STORED] + length <= store:
            return
        tails = max(64, 2 * tails) if full else tails
        store = max(2 * store, int(columns.size[STORED]) + length)
        if self.room is None or _TAIL_BYTES * tails + 4 * store <= self.room // 2:
            self.columns = _resize_tails(columns, tails, store)
            return
        live = np.flatnonzero(columns.tail_start[: columns.size[TAILS]] >= 0)
        starts = columns.tail_start[live]
        if full or (columns.tail_stop[live] - starts).sum() + length > _SPARE * len(columns.store):
            self._give_up_tails()
        else:
            compact_tails(columns, live[np.argsort(starts)])
        if len(columns.tail_start) == 0 or length > len(columns.store):
            self.columns = _resize_tails(self.columns, 64, max(64, length))

    def _give_up_tails(self) -> None:
        """Forget all tails; those of the traces to come are kept again."""
        size, columns = self.columns.size, self.columns
        live = columns.tail_start[: size[TAILS]] >= 0
        lengths = columns.tail_stop[: size[TAILS]] - columns.tail_start[: size[TAILS]]
        size[LOST_TAILS] += np.count_nonzero(live)
        size[LOST_EVENTS] += lengths[live].sum()
        columns.tails[: self.edges] = -1
        size[TAILS] = size[STORED] = 0
        size[FREED] = -1

    def _give_up(self) -> NDArray[np.int64]:
        """Drop nodes until tree and edges fill their room by 70 % only, and hold growth back.

        First go those far below the red nodes of the last refinement: what happens there repeats what is counted near
        red ones, while a rare way out of a state is seen nowhere else.  Of the first level that does not fit as a whole
        the heaviest stay, and there an edge must from now on gather more events before it grows.
        """
        levels, rules = nearest_below(self.columns), self.rules
        reach = min(rules.reach, int(levels.max()))
        while reach > 0 and not self._fits(levels < reach):
            reach -= 1
        if reach < NEAREST:  # not even what is near fits
            reach = min(NEAREST, rules.reach)
            rules = rules._replace(far=0, grow_at=min(_MOST, 2 * rules.grow_at))
        else:
            rules = rules._replace(far=min(rules.far, reach))
        rules = rules._replace(grow_at=max(2, rules.grow_at))  # with 1 a trace would need room for all its nodes
        keep_nodes, least = self._heaviest(levels <= reach, levels < rules.far)
        self.rules = rules._replace(reach=reach, hold=min(_MOST, max(2 * rules.hold, least)))
        keep_edges = self._edges_that_fit(keep_nodes)
        self._give_up_tails()
        self.given_up_nodes += len(self) - int(np.count_nonzero(keep_nodes))
        self.given_up_edges += self.edges - int(np.count_nonzero(keep_edges))
        return self._compact(keep_nodes, keep_edges)

    @property
    def _capacity(self) -> tuple[int, int]:
        """Nodes and edges there is room for."""
        nodes, edges = min(len(self.columns.parent), self.most_nodes), len(self.columns.keys)
        while _tree_bytes(nodes, edges, self.sketch) > self.limit and nodes > 64:
            nodes, edges = nodes * 7 // 8, edges * 7 // 8
        return nodes, edges

    def _fits(self, keep_nodes: NDArray[np.bool_]) -> bool:
        """Tell whether some nodes and their edges fill their room by 70 % at most."""
        (nodes, edges), owner = self._capacity, self.columns.keys[: self.edges] >> 32
        return bool(
            np.count_nonzero(keep_nodes) <= _SPARE * nodes and np.count_nonzero(keep_nodes[owner]) <= _SPARE * edges
        )

    def _heaviest(self, some: NDArray[np.bool_], always: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], int]:
        """Return which of some nodes fill their room by 70 %, and the least visits they have.

        The root, and those that stay ``always``, stay; of the others the heaviest.  A parent is never lighter.
        """
        (nodes, edges), visits = self._capacity, self.columns.visits[: len(self)]
        always[0] = True
        rest = some & ~always
        owner = self.columns.keys[: self.edges] >> 32
        least = max(
            _lightest(visits[rest], np.count_nonzero(some) - _SPARE * nodes),
            _lightest(visits[owner[rest[owner]]], np.count_nonzero(some[owner]) - _SPARE * edges),
        )
        return always | (rest & (visits >= least)), least

    def _edges_that_fit(self, keep_nodes: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which edges of some nodes fill their room by 70 %.

        Edges of nodes that stay are dropped only if even that is not enough, as with an alphabet that does not fit:
        the lightest that have not grown.  Their events stay among the node's visits.
        """
        columns = self.columns
        child, counts = columns.child[: self.edges], columns.counts[: self.edges]
        keep_edges = keep_nodes[columns.keys[: self.edges] >> 32]
        bare = keep_edges & ((child < 0) | ~keep_nodes[child])
        few = _lightest(counts[bare], np.count_nonzero(keep_edges) - _SPARE * self._capacity[1])
        return keep_edges & (~bare | (counts >= few))

    def _compact(self, keep_nodes: NDArray[np.bool_], keep_edges: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Move the kept rows to the front in their order; return the new number of each old node, -1 if gone."""
        columns, nodes, edges = self.columns, np.flatnonzero(keep_nodes), np.flatnonzero(keep_edges)
        renumbering = np.full(len(keep_nodes), -1, np.int64)
        renumbering[nodes] = np.arange(len(nodes))
        for name in _NODE_COLUMNS:
            column = getattr(columns, name)
            column[: len(nodes)] = column[nodes]
        for name in _EDGE_COLUMNS:
            column = getattr(columns, name)
            column[: len(edges)] = column[edges]
        columns.parent[1 : len(nodes)] = renumbering[columns.parent[1 : len(nodes)]]
        keys, child = columns.keys[: len(edges)], columns.child[: len(edges)]
        keys[:] = (renumbering[keys >> 32] << 32) | (keys & 0xFFFFFFFF)
        child[:] = np.where(child >= 0, renumbering[child], -1)
        columns.size[[NODES, EDGES]] = len(nodes), len(edges)
        relink(columns)
        return renumbering

    # --- adding up ---------------------------------------------------------------------------------------------

    def add(
        self, other: PrefixTree, symbol_map: NDArray[np.int32], codes: NDArray[np.uint64] | None = None
    ) -> NDArray[np.int64] | None:
        """Add all counts and sketches of another tree.

        Parameters
        ----------
        other : PrefixTree
            With sketches of the same shape, made with the same symbol codes.
        symbol_map : int32 array, shape (other's alphabet,)
            Ids of its symbols here.
        codes : uint64 array, shape (alphabet,)
            Hash of each symbol; needed where there are sketches.

        Returns
        -------
        int64 array or None
            The renumbering of the nodes here if memory ran short.

        Raises
        ------
        UsageError
            If the sketches differ in shape.
        """
        if other.sketch != self.sketch:
            raise UsageError(f"trees with different sketches cannot be added: {self.sketch} and {other.sketch}")
        size, more = self.columns.size, other.columns.size
        tails = int(size[TAILS] + more[TAILS])
        # A tail that moves down needs at most one edge of its own.
        self.columns = _resize(self.columns, len(self) + len(other), self.edges + other.edges + tails, self.sketch)
        self.columns = _resize_tails(self.columns, tails, int(size[STORED] + more[STORED]))
        how = coding(self.sketch, np.empty(0, np.uint64) if codes is None else codes)
        add_tree(self.columns, how, other.columns, symbol_map)
        self.given_up_nodes += other.given_up_nodes
        self.given_up_edges += other.given_up_edges
        self.too_long_tails += other.too_long_tails
        self.too_long_events += other.too_long_events
        columns = self.columns
        if self.room is not None and _TAIL_BYTES * len(columns.tail_start) + 4 * len(columns.store) > self.room // 2:
            self._give_up_tails()
            self.columns = _resize_tails(columns, 64, 64)
        renumbering = None
        while self._too_large() and len(self) > 1:
            step = self._give_up()
            renumbering = step if renumbering is None else np.append(step, -1)[renumbering]
        self.columns = _resize(self.columns, max(min(64, self.most_nodes), len(self)), max(64, self.edges), self.sketch)
        return renumbering

    def _too_large(self) -> bool:
        """Tell whether the rows in use pass the room or the number of nodes."""
        needed = _tree_bytes(len(self), self.edges, self.sketch)
        return len(self) > self.most_nodes or (self.room is not None and needed > self.room // 2)

    def copy(self) -> PrefixTree:
        """Return an independent copy."""
        twin = PrefixTree(self.sketch)
        twin.rules, twin.room, twin.most_nodes = self.rules, self.room, self.most_nodes
        twin.limit = self.limit
        twin.given_up_nodes, twin.given_up_edges = self.given_up_nodes, self.given_up_edges
        twin.too_long_tails, twin.too_long_events = self.too_long_tails, self.too_long_events
        twin.columns = self.columns._replace(size=self.columns.size.copy())
        twin.columns = _resize(twin.columns, len(self.columns.parent), len(self.columns.keys), self.sketch)
        twin.columns = _resize_tails(twin.columns, len(self.columns.tail_start), len(self.columns.store))
        return twin

    # --- looking -----------------------------------------------------------------------------------------------

    def totals(self, alphabet: int) -> tuple[int, NDArray[np.int64]]:
        """Return how many traces ended in the tree and how often each symbol was counted, shape (alphabet,)."""
        columns = self.columns
        symbols = (columns.keys[: self.edges] & 0xFFFFFFFF).astype(np.int64)
        totals = np.zeros(alphabet, np.int64)
        np.add.at(totals, symbols, columns.counts[: self.edges])
        return int(columns.ends[: len(self)].sum()), totals

    def occurrences(self, alphabet: int) -> NDArray[np.int64]:
        """Return how many events of each symbol are held, in edges or tails, shape (alphabet,)."""
        columns, stored = self.columns, int(self.columns.size[STORED])
        live = np.flatnonzero(columns.tail_start[: columns.size[TAILS]] >= 0)
        steps = np.zeros(stored + 1, np.int64)
        np.add.at(steps, columns.tail_start[live], 1)
        np.add.at(steps, columns.tail_stop[live], -1)
        symbols = columns.store[:stored][np.cumsum(steps[:stored]) > 0]
        return self.totals(alphabet)[1] + np.bincount(symbols, minlength=alphabet)

    def edges_of(self, node: int) -> Iterator[int]:
        """Iterate over the edges of a node, the newest first."""
        edge = int(self.columns.first[node])
        while edge >= 0:
            yield edge
            edge = int(self.columns.next[edge])

    def counts_of(self, node: int) -> dict[int, int]:
        """Return the next-symbol counts of a node."""
        columns = self.columns
        return {int(columns.keys[edge] & 0xFFFFFFFF): int(columns.counts[edge]) for edge in self.edges_of(node)}

    def path(self, node: int) -> list[int]:
        """Return the symbols that lead from the root to a node."""
        symbols = []
        while node > 0:
            symbols.append(int(self.columns.symbol[node]))
            node = int(self.columns.parent[node])
        return symbols[::-1]


def _lightest(weights: NDArray[np.int64], excess: float) -> int:
    """Return the smallest weight such that at least ``excess`` of the rows lie below it, 0 if there is no excess."""
    if excess <= 0 or not len(weights):
        return 0
    rank = min(len(weights), math.ceil(excess)) - 1
    return int(np.partition(weights, rank)[rank]) + 1


def _more(rows: int, needed: int) -> int:
    """Return how many rows a tree gets that needs more than it has: twice as many, at first eight times."""
    return max(8 * rows if rows < _SMALL else 2 * rows, needed)


def _slots(edges: int) -> int:
    return 1 << max(4, (2 * edges - 1).bit_length())


def _tree_bytes(nodes: int, edges: int, sketch: AnyShape) -> int:
    """Return the bytes of columns with room for so many rows, tails left out."""
    return nodes * (_NODE_BYTES + sketch.bytes_per_node) + edges * _EDGE_BYTES + 4 * _slots(edges) + 8 * SIZES


def _allocate(nodes: int, edges: int, tails: int, store: int, sketch: AnyShape) -> TreeColumns:
    size = np.zeros(SIZES, np.int64)
    size[FREED] = -1
    columns = TreeColumns(
        **side_by_side(TreeColumns, NODE, nodes),
        **side_by_side(TreeColumns, EDGE, edges),
        **side_by_side(TreeColumns, TAIL, tails),
        slots=np.full(_slots(edges), -1, np.int32),
        sketch=np.zeros((nodes, *sketch.dimensions), np.int32),
        store=np.zeros(store, np.int32),
        size=size,
    )
    for column in (columns.parent, columns.symbol, columns.first):
        column[:1] = -1  # the root; later rows are set as they come into use
    return columns


def _resize(columns: TreeColumns, nodes: int, edges: int, sketch: AnyShape) -> TreeColumns:
    """Return columns with room for so many nodes and edges, the rows in use copied."""
    fresh = _allocate(nodes, edges, 0, 0, sketch)
    for names, rows in ((_NODE_COLUMNS, columns.size[NODES]), (_EDGE_COLUMNS, columns.size[EDGES])):
        for name in names:
            getattr(fresh, name)[:rows] = getattr(columns, name)[:rows]
    kept = {name: getattr(columns, name) for name in (*_TAIL_COLUMNS, "store", "size")}
    fresh = fresh._replace(**kept)
    relink(fresh)
    return fresh


def _resize_tails(columns: TreeColumns, tails: int, store: int) -> TreeColumns:
    """Return columns with room for so many tails and symbols, the rows in use copied."""
    fresh = {**side_by_side(TreeColumns, TAIL, tails), "store": np.zeros(store, np.int32)}
    for name, column in fresh.items():
        rows = columns.size[STORED if name == "store" else TAILS]
        column[:rows] = getattr(columns, name)[:rows]
    return columns._replace(**fresh)
