"""What a model says of its states, of one transition, and of a trace, step by step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from ..arguments import fitting
from ..automata.mixture import Ensemble
from ..automata.pdfa import PDFA
from ..errors import ModelError, UsageError
from ..stream.traces import as_text, as_trace
from ..writers.naming import state_names
from ..writers.ways import Ways

MOST_EXPECTED = 3


class Outgoing(NamedTuple):
    """An outcome of a state.

    ``symbol`` is None for the end, which leads nowhere (``target`` -1); ``weight`` is its count; ``least`` and ``most``
    bound the probability at the confidence of the report, None where the model does not hold what it takes; ``proven``
    says whether the report lets these bounds stand, None where there are none.
    """

    symbol: str | None
    target: int
    probability: float
    weight: float
    least: float | None
    most: float | None
    guessed: bool
    proven: bool | None = None


class Trust(NamedTuple):
    """How far what is said of a state holds.

    ``confidence`` is that of the bounds; ``proven`` whether the report lets them stand, and ``headline`` what it says
    of that; ``evidence`` the kind of `flexstream.merging.evidence_kind.EvidenceKind` that decisions rest on.
    """

    confidence: float
    proven: bool
    headline: str
    evidence: str | None


class StateExplanation(NamedTuple):
    """A state: how one comes to it, what follows, and what was decided about it.

    ``decisions`` are rows of the report, those about this state, the least certain first; ``nearest`` is the state that
    differs least from it, and by how much; ``trust`` how far all this holds, None where the model does not hold what
    was decided.
    """

    state: int
    name: str
    visits: float
    shortest: tuple[str, ...]
    likeliest: tuple[str, ...]
    outcomes: tuple[Outgoing, ...]
    decisions: tuple[Mapping[str, Any], ...]
    nearest: tuple[int, float] | None
    contradicted: bool
    trust: Trust | None = None


class Step(NamedTuple):
    """An event of a trace, or its end (``symbol`` None).

    ``state`` is where it was taken; ``bits`` its surprise; ``known`` whether the automaton has a transition for it;
    ``expected`` the likeliest outcomes there instead, with their probabilities.
    """

    position: int
    state: int
    symbol: str | None
    bits: float
    known: bool
    expected: tuple[tuple[str | None, float], ...]


class Explainer:
    """Explains a model.

    Parameters
    ----------
    model : PDFA or Ensemble
        Of an ensemble its best member.  What was decided, and how sure that is, is told if the model holds its
        evidence, as those that `flexstream learn -o` writes do.

    Attributes
    ----------
    automaton : PDFA
    names : tuple of str
        Of the states, see `state_names`.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> learner = StreamLearner()
    >>> learner.learn_many([["load", "run", "unload"], ["load", "setup", "run", "unload"]] * 200)
    >>> explainer = Explainer(learner.automaton)
    >>> explainer.names
    ('start', 'after load', 'after setup', 'after run', 'end')
    >>> [(step.symbol, step.known) for step in explainer.trace(["load", "unload"])]
    [('load', True), ('unload', False), (None, True)]
    """

    def __init__(self, model: PDFA | Ensemble) -> None:
        found = fitting("model", model, PDFA | Ensemble)
        self.automaton: PDFA = found.best if isinstance(found, Ensemble) else found

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the states."""
        return state_names(self.automaton)

    @cached_property
    def _ways(self) -> Ways:
        return Ways(self.automaton)

    @cached_property
    def report(self) -> Mapping[str, Any] | None:
        """The report of the model, None if it was not learned or does not hold its evidence."""
        from ..pac.report.report import make_report

        try:
            return make_report(self.automaton) if self.automaton.evidence else None
        except ModelError:
            return None

    @cached_property
    def _decisions(self) -> Mapping[int, list[Any]]:
        """What was decided of each state, in the order of the report."""
        found: defaultdict[int, list[Any]] = defaultdict(list)
        for row in self.report["decisions"]["rows"] if self.report else ():
            if row["source"] is not None:
                for number in {row["state"], row["against"]}:
                    found[number].append(row)
        return found

    @property
    def trust(self) -> Trust | None:
        """How far bounds and decisions hold; None where the model does not hold its evidence."""
        found = self.report
        if found is None:
            return None
        return Trust(found["confidence"], found["intervals_hold"], found["headline"], found["decisions"]["evidence"])

    def state(self, state: int) -> StateExplanation:
        """Explain a state.

        Raises
        ------
        UsageError
            If there is no such state.
        """
        number = self._known(state)
        return StateExplanation(
            number,
            self.names[number],
            float(self.automaton.visits[number]),
            self._ways.shortest(number),
            self._ways.likeliest(number),
            self._bounded(number),
            tuple(self._decisions.get(number, ())),
            self._nearest(number),
            bool(self.report and self.report["states"][number]["contradicted"]),
            self.trust,
        )

    def edge(self, state: int, symbol: str) -> Outgoing:
        """Return one transition of a state.

        Raises
        ------
        UsageError
            If the state has no such transition.
        """
        outcomes = self._bounded(self._known(state))
        found = next((outcome for outcome in outcomes if outcome.symbol == symbol), None)
        if found is None:
            there = ", ".join(outcome.symbol for outcome in outcomes if outcome.symbol is not None) or "none"
            raise UsageError(f"state {state} has no transition {symbol!r} (expected: one of those it has: {there})")
        return found

    def trace(self, trace: Sequence[str | int]) -> list[Step]:
        """Explain a trace: each of its events and its end, in order."""
        plain = [as_text(symbol) for symbol in as_trace(trace)]
        bits, states = self.automaton.surprises(plain)
        there = {state: self.outcomes(state) for state in set(states.tolist())}
        return [
            Step(
                position,
                state,
                symbol,
                cost,
                any(outcome.symbol == symbol for outcome in there[state]),
                tuple((outcome.symbol, outcome.probability) for outcome in there[state][:MOST_EXPECTED]),
            )
            for position, (state, symbol, cost) in enumerate(
                zip(states.tolist(), [*plain, None], bits.tolist(), strict=True)
            )
        ]

    def _known(self, state: int) -> int:
        number: int = fitting("state", state, int)
        if not 0 <= number < len(self.automaton):
            raise UsageError(f"there is no state {number} (expected: 0 to {len(self.automaton) - 1})")
        return number

    def outcomes(self, state: int) -> tuple[Outgoing, ...]:
        """Return the outcomes of a state that came, the likeliest first, without bounds: these take the report."""
        automaton = self.automaton
        found = [
            Outgoing(
                automaton.symbols[automaton.edge_symbols[edge]],
                int(automaton.targets[edge]),
                float(automaton.probabilities[edge]),
                float(automaton.weights[edge]),
                None,
                None,
                bool(automaton.guessed[edge]),
            )
            for edge in range(int(automaton.offsets[state]), int(automaton.offsets[state + 1]))
        ]
        if automaton.stops[state] > 0:
            stop = float(automaton.stop_probabilities[state])
            found.append(Outgoing(None, -1, stop, float(automaton.stops[state]), None, None, False))
        return tuple(sorted(found, key=lambda outcome: -outcome.probability))

    def _bounded(self, state: int) -> tuple[Outgoing, ...]:
        """Return the outcomes of a state with their bounds, as far as the model holds what they take."""
        row = self.report["states"][state] if self.report else None
        bounds = {None: row["stop"], **{step["symbol"]: step for step in row["next"]}} if row else {}
        found = []
        for outcome in self.outcomes(state):
            least, most = (bounds.get(outcome.symbol, {}).get(name) for name in ("least", "most"))
            proven = None if least is None or self.report is None else bool(self.report["intervals_hold"])
            found.append(outcome._replace(least=least, most=most, proven=proven))
        return tuple(found)

    def _nearest(self, state: int) -> tuple[int, float] | None:
        """Return the state that differs least from one, by the report's distances."""
        pairs = self.report["pairs"]["closest"] if self.report else ()
        near = [(pair["estimate"], sum(pair["states"]) - state) for pair in pairs if state in pair["states"]]
        return min(near)[::-1] if near else None
