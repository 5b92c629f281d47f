"""Random traces and trees."""

from __future__ import annotations

from hypothesis import strategies as st

from flexstream.alphabet import Alphabet
from flexstream.batch import TraceBatch
from flexstream.sketch import NO_SKETCH, SketchShape, symbol_code
from flexstream.tree import PrefixTree

Traces = list[list[str]]

traces: st.SearchStrategy[Traces] = st.lists(st.lists(st.sampled_from("abc"), max_size=6), max_size=40)


def count(given: Traces, sketch: SketchShape = NO_SKETCH, **rules: int | None) -> tuple[PrefixTree, Alphabet]:
    """Return the tree of some traces and its alphabet."""
    import numpy as np

    alphabet = Alphabet()
    batch = TraceBatch.from_traces(given, alphabet)
    tree = PrefixTree(sketch, **rules)  # type: ignore[arg-type]
    tree.count(batch, np.array([symbol_code(text, 0) for text in alphabet], np.uint64))
    return tree, alphabet
