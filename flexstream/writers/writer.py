"""What an output format is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..automata.pdfa import PDFA
from .view import ViewOptions


@dataclass(frozen=True, slots=True)
class Writer:
    """An output format.

    Attributes
    ----------
    write : callable
        Returns an automaton as the content of a file.
    endings : tuple of str
        Of the file names, lower case; where several fit a name the longest counts.
    binary : bool
        Whether the content is bytes, not fit for a terminal.
    times : bool
        Whether it can show how long transitions take.
    """

    write: Callable[[PDFA, ViewOptions], str | bytes]
    endings: tuple[str, ...]
    binary: bool = False
    times: bool = False
