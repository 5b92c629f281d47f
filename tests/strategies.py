"""Random traces and trees."""

from __future__ import annotations

from hypothesis import strategies as st

from flexstream.stream.alphabet import Alphabet
from flexstream.stream.batch import TraceBatch
from flexstream.stream.hashing import symbol_code
from flexstream.summary.sketch import NO_SKETCH, SketchShape
from flexstream.summary.tree import PrefixTree
from flexstream.targets.pfa import PFA

Traces = list[list[str]]


@st.composite
def automata(draw: st.DrawFn, deterministic: bool = False) -> PFA:
    """Draw a small automaton with probabilities that are multiples of a power of two or nearly so."""
    states = draw(st.integers(1, 4))
    edges: dict[tuple[int, int, int], int] = {}
    for state in range(states):
        for symbol in range(3):
            width = 1 if deterministic else 3
            targets = draw(st.lists(st.integers(0, states - 1), max_size=width, unique=True))
            edges.update({(state, symbol, target): draw(st.integers(1, 9)) for target in targets})
    ends = [draw(st.integers(1, 9)) for _ in range(states)]
    firsts = [1, *[0 if deterministic else draw(st.integers(0, 4)) for _ in range(states - 1)]]
    totals = [ends[state] + sum(w for (source, *_), w in edges.items() if source == state) for state in range(states)]
    return PFA.from_edges(
        list("abc"),
        [share / sum(firsts) for share in firsts],
        [end / total for end, total in zip(ends, totals, strict=True)],
        [source for source, _, _ in edges],
        [symbol for _, symbol, _ in edges],
        [target for _, _, target in edges],
        [weight / totals[source] for (source, *_), weight in edges.items()],
    )


traces: st.SearchStrategy[Traces] = st.lists(st.lists(st.sampled_from("abc"), max_size=6), max_size=40)


def count(given: Traces, sketch: SketchShape = NO_SKETCH, **rules: int | None) -> tuple[PrefixTree, Alphabet]:
    """Return the tree of some traces and its alphabet."""
    import numpy as np

    alphabet = Alphabet()
    batch = TraceBatch.from_traces(given, alphabet)
    tree = PrefixTree(sketch, **rules)  # type: ignore[arg-type]
    tree.count(batch, np.array([symbol_code(text, 0) for text in alphabet], np.uint64))
    return tree, alphabet
