"""The names of files on the command line, and what can be known of them before the work begins."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .console import say

if TYPE_CHECKING:
    from flexstream.errors import DataError


class FileName(click.ParamType):
    """A path or ``-``; an empty one, as a variable leaves it that nobody has set, is refused."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the name if there is one."""
        if not value:
            self.fail("an empty name (expected: a file, or -)", param, ctx)
        return value


class Written(FileName):
    """The name of a file to write, refused where its ending promises something else than will be in it.

    Parameters
    ----------
    what : str
        What is written, as in "a plan is written as JSON".
    own : tuple of str
        Endings of what it is written as.
    expected : str
        What to do instead.
    """

    def __init__(self, what: str, own: tuple[str, ...] = (), expected: str = "") -> None:
        self.what, self.own, self.expected = what, own, expected

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the name if it fits."""
        from flexstream.endings import check_ending

        return check_ending(super().convert(value, param, ctx), self.what, self.own, self.expected)


MODEL = Written("a model is written as JSON", expected="a name in .json; flexstream export and --svg draw")
SUMMARY = Written("a summary is written in a form of its own")
DOT = Written("a DOT file is written as text", (".dot", ".gv"), "a name in .dot or .gv; --svg draws")
REPORT = Written("a report is written as a page, JSON or text", (".html", ".htm"), "a name in .html, .json or .txt")
SIZES = Written("sizes are written as JSON, a picture or a table", (".svg",), "a name in .json, .svg or .txt")
PAGE = Written("a page is written as HTML", (".html", ".htm"), "a name in .html; flexstream export draws pictures")
PLAN = Written("a plan is written as JSON", expected="a name in .json")
PLOT = Written("a plot is drawn as SVG", (".svg",), "a name in .svg")
DIFFERENCE = Written("a difference is written as JSON", expected="a name in .json; --svg draws")
COUNTS = Written("counts are written as OpenMetrics text")
TRACES = Written("traces are written as text")


def check_outputs(outputs: Iterable[str | None], inputs: Iterable[str]) -> None:
    """Find out before anything is read what would fail, or destroy an input, when it is written."""
    from flexstream.errors import DataError, UsageError
    from flexstream.files import check_writable, leads_away

    paths = [path for path in outputs if path]
    if paths.count("-") > 1:
        raise UsageError("only one output can go to stdout (-)")
    if "-" in paths and sys.stdout is None:
        raise DataError("<stdout>", None, "is closed", "an open stdout")
    files = [path for path in paths if path != "-"]
    names = [os.path.realpath(path) for path in files]
    read = set(map(_identity, inputs)) - {None}
    for number, path in enumerate(files):
        if names[number] in names[:number]:
            raise UsageError(f"{path} is given for two outputs (expected: a file for each)")
        if _identity(path) in read:
            raise UsageError(f"{path} is an input and an output (expected: another file to write)")
        check_writable(path)
        if (away := leads_away(path)) is not None:
            say(f"{path} is a link: {away} is written")


def check_default(path: str | Path, command: str, way: str) -> None:
    """Refuse to write over a file, or into a folder, under a name that nobody gave, but for this command's of before.

    Parameters
    ----------
    path : str or Path
        The name by default; a folder without anything in it is as good as none.
    command : str
        The first word of the command, as `maker_of_file` finds it.
    way : str
        How another name is given, or this one if it is meant.
    """
    from flexstream.errors import UsageError
    from flexstream.own_files import maker_of_file

    empty = os.path.lexists(path) and Path(path).is_dir() and not any(Path(path).iterdir())
    if os.path.lexists(path) and not empty and maker_of_file(path) != command:
        raise UsageError(f"{path} is there, and flexstream {command} has not written it (expected: {way})")


def check_sources(sources: Iterable[str], skips: bool) -> None:
    """Find out before anything is read which source is not there, unless those are to be left out.

    Of a single one, or the first, it shows at once anyway; behind others it would show an hour later.
    """
    from flexstream.errors import DataError
    from flexstream.files import is_topic, not_there

    for path in () if skips else sources:
        if path != "-" and not is_topic(path) and not os.path.lexists(path):
            raise DataError(path, None, *not_there(path))


def each_once(_: click.Context, __: click.Parameter, sources: tuple[str, ...]) -> tuple[str, ...]:
    """Return sources without files that are given twice, by whatever name, which is said: each event happened once.

    What is given last stays the last, as it may be followed.
    """
    names: dict[object, str] = {}
    for path in [*sources[-1:], *sources[:-1]]:
        same = _identity(path) or object()
        if same in names:
            told = "is given twice" if names[same] == path else f"is the same as {names[same]}"
            say(f"{path} {told}; it is read once")
        names.setdefault(same, path)
    last, *others = [*names.values()] or [""]
    return (*others, last) if sources else ()


def called(sources: Iterable[str]) -> str:
    """Return what messages call some sources, as the readers do.

    >>> called(["monday.csv", "-"])
    'monday.csv, <stdin>'
    """
    return ", ".join("<stdin>" if source == "-" else source for source in sources)


def no_trace(sources: Iterable[str], so: str = "") -> DataError:
    """Return the error that no trace came from some sources, with what that means where it is said."""
    from flexstream.errors import DataError

    return DataError(called(sources), None, f"no trace came{so}", "at least one trace or event")


def stdin_mode() -> int | None:
    """Return the mode of what stdin reads, as of `os.stat`; None if there is none, it is closed, or a test's."""
    try:
        return os.fstat(sys.stdin.fileno()).st_mode
    except (AttributeError, OSError, ValueError):
        return None


def _identity(path: str) -> tuple[int, int] | None:
    """Return what tells a regular file or a folder from all others, under whatever name; None for anything else."""
    try:
        status = os.fstat(sys.stdin.fileno()) if path == "-" else Path(path).stat()
    except (AttributeError, OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode) else None
