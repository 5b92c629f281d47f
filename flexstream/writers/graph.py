"""What is shown of an automaton as a networkx graph, and the two files that networkx writes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..automata import graph
from ..automata.pdfa import PDFA
from ..json_text import json_text
from ..visible import visible
from .view import View, ViewOptions
from .writer import Writer

if TYPE_CHECKING:
    import networkx


def to_networkx(automaton: PDFA, options: ViewOptions | None = None) -> networkx.MultiDiGraph:
    """Return what is shown of an automaton as a graph, see :func:`flexstream.automata.graph.to_networkx`.

    Examples
    --------
    >>> graph = to_networkx(PDFA(["a", "b"], [4, 2], [1, 2], [0, 2, 2], [0, 1], [0, 1], [1, 2]), ViewOptions(0.3))
    >>> list(graph.edges(keys=True))
    [(0, 1, 'b')]
    """
    view = View.of(automaton, options)
    return graph.to_networkx(automaton, view.states, view.transitions)


def graphml(automaton: PDFA, options: ViewOptions) -> str:
    r"""Return the automaton as GraphML, read by Gephi, Cytoscape, yEd and igraph.

    The ids of states are q0, q1, …, those of edges e0, e1, …, as an id must be one word and unique in the
    file. XML has no control characters: in a symbol they are written out, a newline as ``\n``.
    """
    import networkx as nx

    plain, renamed = to_networkx(automaton, options), nx.MultiDiGraph()
    renamed.add_nodes_from((f"q{state}", facts) for state, facts in plain.nodes(data=True))
    for number, (source, target, facts) in enumerate(plain.edges(data=True)):
        shown = facts | {"symbol": visible(facts["symbol"])}
        renamed.add_edge(f"q{source}", f"q{target}", key=f"e{number}", **shown)
    return "\n".join(["<?xml version='1.0' encoding='utf-8'?>", *nx.generate_graphml(renamed), ""])


def node_link(automaton: PDFA, options: ViewOptions) -> str:
    """Return the automaton as node-link JSON, as networkx reads it; the edges stand under ``"edges"``."""
    import networkx as nx

    document = nx.node_link_data(to_networkx(automaton, options), edges="edges")
    return json_text(document, 1) + "\n"


GRAPHML = Writer(graphml, (".graphml",))
NODE_LINK = Writer(node_link, (".node-link.json", ".nodelink.json"))
