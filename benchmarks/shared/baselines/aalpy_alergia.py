"""AALpy's Alergia (Muškardin, Aichernig, Pill, Pferscher & Tappler 2022) as an automaton of ours.

AALpy's models have no end of a trace, so each trace gets an explicit symbol for it.  ``kind="mc"`` is what AALpy
learns from plain traces: Markov chains, whose states each show one symbol, so that an automaton needs as many states as
it has pairs of symbol and target.  ``kind="smm"`` learns a stochastic Mealy machine with a single input, which is a
PDFA.  AALpy gives unseen symbols probability 0.  To compare structures and not smoothing, the train traces are counted
once more along AALpy's states, and its automaton is smoothed as ours are.
"""

from __future__ import annotations

import sys

from flexstream import PDFA, Alphabet, TraceBatch
from shared.baselines.counting import Steps, counted

START, END = -1, -2
INPUT = 0


def learned(batches: list[TraceBatch], alphabet: Alphabet, kind: str, eps: float | str = 0.05) -> PDFA:
    """Return the automaton that AALpy learns from some traces.

    Parameters
    ----------
    kind : {"mc", "smm"}
    eps : float or "auto"
        AALpy's parameter of the Hoeffding test; its default is 0.05.
    """
    from aalpy.learning_algs import run_Alergia

    traces = [trace.tolist() for batch in batches for trace in batch]
    sys.setrecursionlimit(10_000 + 10 * max(map(len, traces)))
    if kind == "mc":
        model = run_Alergia([[START, *trace, END] for trace in traces], "mc", eps=eps)
    else:
        model = run_Alergia([[(INPUT, symbol) for symbol in (*trace, END)] for trace in traces], "smm", eps=eps)
    return counted(_steps(model, kind), traces, alphabet)


def _steps(model: object, kind: str) -> Steps:
    """Return for each state where its symbols lead, the initial state first."""
    states = list(model.states)  # type: ignore[attr-defined]
    states.remove(model.initial_state)  # type: ignore[attr-defined]
    states.insert(0, model.initial_state)  # type: ignore[attr-defined]
    number = {id(state): place for place, state in enumerate(states)}
    if kind == "mc":
        return [{target.output: number[id(target)] for target, _ in state.transitions} for state in states]
    return [{symbol: number[id(target)] for target, symbol, _ in state.transitions[INPUT]} for state in states]
