"""Files that FlexStream writes as JSON, known by their first bytes: what each is, and which command takes it."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from pathlib import Path

from .arguments import written
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


class Sought(NamedTuple):
    """What a file has to be that a command or a function was given.

    Attributes
    ----------
    kinds : frozenset of str
        Of `OWN`.
    called : str
        As in "not a FlexStream model".
    short : str
        As in "expected: a model file".
    itself : str
        As in "is packed (expected: the model itself".
    source : str
        What writes it.
    """

    kinds: frozenset[str]
    called: str
    short: str
    itself: str
    source: str


MODEL = Sought(
    MODELS,
    "a FlexStream model",
    "a model file",
    "the model itself",
    "a model, as flexstream learn LOG -o MODEL writes it",
)
FRONTIER = Sought(
    frozenset({"frontier"}),
    "a frontier of FlexStream",
    "a frontier",
    "the frontier itself",
    "a frontier, as flexstream learn LOG --frontier F.json writes it",
)
PLAN = Sought(
    frozenset({"pac-plan"}),
    "a plan of FlexStream",
    "a plan",
    "the plan itself",
    "a plan, as flexstream pac plan -o PLAN.json writes it",
)
_SHOWN = 40
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


_PAGE = late(rb'<meta name="generator" content="flexstream ([a-z]+)">')
_CARD = b"# The MiniFab as time series\n"
_HEAD = 512


def maker_of_file(path: str | Path) -> str | None:
    """Return which command has written a page, its folder, or the card of a series; None where none is known to have.

    So what has a name by default is replaced by what is of its kind alone.
    """
    try:
        place = Path(path) / "index.html" if Path(path).is_dir() else Path(path)
        with place.open("rb") as file:
            first = file.read(_HEAD)
    except (OSError, ValueError):
        return None
    found = _PAGE.search(first)
    return found[1].decode() if found else "simulate" if first.startswith(_CARD) else None


def another(text: str, sought: Sought) -> str | None:
    """Say what a file is that is not what was sought, and no damaged one; None where what is wrong is known better.

    >>> print(another("states  bits", FRONTIER).partition(" (")[0])
    not a frontier of FlexStream, but a text that begins 'states  bits'
    """
    begun = text.lstrip()
    kind = kind_of(begun[:LONGEST].encode())
    if kind is not None and kind not in sought.kinds:
        return f"is {OWN[kind].what} (expected: {sought.source})"
    if begun and not begun.startswith(("{", "[")):
        first = written(begun.splitlines()[0][:_SHOWN])
        return f"not {sought.called}, but a text that begins {first} (expected: {sought.source})"
    try:
        lines = begun.splitlines()
        rows = len(lines) > 1 and all(isinstance(json.loads(line), dict | list) for line in lines[:2])
    except (ValueError, RecursionError):
        rows = False
    return f"not {sought.called}, but rows of JSON (expected: {sought.source})" if rows else None
