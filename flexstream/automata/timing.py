"""Durations: how long the transitions of an automaton take, as counts of logarithmic bins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError, UsageError
from ..stream.batch import TraceBatch
from ..stream.durations import BINS, UNKNOWN, seconds_of
from .arrays import column, read_only

if TYPE_CHECKING:
    from .pdfa import PDFA

BLOCKS, FEW = 24, 4
"""Blocks into which a transition's durations are cut to see whether neighbours are alike; least events of a block."""


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

    def __post_init__(self) -> None:
        kinds = {"edges": np.int32, "bins": np.int16, "counts": np.int64, "dependence": np.float64}
        for name, kind in kinds.items():
            object.__setattr__(self, name, column(name, getattr(self, name), kind))
        keys = self.edges.astype(np.int64) * BINS + self.bins
        inside = not len(keys) or (self.edges.min() >= 0 and self.edges.max() < len(self.dependence))
        fits = inside and bool(((self.bins >= 0) & (self.bins < BINS)).all() and (np.diff(keys) > 0).all())
        counted = bool((self.counts > 0).all() and (self.dependence >= 1).all() and np.isfinite(self.dependence).all())
        lengths = len(self.edges) == len(self.bins) == len(self.counts)
        if not (lengths and fits and counted) or type(self.one_in) is not int or self.one_in < 1:
            raise ModelError("the durations of the model are not valid: their rows do not fit together")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.edges, self.bins, self.counts, self.dependence, self.one_in)

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        return read_only(np.searchsorted(self.edges, np.arange(len(self.dependence) + 1)))

    def of(self, edge: int) -> tuple[NDArray[np.int16], NDArray[np.int64]]:
        """Return the bins of a transition and their counts."""
        rows = slice(self._starts[edge], self._starts[edge + 1])
        return self.bins[rows], self.counts[rows]

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
        if not 0 <= share <= 1:
            raise UsageError(f"a quantile of {share} (expected: from 0 to 1)")
        bins, counts = self.of(edge)
        if not len(bins):
            return float("nan")
        rising = np.cumsum(counts)
        rank = max(1, int(np.ceil(share * int(rising[-1]) * (1 - 1e-12))))
        return float(seconds_of(bins[int(np.searchsorted(rising, rank))]))

    def p_values(self, edges: NDArray[np.int64], bins: NDArray[np.int16]) -> NDArray[np.float64]:
        """Return how rare it is that transitions take as long as bins or longer; NaN where no time of one is known.

        These are conformal p-values (Vovk, Gammerman & Shafer, "Algorithmic Learning in a Random World", 2005): at most
        a share ``p`` of the events to come is as rare as ``p``, if they are as those that were counted.

        Examples
        --------
        >>> found = Durations([0, 0], [1281, 1345], [8, 1], [1.0], 1)
        >>> found.p_values(np.array([0, 0, 0]), np.array([0, 1345, 2000])).tolist()
        [1.0, 0.2, 0.1]
        """
        rising = np.concatenate(([0], np.cumsum(self.counts)))
        stops = self._starts[edges + 1]
        rows = np.searchsorted(self.edges.astype(np.int64) * BINS + self.bins, edges * BINS + bins)
        total = rising[stops] - rising[self._starts[edges]]
        rare = (1.0 + rising[stops] - rising[rows]) / (1.0 + total)
        return np.asarray(np.where(total > 0, rare, np.nan))

    def to_document(self) -> dict[str, Any]:
        """Return the durations as JSON values."""
        parts = {name: getattr(self, name).tolist() for name in ("edges", "bins", "counts")}
        return {"one_in": self.one_in, **parts, "dependence": self.dependence.round(3).tolist()}

    @classmethod
    def from_document(cls, values: Mapping[str, Any]) -> Durations:
        """Return the durations that JSON values stand for; raises KeyError or ModelError where they stand for none."""
        names = ("edges", "bins", "counts", "dependence", "one_in")
        return cls(*(values[name] for name in names))


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
    width = max(1, len(automaton.symbols))
    keys = np.append(automaton.sources * width + automaton.edge_symbols, np.iinfo(np.int64).max)
    targets = np.append(automaton.targets, 0)
    found = np.full(len(batch.symbols), -1, np.int64)
    lengths = np.diff(batch.offsets)
    going = np.argsort(-lengths, kind="stable")
    states, place = np.zeros(len(going), np.int64), 0
    while len(going):
        alive = lengths[going] > place
        going, states = going[alive], states[alive]
        at = batch.offsets[going] + place
        symbols = batch.symbols[at].astype(np.int64)
        known = (symbols >= 0) & (symbols < len(automaton.symbols))
        wanted = states * width + np.where(known, symbols, 0)
        rows = np.searchsorted(keys, wanted)
        known &= keys[rows] == wanted
        found[at[known]] = rows[known]
        going, states, place = going[known], targets[rows[known]].astype(np.int64), place + 1
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
    edges, often = edges_of(automaton, batch), np.repeat(counts, np.diff(batch.offsets))
    timed = np.flatnonzero((edges >= 0) & (batch.durations != UNKNOWN))
    if not len(timed):
        return None
    edges, bins = edges[timed], batch.durations[timed]
    keys, total = _summed(edges * BINS + bins, often[timed], len(automaton.targets) * BINS)
    alike = dependence(edges, bins, len(automaton.targets))
    return Durations((keys // BINS).astype(np.int32), (keys % BINS).astype(np.int16), total, alike, one_in)


def _summed(
    keys: NDArray[np.int64], times: NDArray[np.int64], most: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the different keys, in order and all below ``most``, and the sum of the times of each."""
    if most <= 8 * len(keys):  # a cell for each is smaller than what sorting takes
        total = np.bincount(keys, times, most).astype(np.int64)
        found = np.flatnonzero(total)
        return found, total[found]
    found, own = np.unique(keys, return_inverse=True)
    total = np.zeros(len(found), np.int64)
    np.add.at(total, own.ravel(), times)
    return found, total


def moments_of(automaton: PDFA, traces: Sequence[Sequence[str]], seed: int) -> list[list[float]]:
    """Draw when the events of traces come, in seconds since the first of each, as long as transitions took.

    Each duration is drawn by itself; where none of a transition is known, no time passes.

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
    edges = edges_of(automaton, batch)
    took = np.zeros(len(edges))
    for edge in np.unique(edges[edges >= 0]).tolist():
        bins, counts = durations.of(edge)
        if len(bins):
            places = np.flatnonzero(edges == edge)
            took[places] = seconds_of(random.choice(bins, len(places), p=counts / counts.sum()))
    spans = np.split(took, batch.offsets[1:-1])
    return [[0.0, *np.cumsum(span[1:]).tolist()][: len(span)] for span in spans[: len(batch)]]


def dependence(edges: NDArray[np.int64], bins: NDArray[np.int16], transitions: int) -> NDArray[np.float64]:
    """Return as how many events one counts, for each transition: by how much the means of blocks vary too much.

    The durations of a transition are taken in the order of the stream, by their ranks (batch means: Law & Kelton,
    "Simulation Modeling and Analysis", 1982).

    Examples
    --------
    >>> bins = np.repeat(np.arange(40), 25).astype(np.int16)
    >>> dependence(np.zeros(1000, np.int64), bins, 1).round(), dependence(np.zeros(8, np.int64), bins[:8], 1)
    (array([41.]), array([1.]))
    """
    found = np.ones(transitions)
    small = edges.astype(np.uint16) if transitions < 1 << 16 else edges  # which are sorted by their digits
    order = np.argsort(small, kind="stable")
    starts = np.searchsorted(small[order], np.arange(transitions + 1))
    for edge in np.flatnonzero(np.diff(starts) >= BLOCKS * FEW).tolist():
        values = bins[order[starts[edge] : starts[edge + 1]]]
        counts = np.bincount(values)
        ranks = (np.cumsum(counts) - counts / 2)[values] / len(values)
        size = len(values) // BLOCKS
        means = ranks[: BLOCKS * size].reshape(BLOCKS, size).mean(axis=1)
        spread = float(ranks.var())
        if spread > 0:
            found[edge] = max(1.0, round(float(means.var(ddof=1)) * size / spread, 3))
    return read_only(found)
