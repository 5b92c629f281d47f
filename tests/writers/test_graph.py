"""The networkx graph, and GraphML and node-link JSON read back by networkx."""

from __future__ import annotations

import json
from typing import Any

import networkx as nx
from hypothesis import given

from flexstream.automata.pdfa import PDFA
from flexstream.visible import visible
from flexstream.writers import View, ViewOptions, write
from flexstream.writers.graph import to_networkx

from .strategies import pdfas, view_options


def edges(graph: nx.MultiDiGraph) -> list[tuple[Any, ...]]:
    names = ("symbol", "probability", "count", "guessed")
    return sorted((u, v, *(facts[name] for name in names)) for u, v, facts in graph.edges(data=True))


@given(pdfas(), view_options)
def test_the_graph_holds_all_numbers(automaton: PDFA, options: ViewOptions) -> None:
    graph, view = to_networkx(automaton, options), View.of(automaton, options)
    assert list(graph) == list(view.states)
    for state, facts in graph.nodes(data=True):
        assert facts == {
            "visits": automaton.visits[state],
            "stops": automaton.stops[state],
            "stop_probability": automaton.stop_probabilities[state],
            "initial": state == 0,
        }
    for row in view.transitions:
        assert graph.edges[row.source, row.target, row.symbol] == {
            "symbol": row.symbol,
            "probability": row.probability,
            "count": row.weight,
            "guessed": row.guessed,
        }
    assert graph.number_of_edges() == len(view.transitions)


def test_the_automaton_converts_itself(automaton: PDFA) -> None:
    graph = automaton.to_networkx()
    assert isinstance(graph, nx.MultiDiGraph)
    assert graph.number_of_nodes() == 5 and graph.edges[4, 0, "fail"]["guessed"]


@given(pdfas(), view_options)
def test_graphml_read_back(automaton: PDFA, options: ViewOptions) -> None:
    text = write(automaton, "graphml", options)
    assert isinstance(text, str)
    again = nx.parse_graphml(text.encode(), force_multigraph=True)
    graph = to_networkx(automaton, options)
    assert dict(again.nodes(data=True)) == {f"q{state}": facts for state, facts in graph.nodes(data=True)}
    renamed = [(f"q{u}", f"q{v}", visible(symbol), *rest) for u, v, symbol, *rest in edges(graph)]
    found = [(u, v, symbol or "", *rest) for u, v, symbol, *rest in edges(again)]
    assert sorted(found) == sorted(renamed)
    assert len({key for *_, key in again.edges(keys=True)}) == len(renamed)


def test_control_characters_are_visible_in_graphml() -> None:
    text = write(PDFA(["a\x00\n"], [1], [0], [0, 1], [0], [0], [1]), "graphml")
    assert r">a\x00\n<" in str(text)


@given(pdfas(), view_options)
def test_node_link_read_back(automaton: PDFA, options: ViewOptions) -> None:
    document = json.loads(write(automaton, "node-link", options))
    assert {"nodes", "edges"} <= set(document)
    again, graph = nx.node_link_graph(document, edges="edges"), to_networkx(automaton, options)
    assert isinstance(again, nx.MultiDiGraph)
    assert dict(again.nodes(data=True)) == dict(graph.nodes(data=True))
    assert set(again.edges(keys=True)) == set(graph.edges(keys=True))
    assert edges(again) == edges(graph)
