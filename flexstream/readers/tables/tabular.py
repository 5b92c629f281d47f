"""Table: rows that are in no text file, such as those of a frame, handed on as text that a format reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator


class Table:
    """Rows with named columns, written out piece by piece as they are read.

    So a table is recognised, cut, checked and judged as the same rows in a file are, by the same code.

    Parameters
    ----------
    name : str
        For messages.
    title : str
        What it is called: ``"table"``, ``"parquet"`` …
    form : {"csv", "jsonl"}
        How its rows are written: JSON where cells hold lists or objects.
    pieces : callable
        Returns the bytes from the start, whole rows at a time, in UTF-8.
    grows : bool
        Whether rows come as those of text do, so that it can be followed.

    Examples
    --------
    >>> table = Table("<rows>", "table", "csv", lambda: iter([b"case,event\\n", b"7,load\\n"]))
    >>> opened = table.opened()
    >>> opened.name, opened.read(100), opened.read(100), opened.read(100)
    ('<rows>', b'case,event\\n', b'7,load\\n', b'')
    """

    def __init__(
        self, name: str, title: str, form: str, pieces: Callable[[], Iterator[bytes]], grows: bool = False
    ) -> None:
        self.name, self.title, self.form, self.pieces, self.grows = name, title, form, pieces, grows

    def opened(self) -> OpenTable:
        """Return it as a binary file at its start."""
        return OpenTable(self.name, self.pieces())


class OpenTable:
    """A binary file of the pieces of a table; a read gives the next of them, whatever its size."""

    def __init__(self, name: str, pieces: Iterator[bytes]) -> None:
        self.name, self._pieces = name, pieces

    def read(self, size: int = -1, /) -> bytes:
        """Return the next piece, none at the end."""
        return next((piece for piece in self._pieces if piece), b"")
