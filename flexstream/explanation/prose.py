"""Explanations in words, for people."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..automata.pdfa import PDFA
from ..errors import FlexStreamError
from ..merging.evidence_kind import EvidenceKind
from ..merging.heuristics import make
from ..visible import visible
from ..writers.labels import counted, percent, probability
from ..writers.naming import labels_of
from .explanation import Explainer, Outgoing, StateExplanation, Step

MOST_FOLLOWING, MOST_OUTCOMES, MOST_DECISIONS, MOST_STEPS = 3, 8, 4, 12
SURPRISING = 4.0
"""Bits from which an event is marked: less likely than 1 in 16."""
_VERY = 1000.0
_ALIKE = 0.5
_ENDLESS = 1e7


def overview(explainer: Explainer, most: int) -> str:
    """Return all states, the most visited first, with what follows mostly.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> learner = StreamLearner()
    >>> learner.learn_many([["load", "run", "unload"], ["load", "setup", "run", "unload"]] * 200)
    >>> print("\\n".join(overview(Explainer(learner.automaton), most=2).splitlines()[1:3]))
    q0  start: 400 visits
         >0.999  load -> q1
    """
    automaton, labels = explainer.automaton, labels_of(explainer.automaton)
    shown = sorted(range(len(automaton)), key=lambda state: (-automaton.visits[state], state))[:most]
    width = max(len(f"q{state}") for state in shown)
    lines = [f"{counted(len(automaton), 'state')}, the most visited first; all of one: flexstream explain MODEL q0"]
    for state in shown:
        outcomes = explainer.outcomes(state)
        lines.append(f"{f'q{state}':<{width}}  {explainer.names[state]}{_visits(automaton, state)}")
        lines += [f"{'':<{width}}    {_follows(outcome, labels)}" for outcome in outcomes[:MOST_FOLLOWING]]
        if len(outcomes) > MOST_FOLLOWING:
            rest = sum(outcome.probability for outcome in outcomes[MOST_FOLLOWING:])
            lines.append(f"{'':<{width}}    {probability(rest):>6}  {len(outcomes) - MOST_FOLLOWING} more")
    if len(automaton) > len(shown):
        lines.append(f"... and {counted(len(automaton) - len(shown), 'state')} less visited (--max-states shows them)")
    return "\n".join(lines) + "\n"


def _visits(automaton: PDFA, state: int) -> str:
    visits = float(automaton.visits[state])
    return f": {counted(visits, 'visit')}" if automaton.visits.max() > 1 else ""


def _follows(outcome: Outgoing, labels: Mapping[str, str]) -> str:
    share = f"{probability(outcome.probability):>6}  "
    if outcome.symbol is None:
        return f"{share}the end"
    return f"{share}{labels[outcome.symbol]} -> q{outcome.target}{' (a guess)' if outcome.guessed else ''}"


def state_text(explainer: Explainer, state: int) -> str:
    """Return all that is known of a state."""
    return "\n".join(_state_lines(explainer, explainer.state(state))) + "\n"


def _state_lines(explainer: Explainer, found: StateExplanation) -> Iterator[str]:
    labels = labels_of(explainer.automaton)
    yield f"state q{found.state}, {found.name}{_visits(explainer.automaton, found.state)}"
    if found.contradicted:
        yield "  contradicted: the ways into it do not lead to one distribution; it stands for several states"
    if found.state:
        yield f"  shortest way in:  {_way(found.shortest, labels)}"
        if found.likeliest != found.shortest:
            yield f"  likeliest way in: {_way(found.likeliest, labels)}"
    yield f"  what follows{_doubt(found.outcomes)}:"
    for outcome in found.outcomes[:MOST_OUTCOMES]:
        yield f"    {_outcome(outcome, explainer.names, labels)}"
    if len(found.outcomes) > MOST_OUTCOMES:
        rest = sum(outcome.probability for outcome in found.outcomes[MOST_OUTCOMES:])
        yield f"    {probability(rest)} {len(found.outcomes) - MOST_OUTCOMES} more symbols"
    yield from _decided(explainer, found, labels)


def _way(way: tuple[str, ...], labels: Mapping[str, str]) -> str:
    shown = [labels[symbol] for symbol in way]
    if len(shown) > MOST_STEPS:
        shown = [*shown[: MOST_STEPS // 2], f"({len(shown) - MOST_STEPS} more)", *shown[-MOST_STEPS // 2 :]]
    return ", ".join(shown)


def _outcome(outcome: Outgoing, names: tuple[str, ...], labels: Mapping[str, str]) -> str:
    what = "the end" if outcome.symbol is None else f"{labels[outcome.symbol]} -> {names[outcome.target]}"
    count = f", {outcome.weight:,.10g} times" if outcome.weight > 1 else ""
    surely = ""
    if outcome.least is not None and outcome.most is not None:
        surely = f" ({probability(outcome.least)} to {probability(outcome.most)}{count})"
    elif count:
        surely = f" ({count.removeprefix(', ')})"
    return (
        f"{probability(outcome.probability)}{surely}  {what}{'; where it leads is a guess' if outcome.guessed else ''}"
    )


def _doubt(outcomes: Iterable[Outgoing]) -> str:
    """Say that bounds are not proven, where there are any that the headline of the report lets not stand."""
    if all(outcome.proven is not False for outcome in outcomes):
        return ""
    return " (bounds as the counts would give them, not proven: see the report)"


def _decided(explainer: Explainer, found: StateExplanation, labels: Mapping[str, str]) -> Iterator[str]:
    """Yield what was merged into a state and what was not, the least certain first, and the state next to it."""
    if explainer.report is None:
        yield "  what was decided is not in this model (expected: one that flexstream learn -o has written)"
        return
    merged = [row for row in found.decisions if row["kind"] == "merge" and row["state"] == found.state]
    apart = [row for row in found.decisions if row["kind"] == "separation"]
    kind = explainer.report["decisions"]["evidence"]
    for title, rows in (("taken for this state", merged), ("kept apart", apart)):
        if rows:
            yield f"  {title}, the least certain first:"
        for row in rows[:MOST_DECISIONS]:
            yield f"    {_decision(explainer, row, found.state, labels, kind)}"
        if len(rows) > MOST_DECISIONS:
            yield f"    ... and {len(rows) - MOST_DECISIONS} more, all of them surer"
    if found.nearest is not None and found.nearest[1] < _ALIKE:
        other, distance = found.nearest
        yield f"  most alike: q{other}, {explainer.names[other]}; some outcome differs by {percent(distance)}"


def _decision(explainer: Explainer, row: Mapping[str, Any], state: int, labels: Mapping[str, str], kind: str) -> str:
    """Return one decision in words."""
    place = f"{labels[row['symbol']]} {explainer.names[row['source']]}".replace(" start", " at the start")
    node = f"what comes after {place} ({counted(row['visits'], 'visit')})"
    if row["kind"] == "separation":
        other = row["against"] if row["state"] == state else row["state"]
        versus = f" from {explainer.names[other]}" if other is not None else ""
        node = f"{node}{versus}" if row["state"] == state else f"{node} from this state"
    return f"{node}: {_odds(row, kind, explainer.automaton)}{_sureness(row)}"


def _odds(row: Mapping[str, Any], kind: str, automaton: PDFA) -> str:
    """Return the evidence of a decision in a unit that people know, or as the heuristic that gave it says it."""
    evidence = row["evidence"]
    if evidence is None:
        return "no evidence was asked for"
    if kind != EvidenceKind.BAYES_FACTOR:
        return _score(evidence, automaton)
    division = row.get("division")
    apart = "" if division is None else f", {_ratio(division)} it by how its visits divide alone"
    return f"{_ratio(evidence)} one state{apart}"


def _ratio(nats: float) -> str:
    """Return a log Bayes factor as odds for or against."""
    bits = abs(nats) / math.log(2)
    odds = f"2^{bits:,.0f} to 1" if bits >= 20 else f"{2.0**bits:,.0f} to 1" if bits >= 1 else "nearly even odds"
    return f"{odds} {'for' if nats >= 0 else 'against'}"


def _score(evidence: float, automaton: PDFA) -> str:
    """Return what a score means, in the words of its heuristic where that is one of those registered."""
    try:  # what a model says of its parameters may be anything
        settings = automaton.provenance["parameters"]
        heuristic = make(settings["heuristic"], **settings.get("options", {}))
    except (FlexStreamError, AttributeError, KeyError, TypeError, ValueError):
        return f"evidence {evidence:.3g}"
    return heuristic.words(evidence)


def _sureness(row: Mapping[str, Any]) -> str:
    error = row["error"]
    if error is None:
        return "; how sure that is is not known"
    more = row["strings_to_settle"]
    settled = f", {counted(more, 'trace')} more would mostly settle it" if more and more < _ENDLESS else ""
    if error >= 1:
        return f"; nothing bounds how often that is wrong{settled}"
    return f"; wrong with probability {probability(error)}{settled}" if error >= 0.0005 else "; sure"


def edge_text(explainer: Explainer, state: int, symbol: str) -> str:
    """Return all that is known of one transition."""
    edge = explainer.edge(state, symbol)
    labels = labels_of(explainer.automaton)
    said = f"{_outcome(edge, explainer.names, labels)}{_doubt([edge])}"
    line = f"{labels[symbol]} in state q{state}, {explainer.names[state]}: {said}\n"
    return line + state_text(explainer, edge.target)


def trace_text(explainer: Explainer, trace: list[str]) -> str:
    """Return a trace step by step, and where it leaves the beaten path.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> learner = StreamLearner()
    >>> learner.learn_many([["load", "run", "unload"], ["load", "setup", "run", "unload"]] * 200)
    >>> print(trace_text(Explainer(learner.automaton), ["load", "unload"]).splitlines()[-1])
    It leaves the beaten path at event 1: unload after load, where run (0.50) or setup (0.50) was to be expected.
    """
    steps, labels = explainer.trace(trace), labels_of(explainer.automaton)
    names = explainer.names
    rows = [(f"{step.position}", _event(step, labels), names[step.state], step) for step in steps]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    lines = []
    for number, event, name, step in rows:
        mark = "  <- no such transition" if not step.known else "  <- surprising" if step.bits >= SURPRISING else ""
        chance = "impossible" if step.bits > _VERY else probability(2.0**-step.bits)
        lines.append(f"{number:>{widths[0]}}  {event:<{widths[1]}}  {chance:>6}  {name}{mark}")
    odd = [step for step in steps if not step.known] or [step for step in steps if step.bits >= SURPRISING]
    return "\n".join([*lines, _verdict(odd, names, labels)]) + "\n"


def _event(step: Step, labels: Mapping[str, str]) -> str:
    return "(the end)" if step.symbol is None else labels.get(step.symbol, visible(step.symbol))


def _verdict(odd: list[Step], names: tuple[str, ...], labels: Mapping[str, str]) -> str:
    """Return where a trace leaves the beaten path first."""
    if not odd:
        return "It keeps to the beaten path."
    step = odd[0]
    expected = [
        f"{'the end' if symbol is None else labels[symbol]} ({probability(share)})"
        for symbol, share in step.expected
        if symbol != step.symbol
    ]
    instead = f", where {' or '.join(expected)} was to be expected" if expected else ""
    where = f"the end, {names[step.state]}" if step.symbol is None else f"{_event(step, labels)} {names[step.state]}"
    where = where.replace(" start", " at the start")
    new = " (an event that the model does not know)" if step.symbol is not None and step.symbol not in labels else ""
    return f"It leaves the beaten path at event {step.position}: {where}{new}{instead}."
