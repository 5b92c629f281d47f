"""How two automata differ once the names of their states are forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .automaton import PDFA


def largest_difference(one: PDFA, other: PDFA) -> float | None:
    """Return the largest difference between two probabilities, or None where the structures differ.

    Both automata are walked side by side from their initial states over all transitions that have a weight; both
    are deterministic, so the only candidate for an isomorphism is the one the walk builds.  Smoothing is left out.
    """
    rows, others = _rows(one), _rows(other)
    partner, back = {0: 0, -1: -1}, {0: 0, -1: -1}  # the end leads to -1
    waiting, largest = [0], 0.0
    while waiting:
        state = waiting.pop()
        row, twin = rows[state], others[partner[state]]
        if row.keys() != twin.keys():
            return None
        for symbol, (target, probability) in row.items():
            target2, probability2 = twin[symbol]
            largest = max(largest, abs(probability - probability2))
            if target not in partner and target2 not in back:
                partner[target], back[target2] = target2, target
                waiting.append(target)
            elif partner.get(target) != target2:
                return None
    return largest


def _rows(automaton: PDFA) -> list[dict[str | None, tuple[int, float]]]:
    """Return for each state its outcomes with a weight: target and probability; None is the end."""
    totals = automaton.stops.tolist()
    for edge in automaton.transitions():
        totals[edge.source] += edge.weight
    rows: list[dict[str | None, tuple[int, float]]] = [{} for _ in range(len(automaton))]
    for state, stop in enumerate(automaton.stops.tolist()):
        if stop > 0:
            rows[state][None] = (-1, stop / totals[state])
    for edge in automaton.transitions():
        if edge.weight > 0:
            rows[edge.source][edge.symbol] = (edge.target, edge.weight / totals[edge.source])
    return rows
