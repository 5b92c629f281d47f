"""``flexstream score``: how likely are these traces, and what is strange about them?"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from flexstream.json_text import json_text
from flexstream.stream.manner import GUESSED

from .console import KEPT_SECONDS, Notes, put, say, tell
from .fleet import Strangers
from .models import member_option, one_of, opened_any
from .paths import FileName
from .reading import alphabet_like, none_came, reading, reading_like
from .shares import Share
from .stopping import stopping, to_the_end

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from flexstream import Alphabet, Model
    from flexstream.automata.fleet import Fleet
    from flexstream.automata.slow import Slow
    from flexstream.monitoring.alarm import Judge
    from flexstream.stream.batch import TraceBatch
    from flexstream.stream.manner import Manner

JudgeOf = Callable[[str | None], "Judge | None"]
IMPOSSIBLE_BITS = 1e6
"""Stands for an infinite surprise, which JSON cannot hold; only an automaton without smoothing has it."""
ENOUGH = 10_000
"""Events after which nobody waits any longer for one that the model knows."""
RARE = 0.01
"""Share of the traces to come that have a step as slow as this, at most, above which nothing is said of it."""
SHOWN = 3
"""Symbols named as examples."""


@click.command(short_help="Score traces: probability and least expected event.")
@click.argument("model", type=FileName())
@member_option
@click.option("--ensemble", type=click.IntRange(1), metavar="K", help="Use the K best members only, not all.")
@click.option("--alarm-rate", type=Share(), metavar="RATE", help="Add the p-value, and whether so rare a trace alarms.")
@reading
def score(
    model: str,
    sources: tuple[str, ...],
    member: str | None,
    ensemble: int | None,
    alarm_rate: float | None,
    **given: Any,
) -> None:
    """Score traces with a learned MODEL: one JSON object a trace, in input order.

    \b
      trace      case id, or number from 1
      log2_prob  base-2 logarithm of its probability
      log2_prob_alone  by the automaton alone, if the model mixes it with an n-gram
      length     number of events
      worst      position, symbol (null: the end) and surprise in bits of the least expected event
      unseen     events for which the model has no transition
      slow       the step that took rarest long, where times are known: position, symbol,
                 seconds, usual (99.9 % take at most so long), p_value (of the trace: how rare it is)
      member, by  of a fleet: whose trace it is, and by what it was judged: its own states, the
                 pool's with probabilities of its own (partial), or the pool's model (pooled)
      p_value, alarm  with --alarm-rate: the share of usual traces that are as odd, at most, and
                 whether that is within the rate (flexstream alarm prints those alone, and why)
    """
    automaton = _opened(model, member) if ensemble is None else _members(model, ensemble, member)
    alphabet = alphabet_like(automaton)
    reading = reading_like(model, automaton, sources, alphabet, given)
    judge_of, strangers = _judges(automaton, alarm_rate), Strangers(automaton)
    notes, totals, shared = Notes(reading), Totals(), Shared(len(automaton.symbols))

    def lines_of(batch: TraceBatch) -> None:
        notes.flush()
        put("-", "".join(_all_lines(automaton, alphabet.texts, batch, totals, judge_of)))
        strangers.see(batch)
        shared.see(batch.symbols)

    reading.share(lines_of, reading.commit, tell, KEPT_SECONDS)
    with stopping(reading) as came:
        with to_the_end(notes, came):
            for batch in reading:
                lines_of(batch)
                if shared.settled:
                    break
        totals.report()
    if not totals.traces:
        none_came(sources, reading, bool(came))
    strangers.report()
    shared.report(model, automaton, alphabet, reading.manner)
    if came:
        sys.exit(128 + came[0])


def _opened(path: str, member: str | None) -> Model | Fleet:
    found = opened_any(path)
    return found if member is None else one_of(path, found, member)


def _judges(model: Model | Fleet, rate: float | None) -> JudgeOf:
    """Return what tells who judges the traces of a member, or those of none."""
    if rate is None:
        return lambda _: None
    from flexstream.automata.fleet import Fleet
    from flexstream.errors import UsageError, parameter
    from flexstream.monitoring.alarm import Judge
    from flexstream.monitoring.fleet_alarm import FleetJudge

    try:
        if isinstance(model, Fleet):
            return FleetJudge(model, rate).of
        judge = Judge(model, rate)
    except UsageError as error:
        raise UsageError(error.message.marked.replace(parameter("rate"), parameter("alarm_rate"))) from None
    return lambda _: judge


def _members(path: str, number: int, member: str | None) -> Model:
    """Return the best members of the ensemble in a model file."""
    from flexstream.automata.mixture import Ensemble
    from flexstream.errors import UsageError

    model = one_of(path, opened_any(path), member)
    if isinstance(model, Ensemble):
        return model.heaviest(number)
    if number > 1:
        raise UsageError(f"{path} holds one automaton (expected: a model made by learn --ensemble {number})")
    return model


class Shared:
    """Counts what a model knows of the symbols that it is to score.

    Parameters
    ----------
    known : int
        Symbols of the model, whose ids come first.
    """

    def __init__(self, known: int) -> None:
        import numpy as np

        self.seen = np.zeros(known, np.bool_)
        self.events = self.known_events = 0
        self._told = False

    def see(self, symbols: NDArray[np.int32]) -> None:
        """Count the symbols of a batch."""
        known = symbols[symbols < len(self.seen)]
        self.seen[known] = True
        self.events += len(symbols)
        self.known_events += len(known)

    @property
    def foreign(self) -> bool:
        """Whether there were events, and the model knows the symbol of none."""
        return self.events > 0 and len(self.seen) > 0 and not self.known_events

    @property
    def settled(self) -> bool:
        """Whether so many events came, of which none is known, that those to come need not be waited for."""
        return self.foreign and self.events >= ENOUGH

    def report(
        self, path: str, model: Model | Fleet, alphabet: Alphabet, manner: Manner, goes_on: bool = False
    ) -> None:
        """Warn where the model knows the symbol of less than half of the events; once.

        ``goes_on``: the source may have no end, and other symbols may come.

        Raises
        ------
        DataError
            If it knows none, and the source does not go on.
        """
        if self._told or not len(self.seen) or 2 * self.known_events >= self.events:
            return
        from flexstream.errors import DataError
        from flexstream.writers.labels import counted

        theirs, ours = alphabet.texts[len(self.seen) : len(self.seen) + SHOWN], list(model.symbols[:SHOWN])
        examples = f"{_quoted(theirs)} here, {_quoted(ours)} there"
        how, self._told = _difference(model.provenance.get("reading"), manner), True
        if self.foreign:
            none = f"the model knows none of the symbols that came: {examples}"
            if not goes_on:
                raise DataError(path, None, none, how)
            say(f"warning: {none} (expected: {how})")
            return
        kinds = f"{int(self.seen.sum()):,} of {counted(len(alphabet) - int((~self.seen).sum()), 'symbol')}"
        share = f"{self.known_events / self.events:.1%} of the events"
        say(f"warning: the model knows only {kinds}, {share}: {examples} (expected: {how})")


def _quoted(texts: list[str]) -> str:
    from flexstream.readers.diagnostics import shown

    return ", ".join(map(shown, texts))


def _difference(then: Any, now: Manner) -> str:
    """Say what to do about symbols of another kind, given how the stream of the model and this one were read."""
    expected = "traces like those that it was learned from"
    if not isinstance(then, dict):
        return f"{expected}, read with the same options"
    differ = [name for name in then if name in now and name != GUESSED and then[name] != now[name]]
    if not differ:
        return expected
    here = ", ".join(f"--{name.replace('_', '-')} {now[name]}" for name in differ)
    import shlex  # late: few models differ

    there = " ".join(f"--{name.replace('_', '-')} {shlex.quote(str(then[name]))}" for name in differ)
    return f"{expected}; these were read with {here}, those with {there}"


class Totals:
    """What the summary needs."""

    def __init__(self) -> None:
        self.traces = self.events = self.strange = 0
        self.bits = 0.0
        self.timed = self.late = 0  # traces whose durations are known, and those with a step slower than usual
        self.slowest: tuple[float, str] | None = None  # how rare it is, and what to say of it

    def report(self) -> None:
        """Print the summary."""
        if not self.traces:
            return
        from flexstream.writers.labels import counted

        per_outcome = self.bits / (self.events + self.traces)
        perplexity = 2.0**per_outcome if per_outcome < 1000 else math.inf
        say(
            f"{counted(self.traces, 'trace')}, {counted(self.events, 'event')}; perplexity per symbol "
            f"{perplexity:.4g} (the end counts as one); {counted(self.strange, 'trace')} "
            f"({self.strange / self.traces:.1%}) {'takes' if self.strange == 1 else 'take'} a way the model has never "
            "seen"
        )
        if self.late and self.slowest is not None:
            share = f"{self.late / self.timed:.1%}"
            has = "has" if self.late == 1 else "have"
            say(f"{counted(self.late, 'trace')} ({share}) {has} a step that is rarely so slow: {self.slowest[1]}")


def _slow(
    found: Slow | None, batch: TraceBatch, start: int, texts: list[str], totals: Totals, number: int
) -> dict[str, dict[str, Any]]:
    """Return what is said of the step of a trace that took rarest long, and count it."""
    if found is None:
        return {}
    from flexstream.stream.durations import told_apart

    symbol = texts[batch.symbols[start + found.position]]
    totals.timed += 1
    if found.p_value < RARE:
        totals.late += 1
        if totals.slowest is None or found.p_value < totals.slowest[0]:
            took, limit = told_apart(found.seconds, found.usual)
            said = f"{_quoted([symbol])} of trace {number} took {took}, 99.9 % take at most {limit}"
            totals.slowest = found.p_value, said
    numbers = {"seconds": found.seconds, "usual": found.usual}
    rounded = {name: float(f"{value:.4g}") for name, value in numbers.items()}
    return {"slow": {"position": found.position, "symbol": symbol, **rounded, "p_value": round(found.p_value, 6)}}


def _all_lines(
    automaton: Model | Fleet, texts: list[str], batch: TraceBatch, totals: Totals, judge_of: JudgeOf
) -> Iterator[str]:
    """Yield the lines of a batch; of a fleet each trace is judged by the model of its member."""
    from flexstream.automata.fleet import Fleet

    first = totals.traces + 1
    if not isinstance(automaton, Fleet):
        yield from _lines(automaton, texts, batch, totals, judge_of(None), range(first, first + len(batch)))
        return
    found: dict[int, str] = {}
    for name, rows, part in automaton.groups(batch):
        numbers, by = (rows + first).tolist(), automaton.kind(name)
        lines = _lines(automaton.model(name), texts, part, totals, judge_of(name), numbers, by)
        found.update(zip(rows.tolist(), lines, strict=True))
    yield from (found[row] for row in range(len(batch)))


def _lines(
    automaton: Model,
    texts: list[str],
    batch: TraceBatch,
    totals: Totals,
    judge: Judge | None,
    numbers: Sequence[int],
    by: str | None = None,
) -> Iterator[str]:
    from flexstream.automata.slow import slowest

    log2_prob, where, worst, unseen = (column.tolist() for column in automaton.score_batch(batch))
    alone = None if automaton.alone is automaton else automaton.alone.score_batch(batch)[0].tolist()
    offsets, names = batch.offsets.tolist(), batch.names
    slow = slowest(automaton, batch)
    rare = None if judge is None else judge.p_values(batch, numbers=numbers).tolist()
    for row in range(len(batch)):
        length = offsets[row + 1] - offsets[row]
        totals.traces += 1
        totals.events += length
        totals.bits -= log2_prob[row]
        totals.strange += unseen[row] > 0
        symbol = texts[batch.symbols[offsets[row] + where[row]]] if where[row] < length else None
        result = {
            "trace": numbers[row] if names is None else names[row] or numbers[row],
            **({} if batch.members is None else {"member": batch.members[row]}),
            **({} if by is None else {"by": by}),
            "log2_prob": max(log2_prob[row], -IMPOSSIBLE_BITS),
            **({} if alone is None else {"log2_prob_alone": max(alone[row], -IMPOSSIBLE_BITS)}),
            "length": length,
            "worst": {
                "position": where[row],
                "symbol": symbol,
                "bits": round(min(worst[row], IMPOSSIBLE_BITS), 4),
            },
            "unseen": unseen[row],
            **_slow(slow[row], batch, offsets[row], texts, totals, numbers[row]),
            **({} if judge is None or rare is None else _rarity(rare[row], judge.rate)),
        }
        yield json_text(result) + "\n"


def _rarity(p_value: float, rate: float) -> dict[str, Any]:
    """Return what is said of how odd a trace is."""
    return {"p_value": round(p_value, 6), "alarm": p_value <= rate}
