"""The names of files on the command line, and what can be known of them before the work begins."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from .console import say


class FileName(click.ParamType):
    """A path or ``-``; an empty one, as a variable leaves it that nobody has set, is refused."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the name if there is one."""
        if not value:
            self.fail("an empty name (expected: a file, or -)", param, ctx)
        return value


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


def check_sources(sources: Iterable[str], skips: bool) -> None:
    """Find out before anything is read which source is not there, unless those are to be left out.

    Of a single one, or the first, it shows at once anyway; behind others it would show an hour later.
    """
    from flexstream.errors import DataError
    from flexstream.files import is_topic, not_there

    for path in () if skips else sources:
        if path != "-" and not is_topic(path) and not os.path.lexists(path):
            raise DataError(path, None, *not_there(path))


def _identity(path: str) -> tuple[int, int] | None:
    """Return what tells a regular file from all others, under whatever name; None for anything else."""
    try:
        status = os.fstat(sys.stdin.fileno()) if path == "-" else Path(path).stat()
    except (AttributeError, OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else None
