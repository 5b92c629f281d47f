"""Whether two automata are the same up to the names of their states."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .automaton import PDFA


def equivalent(one: PDFA, other: PDFA, tolerance: float) -> bool:
    """Walk both automata side by side from their initial states; see :meth:`PDFA.equivalent`.

    Both are deterministic, so the only candidate for an isomorphism is the one the walk builds.
    """
    rows, others = _rows(one), _rows(other)
    partner, back = {0: 0, -1: -1}, {0: 0, -1: -1}  # the end leads to -1
    waiting = [0]
    while waiting:
        state = waiting.pop()
        row, twin = rows[state], others[partner[state]]
        if row.keys() != twin.keys():
            return False
        for symbol, (target, probability) in row.items():
            target2, probability2 = twin[symbol]
            if abs(probability - probability2) > tolerance:
                return False
            if target not in partner and target2 not in back:
                partner[target], back[target2] = target2, target
                waiting.append(target)
            elif partner.get(target) != target2:
                return False
    return True


def _rows(automaton: PDFA) -> list[dict[str | None, tuple[int, float]]]:
    """Return for each state its outcomes with a weight: target and probability; None is the end, whose target is -1."""
    totals = automaton.stops.copy()
    for edge, source in enumerate(automaton.sources):
        totals[source] += automaton.weights[edge]
    rows: list[dict[str | None, tuple[int, float]]] = [{} for _ in range(len(automaton))]
    for state, stop in enumerate(automaton.stops.tolist()):
        if stop > 0:
            rows[state][None] = (-1, stop / totals[state])
    for edge in automaton.transitions():
        if edge.weight > 0:
            rows[edge.source][edge.symbol] = (edge.target, edge.weight / totals[edge.source])
    return rows
