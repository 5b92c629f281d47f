"""The automaton as a networkx graph."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx

    from .pdfa import PDFA, Transition


def to_networkx(
    automaton: PDFA, states: Iterable[int] | None = None, transitions: Iterable[Transition] | None = None
) -> networkx.MultiDiGraph:
    """Return the automaton as a graph whose nodes are states and whose edge keys are symbols.

    Parameters
    ----------
    automaton : PDFA
        Any.
    states, transitions : iterables, optional
        Those that the graph is to have, in this order; by default all.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes 0, 1, … with the attributes ``visits``, ``stops``, ``stop_probability`` and ``initial``; edges
        with ``symbol``, ``probability``, ``count`` and ``guessed``.

    Examples
    --------
    >>> from flexstream import PDFA
    >>> graph = to_networkx(PDFA(["a", "b"], [4, 2], [1, 2], [0, 2, 2], [0, 1], [0, 1], [1, 2]))
    >>> graph.edges[0, 1, "b"]["probability"], graph.nodes[0]["stop_probability"]
    (0.5, 0.25)
    """
    import networkx as nx

    graph = nx.MultiDiGraph()
    for state in range(len(automaton)) if states is None else states:
        graph.add_node(
            state,
            visits=float(automaton.visits[state]),
            stops=float(automaton.stops[state]),
            stop_probability=float(automaton.stop_probabilities[state]),
            initial=state == 0,
        )
    rows = automaton.transitions() if transitions is None else transitions
    for source, symbol, target, probability, weight, guessed in rows:
        evidence = {"probability": probability, "count": weight, "guessed": guessed}
        graph.add_edge(source, target, key=symbol, symbol=symbol, **evidence)
    return graph
