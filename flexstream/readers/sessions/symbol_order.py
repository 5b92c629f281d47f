"""Symbols in the order in which events are handed on, however they were read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...stream.alphabet import Alphabet


class SymbolOrder:
    """Gives the symbols of events that were read ahead their ids, in the order in which the events are handed on.

    Where rows are sorted, symbols are first seen in another order than they stand in the source, and ids are to hang
    on the order of the events alone.

    Parameters
    ----------
    alphabet : Alphabet
        Grows as events are handed on.
    ahead : Alphabet
        Has given the ids with which events come: a copy of the other, or that itself.

    Examples
    --------
    >>> alphabet = Alphabet()
    >>> ahead = alphabet.copy()
    >>> order = SymbolOrder(alphabet, ahead)
    >>> ahead.encode(["run", "load"]), order.ids(np.array([1, 0, 1], np.int32)), list(alphabet)
    (array([0, 1], dtype=int32), array([0, 1, 0], dtype=int32), ['load', 'run'])
    """

    def __init__(self, alphabet: Alphabet, ahead: Alphabet) -> None:
        self.ahead = ahead
        self._alphabet = alphabet
        self._own = np.arange(len(ahead), dtype=np.int32)  # the id here by that ahead, -1 for none yet
        self._alike = True  # whether all ids are the same
        self._known = len(ahead)  # all below have an id here
        self._heard = len(alphabet)  # all below are known ahead

    def ids(self, symbols: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the ids of the symbols of events that are handed on; those not seen yet are added."""
        if self.ahead is self._alphabet or not len(symbols):
            return symbols
        top = int(symbols.max()) + 1
        if top > self._known:
            self._learn(symbols, top)
        return symbols if self._alike else self._own[symbols]

    def id(self, symbol: str) -> int:
        """Return the id of the symbol of an event that is handed on as it is read."""
        number = self.ahead.id(symbol)
        if self.ahead is self._alphabet or (self._alike and number < self._known):
            return number
        return int(self.ids(np.array([number], np.int32))[0])

    def hear(self) -> None:
        """Let the alphabet ahead know what whole traces have added to the alphabet: the room is one for all.

        >>> alphabet = Alphabet()
        >>> order = SymbolOrder(alphabet, alphabet.copy())
        >>> _ = alphabet.id("load")
        >>> order.hear()
        >>> list(order.ahead)
        ['load']
        """
        if self.ahead is not self._alphabet:
            heard, self._heard = self._heard, len(self._alphabet)  # which may get more meanwhile
            for number in range(heard, self._heard):
                _ = (
                    self.ahead.close()
                    if number == self._alphabet.other
                    else self.ahead.id(self._alphabet.texts[number])
                )

    def _learn(self, symbols: NDArray[np.int32], top: int) -> None:
        if top > len(self._own):
            self._own = np.append(self._own, np.full(max(top, 2 * len(self._own)) - len(self._own), -1, np.int32))
        fresh, first = np.unique(symbols[self._own[symbols] < 0], return_index=True)
        for symbol in fresh[np.argsort(first)].tolist():
            other = symbol == self.ahead.other
            own = self._alphabet.close() if other else self._alphabet.id(self.ahead.texts[symbol])
            self._own[symbol] = own
            self._alike &= own == symbol
        while self._known < len(self._own) and self._own[self._known] >= 0:
            self._known += 1

    def state(self) -> dict[str, Any]:
        """Return the symbols ahead and their ids here."""
        return {
            "symbols": list(self.ahead),
            "other": self.ahead.other,
            "ids": self._own[: len(self.ahead)].copy(),
            "apart": self.ahead is not self._alphabet,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state; both alphabets hold all their symbols again."""
        if self.ahead is self._alphabet:
            return
        self._own = np.asarray(state["ids"], np.int32)
        self._alike = bool((self._own == np.arange(len(self._own))).all())
        self._known = int((self._own < 0).argmax()) if (self._own < 0).any() else len(self._own)
