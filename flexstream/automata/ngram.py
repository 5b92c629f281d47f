"""NGram: what the last events tell of the next, whatever the state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..classes import dataclass
from ..errors import ModelError
from .arrays import MOST, column, read_only


@dataclass(frozen=True, eq=False)
class NGram:
    """An interpolated n-gram with absolute discounting (Kneser & Ney, ICASSP 1995).

    Contexts are the last symbols, of the start of a trace too; context 0 is the empty one.  After a context that was
    counted n times with t different outcomes an outcome counted c times has probability
    (c - d + d·t·p) / n, where p is its probability in ``parents``, the context without its first symbol, and d the
    discount; below the empty context stands the uniform distribution over the symbols, the end and all unknown symbols
    together.

    Parameters
    ----------
    alphabet : int
        Number of symbols.
    start : int
        The context in which a trace begins.
    parents : int32 array, shape (contexts,)
        A smaller number each, but for the empty context, whose parent is itself.
    discounts : float64 array, shape (contexts,)
        From 0 to 1.
    sources, outcomes, targets : int32 arrays, shape (rows,)
        Context, symbol and next context of each row, ordered by context, then by symbol; ``alphabet`` is the end, whose
        next context is 0.
    counts : float64 array, shape (rows,)
        How often each was counted, >= 1; of shorter contexts, in how many longer ones.

    Raises
    ------
    ModelError
        If the arrays do not fit together.

    Examples
    --------
    >>> coin = NGram(2, 0, [0], [0.5], [0, 0], [0, 2], [0, 0], [3.0, 1.0])
    >>> coin.shares(0).tolist()
    [0.1875, 0.0625, 0.6875, 0.0625]
    """

    alphabet: int
    start: int
    parents: NDArray[np.int32]
    discounts: NDArray[np.float64]
    sources: NDArray[np.int32]
    outcomes: NDArray[np.int32]
    targets: NDArray[np.int32]
    counts: NDArray[np.float64]

    def __post_init__(self) -> None:
        kinds: dict[str, type] = dict(parents=np.int32, discounts=np.float64, sources=np.int32, outcomes=np.int32)
        kinds |= dict(targets=np.int32, counts=np.float64)
        for name, kind in kinds.items():
            object.__setattr__(self, name, column(name, getattr(self, name), kind))
        if not (self._fits() and self._orderly()):
            raise ModelError("the n-gram of the model is not valid: its rows do not fit together")

    def __reduce__(self) -> tuple[Any, ...]:
        """Let copies and pickles be made from the fields, so that their arrays cannot be changed either."""
        names = ("alphabet", "start", "parents", "discounts", "sources", "outcomes", "targets", "counts")
        return type(self), tuple(getattr(self, name) for name in names)

    def _fits(self) -> bool:
        """Tell whether lengths and ranges are right."""
        contexts, rows = len(self.parents), len(self.sources)
        whole = contexts > 0 and len(self.discounts) == contexts and self.alphabet >= 0
        lengths = {len(self.outcomes), len(self.targets), len(self.counts), rows}
        ranges = ((self.sources, contexts), (self.outcomes, self.alphabet + 1), (self.targets, contexts))
        return (
            whole
            and len(lengths) == 1
            and 0 <= self.start < contexts
            and all(((values >= 0) & (values < limit)).all() for values, limit in ranges)
        )

    def _orderly(self) -> bool:
        """Tell whether contexts stand behind their parents, rows in order, and probabilities can sum to 1."""
        behind = self.parents[0] == 0 and (self.parents[1:] >= 0).all()
        keys = self.sources.astype(np.int64) * (self.alphabet + 1) + self.outcomes
        counted = ((self.counts >= 1) & (self.counts <= MOST)).all()
        discounted = ((self.discounts >= 0) & (self.discounts <= 1)).all()
        ordered = (self.parents[1:] < np.arange(1, len(self.parents))).all() and (np.diff(keys) > 0).all()
        return bool(behind and ordered and counted and discounted)

    def to_document(self) -> dict[str, Any]:
        """Return the n-gram as JSON values; the end stands as the symbol after the last."""
        return {
            "start": self.start,
            "contexts": {"parent": self.parents.tolist(), "discount": self.discounts.tolist()},
            "rows": {
                "context": self.sources.tolist(),
                "symbol": self.outcomes.tolist(),
                "target": self.targets.tolist(),
                "count": [int(count) if count.is_integer() else count for count in self.counts.tolist()],
            },
        }

    @classmethod
    def from_document(cls, values: Mapping[str, Any], alphabet: int) -> NGram:
        """Return the n-gram that JSON values stand for; raises KeyError or ModelError where they stand for none."""
        contexts, rows, start = values["contexts"], values["rows"], values["start"]
        if type(start) is not int:
            raise ModelError("the start of the n-gram is not a number")
        found = (rows[name] for name in ("context", "symbol", "target", "count"))
        return cls(alphabet, start, contexts["parent"], contexts["discount"], *found)

    def __len__(self) -> int:
        """Return the number of contexts."""
        return len(self.parents)

    @cached_property
    def order(self) -> int:
        """Most events that count: the n of the n-gram, with the one foretold."""
        levels = np.zeros(len(self), np.int64)
        for context, parent in enumerate(self.parents.tolist()[1:], 1):
            levels[context] = levels[parent] + 1
        return 1 + int(levels.max())

    @cached_property
    def _totals(self) -> NDArray[np.float64]:
        return np.bincount(self.sources, self.counts, len(self)).astype(np.float64)

    def count(self, context: int) -> float:
        """Return how often a context was counted; of a shorter one, with how many longer ones."""
        return float(self._totals[context])

    @cached_property
    def escapes(self) -> NDArray[np.float64]:
        """Share of each context that its parent shares out, shape (contexts,); 1 where nothing was counted."""
        kinds = np.bincount(self.sources, minlength=len(self))
        seen = self._totals > 0
        return read_only(np.where(seen, self.discounts * kinds / np.where(seen, self._totals, 1.0), 1.0))

    @property
    def own_shares(self) -> NDArray[np.float64]:
        """Share of each row's outcome in its context that no shorter context has a part in, shape (rows,)."""
        found: NDArray[np.float64] = (self.counts - self.discounts[self.sources]) / self._totals[self.sources]
        return found

    @cached_property
    def probabilities(self) -> NDArray[np.float64]:
        """Probability of each row's outcome in its context, shape (rows,)."""
        from .walking import ngram_columns

        return read_only(ngram_columns(self).chances[: len(self.sources)].copy())

    def shares(self, context: int) -> NDArray[np.float64]:
        """Return the probabilities after a context: of the end, of all unknown symbols, of each symbol."""
        found = np.full(self.alphabet + 2, 1 / (self.alphabet + 2))
        chain = [context]
        while chain[-1]:
            chain.append(int(self.parents[chain[-1]]))
        for one in reversed(chain):
            rows = slice(*np.searchsorted(self.sources, [one, one + 1]))
            found *= self.escapes[one]
            places = (self.outcomes[rows].astype(np.int64) + 2) % (self.alphabet + 2)
            found[places] += (self.counts[rows] - self.discounts[one]) / max(self._totals[one], 1.0)
        return found

    def after(self, context: int, symbol: int) -> int:
        """Return the context that a symbol leads to; 0 for one outside the alphabet."""
        while 0 <= symbol < self.alphabet:
            start, stop = np.searchsorted(self.sources, [context, context + 1])
            row = start + int(np.searchsorted(self.outcomes[start:stop], symbol))
            if row < stop and self.outcomes[row] == symbol:
                return int(self.targets[row])
            if not context:
                break
            context = int(self.parents[context])
        return 0

    def after_all(self, symbols: Iterable[int]) -> int:
        """Return the context that a trace has come to.

        >>> NGram(1, 0, [0, 0], [0.5, 0.5], [0, 1], [0, 1], [1, 0], [2.0, 1.0]).after_all([0, 0])
        1
        """
        context = self.start
        for symbol in symbols:
            context = self.after(context, symbol)
        return context


def check_shares(ngram: NGram | None, shares: NDArray[np.float64], states: int, alphabet: int) -> None:
    """Raise ModelError if an automaton of that size cannot be mixed with an n-gram in these shares."""
    wanted = 0 if ngram is None else states
    same = ngram is None or ngram.alphabet == alphabet
    if not same or len(shares) != wanted or not ((shares >= 0) & (shares <= 1)).all():
        raise ModelError("the n-gram of the automaton has other symbols, or a share in a state that is none")
