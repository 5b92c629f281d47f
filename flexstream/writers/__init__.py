"""Output formats: from an automaton to a file's content.

A format is a function ``name(automaton, options)`` that returns the whole content of a file:

- it returns ``str`` or ``bytes``, prints nothing, and gives the same content for the same automaton (a PDF
  alone carries the date);
- symbols are data: they appear only escaped, never as ids (those are q0, q1, …);
- what to show it takes from `View`, so that every format hides the same things, by default nothing; pictures show by
  default what can be read, and take it from `View.picture`, by way of :mod:`flexstream.writers.figure`;
- if it cannot do what the options ask, or a program is missing, it raises a `FlexStreamError` of one line;
- packages that are slow to import are imported inside the function.

To add a format, add its file, with a constant that is a :class:`~flexstream.writers.writer.Writer`, and one line in
`WRITERS`.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..arguments import expect, fitting_path
from ..errors import UsageError, parameter
from ..registry import Registry

if TYPE_CHECKING:
    from ..automata.pdfa import PDFA
    from .view import View
    from .view_options import ViewOptions
    from .writer import Writer

__all__ = ["WRITERS", "View", "ViewOptions", "Writer", "format_of", "write"]
_HOMES = {"View": "view", "ViewOptions": "view_options", "Writer": "writer"}


def __getattr__(name: str) -> Any:
    """Import a class when it is first asked for: labels are made here for messages as well, which write nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)


WRITERS: Registry[Writer] = Registry(
    __name__,
    "output format",
    {
        "json": "model.JSON",
        "dot": "dot.DOT",
        "svg": "picture.SVG",
        "png": "picture.PNG",
        "pdf": "picture.PDF",
        "graphml": "graph.GRAPHML",
        "node-link": "graph.NODE_LINK",
        "prism": "prism.PRISM",
        "mermaid": "mermaid.MERMAID",
    },
)
"""The formats by name."""


def write(automaton: PDFA, format: str, options: ViewOptions | None = None) -> str | bytes:
    """Return an automaton as the content of a file.

    Parameters
    ----------
    automaton : PDFA
        What to write.
    format : str
        A key of `WRITERS`.
    options : ViewOptions, optional
        What to leave out; by default nothing, of pictures what cannot be read, see
        :mod:`flexstream.writers.choice`.

    Returns
    -------
    str or bytes
        Bytes exactly where ``WRITERS[format].binary``.

    Raises
    ------
    UsageError
        If there is no such format, or it cannot leave anything out, or be drawn as asked, and should.
    WrongTypeError
        If it is no automaton.
    MissingProgramError
        For pictures, if Graphviz is not installed.

    Examples
    --------
    >>> from flexstream import PDFA
    >>> coin = PDFA(["head", "tail"], [9], [1], [0, 2], [0, 1], [0, 0], [5, 3])
    >>> print(write(coin, "prism").splitlines()[-5])
    label "end" = q=1;
    """
    from ..automata.pdfa import PDFA
    from .view_options import ViewOptions

    expect("automaton", automaton, PDFA)
    writer, options = WRITERS[format], options or ViewOptions()
    if options.looks and not writer.times:
        told = parameter(options.looks[0])
        raise UsageError(f"{told} has no effect on {format} (expected: a picture, such as svg, dot or mermaid)")
    return writer.write(automaton, options)


def format_of(path: str | Path) -> str:
    """Return the format that a file name's ending stands for.

    Raises
    ------
    UsageError
        If the ending is none of the known ones.

    Examples
    --------
    >>> format_of("line.svg"), format_of("out/model.node-link.json"), format_of("model.json")
    ('svg', 'node-link', 'json')
    """
    name = fitting_path(path).name.lower()
    fitting = [
        (len(ending), format)
        for format, writer in WRITERS.items()
        for ending in writer.endings
        if name.endswith(ending)
    ]
    if fitting:
        return max(fitting)[1]
    known = ", ".join(ending for writer in WRITERS.values() for ending in writer.endings)
    raise UsageError(f"{path}: the ending names no output format (known: {known})")
