"""Beam: one model of a collection of traces, on any runner of Apache Beam; its library is an extra.

Accumulators are summaries, as bytes: they add up in any order, so a runner may combine them however it likes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..learning.additive import Summary
from ..learning.learner import StreamLearner
from ..learning.settings import Settings
from ..learning.shard import MOST_SHARDS, Shard
from .rounds import combine

try:
    import apache_beam
    from apache_beam import CombineFn, PTransform
except ImportError:
    apache_beam, CombineFn, PTransform = None, object, object

if TYPE_CHECKING:
    from apache_beam import PCollection

EXTRA = "pip install 'flexstream[beam]'"
TOGETHER = 1000
"""Traces that are counted at once."""


def _needed() -> None:
    if apache_beam is None:
        raise UsageError(f"Beam needs apache-beam, which is not installed (expected: {EXTRA})")


class _Counting:
    """Counts traces behind what was counted before; not sent, but for its `bytes`."""

    def __init__(self, settings: Settings, before: bytes) -> None:
        self._settings, self._before = settings, before
        self._shard: Shard | None = None
        self._waiting: list[list[str]] = []

    def take(self, trace: Iterable[str]) -> None:
        """Count a trace, or have it wait for others."""
        self._waiting.append(list(trace))
        if len(self._waiting) == TOGETHER:
            self._count()

    def _count(self) -> None:
        if self._shard is None:  # what is drawn at random differs from part to part, by what these hold
            number = zlib.crc32(repr(self._waiting[0]).encode("utf-8", "surrogatepass")) % MOST_SHARDS
            self._shard = Shard(Summary(self._settings), number)
        self._shard.learner.learn_many(self._waiting)
        self._waiting = []

    def bytes(self) -> bytes:
        """Return all that was counted as a summary; nothing more may be counted then."""
        if self._waiting:
            self._count()
        added = b"" if self._shard is None else self._shard.delta().to_bytes()
        return combine(filter(None, [self._before, added])) or b""


class CountTraces(CombineFn):
    """Combines traces into the closed summary of all, as bytes; see `flexstream.learning.additive.Summary`.

    Parameters
    ----------
    parameters
        Of `StreamLearner`, by their names.

    Raises
    ------
    UsageError
        If there is no learner with these, or apache-beam is not installed.
    """

    def __init__(self, **parameters: Any) -> None:
        _needed()
        super().__init__()
        self._parameters = StreamLearner(**parameters).settings.to_dict()

    def _settings(self) -> Settings:
        return StreamLearner(**self._parameters).settings

    def create_accumulator(self) -> bytes:
        """Return what nothing was counted in."""
        return b""

    def add_input(self, mutable_accumulator: bytes | _Counting, element: Iterable[str]) -> _Counting:
        """Count a trace."""
        counting = mutable_accumulator
        if isinstance(counting, bytes):
            counting = _Counting(self._settings(), counting)
        counting.take(element)
        return counting

    def merge_accumulators(self, accumulators: Iterable[bytes | _Counting]) -> bytes:
        """Return the sum of some."""
        return combine(filter(None, map(self.compact, accumulators))) or b""

    def compact(self, accumulator: bytes | _Counting) -> bytes:
        """Return what is sent."""
        return accumulator if isinstance(accumulator, bytes) else accumulator.bytes()

    def extract_output(self, accumulator: bytes | _Counting) -> bytes:
        """Return the summary of all, closed."""
        found = self.compact(accumulator)
        return (Summary.from_bytes(found) if found else Summary(self._settings())).close().to_bytes()


def model_of(summary: bytes) -> str:
    """Return the model, as JSON, of a summary.

    >>> import json
    >>> json.loads(model_of(Summary().close().to_bytes()))["symbols"]
    []
    """
    return Summary.from_bytes(summary).learner().automaton.to_json()


class LearnAutomaton(PTransform):
    """Learns one automaton from a collection of traces, lists of strings: a collection of one model, as JSON.

    In windows there is one a window; of no traces there is none.  As long as no part gives anything up the model is
    the same however the runner divides the traces.

    Parameters
    ----------
    fanout : int, optional
        In how many places parts are added before all are in one; by default the runner's choice.
    parameters
        Of `StreamLearner`, by their names.

    Raises
    ------
    UsageError
        If there is no learner with these, or apache-beam is not installed.

    Examples
    --------
    A model of all traces that a pipeline makes::

        traces | LearnAutomaton(repeats=False) | beam.io.WriteToText("model", ".json", shard_name_template="")
    """

    def __init__(self, fanout: int | None = None, **parameters: Any) -> None:
        _needed()
        super().__init__()
        self._fanout, self._combine = fanout, CountTraces(**parameters)

    def expand(self, input_or_inputs: PCollection) -> PCollection:
        """Return the collection of the model."""
        combined = apache_beam.CombineGlobally(self._combine).without_defaults()
        if self._fanout is not None:
            combined = combined.with_fanout(self._fanout)
        return input_or_inputs | "Count" >> combined | "Decide" >> apache_beam.Map(model_of)


class GatherCases(PTransform):
    """Makes traces of events: those of a case, which are triples of case, time and name, in the order of their times.

    Raises
    ------
    UsageError
        If apache-beam is not installed.
    """

    def __init__(self) -> None:
        _needed()
        super().__init__()

    def expand(self, input_or_inputs: PCollection) -> PCollection:
        """Return the collection of traces."""
        keyed = input_or_inputs | "Case" >> apache_beam.Map(lambda event: (event[0], (event[1], event[2])))
        return keyed | "Gather" >> apache_beam.GroupByKey() | "Sort" >> apache_beam.Map(_in_order)


def _in_order(case: tuple[str, Iterable[tuple[Any, str]]]) -> list[str]:
    return [name for _, name in sorted(case[1], key=lambda event: event[0])]
