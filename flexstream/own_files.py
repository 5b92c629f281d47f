"""Files that FlexStream writes as JSON, known by their first bytes: what each is, and which command takes it."""

from __future__ import annotations

from codecs import BOM_UTF8
from pathlib import Path

from .patterns import late
from .tuples import NamedTuple


class OwnFile(NamedTuple):
    """A kind of file.

    Attributes
    ----------
    what : str
        In a few words.
    use : str
        What to do with it.
    command : str
        The one that takes it, with ``{}`` for its name.
    """

    what: str
    use: str
    command: str


_MODEL = "flexstream show takes it, score and alarm before a log, and diff beside another"
MODELS = frozenset({"pdfa", "ensemble", "fleet"})
"""The kinds that stand where a command asks for a model."""
OWN = {
    "pdfa": OwnFile("a model of FlexStream", _MODEL, "flexstream show {}"),
    "ensemble": OwnFile("a model of FlexStream", _MODEL, "flexstream show {}"),
    "fleet": OwnFile(
        "a fleet of models of FlexStream",
        "flexstream show and diff take it, and score and alarm before a log",
        "flexstream show {}",
    ),
    "accepted": OwnFile(
        "a list of alarms marked as false",
        "flexstream alarm --accepted takes it",
        "flexstream alarm MODEL LOG --accepted {}",
    ),
    "difference": OwnFile(
        "a comparison of models by flexstream diff",
        "the models were learned from it",
        "flexstream diff ONE OTHER, which says the same in words",
    ),
    "pac-plan": OwnFile(
        "a plan of flexstream pac plan", "flexstream learn --pac takes it", "flexstream learn LOG --pac {}"
    ),
    "pac-report": OwnFile(
        "a report of FlexStream",
        "the model it is on was learned from it",
        "flexstream pac report MODEL, which says the same in words",
    ),
    "frontier": OwnFile(
        "a table of sizes by learn --frontier",
        "flexstream view --frontier takes it",
        "flexstream view MODEL --frontier {}",
    ),
}
"""What FlexStream writes as JSON, by its ``format`` without the name in front."""
MARK = BOM_UTF8
"""What some editors put in front of UTF-8."""
LONGEST = 64
"""Bytes in which the format stands."""
_OWN = late(rb'\s*\{\s*"format":\s*"flexstream-([a-z-]+)"')


def kind_of(first: bytes) -> str | None:
    """Return the kind of a file by its first bytes; None where it is none of FlexStream's own.

    >>> kind_of(b'{"format": "flexstream-pdfa", "version": 1'), kind_of(b"load run")
    ('pdfa', None)
    """
    found = _OWN.match(first.removeprefix(MARK))
    kind = None if found is None else found[1].decode()
    return kind if kind in OWN else None


def kind_of_file(path: str | Path) -> str | None:
    """Return the kind of a file likewise; None also where it cannot be read, or is a pipe."""
    try:
        if not Path(path).is_file():
            return None
        with Path(path).open("rb") as file:
            return kind_of(file.read(len(MARK) + LONGEST))
    except (OSError, ValueError):
        return None
