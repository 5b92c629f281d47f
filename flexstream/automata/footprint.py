"""Footprint: about what automata take in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .pdfa import PDFA

STATE_BYTES, EDGE_BYTES, SYMBOL_BYTES = 60, 40, 20
"""What a state, a transition and a symbol take in all columns, those that are made when they are asked for too."""


def bytes_of(automaton: PDFA) -> int:
    """Return about how many bytes an automaton takes, without its n-gram and the texts of its symbols.

    Examples
    --------
    >>> from flexstream import PDFA
    >>> bytes_of(PDFA(["a", "b"], [1.0], [0.5], [0, 2], [0, 1], [0, 0], [0.25, 0.25]))
    180
    """
    parts = STATE_BYTES * len(automaton), EDGE_BYTES * len(automaton.targets), SYMBOL_BYTES * len(automaton.symbols)
    return sum(parts)
