"""PrefixTree: the additive summary of a stream."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .._kernels.addition import add_tree
from .._kernels.futures import Coding
from .._kernels.growth import (
    EDGES,
    FREED,
    LOST_EVENTS,
    LOST_TAILS,
    NODES,
    STORED,
    TAILS,
    WANTED,
    GrowthRules,
    compact_tails,
    count_traces,
    grow_tails,
)
from .._kernels.states import nearest_below
from ..errors import UsageError
from ..stream.batch import TraceBatch
from . import columns as layout
from .cut import WHOLE, Cut
from .eviction import SPARE, Rows, choose
from .repeated import NOTHING
from .sketch import NO_SKETCH, AnyShape, coding

UNLIMITED = np.iinfo(np.int64).max
CACHED = 4 << 20
"""Bytes for nodes and edges of a tree that is kept near the states, so that they stay in the processor's cache ..."""
SURE = 3
"""... if what lies within so many levels below red nodes fits into 70 % of it; else more."""
AMOUNTS = (
    "evicted_nodes",
    "evicted_edges",
    "thinned_nodes",
    "thinned_edges",
    "thinned_tails",
    "too_long_tails",
    "too_long_events",
)
"""What is counted beside the columns; it adds up like them."""
_NO_CODES = np.empty(0, np.uint64)


class PrefixTree:
    """Counts of all prefixes of a stream, as far as they have grown; only ever added to, never merged.

    A node counts its visits, the traces that ended there, the next symbols (its edges) and, if asked to, sketches
    of the futures that left it.  A child is made once its parent has ``grow_at`` visits and lies within ``reach``
    levels of a red node of the last refinement; what goes further down is kept as tails, plain symbols, and moves
    into the tree as it grows.  ``capacity`` is shared half and half: where tails would pass theirs they are evicted;
    where nodes and edges would, nodes are, see :mod:`flexstream.summary.eviction`.

    Parameters
    ----------
    sketch : SketchShape or PrefixSketchShape
        Size of the sketches of each node.
    grow_at : int
        Visits a node needs before it gets children, >= 1.
    reach : int or None
        Levels below a red node at which growth stops, >= 1; None grows everywhere.
    capacity : int or None
        Bytes for the columns; None for no limit.
    nodes : int or None
        Most nodes, >= 2; None for no limit but ``capacity``.
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
        capacity: int | None = None,
        nodes: int | None = None,
        keep_tails: bool = True,
    ) -> None:
        layout.check_sizes(sketch, grow_at, reach, capacity, nodes)
        self.sketch = sketch
        longest = (UNLIMITED if capacity is None else capacity // 16 - 1) if keep_tails else -1
        self.rules = GrowthRules(grow_at, 1, UNLIMITED, UNLIMITED if reach is None else reach, longest)
        self.capacity = capacity
        self.limit = self._half  # bytes for nodes and edges
        self.most_nodes = UNLIMITED if nodes is None else nodes
        self.evicted_nodes = self.evicted_edges = 0
        self.thinned_nodes = self.thinned_edges = self.thinned_tails = 0  # of what was evicted, for speed
        self.too_long_tails = self.too_long_events = 0
        self.repeated = NOTHING  # what counts beside the tree
        self.cut = WHOLE  # transitions that states had before the tree was thinned
        self.columns = layout.fresh(self.most_nodes, sketch)
        self._codes, self._how = _NO_CODES, coding(sketch, _NO_CODES)

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
    def evicted_tails(self) -> int:
        """Number of tails that were evicted."""
        return int(self.columns.size[LOST_TAILS])

    @property
    def evicted_events(self) -> int:
        """Number of events in the tails that were evicted."""
        return int(self.columns.size[LOST_EVENTS])

    @property
    def nbytes(self) -> int:
        """Bytes of all columns, spare rows included."""
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
            A renumbering of the nodes (-1: evicted) for each time that memory ran short.
        """
        how = self._coding(codes)
        renumberings: list[NDArray[np.int64]] = []
        symbols, offsets, traces, done = batch.symbols, batch.offsets, len(batch), 0
        while done < traces:
            size = self.columns.size
            tails, events = size.item(LOST_TAILS), size.item(LOST_EVENTS)
            done = count_traces(self.columns, how, symbols, offsets, done, traces, self.rules)
            if self.rules.longest >= 0:  # else no tail is kept, however short
                self.too_long_tails += size.item(LOST_TAILS) - tails
                self.too_long_events += size.item(LOST_EVENTS) - events
            if size.item(WANTED):
                length = int(offsets[done + 1] - offsets[done]) if done < traces else 0
                renumbering = self._enlarge(length)
                if renumbering is not None:
                    renumberings.append(renumbering)
        return renumberings

    def _coding(self, codes: NDArray[np.uint64] | None) -> Coding:
        """Return how futures become numbers; as long as the codes stay it is laid out for the kernels once."""
        codes = _NO_CODES if codes is None else codes
        if codes is not self._codes:
            self._codes, self._how = codes, coding(self.sketch, codes)
        return self._how

    def grow_near(self, levels: int, codes: NDArray[np.uint64] | None = None) -> None:
        """Move tails into the tree that hang less than ``levels`` below a red node, where reach and capacity allow."""
        levels = min(levels, self.rules.reach)
        how, node = self._coding(codes), 0
        while node < len(self):
            node = grow_tails(self.columns, how, node, levels)
            if node < len(self):
                before = len(self.columns.parent), len(self.columns.keys)
                rows = int(self.columns.size[WANTED])
                nodes, edges = max(2 * before[0], len(self) + 1), max(2 * before[1], self.edges + rows)
                nodes = min(self.most_nodes, nodes)
                if nodes <= len(self) or layout.tree_bytes(nodes, edges, self.sketch) > self.limit:
                    return
                self.columns = layout.resize(self.columns, nodes, edges, self.sketch)

    def thin(self, cut: Cut = WHOLE) -> NDArray[np.int64]:
        """Cut the tree down to what stays in the processor's cache; return the renumbering of its nodes (-1: gone).

        What is near known states has events in plenty; what lies further down adds rare transitions, which are told.
        """
        self.cut = cut
        self.limit = min(self._half, CACHED)
        while self.limit < self._half and not self._holds_near():
            self.limit = min(self._half, 2 * self.limit)
        if len(self) <= (rows := self._rows).nodes and self.edges <= rows.edges:
            return np.arange(len(self))
        renumbering = self._evict()
        self.columns = layout.resize(self.columns, *rows, self.sketch)
        return renumbering

    def _enlarge(self, length: int) -> NDArray[np.int64] | None:
        """Get rows for a trace and more; where these pass the capacity, evict something."""
        if length <= self.rules.longest:
            self._enlarge_tails(length)
        rows = max(int(self.columns.size[WANTED]), length + 1 if self.rules.grow_at == 1 else 1)
        nodes, edges = len(self.columns.parent), len(self.columns.keys)
        grown = (
            min(self.most_nodes, layout.more_rows(nodes, len(self) + rows)),
            layout.more_rows(edges, self.edges + rows),
        )
        # Half full it will be full soon; copying the columns once for both saves half.
        both = layout.tree_bytes(*grown, self.sketch) <= self.limit
        least = 0.5 if both else 1.0
        nodes = grown[0] if len(self) + rows > least * nodes else nodes
        edges = grown[1] if self.edges + rows > least * edges else edges
        fits = layout.tree_bytes(nodes, edges, self.sketch) <= self.limit
        if fits and len(self) + rows <= nodes:
            self.columns = layout.enlarge(self.columns, nodes, edges, self.sketch)
            return None
        if self.limit < self._half and not self._holds_near():
            self.limit = min(self._half, 2 * self.limit)
            return None
        return self._evict()

    @property
    def _half(self) -> int:
        """Half of the capacity, in bytes."""
        return UNLIMITED if self.capacity is None else self.capacity // 2

    def _enlarge_tails(self, length: int) -> None:
        columns = self.columns
        tails, store = len(columns.tail_start), len(columns.store)
        full = columns.size[FREED] < 0 and columns.size[TAILS] == tails
        if not full and columns.size[STORED] + length <= store:
            return
        tails = max(64, 2 * tails) if full else tails
        store = max(2 * store, int(columns.size[STORED]) + length)
        if layout.TAIL_BYTES * tails + 4 * store <= self._half:
            self.columns = layout.resize_tails(columns, tails, store)
            return
        live = np.flatnonzero(columns.tail_start[: columns.size[TAILS]] >= 0)
        starts = columns.tail_start[live]
        if full or (columns.tail_stop[live] - starts).sum() + length > SPARE * len(columns.store):
            self._evict_tails()
        else:
            compact_tails(columns, live[np.argsort(starts)])
        if length > len(columns.store):
            self.columns = layout.resize_tails(self.columns, 64, max(64, length))

    def _evict_tails(self) -> None:
        """Forget all tails; those of the traces to come are kept again."""
        size, columns = self.columns.size, self.columns
        live = columns.tail_start[: size[TAILS]] >= 0
        lengths = columns.tail_stop[: size[TAILS]] - columns.tail_start[: size[TAILS]]
        tails = int(np.count_nonzero(live))
        size[LOST_TAILS] += tails
        if self.limit < self._half:
            self.thinned_tails += tails
        size[LOST_EVENTS] += lengths[live].sum()
        columns.tails[: self.edges] = -1
        size[TAILS] = size[STORED] = 0
        size[FREED] = -1

    def _evict(self) -> NDArray[np.int64]:
        """Drop nodes until tree and edges fill their share by 70 % only; see :mod:`flexstream.summary.eviction`."""
        chosen = choose(self.columns, self.rules, self._rows)
        self.rules = chosen.rules
        self._evict_tails()
        nodes, edges = (int(np.count_nonzero(~kept)) for kept in (chosen.nodes, chosen.edges))
        self.evicted_nodes += nodes
        self.evicted_edges += edges
        if self.limit < self._half:
            self.thinned_nodes, self.thinned_edges = self.thinned_nodes + nodes, self.thinned_edges + edges
        renumbering = layout.compact(self.columns, chosen.nodes, chosen.edges)
        self.cut = self.cut.renumbered(renumbering)
        return renumbering

    @property
    def _rows(self) -> Rows:
        """Nodes and edges that fit."""
        nodes, edges = min(len(self.columns.parent), self.most_nodes), len(self.columns.keys)
        while layout.tree_bytes(nodes, edges, self.sketch) > self.limit and nodes > 64:
            nodes, edges = nodes * 7 // 8, edges * 7 // 8
        return Rows(nodes, edges)

    def _holds_near(self) -> bool:
        """Tell whether what lies within `SURE` levels below red nodes fits."""
        return self._rows.holds(self.columns, nearest_below(self.columns) <= SURE)

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
        edges = self.edges + other.edges + tails  # a tail that moves down needs at most one of its own
        self.columns = layout.resize(self.columns, len(self) + len(other), edges, self.sketch)
        self.columns = layout.resize_tails(self.columns, tails, int(size[STORED] + more[STORED]))
        how = self._coding(codes)
        add_tree(self.columns, how, other.columns, symbol_map)
        for amount in AMOUNTS:
            setattr(self, amount, getattr(self, amount) + getattr(other, amount))
        return self.fit()

    def fit(self) -> NDArray[np.int64] | None:
        """Evict what the capacity does not hold; return the renumbering of the nodes, None if none went."""
        if layout.TAIL_BYTES * len(self.columns.tail_start) + 4 * len(self.columns.store) > self._half:
            self._evict_tails()
            self.columns = layout.resize_tails(self.columns, 64, 64)
        renumbering, before = None, (0, 0)  # what is less than any tree can be is not tried for ever
        while self._too_large() and len(self) > 1 and before != (before := (len(self), self.edges)):
            step = self._evict()
            renumbering = step if renumbering is None else np.append(step, -1)[renumbering]
        self.columns = layout.resize(
            self.columns, max(min(64, self.most_nodes), len(self)), max(64, self.edges), self.sketch
        )
        return renumbering

    def _too_large(self) -> bool:
        """Tell whether the rows in use pass the capacity or the number of nodes."""
        needed = layout.tree_bytes(len(self), self.edges, self.sketch)
        return len(self) > self.most_nodes or needed > self._half

    def copy(self) -> PrefixTree:
        """Return an independent copy."""
        twin = PrefixTree.__new__(PrefixTree)
        twin.__dict__ |= self.__dict__
        twin._codes, twin._how = _NO_CODES, coding(self.sketch, _NO_CODES)  # it holds scratch of its own
        twin.columns = self.columns._replace(size=self.columns.size.copy())
        twin.columns = layout.resize(twin.columns, len(self.columns.parent), len(self.columns.keys), self.sketch)
        twin.columns = layout.resize_tails(twin.columns, len(self.columns.tail_start), len(self.columns.store))
        return twin

    __copy__ = copy

    # --- looking -----------------------------------------------------------------------------------------------

    def totals(self, alphabet: int) -> tuple[int, NDArray[np.int64]]:
        """Return how many traces ended in the tree and how often each symbol was counted, shape (alphabet,)."""
        return int(self.columns.ends[: len(self)].sum()), layout.edge_totals(self.columns, alphabet)

    def occurrences(self, alphabet: int) -> NDArray[np.int64]:
        """Return how many events of each symbol are held, in edges or tails, shape (alphabet,)."""
        return layout.held_totals(self.columns, alphabet)

    def edges_of(self, node: int) -> Iterator[int]:
        """Iterate over the edges of a node, the newest first."""
        edge = int(self.columns.first[node])
        while edge >= 0:
            yield edge
            edge = int(self.columns.next[edge])

    def counts_of(self, node: int) -> dict[int, int]:
        """Return the next-symbol counts of a node."""
        return layout.edge_counts(self.columns, list(self.edges_of(node)))

    def path(self, node: int) -> list[int]:
        """Return the symbols that lead from the root to a node."""
        return layout.path_to(self.columns, node)
