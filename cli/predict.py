"""``flexstream predict``: what comes next, and how many events until the end?"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import click

from flexstream.json_text import json_text

from .console import Notes, put
from .events import event_named, events_of
from .fleet import Strangers
from .models import member_option, one_of, opened_any
from .paths import FileName
from .reading import alphabet_like, none_came, reading_if_any, reading_like, told
from .score import Shared
from .shares import ShareRange
from .stopping import stopping, to_the_end

Of = Callable[[str | None], "Forecaster | Corrected"]
"""Returns who foretells traces of a member, or of none."""

if TYPE_CHECKING:
    from flexstream import Fleet, Model
    from flexstream.monitoring.corrected import Corrected
    from flexstream.monitoring.predict import Forecaster
    from flexstream.stream.batch import TraceBatch


@click.command(short_help="Say what comes next in running traces, and when they end.")
@click.argument("model", type=FileName())
@member_option
@click.option("--after", metavar="EVENTS", help="The beginning of a trace: events apart by blanks or commas, or JSON.")
@click.option("--reach", multiple=True, metavar="EVENT", help="How likely does EVENT still come? May stand repeatedly.")
@click.option(
    "--top", type=click.IntRange(1), default=5, show_default=True, help="Next and last events that are named."
)
@click.option(
    "--confidence",
    type=ShareRange(0, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="Of the intervals of what comes next.",
)
@click.option(
    "--quantile",
    "quantiles",
    multiple=True,
    type=ShareRange(0, 1),
    default=(0.1, 0.5, 0.9),
    show_default=True,
    help="Of the events, and the time, to come. May stand repeatedly.",
)
@click.option(
    "--ended",
    multiple=True,
    type=FileName(),
    metavar="SOURCE",
    help="Cases that have ended since MODEL was learned, by which what comes next is corrected. May stand repeatedly.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON for --after as well; forecasts of a SOURCE always are.")
@reading_if_any
def predict(
    model: str,
    member: str | None,
    after: str | None,
    reach: tuple[str, ...],
    top: int,
    confidence: float,
    quantiles: tuple[float, ...],
    ended: tuple[str, ...],
    as_json: bool,
    sources: tuple[str, ...],
    **given: Any,
) -> None:
    """Foretell with a learned MODEL what comes next: after EVENTS, or in each trace of SOURCE, taken as still running.

    \b
      flexstream predict model.json --after "load run"
      flexstream predict model.json running.csv --reach scrap
      flexstream predict model.json running.csv --ended yesterday.csv

    \b
    In words for --after; for a SOURCE one JSON object a trace, in input order:
      trace, length  case id, or number from 1; events so far
      state, unseen  where they lead; those for which the model has no transition
      next       the likeliest events (null: the end), probability, interval from low to high
      ends       probability that the trace ever ends
      over       probability that it has ended, as so long nothing came, where times are known
      events     to come: mean and quantiles (null: infinite)
      seconds    to come since the last event, likewise, where the model knows durations (none yet: since the first)
      last       the likeliest last events
      reach      of the events asked for, the probability that they still come
    What comes next is said by the whole model, all else by the automaton without its n-gram.
    """
    from flexstream.automata.fleet import Fleet
    from flexstream.errors import UsageError
    from flexstream.monitoring.notice import judging
    from flexstream.monitoring.predict import Forecaster

    if sources and after is not None:
        raise UsageError("a SOURCE and --after are two questions (expected: one of them)")
    if "-" in sources and "-" in ended:
        raise UsageError("stdin holds either running cases or ended ones (expected: a file for one of them)")
    if not sources and not ended and (unused := next(iter(told(dict.fromkeys(given))), None)):
        raise UsageError(f"--{unused.replace('_', '-')} says how to read a SOURCE, and there is none")
    found = opened_any(model)
    automaton = found if isinstance(found, Fleet) and member is None else one_of(model, found, member)

    @cache
    def of(name: str | None) -> Forecaster | Corrected:
        from flexstream.monitoring.corrected import Corrected

        one = automaton.model(name) if isinstance(automaton, Fleet) else automaton
        reached = [event_named(event, one.symbols) for event in reach]
        if not ended:
            return Forecaster(one, reached, confidence, quantiles, top)
        return Corrected(Forecaster(one, reached, confidence, quantiles, max(top, len(one.symbols) + 1)), top)

    if ended:
        _correct(model, automaton, of, ended, given)
    if sources:
        _follow(model, automaton, of, sources, given)
    else:
        forecaster = of(None)
        put("-", _one(forecaster, events_of(after or "", "--after", judging(forecaster.model)), as_json))


def _correct(path: str, model: Model | Fleet, of: Of, ended: tuple[str, ...], given: dict[str, Any]) -> None:
    """Let cases that have ended correct what is foretold."""
    from flexstream.monitoring.corrected import Corrected

    alphabet, count, shared = alphabet_like(model), 0, Shared(len(model.symbols))
    reading = reading_like(path, model, ended, alphabet, given)
    for batch in reading:
        count += len(batch)
        shared.see(batch.symbols)
        for row, trace in enumerate(batch):
            if isinstance(corrected := of(_member(model, batch, row)), Corrected):
                corrected.ended([alphabet.texts[symbol] for symbol in trace.tolist()])
    if not count:
        none_came(ended, reading, stopped=False)
    shared.report(path, model, alphabet, reading.manner)


def _member(model: Model | Fleet, batch: TraceBatch, row: int) -> str | None:
    """Return the member of a fleet that a trace is of; None for no fleet, and for what it does not know."""
    from flexstream.automata.fleet import Fleet

    members = batch.members
    return members[row] if members is not None and isinstance(model, Fleet) and members[row] in model else None


def _one(forecaster: Forecaster | Corrected, prefix: list[str], as_json: bool) -> str:
    from flexstream.monitoring.forecast_text import document, text
    from flexstream.monitoring.predict import Forecaster

    found = forecaster.after(prefix)
    told_by = forecaster if isinstance(forecaster, Forecaster) else forecaster.forecaster
    return json_text(document(found), 1) + "\n" if as_json else text(told_by, prefix, found)


def _follow(path: str, model: Model | Fleet, of: Of, sources: tuple[str, ...], given: dict[str, Any]) -> None:
    """Print forecasts of all traces of the sources."""

    alphabet = alphabet_like(model)
    reading = reading_like(path, model, sources, alphabet, given, origins=True)
    clock, strangers = Clock(), Strangers(model)
    notes, shared, count = Notes(reading), Shared(len(model.symbols)), 0
    with stopping(reading) as came, to_the_end(notes, came):
        for batch in reading:
            notes.flush()
            put("-", "".join(_lines(model, of, alphabet.texts, batch, count, clock.silences(batch))))
            shared.see(batch.symbols)
            strangers.see(batch)
            count += len(batch)
            if shared.settled:
                break
    if not count:
        none_came(sources, reading, bool(came))
    strangers.report()
    shared.report(path, model, alphabet, reading.manner)
    if came:
        sys.exit(128 + came[0])


class Clock:
    """How long nothing has come of traces when they are foretold, by the newest time that was read."""

    def __init__(self) -> None:
        self._newest = -math.inf

    def silences(self, batch: TraceBatch) -> list[float]:
        """Return the seconds since the last event of each trace of a batch, NaN where its time is not known."""
        import numpy as np

        from flexstream.stream.origins import times_of

        if batch.origins is None:
            return [math.nan] * len(batch)
        times = times_of(np.asarray(batch.origins))
        self._newest = max(self._newest, float(np.nanmax(times, initial=-math.inf)))
        lasts = np.cumsum(np.diff(batch.offsets) + 1) - 1  # of each trace the row behind its events
        return [self._newest - last for last in times[lasts].tolist()]


def _lines(
    model: Model | Fleet, of: Of, texts: list[str], batch: TraceBatch, before: int, silences: list[float]
) -> Iterator[str]:
    from flexstream.errors import UsageError
    from flexstream.monitoring.forecast_text import document

    names, members = batch.names, batch.members
    for row, trace in enumerate(batch):
        prefix = [texts[symbol] for symbol in trace.tolist()]
        found: dict[str, Any] = {"trace": before + row + 1 if names is None else names[row] or before + row + 1}
        member = _member(model, batch, row)
        found |= ({} if members is None else {"member": members[row]}) | {"length": len(prefix)}
        try:
            forecast = of(member).after(prefix)
            found |= document(forecast)
            over = None if math.isnan(silences[row]) else of(member).over(forecast.state, silences[row])
            found |= {} if over is None else {"over": float(f"{over:.6g}")}
        except UsageError as error:  # the model calls this beginning impossible, which others need not be
            found["impossible"] = str(error)
        yield json_text(found) + "\n"
