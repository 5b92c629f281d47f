"""Ensemble: several automata folded from one tree, mixed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..arguments import expect, fitting
from ..errors import ModelError, UsageError
from ..stream.alphabet import Alphabet
from ..stream.batch import TraceBatch
from .foretelling import Foretelling, refuse_impossible
from .pdfa import PDFA, Outcome
from .weights import heaviest, normalised

if TYPE_CHECKING:
    from .calibration import Calibration
    from .frames import Frames
    from .score import Score

CHUNK = 1 << 16
"""Outcomes scored at a time, so that the memory for it does not grow with the batch."""


@dataclass(frozen=True, eq=False)
class Ensemble(Foretelling):
    """A mixture of automata over one alphabet: P(x) = Σ w_k P_k(x).

    Where the source is not deterministic every automaton with finitely many states is wrong somewhere; several that
    draw the line between one state and two differently are wrong in different places, and their mixture is closer to
    the source than the best of them.  It is still a distribution over traces, but has no picture: that shows the
    ``best`` member.

    Parameters
    ----------
    members : sequence of PDFA
        With the same symbols in the same order.
    weights : array-like of float, shape (members,)
        Not negative, with a positive sum; they are normalised.
    provenance : mapping, optional
        How the ensemble came to be.

    Raises
    ------
    ModelError
        If there are no members, their symbols differ, or the weights do not fit.

    Examples
    --------
    >>> heads = PDFA(["h", "t"], [1.0], [0.0], [0, 2], [0, 1], [0, 0], [0.75, 0.25])
    >>> tails = PDFA(["h", "t"], [1.0], [0.0], [0, 2], [0, 1], [0, 0], [0.25, 0.75])
    >>> coins = Ensemble([heads, tails], [1, 1])
    >>> [round(coins.predict_proba_one(prefix)["h"], 3) for prefix in ([], ["h"])]
    [0.5, 0.625]
    """

    members: Sequence[PDFA]
    weights: NDArray[np.float64]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        members = tuple(expect("member", member, PDFA) for member in fitting("members", self.members, Iterable))
        fitting("provenance", self.provenance, Mapping)
        object.__setattr__(self, "members", members)
        weights = normalised(self.weights, len(members))
        if any(member.symbols != self.members[0].symbols for member in self.members):
            raise ModelError("the members of an ensemble have different symbols")
        object.__setattr__(self, "weights", weights)

    def __reduce__(self) -> tuple[Any, ...]:
        """Let copies and pickles be made from the fields, so that they cannot be changed either."""
        return type(self), (self.members, self.weights, self.provenance)

    def __len__(self) -> int:
        """Return the number of members."""
        return len(self.members)

    def __iter__(self) -> Iterator[PDFA]:
        return iter(self.members)

    def __repr__(self) -> str:
        return f"Ensemble({len(self)} automata of {self._sizes()} states, {len(self.symbols)} symbols)"

    def _sizes(self) -> str:
        sizes = sorted(len(member) for member in self.members)
        return f"{sizes[0]}" if sizes[0] == sizes[-1] else f"{sizes[0]} to {sizes[-1]}"

    @property
    def symbols(self) -> Sequence[str]:
        """The alphabet; a symbol's id is its position."""
        return self.members[0].symbols

    @property
    def best(self) -> PDFA:
        """The member with the largest weight, of equals the first."""
        return self.members[heaviest(self.weights)]

    @property
    def calibration(self) -> Calibration | None:
        """How strange traces like those learned from are for the ``best`` member, by which alarms are judged."""
        return self.best.calibration

    @property
    def alone(self) -> Ensemble:
        """The ensemble of its members without their n-grams, itself if they have none."""
        return self if all(member.ngram is None for member in self.members) else self._alone

    @cached_property
    def _alone(self) -> Ensemble:
        return Ensemble([member.alone for member in self.members], self.weights, self.provenance)

    def alphabet(self) -> Alphabet:
        """Return a fresh alphabet with the symbols under their ids."""
        return self.members[0].alphabet()

    def heaviest(self, number: int) -> Ensemble:
        """Return the ensemble of the ``number`` members with the largest weights.

        Raises
        ------
        UsageError
            If there are not so many.
        """
        if not 1 <= fitting("number", number, int) <= len(self):
            raise UsageError(
                f"{number} members of an ensemble of {len(self)} (expected: a number from 1 to {len(self)})"
            )
        kept = np.sort(np.argsort(-self.weights, kind="stable")[:number])
        return Ensemble([self.members[member] for member in kept], self.weights[kept], self.provenance)

    def log2_prob(self, trace: Sequence[str | int]) -> float:
        """Return the base-2 logarithm of the probability of a trace, -inf if it is impossible."""
        return self.score_one(trace).log2_prob

    def score_one(self, trace: Sequence[str | int]) -> Score:
        """Return probability and least expected event of one trace, see :meth:`PDFA.score_one`."""
        from .score import score_trace

        return score_trace(self.score_batch, self.members[0].encode(trace), trace)

    def score_batch(
        self, batch: TraceBatch
    ) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
        """Score traces encoded with the ids of ``alphabet``, see :meth:`PDFA.score_batch`.

        An event is unseen if no member has a transition for it.
        """
        expect("batch", batch, TraceBatch)
        outcomes = batch.offsets[1:] - batch.offsets[0] + np.arange(1, len(batch) + 1)
        cuts = np.flatnonzero(np.diff((outcomes - 1) // CHUNK, prepend=-1)) if len(batch) else np.zeros(1, np.int64)
        parts = [
            self._score(batch.part(int(start), int(stop)))
            for start, stop in zip(cuts, np.append(cuts[1:], len(batch)), strict=True)
        ]
        bits, where, most, unseen = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        return -bits, where, most, unseen

    def _score(self, batch: TraceBatch) -> tuple[NDArray[Any], ...]:
        from .._kernels.scoring import mix_chances

        chances, known = self._chances(batch)
        total, most = np.empty(len(batch)), np.empty(len(batch))
        where, unseen = np.empty(len(batch), np.int64), np.empty(len(batch), np.int64)
        mix_chances(self.weights, chances, known, batch.offsets, total, where, most, unseen)
        return total, where, most, unseen

    def _chances(self, batch: TraceBatch) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the probability of each outcome for each member, and which outcomes any of them knows."""
        from .walking import chances_of

        outcomes = batch.events + len(batch)
        chances, known = np.empty((len(self), outcomes)), np.zeros(outcomes, np.bool_)
        for row, member in zip(chances, self.members, strict=True):
            chances_of(member, batch, row, known)
        return chances, known

    def predict_proba_one(self, prefix: Sequence[str | int]) -> dict[str | Outcome, float]:
        """Return the probability of each symbol, of ``END`` and of ``UNKNOWN`` after a prefix; they sum to 1."""
        chances = [member.predict_proba_one(prefix) for member in self.members]
        shares = self._shares([-member.surprises(prefix)[0][:-1].sum() for member in self.members])
        return {
            outcome: sum(share * row[outcome] for share, row in zip(shares, chances, strict=True))
            for outcome in chances[0]
        }

    def _shares(self, log2_probs: Sequence[float]) -> list[float]:
        """Return the share of each member after a trace began that they called so likely."""
        top = max(log2_probs)
        belief = self.weights * [2.0 ** (bits - top) if top > -math.inf else 1.0 for bits in log2_probs]
        shares: list[float] = (belief / belief.sum()).tolist()
        return shares

    def _beliefs(self, prefix: Sequence[str | int]) -> list[tuple[float, PDFA]]:
        bits = [member.surprises(prefix)[0][:-1] for member in self.members]
        refuse_impossible(np.minimum.reduce([np.cumsum(row) for row in bits]), prefix)
        return list(zip(self._shares([-float(row.sum()) for row in bits]), self.members, strict=True))

    def sample(self, n: int, seed: int, max_length: int = 10_000) -> list[list[str]]:
        """Draw traces from the members in proportion to their weights, see :meth:`PDFA.sample`."""
        from .sampling import check_number, check_seed  # random numbers take as long to import as a kernel to be found

        random = np.random.default_rng(check_seed(seed))
        check_number(n)
        drawn = random.choice(len(self), n, p=self.weights)
        traces: list[list[str]] = [[]] * n
        for number, member in enumerate(self.members):
            rows = np.flatnonzero(drawn == number)
            for row, trace in zip(rows, member.sample(len(rows), seed + 1 + number, max_length), strict=True):
                traces[row] = trace
        return traces

    def to_pandas(self) -> Frames:
        """Return the states and transitions of all members, see `flexstream.automata.frames.Frames`."""
        from .frames import members_to_pandas

        return members_to_pandas(self.members)

    def to_json(self) -> str:
        """Return the text of the model file."""
        from .document import ensemble_text

        return ensemble_text(self)

    def save(self, path: str | Path) -> None:
        """Write the model file, first under a temporary name; :func:`flexstream.load_model` reads it."""
        from ..files import write_atomically

        write_atomically(path, self.to_json())
