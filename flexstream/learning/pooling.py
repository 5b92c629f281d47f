"""Pooling: which model each member of a fleet has, decided by how well it foretells the member's traces.

Three models are compared, from the least of its own to the most.

- *Pooled*: that of all members.
- *Partial*: the pool's states with the member's own probabilities, drawn to those of the rest of the fleet by a
  Dirichlet prior, see :mod:`flexstream.automata.partial`.  How far, is chosen by the probability of all that the member
  did, each outcome foretold from those before it (Dawid, "Present position and potential developments: the prequential
  approach", JRSS A 147, 1984), which for this prior has a closed form.  Where no prior is better than that by which the
  member counts as any other does, it stays pooled, and nothing else is tried.
- *Own*: states of its own, learned from its traces alone.

Traces are held out to decide, one in four, of few traces each once.  The member's own probabilities are taken if with
them the states alone foretell those better by more than a standard error, and mixed with the n-gram, which is the
pool's, not worse by more than one; states of its own if they are better still by more than a standard error, and save
as much as it takes to write them down.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._kernels.gamma import log_gammas
from ..automata.fleet import OWN, PARTIAL, POOLED, Fleet, FleetMember
from ..automata.mixture import Ensemble
from ..automata.partial import MemberCounts, partially_pooled, pooled_with, rest_of
from ..automata.pdfa import PDFA
from ..automata.timing import durations_of
from ..budget import LEAST, Budget
from ..merging.halt import Halt
from ..stream.batch import TraceBatch
from ..summary.drawn import DrawnTraces
from ..summary.member_traces import MemberSample, MemberTraces
from .calibrating import calibrated

if TYPE_CHECKING:
    from ..automata.mixture import Ensemble as Mixture
    from ..automata.optimism import Optimism
    from ..automata.timing import Durations
    from ..stream.alphabet import Alphabet
    from .settings import Settings

CONCENTRATIONS = 2.0 ** np.arange(15)
"""Visits for which the rest of the fleet may count in a state."""
OWN_AT, TESTED_AT = 100, 20
"""Traces of which a member's own states are looked for at least; of which some are held out at least."""
HELD_OUT, MOST_HELD_OUT = 4, 2000
"""One trace in so many is held out to compare models, and so many at most."""
SURE = 1.0
"""Standard errors by which a model with more of a member's own has to be better."""
_LEAST = 1e-300


class Evidence(NamedTuple):
    """Bits of all that a member did, each outcome foretold from those before it.

    Attributes
    ----------
    pooled : float
        Where an outcome of the member counts as one of any other does: the prior weighs what the rest of the fleet has
        seen.
    partial : float
        Where the rest of the fleet weighs ``concentration`` visits at most.
    concentration : float
        That with which they are fewest.
    """

    pooled: float
    partial: float
    concentration: float

    @property
    def says_partial(self) -> bool:
        """Whether its own probabilities are worth it, the choice among concentrations paid for."""
        return self.pooled - self.partial > math.log2(len(CONCENTRATIONS))


def evidence(automaton: PDFA, counted: MemberCounts) -> Evidence:
    """Compare what a member did with what the rest of its fleet does.

    Parameters
    ----------
    automaton : PDFA
        The fleet's, the member included.
    counted : MemberCounts

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> pool = from_rows({0: {"run": (900, 1), "fix": (100, 1)}, 1: {None: (1000, 0)}})
    >>> [evidence(pool, MemberCounts([0, 1, 3], [fix, 100 - fix, 100])).says_partial for fix in (10, 50)]
    [False, True]
    """
    edges = len(automaton.targets)
    outcomes, counts = counted.outcomes, counted.counts.astype(np.float64)
    is_edge = outcomes < edges
    edge, end = outcomes[is_edge], outcomes[~is_edge] - edges
    rest, base, strength = rest_of(automaton, counted), automaton.smoothing.base, automaton.smoothing.strength
    states = np.concatenate((automaton.sources[edge], end))
    shares = np.concatenate((base[2:][automaton.edge_symbols[edge]], np.full(len(end), base[0])))
    observed = np.concatenate((rest.weights[edge], rest.stops[end])) + rest.lost[states] * shares
    visited, places = np.unique(states, return_inverse=True)
    scales = np.array([rest.scale(weight)[visited] for weight in (*CONCENTRATIONS, math.inf)])
    prior = np.maximum(scales[:, places] * observed + strength * shares, _LEAST)
    bits = _bits(prior, scales * rest.mass[visited] + strength, places, counts)
    best = int(np.argmin(bits[:-1]))
    return Evidence(float(bits[-1]), float(bits[best]), float(CONCENTRATIONS[best]))


def _bits(
    prior: NDArray[np.float64], weights: NDArray[np.float64], places: NDArray[np.int64], counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the bits of counts under Dirichlet-multinomial laws, for each row of priors and their sums by state."""
    visits, weights = np.bincount(places, counts, weights.shape[1]), np.maximum(weights, _LEAST)
    rising = (_log_gamma(prior + counts) - _log_gamma(prior)).sum(-1)
    of_states = (_log_gamma(weights + visits) - _log_gamma(weights)).sum(-1)
    return np.asarray((of_states - rising) / math.log(2))


def _log_gamma(values: NDArray[np.float64]) -> NDArray[np.float64]:
    found = np.empty(values.size)
    log_gammas(np.ascontiguousarray(values).reshape(-1), found)
    return found.reshape(values.shape)


class Pooling:
    """Decides for the members of a fleet, whose pool was learned.

    Parameters
    ----------
    pool : PDFA or Ensemble
    alphabet : Alphabet
        Of the traces; its symbols are the pool's.
    settings : Settings
        By which the pool was learned, and states of a member's own are.
    memory : int
        Bytes that learning those may take at a time, and that all of them may take when they are kept.
    halt : Halt, optional
        Lets go of the work between two members.
    """

    def __init__(
        self, pool: PDFA | Mixture, alphabet: Alphabet, settings: Settings, memory: int, halt: Halt | None = None
    ) -> None:
        self._halt = Halt() if halt is None else halt
        self._pool: PDFA = pool.best if isinstance(pool, Ensemble) else pool
        self._alphabet, self._memory, self._left = alphabet, max(memory, LEAST), memory
        self._settings = settings

    def members(self, kept: MemberTraces) -> Iterator[FleetMember]:
        """Yield all members in the order of their names."""
        alone = len(kept) == 1 and not kept.unlisted
        for sample in kept.samples():
            self._halt.check()
            yield self._member(sample, alone)

    def _member(self, sample: MemberSample, alone: bool) -> FleetMember:
        """Decide for a member; one that is all of the fleet is the pool."""
        counted = MemberCounts.of(self._pool, sample.batch, sample.one_in)
        known = evidence(self._pool, counted)
        kind, bits = POOLED, dict[str, float]()
        if known.says_partial and not alone:
            kind, bits = self._tested(sample, counted, known.concentration)
        own = self._own(sample.batch) if kind == OWN else None
        if own is not None and (size := _bytes(own)) <= self._left:
            self._left -= size
        elif own is not None:
            kind, own = PARTIAL, None
        times = self._times(sample) if kind == PARTIAL else None
        partial = self._pool, counted, known.concentration, times
        made = self._pool if kind == POOLED else own or partially_pooled(*partial)
        return FleetMember(
            sample.name,
            sample.traces,
            sample.events,
            kind,
            counted,
            (known.pooled - known.partial) / max(1, len(sample.batch)),
            bits,
            known.concentration if kind == PARTIAL else math.inf,
            own if own is None else replace(own, calibration=None),
            calibrated(made, sample.batch, sample.one_in, optimism=_optimism(own or self._pool)),
            times,
        )

    def _times(self, sample: MemberSample) -> Durations | None:
        """Return how long transitions of the pool take a member, if that is known of enough traces, and has room."""
        if self._pool.durations is None or len(sample.batch) < OWN_AT:
            return None
        found = durations_of(self._pool, sample.batch, np.ones(len(sample.batch), np.int64), sample.one_in)
        size = 0 if found is None else found.edges.nbytes + found.bins.nbytes + found.counts.nbytes
        if size > self._left:
            return None
        self._left -= size
        return found

    def _tested(
        self, sample: MemberSample, counted: MemberCounts, concentration: float
    ) -> tuple[str, dict[str, float]]:
        """Return which model foretells traces best that were held out, and the bits of one by each."""
        batch = sample.batch
        if len(batch) < TESTED_AT:
            return PARTIAL, {}
        rest = rest_of(self._pool, counted)
        found: dict[str, list[NDArray[np.float64]]] = {POOLED: [], PARTIAL: [], "saved": []}
        for held, used in _folds(batch):
            seen = MemberCounts.of(self._pool, used, sample.one_in)
            models = [pooled_with(self._pool, rest, seen, weight) for weight in (math.inf, concentration)]
            for kind, model in zip((POOLED, PARTIAL), models, strict=True):
                found[kind].append(-model.score_batch(held)[0])
            pooled, partial = (model.alone.score_batch(held)[0] for model in models)
            found["saved"].append(partial - pooled)
        pooled, partial, saved = (np.concatenate(parts) for parts in found.values())
        best = PARTIAL if _surely(saved) and not _surely(partial - pooled) else POOLED
        bits = {POOLED: float(pooled.mean()), PARTIAL: float(partial.mean())}
        if len(batch) >= OWN_AT:
            held, used = next(_folds(batch))
            own = self._own(used, calibrate=False)
            saved = found[best][0] + own.score_batch(held)[0]
            bits[OWN] = bits[best] - float(saved.mean())
            # What it takes to write down its transitions (Rissanen, Automatica 14, 1978).
            least = len(own.targets) * math.log2(len(batch)) / (2 * len(batch))
            best = OWN if _surely(saved, least) else best
        return best, bits

    def _own(self, batch: TraceBatch, calibrate: bool = True) -> PDFA:
        """Return the automaton of a member's traces alone, over the symbols of the fleet."""
        from .learner import StreamLearner

        given = {**self._settings.to_dict(), "memory": Budget(self._memory), "ensemble": 1, "states": None}
        learner = StreamLearner(**given)
        learner.alphabet.follow(self._alphabet, len(self._alphabet))
        if not calibrate:
            learner.drawn = DrawnTraces(0)
        learner.learn_many(batch)
        return learner.automaton


def _optimism(automaton: PDFA) -> Optimism | None:
    """Return how far the traces that have found an automaton's states are less strange for it than others."""
    return None if automaton.calibration is None else automaton.calibration.optimism


def _surely(saved: NDArray[np.float64], least: float = 0.0) -> bool:
    """Tell whether a trace saves so many bits on average, and more than the standard error."""
    return float(saved.mean()) > max(least, SURE * float(saved.std()) / math.sqrt(len(saved)))


def _folds(batch: TraceBatch) -> Iterator[tuple[TraceBatch, TraceBatch]]:
    """Yield traces to compare models by, spread over all of a member's, and the others.

    Of few traces each is held out once: a quarter of them may hardly differ where all do plainly (Stone, "Cross-
    validatory choice and assessment of statistical predictions", JRSS B 36, 1974).
    """
    every = max(HELD_OUT, -(-len(batch) // MOST_HELD_OUT))
    rows = np.arange(len(batch))
    for fold in range(min(HELD_OUT, max(1, every * MOST_HELD_OUT // len(batch)))):
        held = rows % every == every - 1 - fold
        yield batch.chosen(rows[held]), batch.chosen(rows[~held])


def _bytes(automaton: PDFA) -> int:
    """Return about what an automaton takes, its n-gram not counted twice."""
    ngram = 0 if automaton.ngram is None else 24 * (len(automaton.ngram) + len(automaton.ngram.sources))
    return 24 * len(automaton) + 32 * len(automaton.targets) + 12 * len(automaton.symbols) + ngram


def fleet_of(
    pool: PDFA | Mixture,
    kept: MemberTraces,
    alphabet: Alphabet,
    settings: Settings,
    memory: int,
    by: str,
    halt: Halt | None = None,
) -> Fleet:
    """Return the fleet of a pool and of what its members did, see `Pooling`."""
    members = list(Pooling(pool, alphabet, settings, memory, halt).members(kept))
    return Fleet(pool, members, by, kept.unlisted)
