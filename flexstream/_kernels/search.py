"""The red-blue search: which blue node becomes red, which is folded where, and on what evidence."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from .folding import ABSORBED, BLUE, MOVES, PAIRS, RED, edge_owner, fold_pair, start_fold, undo_fold
from .heap import heap_pop, heap_push
from .jit import inline, kernel
from .table import FREE, find_slot, key_symbol, make_key

PROMOTE, MERGE = 0, 1
KEPT, GREEDY, FORCED, DROPPED = 0, 1, 2, 3

JUDGE = types.float64(
    types.Array(types.int64, 2, "C"),
    types.int64,
    types.Array(types.int32, 3, "C"),
    types.Array(types.int32, 3, "C"),
    types.Array(types.float64, 1, "C"),
)
"""Signature of a heuristic's judge: counts, outcomes, sketch of target, sketch of source, parameters."""


class Rules(NamedTuple):
    """What the search is told besides the data."""

    margin: float  # a merge needs a score above this
    slack: float  # a trial is given up once it lies this far below the best score or the margin
    light: int  # a blue node with fewer visits is folded last, and always folded
    mean: int  # 1: the score of a merge is the mean over its pairs; 0: the sum
    forced: int  # 1: replay the journal without asking the data (strategy final)


class JournalColumns(NamedTuple):
    """Decisions in the order in which they were taken."""

    kind: NDArray[np.int8]  # PROMOTE or MERGE
    stage: NDArray[np.int8]  # KEPT from the last refinement, GREEDY, FORCED (light), DROPPED
    node: NDArray[np.int32]  # the blue node
    into: NDArray[np.int32]  # the red node it was folded into; for PROMOTE the best red node there was, or -1
    score: NDArray[np.float64]  # of that pair
    second: NDArray[np.float64]  # the next best score, -inf if there was none
    visits: NDArray[np.int64]  # of the blue node when it was decided
    size: NDArray[np.int64]  # entries


class Search(NamedTuple):
    """The state of a search."""

    reds: NDArray[np.int32]  # red nodes in the order of promotion
    weights: NDArray[np.int64]  # heap of blue nodes: visits
    blues: NDArray[np.int32]  # heap of blue nodes: node
    counts: NDArray[np.int64]  # room for the counts of one pair, (alphabet + 2) x 2
    size: NDArray[np.int64]  # reds, heap


REDS, HEAP = 0, 1


@inline
def gather(fold, target, source, counts):
    """Line up the next-symbol counts of a pair; return how many rows, and how many outcomes either has seen.

    Row 0 is the end of the trace, row 1 all symbols that the source has not seen, then the source's symbols.
    """
    rows, common = 2, 0
    counts[0, 2], counts[1, 2] = 0, -1
    counts[0, 0], counts[0, 1] = fold.ends[target], fold.ends[source]
    counts[1, 0], counts[1, 1] = fold.visits[target] - counts[0, 0], fold.visits[source] - counts[0, 1]
    edge = np.int64(fold.first[source])
    while edge >= 0:
        twin = fold.slots[find_slot(fold.slots, fold.keys, make_key(target, key_symbol(fold.keys[edge])))]
        counts[rows, 0] = 0
        counts[rows, 1] = fold.counts[edge]
        counts[rows, 2] = key_symbol(fold.keys[edge]) + 1
        if twin != FREE:
            counts[rows, 0] = fold.counts[twin]
            common += 1
        counts[1, 0] -= counts[rows, 0]
        counts[1, 1] -= counts[rows, 1]
        rows += 1
        edge = np.int64(fold.next[edge])
    ended = 1 if counts[0, 0] + counts[0, 1] > 0 else 0
    return rows, fold.degree[target] + fold.degree[source] - common + ended


@inline
def trial(fold, search, judge, parameters, rules, target, source, floor):
    """Fold a pair, judging as it goes, and take it all back; return the score, -inf if rejected."""
    start_fold(fold, target, source)
    total, pair = 0.0, 0
    while pair < fold.trail[PAIRS]:
        one, other = fold.pairs[pair, 0], fold.pairs[pair, 1]
        rows, outcomes = gather(fold, one, other, search.counts)
        total += judge(search.counts[:rows], outcomes, fold.sketch[one], fold.sketch[other], parameters)
        if total < floor:
            break
        fold_pair(fold, pair)
        pair += 1
    met = max(1, pair)
    undo_fold(fold, pair)
    return total / met if rules.mean == 1 and total > -np.inf else total


@inline
def best_target(fold, search, judge, parameters, rules, source):
    """Return the red node that the blue node fits best, its score and the runner-up's score."""
    best, score, second = -1, -np.inf, -np.inf
    for number in range(search.size[REDS]):
        target = search.reds[number]
        floor = -np.inf if rules.mean == 1 else max(score, rules.margin) - rules.slack
        found = trial(fold, search, judge, parameters, rules, target, source, floor)
        if found > score or (best < 0 and found > -np.inf):
            best, score, second = target, found, score
        elif found > second:
            second = found
    return best, score, second


@inline
def turn_blue(fold, search, node):
    """Make a node that hangs below a red one a candidate."""
    if fold.colour[node] != RED:
        fold.colour[node] = BLUE
        heap_push(search.weights, search.blues, search.size[HEAP], fold.visits[node], node)
        search.size[HEAP] += 1


@inline
def promote(fold, search, node):
    """Make a blue node red and its children blue."""
    fold.colour[node] = RED
    search.reds[search.size[REDS]] = node
    search.size[REDS] += 1
    edge = np.int64(fold.first[node])
    while edge >= 0:
        if fold.child[edge] >= 0:
            turn_blue(fold, search, fold.child[edge])
        edge = np.int64(fold.next[edge])


@inline
def merge(fold, search, target, source):
    """Fold for good; nodes that now hang below a red one turn blue, blue ones that grew are weighed again."""
    start_fold(fold, target, source)
    pair = 0
    while pair < fold.trail[PAIRS]:
        fold_pair(fold, pair)
        fold.colour[fold.pairs[pair, 1]] = ABSORBED
        pair += 1
    for done in range(pair):
        if fold.colour[fold.pairs[done, 0]] == BLUE:
            turn_blue(fold, search, fold.pairs[done, 0])
    for move in range(fold.trail[MOVES]):
        edge = fold.moves[move, 0]
        child = fold.child[edge]
        if child >= 0 and fold.colour[edge_owner(fold, edge)] == RED and fold.colour[child] != BLUE:
            turn_blue(fold, search, child)


@inline
def write(journal, kind, stage, node, into, score, second, visits):
    """Append an entry to the journal."""
    entry = journal.size[0]
    journal.size[0] = entry + 1
    journal.kind[entry], journal.stage[entry] = kind, stage
    journal.node[entry], journal.into[entry] = node, into
    journal.score[entry], journal.second[entry] = score, second
    journal.visits[entry] = visits


@inline
def decide(fold, search, judge, parameters, rules, journal, node, stage):
    """Promote or merge one blue node by what the data say now."""
    visits = fold.visits[node]
    into, score, second = best_target(fold, search, judge, parameters, rules, node)
    if score > rules.margin or (visits < rules.light and into >= 0):
        merge(fold, search, into, node)
        stage = FORCED if score <= rules.margin else stage
        write(journal, MERGE, stage, node, into, score, second, visits)
    else:
        promote(fold, search, node)
        write(journal, PROMOTE, stage, node, into, score, second, visits)


@inline
def replay_entry(fold, search, judge, parameters, rules, last, entry, journal):
    """Apply an entry of the last journal again, or drop it because the data now speak against it."""
    node, into = last.node[entry], last.into[entry]
    visits = fold.visits[node]
    if last.kind[entry] == MERGE:
        score = np.inf
        if rules.forced == 0:
            floor = -np.inf if rules.mean == 1 else rules.margin - rules.slack
            score = trial(fold, search, judge, parameters, rules, into, node, floor)
        if score > rules.margin:
            merge(fold, search, into, node)
            write(journal, MERGE, KEPT, node, into, score, -np.inf, visits)
        else:
            write(journal, MERGE, DROPPED, node, into, score, -np.inf, visits)
        return
    score, second = -np.inf, -np.inf
    into = np.int32(-1)
    if rules.forced == 0:
        found, score, second = best_target(fold, search, judge, parameters, rules, node)
        into = np.int32(found)
    if score > rules.margin:
        write(journal, PROMOTE, DROPPED, node, into, score, second, visits)
    else:
        promote(fold, search, node)
        write(journal, PROMOTE, KEPT, node, into, score, second, visits)


@inline
def replay(fold, search, judge, parameters, rules, last, journal):
    """Go through the last journal, again and again while entries that had to wait find their colours."""
    waiting = np.arange(last.size[0])
    while len(waiting) > 0:
        left = 0
        for entry in waiting:
            if fold.colour[last.node[entry]] != BLUE or (
                last.kind[entry] == MERGE and fold.colour[last.into[entry]] != RED
            ):
                waiting[left] = entry
                left += 1
            else:
                replay_entry(fold, search, judge, parameters, rules, last, entry, journal)
        if left == len(waiting):
            return
        waiting = waiting[:left]


@kernel
def refine(fold, search, judge, parameters, rules, last, journal):
    """Search for the automaton behind a tree; ``fold`` becomes it, ``journal`` says how."""
    promote(fold, search, 0)
    replay(fold, search, judge, parameters, rules, last, journal)
    while search.size[HEAP] > 0:
        weight, node = heap_pop(search.weights, search.blues, search.size[HEAP])
        search.size[HEAP] -= 1
        if fold.colour[node] == BLUE and fold.visits[node] == weight:
            decide(fold, search, judge, parameters, rules, journal, node, GREEDY)
