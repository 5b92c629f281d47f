"""Input formats: from bytes to batches of traces.

    source/ -> parsing/ -> formats/ -> sessions/ -> TraceBatch

`read_batches` puts them together; a file of ``formats/`` is all that a new format needs.
"""

from __future__ import annotations

from .batches import read_batches
from .diagnostics import Diagnostics, ReadStats
from .formats import FORMATS, guess
from .items import Event, Trace
from .options import ReadOptions
from .parsing.context import ReadContext
from .reading import Reading
from .sessions.assembler import Assembler, assemble
from .source.text import Head, Source
from .walk import read_items

__all__ = [
    "FORMATS",
    "Assembler",
    "Diagnostics",
    "Event",
    "Head",
    "ReadContext",
    "ReadOptions",
    "ReadStats",
    "Reading",
    "Source",
    "Trace",
    "assemble",
    "guess",
    "read_batches",
    "read_items",
]
