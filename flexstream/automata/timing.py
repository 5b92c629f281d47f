"""Durations: how long the transitions of an automaton take, as counts of logarithmic bins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.slowness import find_slowest
from .._kernels.timed import follow_traces, rank_durations, tally_durations
from ..classes import dataclass
from ..errors import ModelError, UsageError
from ..ordered import distinct
from ..stream.batch import TraceBatch
from ..stream.durations import BINS, seconds_of
from .arrays import column, is_amount, read_only, summable
from .time_contexts import Ordered, TimeContexts, contexts_of

if TYPE_CHECKING:
    from .beyond import Beyond
    from .pdfa import PDFA
    from .time_ranks import TimeRanks

PAIRS, FEW = 12, 2
"""Pairs of blocks into which a transition's durations are cut to see whether neighbours are alike; least events of a
block."""
TABLE = 1 << 17
"""Pairs of state and symbol that have a place each, so that none is searched."""


@dataclass(frozen=True, eq=False)
class Durations:
    """How often each transition took how long since the event before; what is the first of a trace took no time.

    Parameters
    ----------
    edges : int32 array, shape (rows,)
        Positions among the automaton's transitions, ascending.
    bins : int16 array, shape (rows,)
        See :mod:`flexstream.stream.durations`; ascending for each transition.
    counts : int64 array, shape (rows,)
        At least 1.
    dependence : float64 array, shape (transitions,)
        As how many events one counts where neighbours in the stream are alike, as waits in one queue are; at least 1.
    one_in : int
        Of how many traces one was kept.
    contexts : TimeContexts, optional
        Where it hangs on an earlier event how long a transition takes, the same events once more.

    Raises
    ------
    ModelError
        If the arrays do not fit together.

    Examples
    --------
    >>> found = Durations([0, 0], [1281, 1345], [3, 1], [1.0], 1)
    >>> found.total(0), [round(found.quantile(0, share), 2) for share in (0.5, 0.9)]
    (4, [1.01, 2.02])
    """

    edges: NDArray[np.int32]
    bins: NDArray[np.int16]
    counts: NDArray[np.int64]
    dependence: NDArray[np.float64]
    one_in: int = 1
    contexts: TimeContexts | None = None

    def __post_init__(self) -> None:
        kinds = {"edges": np.int32, "bins": np.int16, "counts": np.int64, "dependence": np.float64}
        for name, kind in kinds.items():
            object.__setattr__(self, name, column(name, getattr(self, name), kind))
        keys = self.edges.astype(np.int64) * BINS + self.bins
        inside = not len(keys) or (self.edges.min() >= 0 and self.edges.max() < len(self.dependence))
        fits = inside and bool(((self.bins >= 0) & (self.bins < BINS)).all() and (np.diff(keys) > 0).all())
        counted = bool((self.counts > 0).all() and (self.dependence >= 1).all() and np.isfinite(self.dependence).all())
        lengths = len(self.edges) == len(self.bins) == len(self.counts)
        alike = self.contexts is None or len(self.contexts.back) == len(self.dependence)
        if not (lengths and fits and counted and alike and summable(self.counts)) or not is_amount(self.one_in, 1):
            raise ModelError("the durations of the model are not valid: their rows do not fit together")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.edges, self.bins, self.counts, self.dependence, self.one_in, self.contexts)

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        return read_only(np.searchsorted(self.edges, np.arange(len(self.dependence) + 1)))

    @cached_property
    def _rising(self) -> NDArray[np.int64]:
        """How many events the rows before each hold, and all."""
        return read_only(np.concatenate((np.zeros(1, np.int64), np.cumsum(self.counts))))

    def of(self, edge: int) -> tuple[NDArray[np.int16], NDArray[np.int64]]:
        """Return the bins of a transition and their counts."""
        rows = slice(self._starts[edge], self._starts[edge + 1])
        return self.bins[rows], self.counts[rows]

    @cached_property
    def by_context(self) -> Durations:
        """The durations of all transitions, and behind them those of contexts, by `places`."""
        known = self.contexts
        if known is None:
            return self
        edges = np.concatenate((self.edges, len(self.dependence) + known.rows))
        bins, counts = np.concatenate((self.bins, known.bins)), np.concatenate((self.counts, known.counts))
        dependence = np.concatenate((self.dependence, self.dependence[known.edges]))
        return Durations(edges, bins, counts, dependence, self.one_in)

    def places(self, edges: NDArray[np.int64], batch: TraceBatch) -> NDArray[np.int64]:
        """Return the place in `by_context` of the durations with which each event of a batch is to be compared.

        Given are their transitions, -1 for none.
        """
        return edges if self.contexts is None else self.contexts.places(edges, batch)

    def rarity(self, places: NDArray[np.int64], bins: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Return the p-values of events by their `places`; NaN where no time of a transition is known."""
        found = self.p_values(np.where(places < len(self.dependence), places, 0), bins)
        among = np.flatnonzero(places >= len(self.dependence))
        if len(among):
            found[among] = self.ranks_in_contexts.p_values(places[among], bins[among])
        return found

    def beyond(self, places: NDArray[np.int64], bins: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Return how far events are beyond all that were counted, in bits: by these they are rarer than by `rarity`.

        0 for those that are not; see :mod:`flexstream.automata.beyond`.
        """
        found = np.zeros(len(places))
        among = places >= len(self.dependence)
        found[~among] = self.tails.bits(places[~among], bins[~among])
        if among.any():
            found[among] = self.ranks_in_contexts.beyond(places[among], bins[among])
        return found

    @cached_property
    def tails(self) -> Beyond:
        """Tails of the durations of all transitions."""
        from .beyond import Beyond  # late: for scoring only

        return Beyond(self._starts, self.bins, self.counts)

    @cached_property
    def ranks_in_contexts(self) -> TimeRanks:
        """Ranks of the durations in contexts, of durations that have some."""
        assert self.contexts is not None
        from .time_ranks import TimeRanks  # late: for scoring only

        return TimeRanks(self.contexts)

    def total(self, edge: int) -> int:
        """Return how often the time that a transition took is known."""
        return int(self.of(edge)[1].sum())

    def quantile(self, edge: int, share: float) -> float:
        """Return the seconds that a share of a transition's events does not exceed; NaN where none is known.

        It is that of the durations counted, but for 0.78 % of it at most; the smallest with at least that share.

        Raises
        ------
        UsageError
            If the share is none.
        """
        return quantile(*self.of(edge), share)

    def medians(self) -> list[float]:
        """Return the seconds that half of the events of each transition do not exceed; NaN where none is known."""
        return [self.quantile(edge, 0.5) for edge in range(len(self.dependence))]

    def p_values(self, edges: NDArray[np.int64], bins: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Return how rare it is that transitions take as long as bins or longer; NaN where no time of one is known.

        These are conformal p-values (Vovk, Gammerman & Shafer, "Algorithmic Learning in a Random World", 2005): at most
        a share ``p`` of the events to come is as rare as ``p``, if they are as those that were counted.

        Examples
        --------
        >>> found = Durations([0, 0], [1281, 1345], [8, 1], [1.0], 1)
        >>> found.p_values(np.array([0, 0, 0]), np.array([0, 1345, 2000])).tolist()
        [1.0, 0.2, 0.1]
        """
        tail, total = self.ranks(edges, bins)
        return np.asarray(np.where(total > 0, (1.0 + tail) / (1.0 + total), np.nan))

    def ranks(
        self, edges: NDArray[np.int64], bins: NDArray[np.integer[Any]]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return how many events of transitions took as long as bins or longer, and how many there are."""
        tail, total = np.empty(len(edges), np.int64), np.empty(len(edges), np.int64)
        rank_durations(edges, np.asarray(bins, np.int16), self._starts, self.bins, self._rising, tail, total)
        return tail, total

    def slowest(
        self, places: NDArray[np.int64], batch: TraceBatch
    ) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int32]]:
        """Return the smallest p-value of each trace's events, of how many it is, and which events are not among them.

        Those that took longer than all others of their transition, and those that are compared in a context.

        Examples
        --------
        >>> found = Durations([0, 0], [1281, 1345], [8, 1], [1.0], 1)
        >>> bins = np.array([-1, 0, 1345, 2000], np.int16)
        >>> batch = TraceBatch(np.zeros(4, np.int32), np.array([0, 4]), durations=bins)
        >>> [part.tolist() for part in found.slowest(np.zeros(4, np.int64), batch)]
        [[0.2], [2], [3]]
        """
        least, steps = np.empty(len(batch)), np.empty(len(batch), np.int64)
        bins, rest = np.asarray(batch.durations, np.int16), np.empty(len(places), np.int32)
        among = self._starts, self.bins, self._rising
        return least, steps, rest[: find_slowest(places, bins, batch.offsets, *among, least, steps, rest)]

    def to_document(self) -> dict[str, Any]:
        """Return the durations as JSON values, their columns as arrays of whole numbers."""
        parts = {name: getattr(self, name) for name in ("edges", "bins", "counts")}
        known = {} if self.contexts is None else {"contexts": self.contexts.to_document()}
        return {"one_in": self.one_in, **parts, "dependence": self.dependence.round(3).tolist(), **known}

    @classmethod
    def from_document(cls, values: Mapping[str, Any]) -> Durations:
        """Return the durations that JSON values stand for; raises KeyError or ModelError where they stand for none."""
        edges, bins, counts, dependence, one_in = (
            values[name] for name in ("edges", "bins", "counts", "dependence", "one_in")
        )
        known = TimeContexts.from_document(values["contexts"]) if "contexts" in values else None
        return cls(edges, bins, counts, dependence, one_in, known)


def quantile(bins: NDArray[np.int16], counts: NDArray[np.int64], share: float) -> float:
    """Return the seconds that a share of what bins hold does not exceed; NaN where they hold nothing.

    Raises
    ------
    UsageError
        If the share is none.
    """
    if not 0 <= share <= 1:
        raise UsageError(f"a quantile of {share} (expected: from 0 to 1)")
    if not len(bins):
        return float("nan")
    rising = np.cumsum(counts)
    rank = max(1, int(np.ceil(share * int(rising[-1]) * (1 - 1e-12))))
    return float(seconds_of(bins[int(np.searchsorted(rising, rank))]))


def check_durations(durations: Durations | None, transitions: int) -> None:
    """Raise ModelError if durations are those of an automaton with another number of transitions."""
    if durations is not None and len(durations.dependence) != transitions:
        raise ModelError("the durations of the model are not valid: they are those of other transitions")


def edges_of(automaton: PDFA, batch: TraceBatch) -> NDArray[np.int64]:
    """Return which transition each event of a batch takes, -1 from where a trace leaves the automaton on.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> loop = from_rows({0: {"a": (50, 0), None: (50, 0)}})
    >>> edges_of(loop, TraceBatch(np.array([0, 0, -1, 0]), np.array([0, 4]))).tolist()
    [0, 0, -1, -1]
    """
    inside = int(batch.offsets[-1] - batch.offsets[0]) == len(batch.symbols)  # then each event is told of
    found = np.empty(len(batch.symbols), np.int64) if inside else np.full(len(batch.symbols), -1, np.int64)
    ways = automaton.offsets, automaton.edge_symbols, automaton.targets, _table(automaton), len(automaton.symbols)
    follow_traces(*ways, batch.symbols.astype(np.int32, copy=False), batch.offsets, found)
    return found


def _table(automaton: PDFA) -> NDArray[np.int32]:
    """Return the transition of each state by each symbol, -1 where there is none; nothing of too many."""
    symbols = len(automaton.symbols)
    found = np.full(len(automaton) * symbols if len(automaton) * symbols <= TABLE else 0, -1, np.int32)
    if len(found):
        found[automaton.sources * symbols + automaton.edge_symbols] = np.arange(len(automaton.targets))
    return found


def durations_of(automaton: PDFA, batch: TraceBatch, counts: NDArray[np.int64], one_in: int = 1) -> Durations | None:
    """Return how long the transitions of an automaton take, by traces with durations that came so often; None if none.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> loop = from_rows({0: {"a": (50, 0), None: (50, 0)}})
    >>> batch = TraceBatch(np.array([0, 0]), np.array([0, 2]), durations=np.array([-1, 7], np.int16))
    >>> durations_of(loop, batch, np.array([5])).counts.tolist()
    [5]
    """
    if batch.durations is None:
        return None
    return counted(edges_of(automaton, batch), batch, counts, len(automaton.targets), one_in)


def counted(
    edges: NDArray[np.int64], batch: TraceBatch, counts: NDArray[np.int64], transitions: int, one_in: int
) -> Durations | None:
    """Return how long transitions take, given which of them each event of a batch takes, or -1.

    Neighbours are those in the order of the stream.  As how many events one counts is by how much the mean ranks of 24
    blocks of them vary too much (batch means: Law & Kelton, "Simulation Modeling and Analysis", 1982), or those of 12
    blocks where these vary by more: busy weeks come in runs that are longer than a block.

    Examples
    --------
    >>> bins = np.repeat(np.arange(40), 25).astype(np.int16)
    >>> batch = TraceBatch(np.zeros(1000, np.int32), np.array([0, 1000]), durations=bins)
    >>> found = counted(np.zeros(1000, np.int64), batch, np.ones(1, np.int64), 1, 1)
    >>> found.total(0), found.dependence.round()
    (1000, array([86.]))
    """
    ordered = Ordered.of(edges, batch, counts, transitions)
    if not (timed := len(ordered.bins)):
        return None
    cells, totals = np.zeros(BINS, np.int64), np.zeros(BINS, np.int64)
    edge, bin, total = np.empty(timed, np.int32), np.empty(timed, np.int16), np.empty(timed, np.int64)
    alike = np.empty(transitions)
    rows = tally_durations(*ordered[:3], cells, totals, PAIRS, FEW, edge, bin, total, alike)
    at_least = [max(1.0, round(value, 3)) for value in alike.tolist()]
    known = contexts_of(edges, batch, counts, transitions, ordered)
    return Durations(edge[:rows].copy(), bin[:rows].copy(), total[:rows].copy(), np.array(at_least), one_in, known)


def moments_of(automaton: PDFA, traces: Sequence[Sequence[str]], seed: int) -> list[list[float]]:
    """Draw when the events of traces come, in seconds since the first of each, as long as transitions took.

    Each duration is drawn by itself, out of those after the same earlier event where it hangs on one; where none of a
    transition is known, no time passes.

    Parameters
    ----------
    automaton : PDFA
        With durations.
    traces : sequence of traces
    seed : int
        Of NumPy's default generator.

    Raises
    ------
    UsageError
        If the automaton has no durations.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from flexstream.targets import from_rows
    >>> loop = replace(from_rows({0: {"a": (50, 0), None: (50, 0)}}), durations=Durations([0], [1281], [9], [1.0]))
    >>> [[round(moment, 2) for moment in trace] for trace in moments_of(loop, [["a", "a", "a"], []], 1)]
    [[0.0, 1.01, 2.02], []]
    """
    durations = automaton.durations
    if durations is None:
        raise UsageError("the model knows no durations (expected: one learned from events whose times are known)")
    random = np.random.default_rng(seed)
    batch = TraceBatch.from_traces(traces, automaton.alphabet())
    edges = durations.places(edges_of(automaton, batch), batch)
    took = np.zeros(len(edges))
    for edge in distinct(edges[edges >= 0]).tolist():
        bins, counts = durations.by_context.of(edge)
        if len(bins):
            places = np.flatnonzero(edges == edge)
            took[places] = seconds_of(random.choice(bins, len(places), p=counts / counts.sum()))
    spans = np.split(took, batch.offsets[1:-1])
    return [[0.0, *np.cumsum(span[1:]).tolist()][: len(span)] for span in spans[: len(batch)]]
