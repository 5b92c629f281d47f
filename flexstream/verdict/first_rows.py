"""The first rows of a source once more: its columns, or its lines with the messages in them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..readers.formats import FORMATS
from ..readers.parsing.fields import parts
from ..readers.parsing.profile import Profile, profile
from ..readers.parsing.table_top import find_top
from ..readers.reading import Reading
from ..readers.user_pattern import found_in

MOST_ROWS = 2000
"""Rows that are looked at."""


@dataclass(frozen=True, slots=True)
class FirstRows:
    """What the first rows hold.

    Attributes
    ----------
    lines : list of str
        The lines of a log, none of them blank; empty for rows with columns.
    profile : Profile or None
        The columns, or groups of a pattern; None for a log without one.
    """

    lines: list[str]
    profile: Profile | None

    def symbols(self, events: Sequence[str]) -> list[str]:
        """Return the symbol of each row: what its columns hold, or the template of its message."""
        if self.profile is None:
            from ..readers.parsing.templates import message, template  # whose patterns are compiled then

            return [template(message(line)) for line in self.lines]
        return self.profile.joined(events)


def first_rows(reading: Reading, format: str | None = None, most: int = MOST_ROWS) -> FirstRows | None:
    """Return the first rows of a reading's first source; None where its format has neither columns nor messages.

    Parameters
    ----------
    reading : Reading
        At its end.
    format : str, optional
        Where the reading did not come so far as to say.
    most : int
        Rows that are looked at.
    """
    format = reading.format or format
    text, options = reading.sample.decode("utf-8", "replace"), reading.options
    lines = [line for line in text.splitlines() if line.strip()]
    if format == "csv":
        return FirstRows([], _of_csv(lines, options.delimiter, reading.columns.values(), most))
    objects = None if format is None else FORMATS[format].objects
    if objects is not None:
        from ..readers.parsing.objects import as_table  # which is loaded where objects were read

        return FirstRows([], profile(*as_table(objects(lines[:most])), most))
    if format == "log":
        return FirstRows(lines[:most], None if options.pattern is None else _of_groups(lines, options.pattern, most))
    return None


def first_bytes(reading: Reading) -> bytes:
    """Return the header and the first rows of a reading's first source as they stand there, to be read otherwise."""
    return b"".join(reading.sample.splitlines(keepends=True)[: 1 + MOST_ROWS])


def _of_csv(lines: list[str], delimiter: str | None, known: Iterable[str | None], most: int) -> Profile:
    """Return the profile of the rows below a header."""
    named = [name for name in known if name]
    top = find_top(lines or [""], tuple(named), delimiter).widened(lines[: 1 + most])
    rows = top.rows(lines, len(top.names))
    if all(name in top.names for joined in named for name in parts(joined, top.names)):
        return profile(top.names, rows, most)
    from ..readers.parsing.object_cells import columns_of_objects, with_objects
    from ..readers.parsing.objects import as_table  # both loaded where cells that hold objects were read

    taken = list(rows)[:most]
    columns = columns_of_objects(top.names, taken)
    return profile(*as_table(with_objects(top.names, columns, row) for row in taken), most)


def _of_groups(lines: list[str], pattern: str, most: int) -> Profile:
    """Return the profile of what the groups of a pattern match, and of the times that lines have beside them."""
    names = list(re.compile(pattern).groupindex)
    matched = list(itertools.islice(found_in(pattern, lines), most))
    rows = [[found[name] or "" for name in names] for found in matched]
    if "time" not in names:
        from ..readers.parsing.line_times import line_times, naming  # whose patterns are compiled then

        taken = {name: [found[name] or "" for found in matched] for name in naming(names)}
        times = line_times([found.string for found in matched], taken)
        if any(times):
            names, rows = [*names, "time"], [[*row, time] for row, time in zip(rows, times, strict=True)]
    return profile(names, rows, most)
