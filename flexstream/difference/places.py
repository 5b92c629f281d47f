"""Places in words: states of automata that are compared, by a way that leads there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ..automata.pdfa import PDFA
from ..writers.labels import shorten
from ..writers.naming import MOSTLY
from ..writers.neighbours import Neighbours

_MOST_LAST, _MOST_WAY, _SIDE = 4, 6, 3
_LONGEST = 60


class Places:
    """Says where something is: after which events, if that holds of nearly all ways there, else as after which way.

    It holds where the ways into the states end with these events, and these events end there wherever they come.

    Parameters
    ----------
    automata : PDFA
        Those that are compared.
    labels : mapping of str to str
        What their symbols are called.

    Examples
    --------
    >>> from flexstream.targets import from_rows
    >>> rows = {0: {"load": (50, 1), "wait": (50, 2)}, 1: {"run": (50, 3)}, 2: {"run": (40, 3), None: (10, 0)}, 3: {}}
    >>> automaton = from_rows({**rows, 3: {None: (90, 0)}})
    >>> places = Places({name: name for name in automaton.symbols}, automaton)
    >>> places.where((), [0]), places.where(("load",), [1]), places.where(("load", "run"), [3])
    ('at the start', 'after load', 'after run')
    >>> places.where(("load",), [1, 2]), places.where(("wait", "run", "load", "run"), [1])
    ('as after load', 'as after wait run load run')
    """

    def __init__(self, labels: Mapping[str, str], *automata: PDFA) -> None:
        self._labels = labels
        self._neighbours = [Neighbours(automaton) for automaton in automata]

    def where(self, path: Sequence[str], *states: Collection[int]) -> str:
        """Return a place in words.

        Parameters
        ----------
        path : sequence of str
            A way to it.
        *states : collections of int
            The states that it is in each of the automata.
        """
        if not path:
            return "at the start"
        for length in range(1, min(_MOST_LAST, len(path)) + 1):
            last = path[-length:]
            both = zip(self._neighbours, states, strict=True)
            if all(min(one.entered(there, last), one.led(there, last)) >= MOSTLY for one, there in both):
                return f"after {' '.join(self._steps(last))}"
        steps = self._steps(path) if len(path) <= _MOST_WAY else self._ends(path)
        return f"as after {' '.join(steps)}"

    def _ends(self, path: Sequence[str]) -> list[str]:
        return [*self._steps(path[:_SIDE]), "…", *self._steps(path[-_SIDE:])]

    def _steps(self, path: Sequence[str]) -> list[str]:
        return [shorten(self._labels[symbol], _LONGEST) for symbol in path]
