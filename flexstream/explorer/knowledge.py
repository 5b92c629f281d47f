"""What the page knows of a model: numbers to follow traces with, and words about states and transitions."""

from __future__ import annotations

import math
from typing import Any

from ..automata.mixture import Ensemble
from ..automata.pdfa import PDFA
from ..explanation import Explainer
from ..explanation.prose import state_text
from ..stream.durations import in_words
from ..visible import visible
from ..writers.labels import counted, size_of

MOST_TOLD = 300
"""States that the page tells all about, the most visited ones; of the others it has the numbers."""
MOST_SAMPLES, LONGEST_SAMPLE = 12, 60


def facts(model: PDFA | Ensemble) -> dict[str, Any]:
    """Return what the page holds as JSON values.

    Symbols stand as they are, since traces that are typed hold them, and once more as they can be seen.

    Examples
    --------
    >>> from flexstream.targets import reber
    >>> found = facts(reber())
    >>> found["symbols"], found["states"][0]["name"], found["edges"][0][:3]
    (['P', 'S', 'T', 'V', 'X'], 'start', [0, 0, 2])
    """
    explainer = Explainer(model)
    automaton = explainer.automaton
    told = sorted(range(len(automaton)), key=lambda state: (-automaton.visits[state], state))[:MOST_TOLD]
    texts = {state: state_text(explainer, state).splitlines()[1:] for state in told}
    return {
        "symbols": list(automaton.symbols),
        "shown": [visible(symbol) for symbol in automaton.symbols],
        "states": [_state(explainer, state, texts.get(state)) for state in range(len(automaton))],
        "edges": _edges(automaton),
        "base": automaton.smoothing.base.tolist(),
        "fallback": automaton.smoothing.fallback.tolist(),
        "counted": bool(automaton.visits.max() > 1),
        "mixed": automaton.ngram is not None,
        "samples": _samples(automaton),
        "about": _about(model, automaton),
    }


def _state(explainer: Explainer, state: int, text: list[str] | None) -> dict[str, Any]:
    automaton = explainer.automaton
    return {
        "name": visible(explainer.names[state]),
        "visits": float(automaton.visits[state]),
        "end": float(automaton.stop_probabilities[state]),
        "ends": float(automaton.stops[state]),
        "rest": float(automaton.rest[state] / automaton.mass[state]),
        "text": text,
    }


def _edges(automaton: PDFA) -> list[list[Any]]:
    """Return source, symbol, target, probability, count, whether it is a guess, and the median time, if any."""
    durations = automaton.durations
    found = []
    for at, row in enumerate(automaton.transitions()):
        median = math.nan if durations is None else durations.quantile(at, 0.5)
        took = "" if math.isnan(median) else in_words(median)
        symbol = int(automaton.edge_symbols[at])
        found.append([row.source, symbol, row.target, row.probability, row.weight, int(row.guessed), took])
    return found


def _samples(automaton: PDFA) -> list[list[str]]:
    """Return some traces that the model makes, each once; none that are longer than one reads."""
    found = (tuple(trace) for trace in automaton.sample(4 * MOST_SAMPLES, seed=1))
    kept = dict.fromkeys(trace for trace in found if 0 < len(trace) <= LONGEST_SAMPLE)
    return [list(trace) for trace in kept][:MOST_SAMPLES]


def _about(model: PDFA | Ensemble, automaton: PDFA) -> list[str]:
    """Return lines on what the model is, and what is wrong with it."""
    provenance = automaton.provenance
    counts = [(provenance.get(name), name) for name in ("traces", "events")]
    learned = ", ".join(counted(number, name[:-1]) for number, name in counts if isinstance(number, int))
    lines = [
        size_of(len(automaton), len(automaton.targets), len(automaton.symbols)),
        f"learned from {learned}" if learned else "given, not learned",
    ]
    if isinstance(model, Ensemble):
        lines.append(f"the best of an ensemble of {counted(len(model), 'automaton', 'automata')}")
    verdicts = provenance.get("verdict")
    found = verdicts if isinstance(verdicts, list) else []
    return lines + [visible(str(one["text"])) for one in found if isinstance(one, dict) and "text" in one]
