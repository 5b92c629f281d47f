"""The red-blue search: which blue node becomes red, which is folded where, and on what evidence."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from .folding import (
    ABSORBED,
    BLUE,
    FOLD,
    MOVES,
    PAIRS,
    RED,
    edge_owner,
    fetch_twin,
    find_twins,
    fold_pair,
    start_fold,
    undo_fold,
)
from .heap import heap_pop, heap_push
from .jit import bare_kernel_of, columns_type, hot, inline
from .shortlist import LOST, MANY, STALE, shortlist, weigh_groups
from .spacesaving import combine
from .table import FREE, find_slot, key_symbol, make_key

PROMOTE, MERGE, OPEN = 0, 1, 2
KEPT, GREEDY, FORCED, DROPPED = 0, 1, 2, 3
REDS, HEAP, WAITING = 0, 1, 2

JUDGE = types.float64(
    types.Array(types.int64, 2, "C"),
    types.Array(types.float64, 1, "C"),
    types.Array(types.int32, 3, "C"),
    types.Array(types.int32, 3, "C"),
    types.Array(types.int32, 2, "C"),
    types.Array(types.float64, 1, "C"),
)
"""Signature of a heuristic's judge: counts and shares of the outcomes, two sketches, futures, parameters; gives a
score."""


class Rules(NamedTuple):
    """What the search is told besides the data."""

    margin: float  # a merge needs a score above this
    slack: float  # a trial is given up once its score so far lies this far below the margin
    lead: float  # a merge is settled once its score is this far above the runner-up's
    light: int  # a blue node with fewer visits is always folded
    mean: int  # 1: the score of a merge is the mean over its pairs; 0: the sum
    trusting: int  # 1: replay the journal without asking the data (strategy final)
    deepest: int  # levels of pairs below the first that are judged
    apart: int  # 1: symbols that only the target has seen get rows of their own
    patient: int  # 1: a score that neither merges nor rejects leaves the node open until all others are decided
    narrow: int  # 1: with many red nodes, only those whose next symbols come near are tried


class JournalColumns(NamedTuple):
    """Decisions in the order in which they were taken."""

    kind: NDArray[np.int8]  # PROMOTE or MERGE
    stage: NDArray[np.int8]  # KEPT from the last refinement, GREEDY, FORCED (light), DROPPED
    node: NDArray[np.int32]  # the blue node
    into: NDArray[np.int32]  # the red node it was folded into; for PROMOTE the best one there was, or -1
    score: NDArray[np.float64]  # of that pair
    second: NDArray[np.float64]  # the next best score, -inf if there was none
    visits: NDArray[np.int64]  # of the blue node when it was decided
    size: NDArray[np.int64]  # entries


class SearchColumns(NamedTuple):
    """The state of a search."""

    reds: NDArray[np.int32]  # red nodes in the order of promotion
    weights: NDArray[np.int64]  # heap of blue nodes: visits
    blues: NDArray[np.int32]  # heap of blue nodes: node
    base: NDArray[np.float64]  # outcome: share in the whole stream; the end, then symbols
    counts: NDArray[np.int64]  # room for the outcomes of one pair: counts in target and source
    shares: NDArray[np.float64]  # room for the outcomes of one pair: share in the whole stream
    open: NDArray[np.int32]  # blue nodes that wait for a clear verdict
    waiting: NDArray[np.int32]  # room for the entries of the last journal that could not be taken again yet
    futures: NDArray[np.int32]  # future x (length - 1, cell in each row): what the judge may ask the sketches for
    groups: NDArray[np.float32]  # group of outcomes x red node: log share of the group, see shortlist.py
    group_shares: NDArray[np.float64]  # group: share in the whole stream
    tally: NDArray[np.float64]  # room for a number for each group
    weighed: NDArray[np.float32]  # red node: visits when its groups were weighed
    place: NDArray[np.int32]  # node: its place among the red ones, where it is red
    gap: NDArray[np.float32]  # room for a number for each red node
    short: NDArray[np.int32]  # the red nodes that the blue node at hand is tried on
    items: NDArray[np.int32]  # 2 x any: room to combine two sketches, see spacesaving.py
    size: NDArray[np.int64]  # reds, heap, open


RULES = columns_type(Rules)
JOURNAL = columns_type(JournalColumns)
SEARCH = columns_type(SearchColumns, counts=2, futures=2, groups=2, items=2)


@hot
def gather(fold, search, pair, apart):
    """Line up the next-symbol counts of a pair; return how many rows there are.

    Row 0 is the end of the trace, row 1 all symbols that the source has not seen, then the source's symbols.  With
    ``apart`` those of row 1 come last, one by one, and row 1 stays empty.
    """
    counts, shares, base = search.counts, search.shares, search.base
    target, source = np.int64(fold.pairs[pair, 0]), np.int64(fold.pairs[pair, 1])
    counts[0, 0], counts[0, 1] = fold.ends[target], fold.ends[source]
    counts[1, 0], counts[1, 1] = fold.visits[target] - counts[0, 0], fold.visits[source] - counts[0, 1]
    shares[0], shares[1] = base[0], 1.0 - base[0]
    rows, at = 2, np.int64(fold.marks[pair, 1])
    edge = np.int64(fold.first[source])
    while edge >= 0:
        symbol, twin = key_symbol(fold.keys[edge]), np.int64(fold.twins[at])
        counts[rows, 0] = 0 if twin == FREE else fold.counts[twin]
        counts[rows, 1] = fold.counts[edge]
        shares[rows] = base[1 + symbol]
        counts[1, 0] -= counts[rows, 0]
        counts[1, 1] -= counts[rows, 1]
        shares[1] -= shares[rows]
        rows += 1
        at += 1
        edge = np.int64(fold.next[edge])
    return gather_apart(fold, search, target, source, rows) if apart == 1 else rows


@inline
def gather_apart(fold, search, target, source, rows):
    """Move what row 1 holds to a row for each symbol; return how many rows there are."""
    counts, shares = search.counts, search.shares
    edge = np.int64(fold.first[target])
    while edge >= 0:
        symbol = key_symbol(fold.keys[edge])
        if fold.slots[find_slot(fold.slots, fold.keys, make_key(source, symbol))] == FREE:
            counts[rows, 0], counts[rows, 1] = fold.counts[edge], 0
            shares[rows] = search.base[1 + symbol]
            counts[1, 0] -= counts[rows, 0]
            shares[1] -= shares[rows]
            rows += 1
        edge = np.int64(fold.next[edge])
    return rows


@inline
def trial(fold, search, judge, parameters, rules, target, source, floor):
    """Fold a pair, judging as it goes until it falls below the floor; return the score and the pairs merged by then."""
    start_fold(fold, target, source)
    total, pair, level, last = 0.0, np.int64(0), np.int64(0), np.int64(1)
    while pair < fold.trail[PAIRS]:
        if pair == last:  # pairs join the trail level by level
            level, last = level + 1, fold.trail[PAIRS]
            if level > rules.deepest:
                break
        one, other = np.int64(fold.pairs[pair, 0]), np.int64(fold.pairs[pair, 1])
        find_twins(fold, pair)
        rows = gather(fold, search, pair, rules.apart)
        total += judge(
            search.counts[:rows],
            search.shares[:rows],
            fold.sketch[one],
            fold.sketch[other],
            search.futures,
            parameters,
        )
        if total < floor or total == -np.inf or rules.deepest == 0:
            break
        fold_pair(fold, pair)
        pair += 1
    return total / max(1, pair) if rules.mean == 1 else total, pair


@inline
def best_target(fold, search, judge, parameters, rules, listed, source):
    """Return the listed red node that a blue node fits best (-1: none), its score, the runner-up's, and what stands.

    All trials are taken back but for one: where the last is the best and a merge, its pairs, so many, stay merged.
    """
    best, score, second = np.int64(-1), -np.inf, -np.inf
    floor = -np.inf if rules.mean == 1 else rules.margin - rules.slack
    for at in range(listed):
        target = np.int64(search.short[at])
        if at + 1 < listed:
            fetch_twin(fold, np.int64(search.short[at + 1]), source)
        if fold.visits[source] < rules.light and rules.mean == 0:
            # It must go somewhere, be the best ever so bad.
            floor = min(rules.margin - rules.slack, score - LOST)
        found, merged = trial(fold, search, judge, parameters, rules, target, source, floor)
        if found > score:
            best, score, second = target, found, score
            if at + 1 == listed and found > rules.margin and merged == fold.trail[PAIRS]:
                return best, score, second, merged
        elif found > second:
            second = found
        undo_fold(fold, merged)
    return best, score, second, np.int64(0)


@inline
def list_worth_trying(fold, search, rules, node):
    """List the red nodes that a blue node is tried on; return how many they are."""
    reds = search.size[REDS]
    if rules.narrow == 1 and reds >= MANY:
        return shortlist(fold, search, node, reds, fold.visits[node] < rules.light)
    for red in range(reds):  # a kernel that may not allocate cannot assign slices to slices
        search.short[red] = search.reds[red]
    return reds


@hot
def turn_blue(fold, search, node):
    """Make a node that hangs below a red one a candidate, or weigh it again."""
    if fold.colour[node] != RED:
        fold.colour[node] = BLUE
        heap_push(search.weights, search.blues, search.size[HEAP], fold.visits[node], node)
        search.size[HEAP] += 1


@inline
def promote(fold, search, node):
    """Make a blue node red and its children blue."""
    fold.colour[node] = RED
    search.place[node] = search.size[REDS]
    search.reds[search.size[REDS]] = node
    search.size[REDS] += 1
    weigh_groups(fold, search, node)
    edge = np.int64(fold.first[node])
    while edge >= 0:
        if fold.child[edge] >= 0:
            turn_blue(fold, search, np.int64(fold.child[edge]))
        edge = np.int64(fold.next[edge])


@inline
def merge(fold, search, target, source, standing):
    """Fold for good, unless a trial has, of which so many pairs stand.

    Nodes that now hang below a red one turn blue, blue ones that grew are weighed again.
    """
    if standing == 0:
        start_fold(fold, target, source)
        while standing < fold.trail[PAIRS]:
            find_twins(fold, standing)
            fold_pair(fold, standing)
            standing += 1
    for done in range(standing):
        if fold.additive == 0:
            combine(fold.sketch[fold.pairs[done, 0]], fold.sketch[fold.pairs[done, 1]], search.items)
        fold.colour[fold.pairs[done, 1]] = ABSORBED
    for done in range(standing):
        grown = np.int64(fold.pairs[done, 0])
        if fold.colour[grown] == BLUE:
            turn_blue(fold, search, grown)
        elif fold.colour[grown] == RED and fold.visits[grown] > STALE * search.weighed[search.place[grown]]:
            weigh_groups(fold, search, grown)
    for move in range(fold.trail[MOVES]):
        edge = fold.moves[move, 0]
        child = np.int64(fold.child[edge])
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
def decide(fold, search, judge, parameters, rules, journal, node, listed, last, before, runner_up):
    """Promote or merge one blue node by what the data say now.

    ``last`` is what the last journal did with it (OPEN: nothing that binds).  If the data now speak against that,
    or less in favour of a merge than ``before``, the entry is dropped and the node stays blue: right merges gain
    evidence as data come, and one that loses it may no longer be the best.  ``runner_up`` is the second best score
    when all red nodes were asked last.  A patient search leaves a node blue whose best score says neither yes nor no,
    and folds it only once nobody waits any more.
    """
    visits, standing = fold.visits[node], np.int64(0)
    if last != OPEN and rules.trusting == 1:
        into, score, second = np.int64(search.short[0]), before, runner_up
        fits = last == MERGE
    else:
        into, score, second, standing = best_target(fold, search, judge, parameters, rules, listed, node)
        fits = score > rules.margin and score >= before
        second = max(second, runner_up)
    forced = last == OPEN and not fits and into >= 0 and (visits < rules.light or rules.patient == 1)
    waits = forced and visits >= rules.light and search.size[WAITING] >= 0
    kind = MERGE if fits or forced else PROMOTE
    if standing > 0 and (waits or kind != MERGE or last not in (OPEN, kind)):
        undo_fold(fold, standing)
    if waits:
        return
    if last not in (OPEN, kind):
        write(journal, last, DROPPED, node, into, score, second, visits)
        return
    if kind == MERGE:
        merge(fold, search, into, node, standing)
    else:
        promote(fold, search, node)
    stage = FORCED if forced else GREEDY if last == OPEN else KEPT
    write(journal, kind, stage, node, into, score, second, visits)


@inline
def replay(fold, search, judge, parameters, rules, last, journal):
    """Go through the last journal, again and again while entries that had to wait find their colours.

    A merge binds if it was settled: forced ones were not, nor those whose runner-up came close; for them the search
    asks all red nodes again, in the place where they stand.
    """
    waiting, left = search.waiting, last.size[0]
    for entry in range(left):
        waiting[entry] = entry
    before_pass = np.int64(-1)
    while left != before_pass:
        before_pass, left = left, np.int64(0)
        for at in range(before_pass):
            entry = np.int64(waiting[at])
            node, into, kind = np.int64(last.node[entry]), last.into[entry], np.int64(last.kind[entry])
            settled = last.score[entry] - last.second[entry] >= rules.lead or rules.trusting == 1
            if kind == MERGE and (last.stage[entry] == FORCED or not settled):
                kind = np.int64(OPEN)
            if fold.colour[node] == BLUE and (kind != MERGE or fold.colour[into] == RED):
                search.short[0] = into
                listed = np.int64(1) if kind == MERGE else list_worth_trying(fold, search, rules, node)
                before = last.score[entry] if kind == MERGE else -np.inf
                runner_up = last.second[entry] if kind == MERGE else -np.inf
                decide(fold, search, judge, parameters, rules, journal, node, listed, kind, before, runner_up)
            else:
                waiting[left] = entry
                left += 1


@inline
def ask_again(fold, search, more):
    """Enter the nodes that wait into the heap again; without ``more`` news since, from now on nobody waits."""
    waiting = search.size[WAITING]
    search.size[WAITING] = 0 if more else -1
    for entry in range(waiting):
        if fold.colour[search.open[entry]] == BLUE:
            turn_blue(fold, search, np.int64(search.open[entry]))


@bare_kernel_of(
    types.void(FOLD, SEARCH, types.FunctionType(JUDGE), types.Array(types.float64, 1, "C"), RULES, JOURNAL, JOURNAL)
)
def refine(fold, search, judge, parameters, rules, last, journal):
    """Search for the automaton behind a tree; ``fold`` becomes it, ``journal`` says how."""
    turn_blue(fold, search, np.int64(0))
    replay(fold, search, judge, parameters, rules, last, journal)
    decided = np.int64(-1)
    while search.size[HEAP] > 0:
        weight, node = heap_pop(search.weights, search.blues, search.size[HEAP])
        search.size[HEAP] -= 1
        if fold.colour[node] == BLUE and fold.visits[node] == weight:
            listed = list_worth_trying(fold, search, rules, np.int64(node))
            decide(fold, search, judge, parameters, rules, journal, np.int64(node), listed, OPEN, -np.inf, -np.inf)
            if fold.colour[node] == BLUE:
                search.open[search.size[WAITING]] = node
                search.size[WAITING] += 1
        if search.size[HEAP] == 0 and search.size[WAITING] > 0:
            # New states and merges may settle what waits.
            ask_again(fold, search, journal.size[0] > decided)
            decided = journal.size[0]
