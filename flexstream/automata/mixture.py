"""Ensemble: several automata folded from one tree, and others softened from them, mixed."""

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
from .pdfa import END, PDFA, UNKNOWN, Outcome
from .softened import Softened
from .weights import heaviest, normalised, parts_of_whole

if TYPE_CHECKING:
    from .calibration import Calibration
    from .frames import Frames
    from .score import Score

CHUNK = 1 << 16
"""Outcomes scored at a time, so that the memory for it does not grow with the batch."""


@dataclass(frozen=True, eq=False)
class Ensemble(Foretelling):
    """A mixture of automata over one alphabet: P(x) = (1 − Σ s_l) · Σ w_k P_k(x) + Σ s_l Q_l(x).

    Where the source is not deterministic every automaton with finitely many states is wrong somewhere; several that
    draw the line between one state and two differently are wrong in different places, and their mixture is closer to
    the source than the best of them.  Closer still come automata Q_l that need not be deterministic, softened from
    those, see :class:`~flexstream.automata.softened.Softened`.  The mixture is a distribution over traces, but has no
    picture: that shows the ``best`` member.

    Parameters
    ----------
    members : sequence of PDFA
        With the same symbols in the same order.
    weights : array-like of float, shape (members,)
        Not negative, with a positive sum; they are normalised.
    provenance : mapping, optional
        How the ensemble came to be.
    softened : sequence of Softened, optional
        With those symbols as well.
    shares : array-like of float, shape (softened,), optional
        What each of these has of the whole; together less than 1, the rest is the members'.

    Raises
    ------
    ModelError
        If there are no members, symbols differ, or weights or shares do not fit.

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
    softened: Sequence[Softened] = ()
    shares: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        members = tuple(expect("member", member, PDFA) for member in fitting("members", self.members, Iterable))
        fitting("provenance", self.provenance, Mapping)
        object.__setattr__(self, "members", members)
        weights = normalised(self.weights, len(members))
        if any(member.symbols != self.members[0].symbols for member in self.members):
            raise ModelError("the members of an ensemble have different symbols")
        object.__setattr__(self, "weights", weights)
        softened = tuple(expect("softened", one, Softened) for one in fitting("softened", self.softened, Iterable))
        object.__setattr__(self, "softened", softened)
        object.__setattr__(self, "shares", parts_of_whole(self.shares, len(softened)))
        if any(one.symbols != self.symbols for one in softened):
            raise ModelError("the softened automata of an ensemble have other symbols than its members")

    def __reduce__(self) -> tuple[Any, ...]:
        """Let copies and pickles be made from the fields, so that they cannot be changed either."""
        return type(self), (self.members, self.weights, self.provenance, self.softened, self.shares)

    def __len__(self) -> int:
        """Return the number of members."""
        return len(self.members)

    def __iter__(self) -> Iterator[PDFA]:
        return iter(self.members)

    def __repr__(self) -> str:
        more = f" and {len(self.softened)} softened" if self.softened else ""
        return f"Ensemble({len(self)} automata of {self._sizes()} states{more}, {len(self.symbols)} symbols)"

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

    @cached_property
    def _parts(self) -> NDArray[np.float64]:
        """What each of the members and of the softened automata has of the whole; they sum to 1."""
        return np.concatenate([(1.0 - self.shares.sum()) * self.weights, self.shares])

    @property
    def alone(self) -> Ensemble:
        """The ensemble of its members without n-grams and softened automata, itself if there are none."""
        return self if not self.softened and all(member.ngram is None for member in self.members) else self._alone

    @cached_property
    def _alone(self) -> Ensemble:
        return Ensemble([member.alone for member in self.members], self.weights, self.provenance)

    def alphabet(self) -> Alphabet:
        """Return a fresh alphabet with the symbols under their ids."""
        return self.members[0].alphabet()

    def heaviest(self, number: int) -> Ensemble:
        """Return the ensemble of the ``number`` members with the largest weights, without softened ones if not of all.

        Raises
        ------
        UsageError
            If there are not so many.
        """
        if not 1 <= fitting("number", number, int) <= len(self):
            raise UsageError(
                f"{number} members of an ensemble of {len(self)} (expected: a number from 1 to {len(self)})"
            )
        if number == len(self):
            return self
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

        An event is unseen if no member has a transition for it, whatever softened automata hold possible.
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
        mix_chances(self._parts, chances, known, batch.offsets, total, where, most, unseen)
        return total, where, most, unseen

    def _chances(self, batch: TraceBatch) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the probability of each outcome for each member and softened automaton, and which any member knows."""
        from .walking import chances_of

        outcomes = batch.events + len(batch)
        chances, known = np.empty((len(self._parts), outcomes)), np.zeros(outcomes, np.bool_)
        for row, member in zip(chances, self.members, strict=False):
            chances_of(member, batch, row, known)
        for row, one in zip(chances[len(self) :], self.softened, strict=True):
            row[:] = one.chances_of(batch)
        return chances, known

    def predict_proba_one(self, prefix: Sequence[str | int]) -> dict[str | Outcome, float]:
        """Return the probability of each symbol, of ``END`` and of ``UNKNOWN`` after a prefix; they sum to 1."""
        chances = [member.predict_proba_one(prefix) for member in self.members]
        bits = [-float(member.surprises(prefix)[0][:-1].sum()) for member in self.members]
        ids = self.members[0].encode(prefix) if self.softened else np.empty(0, np.int32)
        for one in self.softened:
            so_likely, (end, unknown, *rest) = one.outcomes_after(ids)
            bits.append(so_likely)
            chances.append({**dict(zip(self.symbols, map(float, rest), strict=True)), END: end, UNKNOWN: unknown})
        shares = _shares(self._parts, bits)
        return {
            outcome: float(sum(share * row[outcome] for share, row in zip(shares, chances, strict=True)))
            for outcome in chances[0]
        }

    def _beliefs(self, prefix: Sequence[str | int]) -> list[tuple[float, PDFA]]:
        bits = [member.surprises(prefix)[0][:-1] for member in self.members]
        refuse_impossible(np.minimum.reduce([np.cumsum(row) for row in bits]), prefix)
        return list(zip(_shares(self.weights, [-float(row.sum()) for row in bits]), self.members, strict=True))

    def sample(self, n: int, seed: int, max_length: int = 10_000) -> list[list[str]]:
        """Draw traces from the members in proportion to their weights, see :meth:`PDFA.sample`."""
        from .sampling import check_number, check_seed  # random numbers take as long to import as a kernel to be found

        random = np.random.default_rng(check_seed(seed))
        check_number(n)
        drawn = random.choice(len(self._parts), n, p=self._parts)
        traces: list[list[str]] = [[]] * n
        parts: list[PDFA | Softened] = [*self.members, *self.softened]
        for number, member in enumerate(parts):
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
        from .document import ensemble_pieces

        return "".join(ensemble_pieces(self))

    def save(self, path: str | Path) -> None:
        """Write the model file, first under a temporary name; :func:`flexstream.load_model` reads it."""
        from ..endings import model_name
        from ..files import atomic_file
        from .document import ensemble_pieces

        with atomic_file(model_name(path)) as file:  # piece by piece: the text of all members takes more than they
            for piece in ensemble_pieces(self):
                file.write(piece)


def _shares(weights: NDArray[np.float64], log2_probs: Sequence[float]) -> list[float]:
    """Return the share of each part after a trace began that they called so likely."""
    top = max(log2_probs)
    belief = weights * [2.0 ** (bits - top) if top > -math.inf else 1.0 for bits in log2_probs]
    shares: list[float] = (belief / belief.sum()).tolist()
    return shares
