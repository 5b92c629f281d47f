"""Small automata written down by hand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..automata.pdfa import PDFA

Rows = Mapping[int, Mapping[str | None, tuple[float, int]]]


def from_rows(rows: Rows) -> PDFA:
    """Return the automaton with these outcomes.

    Parameters
    ----------
    rows : mapping of state to mapping of symbol to (probability, next state)
        Counts do as well: those of a state are divided by their sum.
        States 0, 1, …; the symbol None is the end, its next state is not looked at.

    Examples
    --------
    >>> from_rows({0: {"a": (0.5, 1), None: (0.5, 0)}, 1: {"b": (1.0, 0)}})
    PDFA(2 states, 2 transitions, 2 symbols)
    """
    symbols = sorted({symbol for row in rows.values() for symbol in row if symbol is not None})
    ids = {symbol: number for number, symbol in enumerate(symbols)}
    edges = sorted(
        (state, ids[symbol], target, probability)
        for state, row in rows.items()
        for symbol, (probability, target) in row.items()
        if symbol is not None
    )
    offsets = np.searchsorted([edge[0] for edge in edges], np.arange(len(rows) + 1))
    stops = [rows[state].get(None, (0.0, 0))[0] for state in range(len(rows))]
    visits = [max(1.0, sum(chance for chance, _ in rows[state].values())) for state in range(len(rows))]
    return PDFA(
        symbols,
        np.array(visits),
        np.array(stops),
        offsets,
        np.array([edge[1] for edge in edges]),
        np.array([edge[2] for edge in edges]),
        np.array([edge[3] for edge in edges]),
    )


def reber() -> PDFA:
    """Return the Reber grammar without its frame of B and E (Reber, J. Verbal Learning 6, 1967).

    >>> reber()
    PDFA(6 states, 10 transitions, 5 symbols)
    """
    return from_rows(
        {
            0: {"T": (0.5, 1), "P": (0.5, 2)},
            1: {"S": (0.5, 1), "X": (0.5, 3)},
            2: {"T": (0.5, 2), "V": (0.5, 4)},
            3: {"X": (0.5, 2), "S": (0.5, 5)},
            4: {"P": (0.5, 3), "V": (0.5, 5)},
            5: {None: (1.0, 0)},
        }
    )


def reentrant_line() -> PDFA:
    """Return the way of a lot through a small re-entrant production line.

    A lot is diffused, implanted and exposed, twice over.  The second round uses the same machines, so only the
    history tells where an ``implant`` leads: an automaton needs a state for each round, counting symbols or pairs
    of symbols does not do.

    >>> reentrant_line()
    PDFA(9 states, 13 transitions, 7 symbols)
    """
    return from_rows(
        {
            0: {"diffuse": (1.0, 1)},
            1: {"implant": (0.95, 2), "breakdown": (0.05, 8)},
            2: {"expose": (1.0, 3)},
            3: {"implant": (0.85, 4), "rework": (0.15, 2)},
            4: {"diffuse": (0.93, 5), "breakdown": (0.07, 8)},
            5: {"expose": (1.0, 6)},
            6: {"inspect": (0.8, 7), "rework": (0.2, 5)},
            7: {"ship": (0.97, 8), "rework": (0.03, 5)},
            8: {None: (1.0, 0)},
        }
    )
