"""Calibration: how strange traces like those that were learned are, so that an alarm comes at a rate one chooses.

Conformal p-values (Vovk, Gammerman & Shafer, "Algorithmic Learning in a Random World", 2005): of
traces that are as those a model was calibrated by, a share ``p`` at most gets a p-value of ``p`` or less, whatever the
model.  There is one for each statistic of :mod:`flexstream.automata.strangeness`.  The smallest of several is small too
often; it is therefore ranked once more, among the smallest of the traces of the calibration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..classes import dataclass
from ..errors import ModelError
from ..tuples import NamedTuple
from .arrays import column, distinct, is_amount, read_only
from .dispersion import held_in_most
from .optimism import Optimism
from .ranked import Places, Ranked, Surprises
from .tallies import Tallies
from .time_left import TimeLeft

WORST, BITS, COUNTS, LATE = "worst", "bits", "counts", "late"
STATISTICS = (WORST, BITS, COUNTS, LATE)
"""Surprise of the least expected event or end; bits per event, the end counted as one; how unusual it is how often the
symbols come; how rarely so long the slowest step took.  In the order in which one speaks for all where several do."""

LEAST = 1e-15
"""Rate that nobody has the traces for."""


class Judged(NamedTuple):
    """How rare it is that traces are so strange.

    Attributes
    ----------
    p_values : float array, shape (traces,)
        Share of those as strange or stranger, the trace itself one of them.
    speaks : int64 array, shape (traces,)
        Place of the statistic that speaks.
    stranger : float array, shape (traces,)
        Share of those that are stranger.
    """

    p_values: NDArray[np.float64]
    speaks: NDArray[np.int64]
    stranger: NDArray[np.float64]


class _Standing(NamedTuple):
    """Traces of a calibration by the smallest rank of a trace judged, shape (traces + 2,)."""

    as_strange: NDArray[np.int64]
    stranger: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Calibration:
    """How strange traces are that a model was not told of, or of which each was left out again.

    Parameters
    ----------
    statistics : sequence of str
        Names, out of :data:`~flexstream.automata.strangeness.STATISTICS`.
    scores : sequence of Ranked
        How strange the traces are by each statistic.
    smallest : mapping of int to Ranked
        Smallest rank of each trace, from 1 for the strangest, by the statistics that have it, as bits of a number.
    tallies : Tallies
        How often symbols come in traces.
    traces : int
    one_in : int
        Of how many traces one was drawn for this.
    unrest : float array, shape (states,), optional
        How far what comes next moves in each state, see :mod:`flexstream.automata.unrest`; None: not known.
    time_left : TimeLeft, optional
        How long traces went on from each state; None: not known.
    shared : bool
        Whether how rarely long a trace's slowest step takes is multiplied by the number of its steps, as it was in
        earlier versions.
    dispersion : float array, shape (statistics,), optional
        How far strange traces come together, see :mod:`flexstream.automata.dispersion`; None: not at all.
    beyond : bool
        Whether a step that took longer than anything counted is the rarer, the further it is beyond that, as it was not
        in earlier versions.
    optimism : Optimism, optional
        By how much more often traces that were not learned from are strange; None: not known, or no more often.

    Raises
    ------
    ModelError
        If they do not fit together.

    Examples
    --------
    >>> usual = Calibration.of(np.arange(99)[:, None], ("bits",), Tallies([], [], [], 99, 0))
    >>> usual.judged(np.array([[0], [98], [97], [500]])).p_values.tolist()
    [1.0, 0.02, 0.03, 0.01]
    """

    statistics: Sequence[str]
    scores: Sequence[Ranked]
    smallest: Mapping[int, Ranked]
    tallies: Tallies
    traces: int
    one_in: int = 1
    unrest: NDArray[np.float64] | None = None
    time_left: TimeLeft | None = None
    shared: bool = False
    dispersion: NDArray[np.float64] | None = None
    beyond: bool = False
    optimism: Optimism | None = None

    def __post_init__(self) -> None:
        names = tuple(self.statistics)
        object.__setattr__(self, "statistics", names)
        scores = tuple(Ranked(*part).checked(name) for name, part in zip(names, self.scores, strict=True))
        object.__setattr__(self, "scores", scores)
        smallest = {mask: Ranked(*part).checked("smallest") for mask, part in sorted(self.smallest.items())}
        object.__setattr__(self, "smallest", smallest)
        if self.unrest is not None:
            object.__setattr__(self, "unrest", column("unrest", self.unrest, np.float64))
        if self.dispersion is not None:
            object.__setattr__(self, "dispersion", column("dispersion", self.dispersion, np.float64))
        if self.optimism is not None:
            object.__setattr__(self, "optimism", Optimism(*self.optimism).checked())
        self._check()

    def _check(self) -> None:
        known = len(set(self.statistics)) == len(self.statistics) > 0 and set(self.statistics) <= set(STATISTICS)
        whole = is_amount(self.traces, 1) and is_amount(self.one_in, 1)
        masks = all(type(mask) is int and 0 < mask < 1 << len(self.statistics) for mask in self.smallest)
        totals = {int(part.counts.sum()) for part in self.scores} | {
            sum(int(part.counts.sum()) for part in self.smallest.values())
        }
        ranks = [part.values for part in self.smallest.values()]
        inside = all(len(values) and values[0] >= 1 and values[-1] <= self.traces for values in ranks)
        steady = self.unrest is None or bool(np.isfinite(self.unrest).all() and (self.unrest >= 0).all())
        spread = self.dispersion is None or (
            len(self.dispersion) == len(self.statistics)
            and bool(np.isfinite(self.dispersion).all() and (self.dispersion >= 1).all())
        )
        if not (
            known
            and whole
            and masks
            and inside
            and steady
            and spread
            and totals == {self.traces} == {self.tallies.traces}
        ):
            raise ModelError("the calibration of the model is not valid: its parts do not fit together")

    def __reduce__(self) -> tuple[Any, ...]:
        parts = self.statistics, self.scores, self.smallest, self.tallies, self.traces, self.one_in
        more = self.unrest, self.time_left, self.shared, self.dispersion, self.beyond, self.optimism
        return type(self), (*parts, *more)

    @classmethod
    def of(
        cls,
        strangeness: NDArray[np.integer[Any]],
        statistics: Sequence[str],
        tallies: Tallies,
        one_in: int = 1,
        unrest: NDArray[np.float64] | None = None,
        time_left: TimeLeft | None = None,
        dispersion: NDArray[np.float64] | None = None,
        optimism: Optimism | None = None,
    ) -> Calibration:
        """Calibrate by how strange some traces are, shape (traces, statistics)."""
        scores = [Ranked.of(part) for part in strangeness.T]
        ranks = np.stack([one.at_least(part) for one, part in zip(scores, strangeness.T, strict=True)], axis=1)
        least, masks = _smallest(ranks)
        smallest = {int(mask): Ranked.of(least[masks == mask]) for mask in distinct(masks)[0]}
        more = unrest, time_left, False, dispersion, LATE in statistics, optimism
        return cls(statistics, scores, smallest, tallies, len(strangeness), one_in, *more)

    @property
    def least_rate(self) -> float:
        """The smallest rate at which a trace alarms that is stranger than all others by one statistic."""
        least = len(self.statistics) / (self.traces + 1)
        return least if self.optimism is None else float(self.optimism.corrected(least))

    def traces_for(self, rate: float) -> int:
        """Return how many traces it takes for alarms at a rate; of rates below 1e-15 how many it takes for that.

        >>> Calibration.of(np.arange(99)[:, None], ("bits",), Tallies([], [], [], 99, 0)).traces_for(0.001)
        999
        """
        share = rate if self.optimism is None else self.optimism.inverse(rate)
        return int(np.ceil(len(self.statistics) / max(share, LEAST) * (1 - 1e-12))) - 1

    def judged(self, strangeness: NDArray[np.integer[Any]]) -> Judged:
        """Return the p-value of traces, each as strange as a row says, shape (traces, statistics).

        A trace of the calibration counts as one that is as strange if the smallest of its ranks, in the calibration and
        the trace judged taken together, is not above that of the trace: all n + 1 are treated alike, so that
        the p-values are valid.  Of those in whose smallest rank the trace judged takes part it is one more than
        it was in the calibration.  Where between ``stranger`` and the p-value a trace stands among those tied with it
        is for chance to say, where the rate is to be kept exactly (smoothed p-values, Vovk et al., section 2.2).
        Where strange traces come together the p-value is so much larger that the rate is kept in most stretches; or it
        is that of the other statistics alone, if that is smaller.  Where it is known that traces that were not learned
        from are strange more often it is the share of these.
        """
        found = self._held(strangeness)
        if self.optimism is None:
            return found
        p_values, stranger = (self.optimism.corrected(shares) for shares in (found.p_values, found.stranger))
        return Judged(p_values, found.speaks, stranger)

    def _held(self, strangeness: NDArray[np.integer[Any]]) -> Judged:
        """Return the p-value of traces by those of the calibration, as it is in most stretches."""
        all_told = self._ranked(strangeness)
        if self.dispersion is None:
            return all_told
        wide, total = float(self.dispersion.max()), self.traces + 1
        shares = all_told.p_values, all_told.stranger
        p_values, stranger = (np.minimum(1.0, held_in_most(share * total, wide) / total) for share in shares)
        others = self._ranked(np.where(self.dispersion > 1, -1, strangeness))
        fewer = others.p_values < p_values
        speaks = np.where(fewer, others.speaks, all_told.speaks)
        return Judged(np.where(fewer, others.p_values, p_values), speaks, np.where(fewer, others.stranger, stranger))

    def _ranked(self, strangeness: NDArray[np.integer[Any]]) -> Judged:
        """Return the p-value of traces as though they were independent."""
        found = [one.find(part) for one, part in zip(self._places, strangeness.T, strict=True)]
        ranks = [1 + one.falling[places] for one, (places, _) in zip(self._places, found, strict=True)]
        least, masks = _smallest(np.stack(ranks, axis=1))
        as_strange, stranger = np.empty(len(least), np.int64), np.empty(len(least), np.int64)
        kinds = masks << len(self.statistics) | masks & _bits(np.stack([met for _, met in found], axis=1))
        for kind in distinct(kinds)[0].tolist():
            rows, standing = kinds == kind, self._standing(*divmod(kind, 1 << len(self.statistics)))
            as_strange[rows], stranger[rows] = standing.as_strange[least[rows]], standing.stranger[least[rows]]
        total = self.traces + 1.0
        speaks = np.argmin(ranks, axis=0)
        return Judged(np.asarray((1.0 + as_strange) / total), speaks, np.asarray(stranger / total))

    @cached_property
    def index(self) -> NDArray[np.float64]:
        """Index of dispersion of traces that are strange by each statistic, shape (statistics,); 1: independent."""
        return np.ones(len(self.statistics)) if self.dispersion is None else self.dispersion

    def _standing(self, mask: int, met: int) -> _Standing:
        """Return how traces of the calibration stand to one whose smallest rank is by the statistics of a mask.

        By those of the second it is just as strange as one of them.
        """
        if (mask, met) not in self._standings:
            less = np.concatenate(([0, 0], np.cumsum(self._numbers.sum(axis=0))[1:]))[: self.traces + 2]
            as_strange, stranger = less.copy(), less.copy()
            for other, numbers in zip(self.smallest, self._numbers, strict=True):
                if other & ~mask:  # of equal rank and not moved
                    as_strange += numbers
                if not other & ~met:  # moved up to an equal rank
                    stranger[1:] -= numbers[:-1]
            self._standings[mask, met] = _Standing(as_strange, stranger)
        return self._standings[mask, met]

    @cached_property
    def _standings(self) -> dict[tuple[int, int], _Standing]:
        return {}

    @cached_property
    def _numbers(self) -> NDArray[np.int64]:
        """How many traces have each smallest rank, shape (masks, traces + 2)."""
        found = np.zeros((len(self.smallest), self.traces + 2), np.int64)
        for row, part in zip(found, self.smallest.values(), strict=True):
            row[part.values] = part.counts
        return read_only(found)

    def each(self, strangeness: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Return the p-value of traces by each statistic alone, shape (traces, statistics).

        >>> usual = Calibration.of(np.arange(99)[:, None], ("bits",), Tallies([], [], [], 99, 0))
        >>> usual.each(np.array([[0], [98]])).tolist()
        [[1.0], [0.02]]
        """
        found = [one.at_least(part) for one, part in zip(self.scores, strangeness.T, strict=True)]
        many = held_in_most(1.0 + np.stack(found, axis=1), self.index)
        return np.asarray(np.minimum(1.0, many / (self.traces + 1.0)))

    def share(self, statistic: str, strangeness: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Return the p-value of traces by one statistic alone, on average over all stretches, shape (traces,).

        >>> Calibration.of(np.arange(99)[:, None], ("bits",), Tallies([], [], [], 99, 0)).share("bits", np.array([98]))
        array([0.02])
        """
        many = self.scores[self.statistics.index(statistic)].at_least(strangeness)
        return np.asarray((1.0 + many) / (self.traces + 1.0))

    def surprises(self, strangeness: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Return how surprising traces are by each statistic, shape (traces, statistics): of usual ones 1 on average.

        It is ``-ln u`` of a p-value that is uniform, on average over where among those tied with it a trace would be
        ranked; NaN where a statistic is not known, as are the ranks below that are of such traces.

        >>> usual = Calibration.of(np.array([[0]] * 9 + [[1]] * 10), ("bits",), Tallies([], [], [], 19, 0))
        >>> usual.surprises(np.array([[0], [1], [2]])).round(3).tolist()
        [[0.307], [1.598], [3.996]]
        """
        each = zip(self._surprises, self._places, strangeness.T, strict=True)
        return np.stack([one.at(part, *places.find(part)) for one, places, part in each], axis=1)

    @cached_property
    def _places(self) -> list[Places]:
        return [Places.of(one) for one in self.scores]

    @cached_property
    def _surprises(self) -> list[Surprises]:
        return [Surprises.of(one, self.traces) for one in self.scores]

    def to_document(self) -> dict[str, Any]:
        """Return the calibration as JSON values."""
        scores = {name: _listed(part) for name, part in zip(self.statistics, self.scores, strict=True)}
        smallest = [{"by": mask, **_listed(part)} for mask, part in self.smallest.items()]
        sizes = {"traces": self.traces, "one_in": self.one_in}
        known = {} if self.unrest is None else {"unrest": self.unrest.round(9).tolist()}
        if LATE in self.statistics and not self.shared:
            known["late_by"] = "step"
        if self.beyond:
            known["beyond"] = True
        if self.dispersion is not None:
            known["dispersion"] = self.dispersion.round(3).tolist()
        if self.optimism is not None:
            known["optimism"] = list(self.optimism)
        if self.time_left is not None:
            known["time_left"] = self.time_left.to_document()
        return {**sizes, "scores": scores, "smallest": smallest, "tallies": self.tallies.to_document(), **known}

    @classmethod
    def from_document(cls, values: Mapping[str, Any], alphabet: int) -> Calibration:
        """Return the calibration that JSON values stand for; KeyError or ModelError where they stand for none."""
        scores, traces = dict(values["scores"]), values["traces"]
        smallest = {part["by"]: Ranked(part["values"], part["counts"]) for part in values["smallest"]}
        tallies = Tallies.from_document(values["tallies"], traces, alphabet)
        ranked = [Ranked(part["values"], part["counts"]) for part in scores.values()]
        left = TimeLeft.from_document(values["time_left"]) if "time_left" in values else None
        shared, beyond = LATE in scores and values.get("late_by") != "step", values.get("beyond") is True
        more = values.get("unrest"), left, shared, values.get("dispersion"), beyond
        told = Optimism(*values["optimism"]) if "optimism" in values else None
        return cls(tuple(scores), ranked, smallest, tallies, traces, values["one_in"], *more, told)


def _smallest(ranks: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the smallest number of each row, and which columns have it, as bits."""
    least = ranks.min(axis=1, initial=np.iinfo(np.int64).max)
    return least, _bits(ranks == least[:, None])


def _bits(which: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the columns that hold of each row as bits of a number."""
    return np.asarray(which @ (1 << np.arange(which.shape[1], dtype=np.int64)))


def _listed(part: Ranked) -> dict[str, list[int]]:
    return {"values": part.values.tolist(), "counts": part.counts.tolist()}


def check_calibration(calibration: Calibration | None, alphabet: int, states: int) -> None:
    """Raise ModelError if a calibration is that of an automaton with another alphabet, or with other states."""
    if calibration is None:
        return
    if calibration.tallies.alphabet != alphabet:
        raise ModelError("the calibration of the model is not valid: it is that of another alphabet")
    for name, part in (
        ("unrest is that", calibration.unrest),
        ("times until the end are those", calibration.time_left),
    ):
        if part is not None and len(part) != states:
            raise ModelError(f"the calibration of the model is not valid: its {name} of other states")
