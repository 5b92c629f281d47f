"""Slow twins of walks through an automaton: dictionaries of transitions, one event at a time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from flexstream.automata.pdfa import END, PDFA, UNKNOWN
from flexstream.targets.pfa import PFA

from .evidence import dirichlet_factor
from .ngrams import next_context, ngram_chance
from .registry import twin

Arrows = Mapping[tuple[int, int], int]


@twin("routing.place_states")
def states_of(paths: Sequence[Sequence[int]], arrows: Arrows) -> list[int]:
    """Return the state that each path leads to."""
    found = []
    for path in paths:
        state = 0
        for symbol in path:
            state = arrows[state, symbol]
        found.append(state)
    return found


@twin("routing.enter_transitions")
def pair_table(pairs: Sequence[tuple[int, int]], size: int, width: int) -> list[int]:
    """Return a table with a slot for each state and symbol that leads to their transitions, -1 where it is free."""
    return [pairs.index(pair) if (pair := divmod(slot, width)) in pairs else -1 for slot in range(size)]


@twin("routing.route_tails")
def route(
    tails: Sequence[tuple[int, int, Sequence[int]]], arrows: Arrows, fallback: Sequence[int]
) -> tuple[Counter[tuple[int, int]], Counter[int]]:
    """Count the transitions that tails take, and the states in which they end; each has the edge by which it left."""
    passed: Counter[tuple[int, int]] = Counter()
    ended: Counter[int] = Counter()
    for state, first, rest in tails:
        at = arrows.get((state, first), fallback[first])
        for symbol in rest:
            passed[at, symbol] += 1
            at = arrows.get((at, symbol), fallback[symbol])
        ended[at] += 1
    return passed, ended


@twin("routing.agreement")
def pooled(strength: float, one: Mapping[int, int], other: Mapping[int, int], shares: Mapping[int, float]) -> float:
    """Return the log Bayes factor of one distribution for the counts of a state in two places."""
    outcomes = sorted(shares)
    counts = ([found.get(outcome, 0) for outcome in outcomes] for found in (one, other))
    return dirichlet_factor(*counts, [shares[outcome] for outcome in outcomes], strength)


@twin("drawing.draw_traces")
def draw(automaton: PDFA, n: int, seed: int, max_length: int) -> list[list[str]]:
    """Draw traces from an automaton, one outcome at a time."""
    random = np.random.default_rng(seed)
    weights = np.insert(automaton.weights, automaton.offsets[:-1], automaton.stops)
    rising = [0.0, *np.cumsum(weights).tolist()]
    traces = []
    for _ in range(n):
        trace: list[str] = []
        state = 0
        while len(trace) < max_length:
            edges = range(automaton.offsets[state], automaton.offsets[state + 1])
            row = rising[edges.start + state : edges.stop + state + 2]
            at = row[0] + random.random() * (row[-1] - row[0])
            outcome = next((place for place, value in enumerate(row[1:]) if value > at), len(edges))
            if outcome == 0 or row[0] == row[-1]:
                break
            trace.append(automaton.symbols[automaton.edge_symbols[edges[outcome - 1]]])
            state = int(automaton.targets[edges[outcome - 1]])
        traces.append(trace)
    return traces


@twin("forward.forward")
def path_probability(automaton: PFA, trace: Sequence[str]) -> float:
    """Return the probability of a trace as the sum over all paths."""

    def from_state(state: int, rest: Sequence[str]) -> float:
        if not rest:
            return float(automaton.stops[state])
        return sum(
            float(automaton.probabilities[edge]) * from_state(int(automaton.targets[edge]), rest[1:])
            for edge in range(automaton.offsets[state], automaton.offsets[state + 1])
            if automaton.symbols[automaton.edge_symbols[edge]] == rest[0]
        )

    return sum(float(share) * from_state(state, trace) for state, share in enumerate(automaton.initial))


def log2_prob(automaton: PDFA, trace: Sequence[str]) -> float:
    """Return the base-2 log probability of a trace, symbol by symbol."""
    return -sum(surprises(automaton, trace)[0])


@twin("scoring.event_bits", "scoring.walk_traces", "scoring.batch_chances")
def surprises(automaton: PDFA, trace: Sequence[str]) -> tuple[list[float], list[int], list[bool]]:
    """Return for each event and the end: its bits, the state before, and whether that has such a transition."""
    arrows = {
        (int(source), automaton.symbols[symbol]): int(target)
        for source, symbol, target in zip(automaton.sources, automaton.edge_symbols, automaton.targets, strict=True)
    }
    bits, states, known, state = [], [], [], 0
    context = automaton.ngram.start if automaton.ngram else 0
    for symbol in trace:
        chances = _mixed(automaton, state, context)
        if automaton.ngram:
            number = automaton.symbols.index(symbol) if symbol in automaton.symbols else len(automaton.symbols) + 1
            context = next_context(automaton.ngram, context, number)
        bits.append(-_log2(chances[symbol] if symbol in chances else chances[UNKNOWN]))
        states.append(state)
        known.append((state, symbol) in arrows)
        if symbol in automaton.symbols:
            elsewhere = int(automaton.smoothing.fallback[automaton.symbols.index(symbol)])
            state = arrows.get((state, symbol), elsewhere)
    return [*bits, -_log2(_mixed(automaton, state, context)[END])], [*states, state], [*known, True]


def _mixed(automaton: PDFA, state: int, context: int) -> dict[object, float]:
    """Return what a state and the n-gram say together."""
    alone, ngram = _chances(automaton, state), automaton.ngram
    if ngram is None:
        return alone
    share, size = float(automaton.ngram_shares[state]), len(automaton.symbols)
    numbers = zip([END, UNKNOWN, *automaton.symbols], [size, size + 1, *range(size)], strict=True)
    return {
        outcome: (1 - share) * alone[outcome] + share * ngram_chance(ngram, context, number)
        for outcome, number in numbers
    }


def _chances(automaton: PDFA, state: int) -> dict[object, float]:
    """Return the smoothed probabilities of a state: (c + rest · b) / mass."""
    base, rest, mass = automaton.smoothing.base, float(automaton.rest[state]), float(automaton.mass[state])
    counts: Counter[object] = Counter({END: float(automaton.stops[state])})  # type: ignore[dict-item]
    for edge in range(automaton.offsets[state], automaton.offsets[state + 1]):
        counts[automaton.symbols[automaton.edge_symbols[edge]]] += float(automaton.weights[edge])  # type: ignore[assignment]
    outcomes = [END, UNKNOWN, *automaton.symbols]
    return {
        outcome: (counts[outcome] + rest * float(share)) / mass if mass else 0.0
        for outcome, share in zip(outcomes, base, strict=True)
    }


@twin("scoring.score_traces")
def score(automaton: PDFA, trace: Sequence[str]) -> tuple[float, int, float, int]:
    """Return bits, position and bits of the first of the most surprising outcomes, and how many were never seen."""
    bits, _, known = surprises(automaton, trace)
    worst = max(range(len(bits)), key=lambda position: bits[position])
    return sum(bits), worst, bits[worst], known.count(False)


@twin("scoring.mix_chances")
def mixed(weights: Sequence[float], chances: Sequence[Sequence[float]]) -> list[float]:
    """Return the bits of each outcome of a trace under a mixture of whole-trace distributions."""
    found, before = [], 1.0
    for position in range(len(chances[0])):
        upto = math.fsum(
            weight * math.prod(row[at] for at in range(position + 1))
            for weight, row in zip(weights, chances, strict=True)
        )
        found.append(-_log2(upto / before) if before else math.inf)
        before = upto
    return found


@twin("scoring.share_credit")
def credit(log2_prob: Sequence[Sequence[float]]) -> list[float]:
    """Share one unit for each trace among the automata in proportion to how likely each held it, if any did."""
    shares = [0.0] * len(log2_prob)
    for column in zip(*log2_prob, strict=True):
        chances = [2.0**bits for bits in column]
        for row, chance in enumerate(chances):
            shares[row] += chance / sum(chances) if sum(chances) else 0.0
    return shares


def _log2(value: float) -> float:
    return math.log2(value) if value > 0 else -math.inf


@twin("routing.route_repeats")
def route_whole(
    traces: Mapping[tuple[int, ...], int], arrows: Arrows, fallback: Sequence[int]
) -> tuple[Counter[tuple[int, int]], Counter[int]]:
    """Count the transitions that whole traces take, each so many times, and the states in which they end."""
    passed: Counter[tuple[int, int]] = Counter()
    ended: Counter[int] = Counter()
    for trace, times in traces.items():
        at = 0
        for symbol in trace:
            passed[at, symbol] += times
            at = arrows.get((at, symbol), fallback[symbol])
        ended[at] += times
    return passed, ended


@twin("leaving_out.leave_out")
def left_out(
    automaton: PDFA,
    trace: Sequence[str],
    edge_parts: Mapping[tuple[int, str], float],
    end_parts: Sequence[float],
) -> tuple[float, float]:
    """Return the bits of a trace and those of its worst outcome, by the counts of an automaton less the trace's own.

    Of an outcome that 64 others have, and 16 where it is the worst, nothing is taken.  Where a transition leads
    that only one other has taken is not known.  A symbol that nobody else has is as surprising as one that nobody has.
    """
    counts, taken, own, state = _counts(automaton), Counter[tuple[int, str]](), Counter[int](), 0
    arrows = {pair: int(target) for pair, target in zip(counts, automaton.targets, strict=True)}
    for symbol in trace:
        if (state, symbol) in counts:
            taken[state, symbol] += edge_parts[state, symbol]
            own[state] += edge_parts[state, symbol]
        state = _next(automaton, arrows, state, symbol)
    end = state
    own[end] += end_parts[end]
    left = {pair for pair, count in counts.items() if count - taken[pair] > 1e-9}
    seen = {symbol for _, symbol in left}
    led = {pair: arrows[pair] for pair in left if counts[pair] - taken[pair] > 1 + 1e-9}
    summed, worst, state = 0.0, -1.0, 0
    for outcome in [*trace, None]:
        known = outcome is None or outcome in seen
        if outcome is None:
            came, mine, place = float(automaton.stops[state]), end_parts[end] * (state == end), 0
        else:
            place = 2 + automaton.symbols.index(outcome) if known else 1
            came, mine = (counts.get((state, outcome), 0.0), taken[state, outcome]) if known else (0.0, 0.0)
        rest, base = float(automaton.rest[state]), float(automaton.smoothing.base[place])
        mass = float(automaton.mass[state])
        without = _surprise(came - mine, mass - own[state] * known, rest, base)
        summed += _surprise(came, mass, rest, base) if came - mine >= 64 else without
        worst = max(worst, _surprise(came, mass, rest, base) if came - mine >= 16 else without)
        state = _next(automaton, led, state, outcome) if outcome is not None and known else state
    return summed, worst


def _surprise(came: float, mass: float, rest: float, base: float) -> float:
    chance = max(came, 0.0) + rest * base
    return -_log2(chance / max(mass, rest, chance)) if chance else math.inf


def _counts(automaton: PDFA) -> dict[tuple[int, str], float]:
    names = [automaton.symbols[symbol] for symbol in automaton.edge_symbols]
    return dict(zip(zip(automaton.sources.tolist(), names, strict=True), automaton.weights.tolist(), strict=True))


def _next(automaton: PDFA, arrows: Mapping[tuple[int, str], int], state: int, symbol: str) -> int:
    if symbol not in automaton.symbols:
        return state
    return arrows.get((state, symbol), int(automaton.smoothing.fallback[automaton.symbols.index(symbol)]))
