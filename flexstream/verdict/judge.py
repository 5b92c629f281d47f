"""Judging a model: all that is wrong with it, what matters most first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..automata.pdfa import PDFA
from ..errors import Message, parameter
from ..learning.learner import StreamLearner
from ..readers.reading import Reading
from .facts import Facts
from .symptoms import (
    case_faults,
    drift_faults,
    event_faults,
    foresight_faults,
    repeat_faults,
    row_faults,
    state_faults,
    symbol_faults,
    trace_faults,
)
from .verdict import Verdict

if TYPE_CHECKING:
    from ..automata.model_file import Model

Symptom = Callable[[Facts], Verdict | None]
SYMPTOMS: tuple[Symptom, ...] = (
    symbol_faults.all_masked,
    symbol_faults.one_symbol,
    event_faults.whole_traces,
    event_faults.phases_alone,
    case_faults.no_case,
    case_faults.wrong_case,
    case_faults.one_event_a_case,
    case_faults.one_event_a_line,
    symbol_faults.words_as_symbols,
    symbol_faults.symbols_as_events,
    drift_faults.source_changed,
    row_faults.rows_twice,
    foresight_faults.too_coarse,
    repeat_faults.repeats,
    trace_faults.few_long_traces,
    trace_faults.too_few_traces,
    case_faults.cases_cut_short,
    state_faults.contradicted,
    state_faults.one_state,
    foresight_faults.too_many_states,
)
"""From the cause to its effects: what is wrong with cases or symbols shows in the states as well."""
CODES = (
    "all_masked",
    "one_symbol",
    "whole_traces",
    "phases_alone",
    "no_case",
    "wrong_case",
    "one_event_a_case",
    "one_event_a_line",
    "words_as_symbols",
    "unmasked_symbols",
    "symbols_as_events",
    "rows_twice",
    "repeats",
    "few_long_traces",
    "too_few_traces",
    "cases_never_closed",
    "source_changed",
    "too_coarse",
    "contradicted",
    "one_state",
    "too_many_states",
)
"""The codes of all verdicts there are."""
OF_READING = frozenset(CODES[: CODES.index("too_few_traces") + 1])
"""Those that may be gone when the same is read otherwise."""


def judge(
    learner: StreamLearner, reading: Reading | None = None, judged: PDFA | None = None, last: bool = True
) -> list[Verdict]:
    """Return what is wrong with the model of a learner, what matters most first; nothing where all is well.

    The learner is left as it is.

    Parameters
    ----------
    learner : StreamLearner
    reading : Reading, optional
        Where its traces came from: then verdicts say how to read them better.
    judged : PDFA, optional
        Its automaton with the evidence of a report, see `flexstream.pac.report.evidence`, where that is at hand.
    last : bool
        Whether the stream has ended, so that it is worth the time to look for other ways to read it.

    Returns
    -------
    list of Verdict

    Examples
    --------
    >>> learner = StreamLearner()
    >>> learner.learn_many([["load", "run", "unload"], ["load", "setup", "run", "unload"]])
    >>> [verdict.code for verdict in judge(learner)]
    ['too_few_traces', 'one_state']
    >>> learner.learn_many([["load", "run", "unload"], ["load", "setup", "run", "unload"]] * 100)
    >>> judge(learner)
    []
    """
    if not learner.traces:
        return []
    facts = Facts(learner, reading, judged, last)
    found = [verdict for symptom in SYMPTOMS if (verdict := symptom(facts)) is not None]
    preset = None if reading is None else reading.suggested
    return found if preset is None else [_by_preset(verdict, preset) for verdict in found]


def _by_preset(verdict: Verdict, preset: str) -> Verdict:
    """Return a verdict that says to read by a preset, where how it was read is what is wrong."""
    if verdict.code not in OF_READING:
        return verdict
    better = Message(f"{verdict.text.marked}; better with {parameter('preset')} {preset}, which is for such sources")
    return replace(verdict, text=better, options={"preset": preset}, verb="learn")


def judge_model(
    model: Model, learner: StreamLearner, reading: Reading | None = None, last: bool = True
) -> tuple[Model, list[Verdict]]:
    """Return a learner's model with the verdicts on it in its provenance, and these.

    Parameters
    ----------
    model : PDFA or Ensemble
        Of the learner as it is, with evidence or without.
    learner, reading, last
        As for `judge`.
    """
    verdicts = judge(learner, reading, model if isinstance(model, PDFA) else model.best, last)
    options = None if reading is None else reading.options
    told = [verdict.to_document(options) for verdict in verdicts]
    return replace(model, provenance={**model.provenance, "verdict": told}), verdicts
