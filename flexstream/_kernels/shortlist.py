"""Which red nodes are worth a trial: those whose next symbols come near those of the blue node.

Trying every blue node on every red one costs the product of their numbers.  A look at next symbols rules most pairs
out at a hundredth of the price of a trial.  Outcomes are put into at most ``GROUPS`` groups (with so few symbols each
is its own group), and each red node keeps the logarithms of its groups' shares, group by group, so that one pass over
contiguous memory compares a blue node with all red ones.

The measure is the likelihood ratio statistic of one distribution against two: with shares f of N observations in the
blue node and shares g of n in the red one, N n / (N + n) · KL(f ‖ g).  The log Bayes factor of one against two is
about k / 2 · ln(1 + N n / (N + n)) minus that statistic (Schwarz, Annals of Statistics 6, 1978; k the groups seen),
and putting outcomes together can only make the statistic smaller (data processing), so pairs far below zero need no
trial.
"""

from __future__ import annotations

import math

import numpy as np

from .jit import inline, kernel
from .table import key_symbol, mix

GROUPS = 32
MANY = 32  # red nodes from which on a list pays
FEW = 48  # red nodes that a light node, of which little hangs, is tried on at most, about
SPARE = 8.0  # nats by which the approximation may err
CROWD = 256  # red nodes from which on it may err by half of that: more and more come near by chance
LOST = 4.0  # nats below the best from which on no light node's score is expected to recover
STALE = 1.1  # growth of a red node from which on its groups are weighed anew
PRIOR = 2.0  # observations worth of the whole stream's shares in those of a red node


@inline
def group_of(symbol, alphabet):
    """Return the group of a symbol; 0 is the end's."""
    if alphabet < GROUPS:
        return symbol + 1
    return np.int64(mix(symbol) % np.uint64(GROUPS - 1)) + 1


@kernel
def share_groups(base):
    """Return the share of each group in the whole stream from that of the end and each symbol."""
    shares = np.zeros(GROUPS)
    shares[0] = base[0]
    for symbol in range(len(base) - 1):
        shares[group_of(symbol, len(base) - 1)] += base[1 + symbol]
    return shares


@inline
def count_groups(fold, alphabet, node, counts):
    """Count the outcomes of a node by group; return how many there are."""
    counts[:] = 0.0
    counts[0] = fold.ends[node]
    total = np.float64(fold.ends[node])
    edge = np.int64(fold.first[node])
    while edge >= 0:
        counts[group_of(key_symbol(fold.keys[edge]), alphabet)] += fold.counts[edge]
        total += fold.counts[edge]
        edge = np.int64(fold.next[edge])
    return total


@inline
def weigh_groups(fold, search, node):
    """Set the logarithms of the shares of a red node's groups."""
    counts = search.tally
    total = count_groups(fold, len(search.base) - 1, node, counts)
    search.weighed[search.place[node]] = fold.visits[node]
    for group in range(GROUPS):
        share = (counts[group] + PRIOR * search.group_shares[group]) / (total + PRIOR)
        search.groups[group, search.place[node]] = math.log(share) if share > 0.0 else 0.0


@inline
def measure_gaps(fold, search, node, reds):
    """Set each red node's gap, N · KL(f ‖ g); return N and how many groups were seen."""
    counts, gap = search.tally, search.gap
    total = count_groups(fold, len(search.base) - 1, node, counts)
    own, seen = 0.0, 0
    for group in range(GROUPS):
        if counts[group] > 0.0:
            own += counts[group] * math.log(counts[group] / total)
            seen += 1
    for red in range(reds):
        gap[red] = own
    for group in range(GROUPS):
        count = np.float32(counts[group])
        if count > 0.0:
            row = search.groups[group]
            for red in range(reds):
                gap[red] -= count * row[red]
    return total, seen


@inline
def limit_for_light(gap, reds, least):
    """Return up to which gap a light node is tried: LOST above the least, but less where that leaves many."""
    room = LOST
    while room > 0.1:
        near = 0
        for red in range(reds):
            near += gap[red] <= least + room
        if near <= FEW:
            break
        room *= 0.5
    return least + room


@inline
def spare_of(reds):
    """Return by how many nats the approximation may err."""
    return SPARE if reds < CROWD else 0.5 * SPARE


@inline
def nats_against(gap, total, visits, seen):
    """Return the negative of the approximate log Bayes factor."""
    share = visits / (total + visits) if visits > 0.0 else 0.0
    return gap * share - 0.5 * seen * math.log(1.0 + total * share)


@inline
def shortlist(fold, search, node, reds, light):
    """List the red nodes that a blue node should be tried on, at least the nearest; return how many.

    They come in their order, but the likeliest last: a trial that turns out to be the merge need not be taken back.

    A light node has too few events to contradict any red node.  It goes to the best of them, so only those are listed
    to whose next symbols it does not come ``LOST`` nats worse than to the nearest's.
    """
    gap = search.gap
    total, seen = measure_gaps(fold, search, node, reds)
    nearest = np.int64(0)
    for red in range(reds):
        if gap[red] < gap[nearest]:
            nearest = np.int64(red)
    most = limit_for_light(gap, reds, np.float64(gap[nearest])) if light else np.inf
    spare = spare_of(reds)
    widest = spare + 0.5 * seen * math.log(1.0 + total)  # that a statistic can be and be tried still
    for red in range(reds):  # without a branch or a division, so that the compiler takes several at once
        visits = search.weighed[red]
        far = gap[red] * visits > np.float32(widest) * (np.float32(total) + visits)
        gap[red] = np.float32(np.inf) if far or gap[red] > most else gap[red]
    listed, likeliest, least = np.int64(0), np.int64(0), spare
    for red in range(reds):
        if gap[red] < np.inf:
            against = nats_against(gap[red], total, np.float64(search.weighed[red]), seen)
            if against <= spare:
                search.short[listed] = search.reds[red]
                if against < least:
                    likeliest, least = listed, against
                listed += 1
    if listed > 0:
        red = search.short[likeliest]
        search.short[likeliest] = search.short[listed - 1]
        search.short[listed - 1] = red
    elif reds > 0:
        search.short[0] = search.reds[nearest]
        listed = np.int64(1)
    return listed
