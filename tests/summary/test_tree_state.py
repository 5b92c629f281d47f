"""The state of a tree: it comes back as it was, and nothing is believed that no tree can have had."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from flexstream._kernels.growth import EDGES, FREED, NODES, STORED, TAILS
from flexstream._kernels.states import place_nodes
from flexstream.container import decode, encode
from flexstream.saved import MOST, Saved, StateError
from flexstream.stream.alphabet import Alphabet
from flexstream.stream.batch import TraceBatch
from flexstream.stream.hashing import symbol_code
from flexstream.summary import columns as layout
from flexstream.summary.sketch import NO_SKETCH, AnyShape, PrefixSketchShape, SketchShape
from flexstream.summary.tree import UNLIMITED, PrefixTree
from flexstream.summary.tree_state import restore, state_of

SYMBOLS = 4
KINDS: dict[str, Callable[[], PrefixTree]] = {
    "plain": lambda: PrefixTree(grow_at=6),
    "sketches": lambda: PrefixTree(SketchShape(2, 2, 8), grow_at=6),
    "prefixes": lambda: PrefixTree(PrefixSketchShape(4, 2), grow_at=6),
    "bounded": lambda: PrefixTree(grow_at=3, capacity=24_000),
    "few nodes": lambda: PrefixTree(grow_at=3, capacity=1 << 20, nodes=40),
    "no tails": lambda: PrefixTree(grow_at=2, capacity=1 << 20, keep_tails=False),
}
State = dict[str, Any]


def batch(seed: int, traces: int = 400) -> tuple[TraceBatch, np.ndarray]:
    draw = np.random.default_rng(seed)
    lengths = draw.integers(0, 12, traces)
    symbols = draw.choice(SYMBOLS, int(lengths.sum()), p=(0.4, 0.3, 0.2, 0.1)).astype(np.int32)
    codes = np.array([symbol_code(text, 0) for text in Alphabet("abcd")], np.uint64)
    return TraceBatch(symbols, np.concatenate(([0], np.cumsum(lengths)))), codes


def made(kind: str) -> PrefixTree:
    """Return a tree of one batch; some of its tails are free, as they were moved into the tree."""
    tree = KINDS[kind]()
    tree.count(*batch(1))
    place_nodes(tree.columns, np.array([0], np.int32))
    tree.grow_near(4, batch(1)[1])
    return tree


def state(kind: str = "plain") -> State:
    """Return a state of its own, which may be changed."""
    return copy.deepcopy(state_of(made(kind)))


def restored(found: State, kind: str = "plain", alphabet: int = SYMBOLS) -> PrefixTree:
    tree = KINDS[kind]()
    restore(tree, Saved(found), alphabet)
    return tree


def refused(found: State, what: str, kind: str = "plain") -> None:
    with pytest.raises(StateError, match=what):
        restored(found, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_it_comes_back_as_it_was_and_counts_on_as_if_nothing_had_been(kind: str) -> None:
    tree, other = made(kind), restored(decode(encode(state(kind))), kind)
    for number in range(2, 5):
        assert encode(state_of(tree)) == encode(state_of(other))
        for name, length in (("parent", len(tree)), ("symbol", len(tree)), ("first", len(tree)), ("next", tree.edges)):
            assert (getattr(tree.columns, name)[:length] == getattr(other.columns, name)[:length]).all(), name
        assert [len(column) for column in tree.columns] == [len(column) for column in other.columns]
        assert tree.nbytes == other.nbytes
        for one in (tree, other):
            one.count(*batch(number))


def test_a_tree_of_one_node_comes_back() -> None:
    found = restored(copy.deepcopy(state_of(KINDS["plain"]())))
    assert (len(found), found.edges, found.traces, found.tails) == (1, 0, 0, 0)


def test_what_the_tests_below_change_is_there() -> None:
    """Tails in rows, in chains of three and more, some of them free; edges with tails and edges with children."""
    found = state()
    sizes = found["sizes"]
    assert sizes["freed"] >= 0 and sizes["symbols_seen"] == SYMBOLS
    assert len(found["nodes"]["visits"]) != len(found["edges"]["keys"]) != len(found["tails"]["tail_start"])
    assert (found["edges"]["tails"] == 0).any() and (found["edges"]["child"] >= 0).any()
    following = found["tails"]["tail_next"]
    assert any(following[following[row]] >= 0 for row in np.flatnonzero(following >= 0))


def edit(path: str, row: Callable[[State], int], value: Callable[[State], Any]) -> Callable[[State], None]:
    """Return what puts a value into a row of a column."""
    part, name = path.split(".")

    def changed(found: State) -> None:
        found[part][name][row(found)] = value(found)

    return changed


def at(number: int) -> Callable[[State], int]:
    return lambda found: number


def grown(found: State) -> int:
    """Return an edge with a child."""
    return int(np.flatnonzero(found["edges"]["child"] >= 0)[-1])


def hung(found: State) -> int:
    """Return an edge with at least two tails."""
    heads, following = found["edges"]["tails"], found["tails"]["tail_next"]
    return int(next(edge for edge in np.flatnonzero(heads >= 0) if following[heads[edge]] >= 0))


def live(found: State) -> int:
    """Return a tail of an edge."""
    return int(found["edges"]["tails"][hung(found)])


def free(found: State) -> int:
    return int(found["sizes"]["freed"])


def neighbours(found: State) -> tuple[int, int]:
    """Return two tails that lie one behind the other, the first of two symbols or more."""
    start, stop = found["tails"]["tail_start"], found["tails"]["tail_stop"]
    for one in np.flatnonzero((start >= 0) & (stop - start >= 2)):
        behind = np.flatnonzero((start == stop[one]) & (stop > start))
        if len(behind):
            return int(one), int(behind[0])
    raise AssertionError("no tails lie side by side")


def overlap(found: State) -> None:
    """Let a tail begin one symbol earlier, with the last of the one before it."""
    found["tails"]["tail_start"][neighbours(found)[1]] -= 1


def empty_and_free(found: State) -> None:
    """Let a free tail say nothing, at the end of the store, instead of being none."""
    for name in ("tail_start", "tail_stop"):
        found["tails"][name][free(found)] = len(found["store"])


def backwards(found: State) -> None:
    tails, (row, _) = found["tails"], neighbours(found)
    tails["tail_start"][row], tails["tail_stop"][row] = tails["tail_stop"][row], tails["tail_start"][row]


def child_with_the_first_tail(found: State) -> None:
    """Let an edge with a child have the tail 0 too, which then hangs on no other."""
    edges = found["edges"]
    edge = int(np.flatnonzero(edges["tails"] == 0)[0])
    edges["tails"][edge] = -1
    edges["tails"][grown(found)] = 0


def ring(found: State) -> None:
    """Let two tails of an edge that has three or more point at each other, and the first at what follows."""
    heads, following = found["edges"]["tails"], found["tails"]["tail_next"]
    for edge in np.flatnonzero(heads >= 0):
        one = following[heads[edge]]
        if one >= 0 and following[one] >= 0:
            two = following[one]
            following[heads[edge]], following[two] = following[two], one
            return
    raise AssertionError("no edge has three tails")


def too_many_tails(found: State) -> None:
    """Take an event from an edge whose tails are as many as its events, and say that they ended in its node."""
    edges, edge = found["edges"], hung(found)
    row, tails = int(edges["tails"][edge]), 0
    while row >= 0:
        row, tails = int(found["tails"]["tail_next"][row]), tails + 1
    edges["counts"][edge] = tails - 1


DAMAGES: dict[str, tuple[Callable[[State], None], str]] = {
    "ends above visits": (edit("nodes.ends", at(0), lambda s: s["nodes"]["visits"][0] + 1), "ends are more"),
    "negative visits": (edit("nodes.visits", at(0), lambda s: -1), "visits is out of range"),
    "below a node": (edit("nodes.below", at(0), lambda s: len(s["nodes"]["visits"])), "below is out of range"),
    "owner out of range": (
        edit("edges.keys", at(0), lambda s: len(s["nodes"]["visits"]) << 32),
        "keys is out of range",
    ),
    "symbol out of range": (edit("edges.keys", at(0), lambda s: SYMBOLS), "keys is out of range"),
    "an edge twice": (edit("edges.keys", at(0), lambda s: s["edges"]["keys"][1]), "one symbol"),
    "child before parent": (edit("edges.child", grown, lambda s: 0), "stands before its parent"),
    "child of itself": (
        lambda s: s["edges"]["child"].__setitem__(grown(s), s["edges"]["keys"][grown(s)] >> 32),
        "stands before its parent",
    ),
    "child lost": (edit("edges.child", grown, lambda s: -1), "the child of none"),
    "no such child": (edit("edges.child", grown, lambda s: len(s["nodes"]["visits"])), "child is out of range"),
    "child below none": (edit("edges.child", grown, lambda s: -2), "child is out of range"),
    "more left than came": (edit("edges.counts", grown, lambda s: s["nodes"]["visits"][0] + 1), "more left"),
    "more came than left": (
        lambda s: s["nodes"]["visits"].__setitem__(s["edges"]["child"][grown(s)], s["edges"]["counts"][grown(s)] + 1),
        "more came",
    ),
    "no such tails": (edit("edges.tails", hung, lambda s: len(s["tails"]["tail_start"])), "tails is out of range"),
    "tails below none": (edit("edges.tails", hung, lambda s: -2), "tails is out of range"),
    "tails forgotten": (edit("edges.tails", hung, lambda s: -1), "is met twice, or never"),
    "tails met twice": (edit("tails.tail_next", live, live), "is met twice, or never"),
    "tails in a ring": (ring, "hang in a circle"),
    "no such next": (
        edit("tails.tail_next", live, lambda s: len(s["tails"]["tail_next"])),
        "tail_next is out of range",
    ),
    "a child and tails": (child_with_the_first_tail, "with a child has tails"),
    "a free tail that is there": (empty_and_free, "hangs nowhere"),
    "a tail that says nothing": (edit("tails.tail_start", live, lambda s: -1), "hangs nowhere"),
    "a start below none": (edit("tails.tail_start", free, lambda s: -2), "tail_start is out of range"),
    "tails overlap": (overlap, "two tails share a symbol"),
    "a tail ends before it starts": (backwards, "two tails share a symbol"),
    "a tail past the store": (
        lambda s: s["tails"]["tail_stop"].__setitem__(s["tails"]["tail_stop"].argmax(), len(s["store"]) + 1),
        "two tails share a symbol",
    ),
    "more tails than events": (too_many_tails, "more tails than events"),
    "no such symbol in store": (lambda s: s["store"].__setitem__(0, SYMBOLS), "store is out of range"),
    "symbols not seen": (lambda s: s["sizes"].update(symbols_seen=SYMBOLS - 1), "a symbol was not seen"),
    "symbols without end": (lambda s: s["sizes"].update(symbols_seen=2**31 + 1), "a symbol was not seen"),
    "freed out of range": (lambda s: s["sizes"].update(freed=len(s["tails"]["tail_start"])), "freed is out of range"),
    "freed below none": (lambda s: s["sizes"].update(freed=-2), "freed is out of range"),
    "lost less than none": (lambda s: s["sizes"].update(lost_tails=-1), "lost_tails is out of range"),
    "lost too many": (lambda s: s["sizes"].update(lost_events=MOST + 1), "lost_events is out of range"),
    "limit out of range": (lambda s: s.update(limit=-1), "limit is out of range"),
    "an amount below none": (lambda s: s["amounts"].update(evicted_nodes=-1), "evicted_nodes is out of range"),
    "cut: no such node": (lambda s: s.update(cut=cut(nodes=[len(s["nodes"]["visits"])])), "nodes is out of range"),
    "cut: no such target": (lambda s: s.update(cut=cut(targets=[len(s["nodes"]["visits"])])), "targets is out of"),
    "cut: no such symbol": (lambda s: s.update(cut=cut(symbols=[SYMBOLS])), "symbols is out of range"),
    "cut: lengths differ": (lambda s: s.update(cut=cut(symbols=[0, 0])), "another type or shape"),
    "rules: one less": (lambda s: s["rules"].pop(), "rules of growth are others"),
    "rules: another type": (lambda s: s["rules"].__setitem__(1, 1.0), "rules of growth are others"),
    "rules: other tails": (lambda s: s["rules"].__setitem__(-1, 5), "rules of growth are others"),
    "rules: grows sooner": (lambda s: s["rules"].__setitem__(0, 5), "rules out of range"),
    "rules: no level": (lambda s: s["rules"].__setitem__(1, 0), "rules out of range"),
    "rules: without end": (lambda s: s["rules"].__setitem__(3, UNLIMITED + 1), "rules out of range"),
}


def cut(nodes: tuple[int, ...] | list[int] = (0,), symbols: Any = (0,), targets: Any = (0,)) -> dict[str, np.ndarray]:
    return {"nodes": np.array(nodes), "symbols": np.array(symbols), "targets": np.array(targets)}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_no_tree_can_have_had_is_refused(damage: str) -> None:
    found = state()
    change, what = DAMAGES[damage]
    change(found)
    refused(found, what)


def test_counts_whose_sum_has_no_room_are_refused() -> None:
    """2,048 counts of up to 2^53 whose sum, in 64 bits, is one less than nothing."""
    tree = PrefixTree(grow_at=6)
    tree.count(TraceBatch(np.arange(2048, dtype=np.int32), np.arange(2049)))
    found = copy.deepcopy(state_of(tree))
    found["edges"]["counts"][:] = MOST
    found["edges"]["counts"][-1] -= 1
    with pytest.raises(StateError, match="more left a node than came"):
        restore(PrefixTree(grow_at=6), Saved(found), 2048)


def test_what_is_at_the_border_is_taken() -> None:
    found = state()
    found["sizes"].update(symbols_seen=2**31, lost_tails=MOST, lost_events=0, wanted=0)
    found["cut"] = cut([len(found["nodes"]["visits"]) - 1], [SYMBOLS - 1], [0])
    found["rules"][1:4] = [1, 0, UNLIMITED]
    tree = restored(found)
    assert tree.cut.nodes.tolist() == [len(tree) - 1]
    assert tree.rules[1:4] == (1, 0, UNLIMITED)
    assert tree.evicted_tails == MOST


def test_no_tree_without_a_root() -> None:
    found = state()
    found["nodes"] = {name: column[:0] for name, column in found["nodes"].items()}
    refused(found, "there is no root")


@pytest.mark.parametrize("row", range(4))
@pytest.mark.parametrize("kind", ["plain", "bounded"])
def test_there_are_rows_enough_and_not_more_than_a_tree_asks_for(kind: str, row: int) -> None:
    found = state(kind)
    rows = made(kind).columns.size[[NODES, EDGES, TAILS, STORED]]
    found["capacity"] = rows.tolist()
    assert len(restored(found, kind)) == rows[0]
    found["capacity"][row] -= 1
    refused(found, "the capacity is exceeded", kind)
    found["capacity"][row] = 10**13
    refused(found, "the capacity is out of range", kind)
    found["capacity"][row] = 1.0
    refused(found, "the capacity is of another type", kind)


@pytest.mark.parametrize("sketch", [NO_SKETCH, SketchShape(2, 2, 8)])
def test_spare_rows_are_bounded_to_the_byte(sketch: AnyShape) -> None:
    """Nodes and edges may take half of the capacity, and the least rows that a tree has."""
    tree = PrefixTree(sketch, grow_at=3, capacity=1 << 16)
    tree.count(*batch(1, 50))
    found = copy.deepcopy(state_of(tree))
    nodes, most = found["capacity"][0], (1 << 15) + layout.tree_bytes(64, 64, sketch)
    edges = found["capacity"][1]
    while layout.tree_bytes(nodes, edges + 1, sketch) <= most:
        edges += 1
    for rows, fits in ((edges, True), (edges + 1, False)):
        found["capacity"][1] = rows
        other = PrefixTree(sketch, grow_at=3, capacity=1 << 16)
        if fits:
            restore(other, Saved(found), SYMBOLS)
            assert len(other.columns.keys) == rows
        else:
            with pytest.raises(StateError, match="the capacity is out of range"):
                restore(other, Saved(found), SYMBOLS)


def test_spare_rows_for_tails_are_bounded_to_the_byte() -> None:
    found = state("bounded")
    tails, most = found["capacity"][2], 12_000 + layout.TAIL_BYTES * 64
    found["capacity"][3] = (most - layout.TAIL_BYTES * tails) // 4
    assert len(restored(found, "bounded").columns.store) == found["capacity"][3]
    found["capacity"][3] += 1
    refused(found, "the capacity is out of range", "bounded")


def test_a_tree_without_a_capacity_has_a_bounded_share_of_spare_rows() -> None:
    """A million bytes and a bit for each row in use: what a tree asks for is far below, and what a liar asks above."""
    found = state()
    rows = made("plain").columns.size[[NODES, EDGES, TAILS, STORED]]
    found["capacity"][3] = ((1 + int(rows.sum())) << 20) // 4 + 1000
    refused(found, "the capacity is out of range")


def test_no_more_nodes_than_the_tree_may_have() -> None:
    found = state("few nodes")
    assert found["capacity"][0] == 40
    found["capacity"][0] = 41
    refused(found, "the capacity is out of range", "few nodes")


def test_what_a_sketch_counts_is_looked_at() -> None:
    found = state("sketches")
    found["sketch"][3, 1, 1, 2] = -1
    refused(found, "a sketch counts less than nothing", "sketches")
    found = state("prefixes")
    most = PrefixSketchShape(4, 2).dimensions[2]
    found["sketch"][1, 0, 0, 0] = most
    refused(found, "more counters than there are", "prefixes")
    found = state("sketches")
    found["sketch"][0, 0, 0, 0] = 10_000  # of these it is a count like others
    assert restored(found, "sketches").columns.sketch[0, 0, 0, 0] == 10_000


def test_what_is_free_stays_in_its_order() -> None:
    tree, other = made("plain"), restored(state())
    assert tree.columns.size[FREED] == other.columns.size[FREED] >= 0
    assert (
        tree.columns.tail_next[: tree.columns.size[TAILS]] == other.columns.tail_next[: tree.columns.size[TAILS]]
    ).all()
