"""A machine of which everything has changed that can: an outcome, states that are new, and states that are gone."""

from __future__ import annotations

from collections.abc import Mapping

from flexstream import PDFA

Rows = Mapping[int, Mapping[str | None, tuple[float, int]]]

BEFORE: Rows = {
    0: {"load": (900, 1), "setup": (100, 0)},
    1: {"run": (800, 2), "scrap": (100, 3)},
    2: {None: (800, 0)},
    3: {"melt": (100, 4)},
    4: {None: (100, 0)},
}
AFTER: Rows = {
    0: {"load": (900, 1), "setup": (300, 0)},
    1: {"run": (600, 2), "polish": (300, 3)},
    2: {None: (600, 0)},
    3: {"rinse": (300, 4)},
    4: {None: (300, 0)},
}


def counted(rows: Rows, guessed: frozenset[tuple[int, str]] = frozenset(), traces: int = 900) -> PDFA:
    """Return the automaton that has counted these outcomes, (times, next state), in so many traces."""
    symbols = sorted({symbol for row in rows.values() for symbol in row if symbol is not None})
    edges = [
        (state, symbol, *rows[state][symbol]) for state in sorted(rows) for symbol in symbols if symbol in rows[state]
    ]
    return PDFA(
        symbols,
        [sum(weight for weight, _ in rows[state].values()) for state in sorted(rows)],
        [rows[state].get(None, (0, 0))[0] for state in sorted(rows)],
        [sum(edge[0] < state for edge in edges) for state in range(len(rows) + 1)],
        [symbols.index(symbol) for _, symbol, _, _ in edges],
        [target for *_, target in edges],
        [weight for _, _, weight, _ in edges],
        guessed=[edge[:2] in guessed for edge in edges],
        provenance={"traces": traces},
    )
