"""Slow, obvious twins of the kernels: dictionaries, recursion, no arrays."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from inspect import signature as signature_of

import numpy as np

from flexstream.automata.pdfa import END, PDFA, UNKNOWN
from flexstream.stream.alphabet import Alphabet
from flexstream.summary.tree import PrefixTree
from flexstream.targets.pfa import PFA

MASK = (1 << 64) - 1
Path = tuple[str, ...]


# --- prefix tree ---------------------------------------------------------------------------------------------------


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


def grow(traces: Iterable[Sequence[str]], grow_at: int = 1, reach: float = math.inf, futures: int = 0) -> Node:
    """Count traces into a prefix tree."""
    root, made = Node(), 1
    for trace in traces:
        node = root
        for position, symbol in enumerate([*trace, None]):
            _visit(node, trace[position:], futures)
            if symbol is None:
                break
            if symbol not in node.children:
                if node.visits < grow_at or position >= reach:
                    node.tails.setdefault(symbol, []).append(trace[position + 1 :])
                    break
                child = node.children[symbol] = Node(made)
                made += 1
                for tail in reversed(node.tails.pop(symbol, [])):
                    _visit(child, tail, futures)
                    if tail:
                        child.tails.setdefault(tail[0], []).append(tail[1:])
            node = node.children[symbol]
    return root


def _visit(node: Node, rest: Sequence[str], futures: int) -> None:
    """Count that a trace with this rest came by."""
    node.visits += 1
    ending = (*rest, None)
    for length in range(1, futures + 1):
        node.futures[(length, *ending[:length])] += 1  # type: ignore[index]
    if rest:
        node.counts[rest[0]] += 1
    else:
        node.ends += 1


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


# --- hashing -------------------------------------------------------------------------------------------------------


def mix(x: int) -> int:
    """Scramble 64 bits."""
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def chain(codes: Sequence[int]) -> int:
    """Return the hash of a string of codes."""
    running = 0
    for code in codes:
        running = mix((running * 0x9E3779B97F4A7C15 + code + 1) & MASK)
    return running


def cell(future: int, row: int, width: int) -> int:
    """Return the cell of the code of a future in one row of a sketch."""
    return ((mix((future + row * 0xD6E8FEB86659FD93) & MASK) >> 32) * width) >> 32


def future_cell(codes: Sequence[int], row: int, width: int) -> int:
    """Return the cell of a future in one row of a sketch."""
    return cell(chain(codes), row, width)


END_CODE = 0xFFFFFFFF


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


def minhash(codes: Sequence[int], functions: int, shingle: int) -> int:
    """Return the code of a future's MinHash signature, by datasketch."""
    from datasketch import MinHash

    size = min(shingle, len(codes))
    scheme = {"scheme": "legacy"} if "scheme" in signature_of(MinHash).parameters else {}
    signature = MinHash(num_perm=functions, hashfunc=lambda code: code & 0xFFFFFFFF, **scheme)
    for start in range(len(codes) - size + 1):
        signature.update(chain(codes[start : start + size]))  # type: ignore[arg-type]
    return chain([int(value) for value in signature.hashvalues])


# --- Space-Saving --------------------------------------------------------------------------------------------------


def space_saving(items: Iterable[int], counters: int) -> Counter[int]:
    """Return the counters after a stream of items; the lightest is taken over, of equals any."""
    counts: Counter[int] = Counter()
    for item in items:
        if item not in counts and len(counts) == counters:
            lightest = min(counts, key=lambda key: counts[key])
            counts[item] = counts.pop(lightest)
        counts[item] += 1
    return counts


# --- fold ----------------------------------------------------------------------------------------------------------


def fold(target: Node, source: Node, parent: Node, symbol: str) -> list[tuple[Node, Node]]:
    """Merge source, the child of parent under symbol, into target; return the pairs that met, level by level."""
    parent.children[symbol] = target
    pairs, done = [(target, source)], 0
    while done < len(pairs):
        one, other = pairs[done]
        one.visits += other.visits
        one.ends += other.ends
        one.counts += other.counts
        # The newest edge first, as the kernel keeps its lists.
        for letter in reversed(list(other.counts)):
            child = other.children.get(letter)
            if child is not None and letter in one.children:
                pairs.append((one.children[letter], child))
            elif child is not None:
                one.children[letter] = child
        done += 1
    return pairs


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


# --- evidence ------------------------------------------------------------------------------------------------------


def log_marginal(counts: dict[str | None, int], base: dict[str | None, float], strength: float) -> float:
    """Return the log probability of a sequence with these counts under a Dirichlet-multinomial."""
    total = sum(counts.values())
    value = math.lgamma(strength) - math.lgamma(strength + total)
    for outcome, count in counts.items():
        share = strength * base[outcome]
        value += math.lgamma(share + count) - math.lgamma(share)
    return value


def outcomes(node: Node) -> Counter[str | None]:
    """Return the counts of a node, the end (None) among them."""
    counts: Counter[str | None] = Counter(node.counts)
    if node.ends:
        counts[None] = node.ends
    return counts


def evidence(one: Node, other: Node, base: dict[str | None, float], strength: float) -> float:
    """Return the log Bayes factor of one distribution against two."""
    first, second = outcomes(one), outcomes(other)
    together = log_marginal(first + second, base, strength)
    return together - log_marginal(first, base, strength) - log_marginal(second, base, strength)


def dirichlet_factor(one: Sequence[int], other: Sequence[int], base: Sequence[float], strength: float) -> float:
    """Return the log Bayes factor for counts and shares of the same outcomes."""
    shares: dict[str | None, float] = {str(i): share for i, share in enumerate(base)}

    def marginal(counts: Sequence[int]) -> float:
        return log_marginal({str(i): count for i, count in enumerate(counts)}, shares, strength)

    return marginal([x + y for x, y in zip(one, other, strict=True)]) - marginal(one) - marginal(other)


def schwarz_gap(blue: Sequence[int], red: Sequence[int], base: Sequence[float], prior: float) -> float:
    """Return the likelihood ratio statistic of one distribution against two, less Schwarz's penalty."""
    n, m = sum(blue), sum(red)
    divergence = sum(
        count / n * math.log(count / n / ((other + prior * share) / (m + prior)))
        for count, other, share in zip(blue, red, base, strict=True)
        if count
    )
    common = n * m / (n + m)
    return common * divergence - 0.5 * sum(count > 0 for count in blue) * math.log(1 + common)


# --- Hoeffding -----------------------------------------------------------------------------------------------------


def hoeffding(first: int, n1: int, second: int, n2: int, alpha: float) -> bool:
    """Tell whether two counts out of n1 and n2 are compatible at level alpha."""
    bound = math.sqrt(0.5 * math.log(2 / alpha)) * (1 / math.sqrt(n1) + 1 / math.sqrt(n2))
    return abs(first / n1 - second / n2) <= bound


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the cosine of two vectors."""
    product = sum(x * y for x, y in zip(one, other, strict=True))
    return product / math.sqrt(sum(x * x for x in one) * sum(y * y for y in other))


# --- automata ------------------------------------------------------------------------------------------------------


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


# --- scoring -------------------------------------------------------------------------------------------------------


def log2_prob(automaton: PDFA, trace: Sequence[str]) -> float:
    """Return the base-2 log probability of a trace, symbol by symbol."""
    total = 0.0
    for position, symbol in enumerate(trace):
        chances = automaton.predict_proba_one(trace[:position])
        total += _log2(chances[symbol] if symbol in chances else chances[UNKNOWN])
    return total + _log2(automaton.predict_proba_one(trace)[END])


def _log2(value: float) -> float:
    return math.log2(value) if value > 0 else -math.inf
