"""PDFA: the frozen automaton that a learner hands out."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..arguments import expect, fitting
from ..classes import dataclass
from ..errors import ModelError, UsageError
from ..stream.alphabet import Alphabet
from ..stream.batch import TraceBatch
from ..stream.traces import symbol_tuple
from ..tuples import NamedTuple
from .arrays import column, read_only
from .calibration import Calibration, check_calibration
from .exchange import Exchanged
from .foretelling import Foretelling
from .ngram import NGram, check_shares
from .smoothing import Smoothing
from .spans import Spanned
from .timing import Durations, check_durations
from .weights import check_amounts, heaviest, normalised

if TYPE_CHECKING:
    from .._kernels.scoring import ScoreColumns
    from .document import Document
    from .score import Score


class Outcome(enum.Enum):
    """Outcomes of a state that are not symbols."""

    END = "end of the trace"
    UNKNOWN = "a symbol outside the alphabet"


ROUNDING = 1e-12
"""Share of a state's visits below which a difference is none."""

END = Outcome.END
UNKNOWN = Outcome.UNKNOWN


class Transition(NamedTuple):
    """One edge of the automaton; ``weight`` is its count, ``guessed`` marks a target without evidence."""

    source: int
    symbol: str
    target: int
    probability: float
    weight: float
    guessed: bool


@dataclass(frozen=True, eq=False)
class PDFA(Exchanged, Foretelling, Spanned):
    """A probabilistic deterministic finite automaton: immutable arrays, states 0, 1, … with 0 the initial one.

    The transitions of state q are rows ``offsets[q]:offsets[q + 1]``, ordered by symbol id.  Of the visits of a
    state some ended (``stops``), some left along transitions (``weights``); what is left over was evicted for lack
    of memory and goes to the smoothing.

    Parameters
    ----------
    symbols : sequence of str
        The alphabet; a symbol's id is its position.
    visits, stops : float64 arrays, shape (states,)
        Observations (or, for an automaton known exactly, probabilities) of each state and of its end.
    offsets : int64 array, shape (states + 1,)
    edge_symbols, targets : int32 arrays, shape (transitions,)
    weights : float64 array, shape (transitions,)
    guessed : bool array, shape (transitions,), optional
        True where the target was chosen with little or no evidence.
    smoothing : Smoothing, optional
        None gives unseen outcomes probability 0.
    provenance : mapping, optional
        How the automaton came to be: versions, parameters, amounts of data.
    evidence : mapping, optional
        What a report needs to say how far it can be trusted, see :mod:`flexstream.pac.report.evidence`.
    ngram : NGram, optional
        What is mixed with the automaton to score traces: in state q an outcome has probability (1 - λ)·p + λ·p', where
        p is that of the state, p' that of the n-gram after the last events, and λ = ``ngram_shares[q]``.
        All else that is said of states and transitions is said of the automaton alone.
    ngram_shares : float64 array from 0 to 1, shape (states,), or (0,) without an n-gram, optional
    durations : Durations, optional
        How long transitions take, where times were known; see :mod:`flexstream.automata.timing`.
    calibration : Calibration, optional
        How strange traces like those learned from are, see :mod:`flexstream.automata.calibration`.

    Raises
    ------
    ModelError
        If the arrays do not fit together.

    Examples
    --------
    >>> coin = PDFA(["a", "b"], [1.0], [0.5], [0, 2], [0, 1], [0, 0], [0.25, 0.25])
    >>> coin.log2_prob(["a", "b"])
    -5.0
    >>> coin.predict_proba_one(["b"])["a"]
    0.25
    >>> coin.predict_proba_one([])[END]
    0.5
    """

    symbols: Sequence[str]
    visits: NDArray[np.float64]
    stops: NDArray[np.float64]
    offsets: NDArray[np.int64]
    edge_symbols: NDArray[np.int32]
    targets: NDArray[np.int32]
    weights: NDArray[np.float64]
    guessed: NDArray[np.bool_] = None  # type: ignore[assignment]
    smoothing: Smoothing = None  # type: ignore[assignment]
    provenance: Mapping[str, Any] = field(default_factory=dict)
    evidence: Mapping[str, Any] = field(default_factory=dict)
    ngram: NGram | None = None
    ngram_shares: NDArray[np.float64] = None  # type: ignore[assignment]
    durations: Durations | None = None
    calibration: Calibration | None = None

    def __post_init__(self) -> None:
        kinds: dict[str, type] = dict(visits=np.float64, stops=np.float64, offsets=np.int64, edge_symbols=np.int32)
        kinds |= dict(targets=np.int32, weights=np.float64, guessed=np.bool_, ngram_shares=np.float64)
        for name in ("provenance", "evidence"):
            fitting(name, getattr(self, name), Mapping)
        fitting("smoothing", self.smoothing, Smoothing | None)
        check_durations(fitting("durations", self.durations, Durations | None), len(self.targets))
        self._set("symbols", symbol_tuple(self.symbols))
        known = fitting("calibration", self.calibration, Calibration | None)
        check_calibration(known, len(self.symbols), len(self.visits))
        if self.guessed is None:
            self._set("guessed", np.zeros(len(self.targets), np.bool_))
        if fitting("ngram", self.ngram, NGram | None) is None or self.ngram_shares is None:
            self._set("ngram_shares", np.zeros(0 if self.ngram is None else len(self.visits)))
        if self.smoothing is None:
            self._set("smoothing", Smoothing.none(len(self.symbols)))
        for name, kind in kinds.items():
            self._set(name, column(name, getattr(self, name), kind))
        self._check()

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _check(self) -> None:
        states, edges, alphabet = len(self.visits), len(self.targets), len(self.symbols)
        if not states or not self._tile(states, edges) or len(set(self.symbols)) != alphabet:
            raise ModelError("the arrays of the automaton do not fit together: sizes differ or a symbol stands twice")
        lengths = {len(self.edge_symbols), len(self.weights), len(self.guessed), edges}
        if len(lengths) > 1 or len(self.stops) != states or len(self.smoothing.base) != alphabet + 2:
            raise ModelError("the arrays of the automaton do not fit together: their lengths differ")
        self.smoothing.check(states, alphabet)
        check_shares(self.ngram, self.ngram_shares, states, alphabet)
        keys = self.sources * max(1, alphabet) + self.edge_symbols
        bad = edges and (
            self.targets.min() < 0
            or self.targets.max() >= states
            or self.edge_symbols.min() < 0
            or self.edge_symbols.max() >= alphabet
            or (np.diff(keys) <= 0).any()
        )
        if bad:
            raise ModelError(
                "the transitions of the automaton are not valid: a state or symbol out of range, or two transitions "
                "with one symbol"
            )
        check_amounts(self.visits, self.stops, self.weights, self.sources)

    def _tile(self, states: int, edges: int) -> bool:
        """Tell whether the offsets give each transition to one state, in order."""
        offsets = self.offsets
        whole = len(offsets) == states + 1 and offsets[0] == 0 and offsets[-1] == edges
        return bool(whole and (offsets[1:] >= offsets[:-1]).all())

    def __reduce__(self) -> tuple[Any, ...]:
        """Let copies and pickles be made from the fields, so that their arrays cannot be changed either."""
        return type(self), tuple(getattr(self, part.name) for part in fields(self))

    def __len__(self) -> int:
        """Return the number of states."""
        return len(self.visits)

    def __repr__(self) -> str:
        mixed = "" if self.ngram is None else f", mixed with a {self.ngram.order}-gram"
        return f"PDFA({len(self)} states, {len(self.targets)} transitions, {len(self.symbols)} symbols{mixed})"

    @cached_property
    def sources(self) -> NDArray[np.int64]:
        """State that each transition leaves, shape (transitions,)."""
        return read_only(np.repeat(np.arange(len(self)), np.diff(self.offsets)))

    @cached_property
    def rest(self) -> NDArray[np.float64]:
        """Share of each state's probability that is left to the smoothing, shape (states,)."""
        left = self.visits - self.stops - np.bincount(self.sources, self.weights, len(self))
        return read_only(np.where(left > ROUNDING * self.visits, left, 0.0) + self.smoothing.strength)

    @cached_property
    def mass(self) -> NDArray[np.float64]:
        """What each state's weights are divided by, shape (states,)."""
        used = self.stops + np.bincount(self.sources, self.weights, len(self)) + self.rest
        return read_only(np.where(used > 0, used, 1.0))

    @cached_property
    def probabilities(self) -> NDArray[np.float64]:
        """Smoothed probability of each transition, shape (transitions,)."""
        base = self.smoothing.base[2:][self.edge_symbols]
        return read_only((self.weights + self.rest[self.sources] * base) / self.mass[self.sources])

    @cached_property
    def stop_probabilities(self) -> NDArray[np.float64]:
        """Smoothed probability that a trace ends, shape (states,)."""
        return read_only((self.stops + self.rest * self.smoothing.base[0]) / self.mass)

    @cached_property
    def _columns(self) -> ScoreColumns:
        from .walking import score_columns

        return score_columns(self)

    @property
    def alone(self) -> PDFA:
        """The automaton without its n-gram, itself if it has none; it holds not itself, or it would not be freed."""
        return self if self.ngram is None else self._alone

    _alone = cached_property(lambda self: replace(self, ngram=None, ngram_shares=np.empty(0)))

    @property
    def ngram_share(self) -> float:
        """Share that the n-gram has of what is said of an outcome, on average over all visits; 0 without one."""
        return float(self.ngram_shares @ self.visits / self.visits.sum()) if self.ngram is not None else 0.0

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {text: number for number, text in enumerate(self.symbols)}

    def alphabet(self) -> Alphabet:
        """Return a fresh alphabet with this automaton's symbols under its ids."""
        return Alphabet(self.symbols)

    def encode(self, trace: Sequence[str | int]) -> NDArray[np.int32]:
        """Return the ids of a trace, shape (length,), -1 for symbols the automaton does not know."""
        return Alphabet.find_in(self._ids, trace)

    def log2_prob(self, trace: Sequence[str | int]) -> float:
        """Return the base-2 logarithm of the probability of a trace, -inf if it is impossible."""
        return self.score_one(trace).log2_prob

    def score_one(self, trace: Sequence[str | int]) -> Score:
        """Return probability and least expected event of one trace.

        Examples
        --------
        >>> coin = PDFA(["a", "b"], [1.0], [0.5], [0, 2], [0, 1], [0, 0], [0.375, 0.125])
        >>> coin.score_one(["a", "b"]).worst
        Surprise(position=1, symbol='b', bits=3.0)
        """
        from .score import score_trace

        return score_trace(self.score_batch, self.encode(trace), trace)

    def score_batch(
        self, batch: TraceBatch
    ) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
        """Score traces encoded with this automaton's ids (-1, or an id past the alphabet: unknown).

        Returns
        -------
        log2_prob, worst position, worst bits, unseen events : arrays, shape (n,)
        """
        from .._kernels.scoring import score_traces

        traces = len(expect("batch", batch, TraceBatch))
        bits, most = np.empty(traces), np.empty(traces)
        where, unseen = np.empty(traces, np.int64), np.empty(traces, np.int64)
        score_traces(self._columns, batch.symbols, batch.offsets, bits, where, most, unseen)
        return -bits, where, most, unseen

    def bits_of(self, batch: TraceBatch, bits: NDArray[np.float64], known: NDArray[np.bool_]) -> None:
        """Fill the surprise in bits of each event and end of a batch, trace by trace, shape (events + traces,).

        ``known`` becomes true where there is a transition, and at the ends; elsewhere it stays as it was.
        """
        from .walking import chances_of, into_bits

        outcomes = expect("batch", batch, TraceBatch).events + len(batch)
        if not len(bits) == len(known) == outcomes:
            raise UsageError(f"{len(bits)} and {len(known)} places for {outcomes} events and ends (expected: one each)")
        chances_of(self, batch, bits, known)
        into_bits(bits)

    def surprises(self, trace: Sequence[str | int]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return the surprise in bits of each event and of the end, and the states before them, shape (length + 1,)."""
        bits, _, states = self._walk(trace)
        return bits, states

    def end_surprises(self, trace: Sequence[str | int]) -> NDArray[np.float64]:
        """Return the surprise in bits that an end would have been in place of each event, and of the end."""
        return self._walk(trace)[1]

    def _walk(self, trace: Sequence[str | int]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        from .walking import walk

        return walk(self, self.encode(trace))

    def state_after(self, prefix: Sequence[str | int]) -> int:
        """Return the state that a prefix leads to."""
        return int(self.surprises(prefix)[1][-1])

    def predict_proba_one(self, prefix: Sequence[str | int]) -> dict[str | Outcome, float]:
        """Return the probability of each symbol, of ``END`` and of ``UNKNOWN`` after a prefix; they sum to 1."""
        state = self.state_after(prefix)
        share = self.rest[state] / self.mass[state]
        row = share * np.roll(self.smoothing.base, -2)  # the symbols, the end, unknown symbols
        edges = slice(self.offsets[state], self.offsets[state + 1])
        row[self.edge_symbols[edges]] = self.probabilities[edges]
        row[-2] = self.stop_probabilities[state]
        if self.ngram is not None:
            theirs = self.ngram.shares(self.ngram.after_all(self.encode(prefix).tolist()))
            row += self.ngram_shares[state] * (np.roll(theirs, -2) - row)
        return dict(zip((*self.symbols, END, UNKNOWN), row.tolist(), strict=True))

    def transitions(self) -> Iterator[Transition]:
        """Iterate over all transitions, by state, then by symbol id."""
        rows = (self.sources, self.edge_symbols, self.targets, self.probabilities, self.weights, self.guessed)
        for source, symbol, target, probability, weight, guessed in zip(*(row.tolist() for row in rows), strict=True):
            yield Transition(source, self.symbols[symbol], target, probability, weight, guessed)

    def sample(self, n: int, seed: int, max_length: int = 10_000) -> list[list[str]]:
        """Draw traces from the automaton without its smoothing.

        Parameters
        ----------
        n : int
            How many.
        seed : int
            Of NumPy's default generator.
        max_length : int
            Where a trace is cut that has not ended by then.

        Examples
        --------
        >>> PDFA(["a"], [2.0], [1.0], [0, 1], [0], [0], [1.0]).sample(3, seed=7)
        [['a', 'a', 'a'], [], ['a']]
        """
        from .sampling import sample

        return sample(self, n, seed, max_length)

    def equivalent(self, other: PDFA, tolerance: float = 1e-9) -> bool:
        """Tell whether two automata are equal up to the names of their states.

        Reachable states are compared, their transitions with a weight, and the probabilities without smoothing,
        which may differ by ``tolerance``.
        """
        from .compare import largest_difference

        expect("other", other, PDFA)
        fitting("tolerance", tolerance, float)
        difference = largest_difference(self, other)
        return difference is not None and difference <= tolerance

    def to_json(self) -> str:
        """Return the text of the model file."""
        from .document import pdfa_text

        return pdfa_text(self)

    @classmethod
    def from_json(cls, text: str) -> PDFA:
        """Read the text of a model file, of an ensemble its best member; raises ModelError if it is not one."""
        from .document import build

        return build(text, cls._best_of)

    @classmethod
    def _best_of(cls, document: Document) -> PDFA:
        members = [cls(**columns) for columns in document.members]
        return members[heaviest(normalised(document.weights, len(members)))]

    def save(self, path: str | Path) -> None:
        """Write the model file, first under a temporary name."""
        from ..endings import write_model

        write_model(path, self.to_json())

    @classmethod
    def load(cls, path: str | Path) -> PDFA:
        """Read a model file, of an ensemble its best member; raises ModelError with one clear line if it cannot."""
        from .document import read

        return read(path, cls.from_json)
