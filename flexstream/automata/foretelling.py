"""What a model says of a trace of which only the beginning is known."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..display import Displayed
from ..errors import UsageError
from ..stream.traces import as_text

if TYPE_CHECKING:
    from .absorption import Absorption
    from .pdfa import PDFA, Outcome
    from .remaining import Remaining


class Foretelling(Displayed):
    """A model that can be asked what comes next, and what is still to come.

    What comes next is said by the whole model, with its n-gram where it has one; how many events are still to come, and
    how a trace ends, by its automaton alone.
    """

    def predict_proba_one(self, prefix: Sequence[str | int]) -> dict[str | Outcome, float]:
        """Return the probability of each outcome after a prefix."""
        raise NotImplementedError

    def predict_one(self, prefix: Sequence[str | int]) -> str | Outcome:
        """Return what is likeliest to come next after the beginning of a trace: an event, or ``END``.

        Of equals it is the first of the alphabet.

        Examples
        --------
        >>> from flexstream.targets import from_rows
        >>> from_rows({0: {"a": (75, 0), None: (25, 0)}}).predict_one(["a", "a"])
        'a'
        """
        chances = list(self.predict_proba_one(prefix).items())[:-1]  # the last are all unknown symbols together
        return max(chances, key=lambda pair: pair[1])[0]

    def remaining(self, prefix: Sequence[str | int]) -> Remaining:
        """Return how many events are still to come after the beginning of a trace, and how it may end.

        Raises
        ------
        UsageError
            If the model calls the beginning impossible, as only one without smoothing does.

        Examples
        --------
        >>> from flexstream.targets import from_rows
        >>> rows = {0: {"load": (8, 1)}, 1: {"run": (4, 1), "scrap": (1, 2), "ship": (3, 2)}, 2: {None: (1, 0)}}
        >>> coming = from_rows(rows).remaining(["load", "run"])
        >>> coming.mean, coming.quantile(0.9), coming.reaches("scrap"), coming.ends_with()
        (2.0, 4, 0.25, {'ship': 0.75, 'scrap': 0.25})
        """
        from .remaining import Part, Remaining

        model: Any = self
        parts = [
            Part(share, member._absorption, member.state_after(prefix), begun=len(prefix) > 0)
            for share, member in self._beliefs(prefix)
            if share > 0
        ]
        return Remaining(parts, model.symbols, as_text(list(prefix)[-1]) if len(prefix) else None)

    def _beliefs(self, prefix: Sequence[str | int]) -> list[tuple[float, PDFA]]:
        """Return the automata of the model, each with its share after the beginning of a trace."""
        automaton: Any = self
        refuse_impossible(automaton.surprises(prefix)[0][:-1], prefix)
        return [(1.0, automaton)]

    @cached_property
    def _absorption(self) -> Absorption:
        from .absorption import Absorption

        automaton: Any = self
        return Absorption(automaton)


def refuse_impossible(bits: Any, prefix: Sequence[str | int]) -> None:
    """Raise UsageError if an event is infinitely surprising.

    >>> refuse_impossible(np.array([1.0, np.inf]), ["load", "ship"])
    Traceback (most recent call last):
    flexstream.errors.UsageError: the model calls 'ship' at position 1 impossible (expected: a model with smoothing)
    """
    if not np.isinf(bits).any():
        return
    place = int(np.argmax(np.isinf(bits)))
    raise UsageError(
        f"the model calls {as_text(list(prefix)[place])!r} at position {place} impossible "
        "(expected: a model with smoothing)"
    )
