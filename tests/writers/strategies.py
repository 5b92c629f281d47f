"""Random small automata with symbols that no output format likes, for the tests of the writers."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from flexstream.automata.pdfa import PDFA
from flexstream.automata.smoothing import Smoothing
from flexstream.writers import ViewOptions

NASTY = [
    "",
    " ",
    "\u00a0",
    "a",
    "end",
    'say "hi"',
    "it's",
    "a -> b",
    "q0 -> q1;",
    "<b>bold</b>",
    "<<table>>",
    "&lt;i&gt; &amp; &#65;",
    "two\nlines",
    "\r\n",
    "\ttab",
    "\x00\x1b[31m\x7f\x85",
    "\\N \\l \\G \\E",
    "ends with \\",
    '\\"',
    "// no comment",
    "/* none */",
    "]]>",
    "%% {init}",
    "style x:#y;",
    "`markdown` **bold** _it_",
    "1. list",
    "|bar|",
    "{}[]()",
    "été → 日本語 👩‍🔬",
    "\u202eright to left",
    "\ud800 lone",
    "\ufffe\ufdd0",
    "x" * 5000,
    "nova.compute.manager [instance: <*>] VM Started (Lifecycle Event)",
    "nova.compute.manager [instance: <*>] VM Stopped (Lifecycle Event)",
]

symbols = st.one_of(st.sampled_from(NASTY), st.text(max_size=12), st.characters())
view_options = st.builds(
    ViewOptions,
    min_prob=st.one_of(st.just(0.0), st.floats(0, 0.6)),
    min_count=st.one_of(st.just(0), st.integers(0, 60)),
    max_states=st.one_of(st.none(), st.integers(1, 6)),
)


@st.composite
def pdfas(draw: st.DrawFn) -> PDFA:
    """Return an automaton of up to six states, some of them out of reach or without any data."""
    states = draw(st.integers(1, 6))
    alphabet = draw(st.lists(symbols, min_size=1, max_size=5, unique=True))
    places = [(state, symbol) for state in range(states) for symbol in range(len(alphabet))]
    rows = sorted(draw(st.lists(st.sampled_from(places), unique=True, max_size=12)))
    size = len(rows)
    targets = draw(st.lists(st.integers(0, states - 1), min_size=size, max_size=size))
    weights = draw(st.lists(st.integers(0, 100), min_size=size, max_size=size))
    guessed = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    stops, lost = (np.array(draw(st.lists(st.integers(0, 50), min_size=states, max_size=states))) for _ in range(2))
    sources = [state for state, _ in rows]
    visits = stops + lost + np.bincount(sources, weights, states)
    totals = np.bincount([symbol for _, symbol in rows], weights, len(alphabet)).astype(np.int64)
    fallback = np.zeros(len(alphabet), np.int32)
    smoothing = Smoothing.from_counts(draw(st.sampled_from([0.0, 5.0])), int(stops.sum()), totals, fallback)
    offsets = np.concatenate([[0], np.cumsum(np.bincount(sources, minlength=states))])
    ids = [symbol for _, symbol in rows]
    return PDFA(alphabet, visits, stops, offsets, ids, targets, weights, guessed, smoothing)
