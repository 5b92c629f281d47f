"""``flexstream score``: how likely are these traces, and what is strange about them?"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from .console import Notes, put, say
from .paths import FileName
from .reading import reading
from .stopping import stopping

if TYPE_CHECKING:
    from flexstream import Model
    from flexstream.stream.batch import TraceBatch

IMPOSSIBLE_BITS = 1e6
"""Stands for an infinite surprise, which JSON cannot hold; only an automaton without smoothing has it."""
UNKNOWN_BYTES = 1 << 24
"""Bytes for symbols that the model does not know. They all count alike, so that one name stands for those beyond."""


@click.command(short_help="Score traces: probability and least expected event.")
@click.argument("model", type=FileName())
@click.option("--ensemble", type=click.IntRange(1), metavar="K", help="Use the K best members only, not all.")
@reading
def score(model: str, sources: tuple[str, ...], ensemble: int | None, **given: Any) -> None:
    """Score traces with a learned MODEL: one JSON object a trace, in input order.

    \b
      trace      case id, or number from 1
      log2_prob  base-2 logarithm of its probability
      length     number of events
      worst      position, symbol (null: the end) and surprise in bits of the least expected event
      unseen     events for which the model has no transition
    """
    from flexstream import load_model
    from flexstream.errors import DataError
    from flexstream.readers import ReadOptions, read_batches

    if click.get_current_context().get_parameter_source("cut") != click.core.ParameterSource.COMMANDLINE:
        given["cut"] = False  # what is asked is how likely a case is, not parts of it
    options = ReadOptions(**given)
    automaton = load_model(model) if ensemble is None else _members(model, ensemble)
    alphabet = automaton.alphabet()
    alphabet.limit(UNKNOWN_BYTES)
    reading = read_batches(sources, alphabet, options)
    notes, totals = Notes(reading), Totals()
    with stopping(reading) as came:
        try:
            for batch in reading:
                notes.flush()
                put("-", "".join(_lines(automaton, alphabet.texts, batch, totals)))
        except DataError:
            # A stop may have cut a line or a block of gzip in two.
            if not came:
                raise
        finally:
            notes.close()
        totals.report()
    if came:
        sys.exit(128 + came[0])


def _members(path: str, number: int) -> Model:
    """Return the best members of the ensemble in a model file."""
    from flexstream import load_model
    from flexstream.automata.mixture import Ensemble
    from flexstream.errors import UsageError

    model = load_model(path)
    if isinstance(model, Ensemble):
        return model.heaviest(number)
    if number > 1:
        raise UsageError(f"{path} holds one automaton (expected: a model made by learn --ensemble {number})")
    return model


class Totals:
    """What the summary needs."""

    def __init__(self) -> None:
        self.traces = self.events = self.strange = 0
        self.bits = 0.0

    def report(self) -> None:
        """Print the summary."""
        if not self.traces:
            say("no trace came")
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


def _lines(automaton: Model, texts: list[str], batch: TraceBatch, totals: Totals) -> Iterator[str]:
    log2_prob, where, worst, unseen = (column.tolist() for column in automaton.score_batch(batch))
    offsets, names = batch.offsets.tolist(), batch.names
    for row in range(len(batch)):
        length = offsets[row + 1] - offsets[row]
        totals.traces += 1
        totals.events += length
        totals.bits -= log2_prob[row]
        totals.strange += unseen[row] > 0
        symbol = texts[batch.symbols[offsets[row] + where[row]]] if where[row] < length else None
        result = {
            "trace": totals.traces if names is None else names[row],
            "log2_prob": max(log2_prob[row], -IMPOSSIBLE_BITS),
            "length": length,
            "worst": {
                "position": where[row],
                "symbol": symbol,
                "bits": round(min(worst[row], IMPOSSIBLE_BITS), 4),
            },
            "unseen": unseen[row],
        }
        yield json.dumps(result, ensure_ascii=False) + "\n"
