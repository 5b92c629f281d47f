"""Alarms: which traces are strange for a model, at a rate one chooses, and what is strange about them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..arguments import expect, fitting
from ..automata.calibration import COUNTS, LATE, LEAST, WORST, Calibration, Judged
from ..automata.mixture import Ensemble
from ..automata.pdfa import PDFA
from ..automata.slow import Slow, slowest
from ..automata.strangeness import strangeness
from ..automata.tallies import Count
from ..automata.walking import walk_batch
from ..errors import ModelError, UsageError, parameter
from ..stream.batch import TraceBatch
from ..summary.hashes import spread
from .least import least_bits
from .ties import split_ties

_Found = TypeVar("_Found")

RATE = 0.01
"""Share of usual traces that alarm at most, unless one says so."""
MOST_CHOSEN = 0.1
"""A rate that nobody chose is not above this: alarms that come so often are of no use."""
EXPECTED = 3
"""Outcomes that are named."""


class Expected(NamedTuple):
    """An outcome that was likely where something else came: a symbol, None for the end; its probability."""

    symbol: str | None
    probability: float


class Unusual(NamedTuple):
    """A symbol that comes an unusual number of times.

    Attributes
    ----------
    symbol : str or None
        None for symbols that the model does not know.
    times : int
        0 where it is missing.
    usual : float
        Share of the traces learned from in which it comes so often.
    """

    symbol: str | None
    times: int
    usual: float


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is strange about a trace.

    Attributes
    ----------
    row : int
        Of the trace in its batch.
    p_value : float
        At most such a share of the traces to come is as strange, if they are as those learned from.
    statistic : str
        What says so: ``"worst"``, the least expected event or end; ``"bits"``, all of them on average;
        ``"counts"``, how often its symbols come; ``"late"``, how long a step took.
    position : int
        Of the least expected event from 0, the length for the end; of the slowest step where the statistic is that.
        Where an event that alarms by itself takes no transition, the states after it are guesses, and what is odd for
        these is not named.
    symbol : str or None
        There; None for the end.
    bits : float
        Its surprise.
    state : int
        Before it.
    expected : tuple of Expected
        The likeliest outcomes in that state.
    unusual : Unusual or None
        The symbol whose number is most unusual, where the statistic is ``"counts"``.
    slow : Slow or None
        The slowest step, where the statistic is ``"late"``.
    """

    row: int
    p_value: float
    statistic: str
    position: int
    symbol: str | None
    bits: float
    state: int
    expected: tuple[Expected, ...]
    unusual: Unusual | None = None
    slow: Slow | None = None


class Judge:
    """Tells which traces are strange for a model, so that a share of the usual ones at most is called so.

    Parameters
    ----------
    model : PDFA or Ensemble
        As a learner made it: calibrated.  Of an ensemble its best member judges; n-grams play no part, so that
        what is said is said of states.
    rate : float, optional
        Share of usual traces that alarm at most, in the long run; above 0 and below 1.  None: 0.01, or where the model
        is calibrated by too few traces the least rate that it supports, up to 0.1.

    Attributes
    ----------
    least_bits : float
        Surprise of an event from which on its trace alarms, whatever else it brings.

    Raises
    ------
    UsageError
        If the rate is none.
    ModelError
        If the model is not calibrated, or by too few traces for this rate.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> learner = StreamLearner()
    >>> learner.learn_many([["load", "run", "unload"], ["load", "setup", "run", "unload"]] * 200)
    >>> judge = Judge(learner.model, rate=0.05)
    >>> batch = TraceBatch.from_traces([["load", "run", "unload"], ["load", "unload"]], judge.model.alphabet())
    >>> judge.p_values(batch).round(4).tolist()
    [0.5012, 0.0025]
    >>> _, alarm = judge.alarms(batch)
    >>> alarm.statistic, alarm.position, alarm.symbol, alarm.state
    ('worst', 1, 'unload', 1)
    >>> [(outcome.symbol, round(outcome.probability, 2)) for outcome in alarm.expected]
    [('run', 0.5), ('setup', 0.5)]
    """

    def __init__(self, model: PDFA | Ensemble, rate: float | None = None) -> None:
        self.model = fitting("model", model, PDFA | Ensemble)
        if rate is not None and not 0 < fitting("rate", rate, float) < 1:
            raise UsageError(f"{parameter('rate')} {rate} (expected: above 0 and below 1)")
        self._automaton = (model.best if isinstance(model, Ensemble) else model).alone
        self.calibration, self.rate = _able(self._automaton.calibration, rate)
        self.least_bits = least_bits(self.calibration, WORST, self.rate)
        self._likely: dict[int, tuple[Expected, ...]] = {}

    def judged(
        self,
        batch: TraceBatch,
        ended: NDArray[np.bool_] | None = None,
        strangeness: NDArray[np.int32] | None = None,
        numbers: Sequence[int] | NDArray[np.integer] | None = None,
    ) -> Judged:
        """Return the p-value of each trace of a batch, encoded with the model's alphabet, and which statistic speaks.

        Parameters
        ----------
        batch : TraceBatch
        ended : bool array, shape (traces,), optional
            False for traces that go on.  Of these only the least expected event so far and the slowest step are judged:
            whatever comes, the whole trace is at least as strange.
        strangeness : int32 array, optional
            Of the batch, see `strangeness`, where that is known already.
        numbers : sequence of int, optional
            Of the traces in their stream; None: from 0.  They part equal traces where so many are equally strange that
            all of them would alarm too often, and none too seldom, see `flexstream.monitoring.ties`.
        """
        found = self.strangeness(batch) if strangeness is None else strangeness
        if ended is not None and not ended.all():
            found = found.copy()
            self._as_open(found, batch, ~ended)
        judged = self.calibration.judged(found)
        known = len(self._automaton.symbols)
        return judged._replace(p_values=split_ties(judged, self.rate, batch, known, numbers, ended))

    def strangeness(self, batch: TraceBatch) -> NDArray[np.int32]:
        """Return how strange each trace is by each statistic of the calibration, shape (traces, statistics).

        As whole numbers, -1 where a statistic is not known: what `flexstream.monitoring.together.Together` takes.
        """
        known = self.calibration
        given = expect("batch", batch, TraceBatch), known.statistics, known.shared, known.beyond
        return strangeness(self._automaton, known.tallies, *given)

    def p_values_each(self, batch: TraceBatch) -> NDArray[np.float64]:
        """Return the p-value of each trace by each statistic of the calibration alone, shape (traces, statistics)."""
        return self.calibration.each(self.strangeness(batch))

    def _as_open(self, found: NDArray[np.int32], batch: TraceBatch, still: NDArray[np.bool_]) -> None:
        """Take back what only holds of traces that have ended."""
        from ..automata.strangeness import rounded

        bits, known = np.empty(batch.events + len(batch)), np.empty(batch.events + len(batch), np.bool_)
        self._automaton.bits_of(batch, bits, known)
        starts = batch.offsets[:-1] - batch.offsets[0] + np.arange(len(batch))
        bits[np.append(starts[1:], len(bits)) - 1] = -1 / 64  # the ends
        worst = rounded(np.maximum.reduceat(bits, starts)) if len(batch) else found[:, 0]
        for place, name in enumerate(self.calibration.statistics):
            if name != LATE:
                found[still, place] = worst[still] if name == WORST else -1

    def p_values(
        self,
        batch: TraceBatch,
        ended: NDArray[np.bool_] | None = None,
        numbers: Sequence[int] | NDArray[np.integer] | None = None,
    ) -> NDArray[np.float64]:
        """Return the p-value of each trace, see `judged`.

        Of usual traces a share ``p`` at most has ``p`` or less, and as many as the rate says have that or less.
        """
        return self.judged(batch, ended, numbers=numbers).p_values

    def alarms(
        self,
        batch: TraceBatch,
        texts: Sequence[str] | None = None,
        ended: NDArray[np.bool_] | None = None,
        strangeness: NDArray[np.int32] | None = None,
        numbers: Sequence[int] | NDArray[np.integer] | None = None,
    ) -> list[Alarm | None]:
        """Return what is strange about each trace; None where its p-value is above the rate.

        Parameters
        ----------
        batch : TraceBatch
            Encoded with the model's alphabet, which may have grown.
        texts : sequence of str, optional
            The symbols by their ids, those that the model does not know among them; None: the model's.
        ended, strangeness, numbers
            See `judged`.
        """
        judged = self.judged(batch, ended, strangeness, numbers)
        found: list[Alarm | None] = [None] * len(batch)
        rows = np.flatnonzero(judged.p_values <= self.rate)
        if len(rows):
            closed = np.ones(len(rows), np.bool_) if ended is None else ended[rows]
            names = self._automaton.symbols if texts is None else texts
            for alarm in self._alarms(_events_of(batch, rows), rows, judged, names, closed):
                found[alarm.row] = alarm
        return found

    def _alarms(
        self,
        traces: TraceBatch,
        rows: NDArray[np.intp],
        judged: Judged,
        texts: Sequence[str],
        ended: NDArray[np.bool_],
    ) -> Iterator[Alarm]:
        """Yield what is strange about some traces, given their rows in the batch that was judged."""
        bits, states = walk_batch(self._automaton, traces)
        chances, known = np.empty(len(bits)), np.zeros(len(bits), np.bool_)
        self._automaton.bits_of(traces, chances, known)
        speaks = judged.speaks[rows]
        odd = self._special(traces, speaks, COUNTS, self.calibration.tallies.rarest)
        slow = self._special(traces, speaks, LATE, lambda late: slowest(self._automaton, late))
        starts = (traces.offsets[:-1] + np.arange(len(rows))).tolist()
        lengths = np.diff(traces.offsets).tolist()
        for at, (row, start, length) in enumerate(zip(rows.tolist(), starts, lengths, strict=True)):
            took = slow.get(at)
            whole = slice(start, start + length + 1)
            likely = _until_astray(bits[whole], known[whole], self.least_bits)[: length + bool(ended[at])]
            position = took.position if took is not None else int(np.argmax(likely))
            symbol = _text(texts, int(traces.symbols[start - at + position])) if position < length else None
            state, surprise = int(states[start + position]), float(bits[start + position])
            said = float(judged.p_values[row]), self.calibration.statistics[speaks[at]], position, symbol, surprise
            unusual = self._unusual(odd[at]) if at in odd else None
            yield Alarm(row, *said, state, self._expected(state), unusual, took)

    def _special(
        self, traces: TraceBatch, speaks: NDArray[np.intp], name: str, of: Callable[[TraceBatch], Sequence[_Found]]
    ) -> dict[int, _Found]:
        """Return what there is to say of those traces of which one statistic speaks, by their places."""
        if name not in self.calibration.statistics:
            return {}
        places = np.flatnonzero(speaks == self.calibration.statistics.index(name))
        return dict(zip(places.tolist(), of(_events_of(traces, places)), strict=True)) if len(places) else {}

    def _unusual(self, count: Count) -> Unusual:
        known = count.symbol < len(self._automaton.symbols)
        return Unusual(self._automaton.symbols[count.symbol] if known else None, count.times, count.usual)

    def _expected(self, state: int) -> tuple[Expected, ...]:
        """Return the likeliest outcomes of a state, looked for the first time only."""
        if state not in self._likely:
            self._likely[state] = self._found_likely(state)
        return self._likely[state]

    def _found_likely(self, state: int) -> tuple[Expected, ...]:
        automaton = self._automaton
        edges = slice(automaton.offsets[state], automaton.offsets[state + 1])
        symbols = [automaton.symbols[symbol] for symbol in automaton.edge_symbols[edges]]
        outcomes = [Expected(*pair) for pair in zip(symbols, automaton.probabilities[edges].tolist(), strict=True)]
        if automaton.stops[state]:
            outcomes.append(Expected(None, float(automaton.stop_probabilities[state])))
        return tuple(sorted(outcomes, key=lambda outcome: -outcome.probability)[:EXPECTED])


def _events_of(batch: TraceBatch, rows: NDArray[np.intp]) -> TraceBatch:
    """Return some traces of a batch with nothing but their events and durations."""
    lengths = batch.offsets[rows + 1] - batch.offsets[rows]
    events = spread(batch.offsets[rows], lengths)
    spans = None if batch.durations is None else batch.durations[events]
    return TraceBatch(batch.symbols[events], np.concatenate(([0], np.cumsum(lengths))), durations=spans)


def _until_astray(bits: NDArray[np.float64], known: NDArray[np.bool_], least: float) -> NDArray[np.float64]:
    """Return the surprise of the events of a trace up to the first that alarms and takes no transition; of all if none.

    >>> bits, known = np.array([1.0, 9.0, 12.0, 1.0]), np.array([True, False, False, True])
    >>> [_until_astray(bits, known, least).tolist() for least in (8.0, 10.0)]
    [[1.0, 9.0], [1.0, 9.0, 12.0]]
    """
    astray = np.flatnonzero(~known & (bits >= least))
    return bits[: astray[0] + 1] if len(astray) else bits


def _text(texts: Sequence[str], symbol: int) -> str | None:
    return texts[symbol] if 0 <= symbol < len(texts) else None


def _able(calibration: Calibration | None, chosen: float | None) -> tuple[Calibration, float]:
    """Return a calibration and the rate that was chosen, if it supports that; None: the usual one, or its least."""
    if calibration is None:
        raise ModelError(
            "the model is not calibrated, so that no rate of alarms can be kept "
            "(expected: a model that this version has learned, from 19 traces at least)"
        )
    least = math.ceil(calibration.least_rate * 1e4 * (1 - 1e-12)) / 1e4
    if chosen is None and least <= MOST_CHOSEN:
        return calibration, max(RATE, least)
    rate = RATE if chosen is None else float(chosen)
    if rate < calibration.least_rate * (1 - 1e-12):
        wanted = f"{'more than ' * (rate < LEAST)}{calibration.traces_for(rate):,}"
        raise ModelError(
            f"a rate of {rate:g} takes {wanted} traces, the model is calibrated by "
            f"{calibration.traces:,} (expected: {least:g} or above, or a model learned from more)"
        )
    return calibration, rate
