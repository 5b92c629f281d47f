"""Fields of a log of W3C's form, or of Zeek's, that are named anew in its middle, as where a server was set up anew."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ...errors import DataError, parameter
from ..diagnostics import shown
from .fields import told_names

_BASE = 1 << 16
"""Above the number of columns."""


class FieldsAgain:
    """Puts the cells of rows under the names that came first.

    Parameters
    ----------
    names : sequence of str
        The fields that came first.
    state : int
        What `state` was at a place from which is read on; 0 at the beginning.

    Examples
    --------
    >>> fields = FieldsAgain(["ip", "what"])
    >>> fields.change(["what", "status", "ip"], {"ip", "what"}, "u_ex.log", 9)
    True
    >>> fields.width, fields.in_order(["/a", "200", "10.0.0.7"]), FieldsAgain(["ip", "what"], fields.state).width
    (3, ['10.0.0.7', '/a'], 3)
    """

    def __init__(self, names: Sequence[str], state: int = 0) -> None:
        self._names, self._now = list(names), list(names)
        self.width = len(names)
        self._places: list[int] | None = None
        if state:
            state, self.width = divmod(state, _BASE)
            places = [state // _BASE**place % _BASE - 1 for place in range(len(names))]
            self._places = [place if place < self.width else -1 for place in places]
            self._now = []

    @property
    def changed(self) -> bool:
        """Whether rows have other fields than the first, or others in another order."""
        return self._places is not None

    @property
    def state(self) -> int:
        """The fields of the rows as a number, 0 for the first ones."""
        if self._places is None:
            return 0
        return self.width + _BASE * sum((at + 1) * _BASE**place for place, at in enumerate(self._places))

    def change(self, names: Sequence[str], needed: Collection[str], source: str, line: int) -> bool:
        """Let rows have these fields from here on; return whether they had others.

        Raises
        ------
        DataError
            If one that is needed is not among them.
        """
        if list(names) == self._now:
            return False
        for name in needed:
            if name not in names:
                expected = f"{told_names(names)}; another can be named, as with {parameter('event')}"
                raise DataError(source, line, f"the fields change here, and none is {shown(name)} any more", expected)
        same = list(names) == self._names
        self._now, self.width = list(names), len(names)
        self._places = None if same else [names.index(name) if name in names else -1 for name in self._names]
        return True

    def in_order(self, row: list[str]) -> list[str]:
        """Return the cells of a row as the first fields have them; blank is what is missing."""
        return row if self._places is None else [row[place] if place >= 0 else "" for place in self._places]
