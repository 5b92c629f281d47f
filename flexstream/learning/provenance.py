"""Provenance: how an automaton came to be, as it stands in every model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..version import __version__

if TYPE_CHECKING:
    from ..stream.alphabet import Alphabet
    from ..summary.tree import PrefixTree
    from .learner import StreamLearner


def provenance(learner: StreamLearner, tree: PrefixTree) -> dict[str, Any]:
    """Return version, parameters, amounts of data and what was evicted from a learner's tree, as JSON values."""
    held = learner.repeats.held() if tree is learner.tree else tree.repeated
    repeats = held.to_document(learner.alphabet)
    return {
        "flexstream": __version__,
        "parameters": learner.settings.to_dict(),
        "traces": learner.traces,
        "events": learner.events,
        "alphabet": _of_alphabet(learner.alphabet, learner.other_events),
        "cases_closed_early": learner.closed_early,
        **({} if learner.reading is None else {"reading": dict(learner.reading)}),
        **({} if repeats is None else {"repeats": repeats}),
        **({} if learner.drift is None else {"drift": _of_drift(learner)}),
        "journal": learner.chain.to_document(),
        "tree": _of_tree(tree),
    }


def _of_drift(learner: StreamLearner) -> dict[str, Any]:
    """Return which traces of the stream the automaton stands for, counted from 1, and what was noticed."""
    first = learner.forgotten + 1
    return {"first": first, "last": learner.forgotten + learner.traces, **(learner.drift or {})}


def _of_alphabet(alphabet: Alphabet, other_events: int) -> dict[str, Any]:
    other = None if alphabet.other is None else alphabet.text(alphabet.other)
    return {"symbols": len(alphabet), "other": other, "given_up_events": other_events}


def _of_tree(tree: PrefixTree) -> dict[str, int]:
    return {
        "nodes": len(tree),
        "edges": tree.edges,
        "given_up_nodes": tree.evicted_nodes,
        "given_up_edges": tree.evicted_edges,
        "given_up_tails": tree.evicted_tails,
        "given_up_events": tree.evicted_events,
        "thinned_nodes": tree.thinned_nodes,
        "thinned_edges": tree.thinned_edges,
        "thinned_tails": tree.thinned_tails,
        "too_long_tails": tree.too_long_tails,
        "too_long_events": tree.too_long_events,
        "grow_at": tree.rules.grow_at,
    }
