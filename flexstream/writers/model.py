"""The model file as an output format: everything, to be read again."""

from __future__ import annotations

from ..automata.pdfa import PDFA
from ..errors import UsageError
from .view import ViewOptions
from .writer import Writer


def json(automaton: PDFA, options: ViewOptions) -> str:
    """Return the text of the model file.

    Raises
    ------
    UsageError
        If something is to be left out: the rest would be a different automaton.
    """
    if options.hides:
        raise UsageError("a model file holds the whole automaton: leave out the options that hide parts of it")
    return automaton.to_json()


JSON = Writer(json, (".json",))
