"""The automaton as a networkx graph, and the two files that networkx writes of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..automata.pdfa import PDFA
from .labels import visible
from .view import View, ViewOptions
from .writer import Writer

if TYPE_CHECKING:
    import networkx


def to_networkx(automaton: PDFA, options: ViewOptions | None = None) -> networkx.MultiDiGraph:
    """Return the automaton as a graph whose nodes are states and whose edge keys are symbols.

    Parameters
    ----------
    automaton : PDFA
        Any.
    options : ViewOptions, optional
        What to leave out; by default nothing.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes 0, 1, … with the attributes ``visits``, ``stops``, ``stop_probability`` and ``initial``; edges
        with ``symbol``, ``probability``, ``count`` and ``guessed``.

    Examples
    --------
    >>> graph = to_networkx(PDFA(["a", "b"], [4, 2], [1, 2], [0, 2, 2], [0, 1], [0, 1], [1, 2]))
    >>> graph.edges[0, 1, "b"]["probability"], graph.nodes[0]["stop_probability"]
    (0.5, 0.25)
    """
    import networkx as nx

    view = View.of(automaton, options)
    graph = nx.MultiDiGraph()
    for state in view.states:
        graph.add_node(
            state,
            visits=float(automaton.visits[state]),
            stops=float(automaton.stops[state]),
            stop_probability=float(automaton.stop_probabilities[state]),
            initial=state == 0,
        )
    for source, symbol, target, probability, weight, guessed in view.transitions:
        evidence = {"probability": probability, "count": weight, "guessed": guessed}
        graph.add_edge(source, target, key=symbol, symbol=symbol, **evidence)
    return graph


def graphml(automaton: PDFA, options: ViewOptions) -> str:
    r"""Return the automaton as GraphML, read by Gephi, Cytoscape, yEd and igraph.

    The ids of states are q0, q1, …, those of edges e0, e1, …, as an id must be one word and unique in the
    file. XML has no control characters: in a symbol they are written out, a newline as ``\n``.
    """
    import networkx as nx

    plain, graph = to_networkx(automaton, options), nx.MultiDiGraph()
    graph.add_nodes_from((f"q{state}", facts) for state, facts in plain.nodes(data=True))
    for number, (source, target, facts) in enumerate(plain.edges(data=True)):
        shown = facts | {"symbol": visible(facts["symbol"])}
        graph.add_edge(f"q{source}", f"q{target}", key=f"e{number}", **shown)
    return "\n".join(["<?xml version='1.0' encoding='utf-8'?>", *nx.generate_graphml(graph), ""])


def node_link(automaton: PDFA, options: ViewOptions) -> str:
    """Return the automaton as node-link JSON, as networkx reads it; the edges stand under ``"edges"``."""
    import networkx as nx

    document = nx.node_link_data(to_networkx(automaton, options), edges="edges")
    return json.dumps(document, indent=1) + "\n"


GRAPHML = Writer(graphml, (".graphml",))
NODE_LINK = Writer(node_link, (".node-link.json", ".nodelink.json"))
