"""The first rows of a source once more: its columns, or its lines with the messages in them."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from ..readers.parsing.profile import Profile, profile
from ..readers.parsing.table_top import sniff
from ..readers.reading import Reading

MOST = 2000
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


def first_rows(reading: Reading, format: str | None = None) -> FirstRows | None:
    """Return the first rows of a reading's first source; None where its format has neither columns nor messages.

    Parameters
    ----------
    reading : Reading
        At its end.
    format : str, optional
        Where the reading did not come so far as to say.
    """
    format = reading.format or format
    text, options = reading.sample.decode("utf-8", "replace"), reading.options
    lines = [line for line in text.splitlines() if line.strip()]
    if format == "csv":
        return FirstRows([], _of_csv(lines, options.delimiter, set(reading.columns.values())))
    if format == "jsonl":
        from ..readers.formats.jsonl import as_rows  # which is loaded where objects were read

        return FirstRows([], profile(*as_rows(lines), MOST))
    if format == "log":
        return FirstRows(lines[:MOST], None if options.pattern is None else _of_groups(lines, options.pattern))
    return None


def _of_csv(lines: list[str], delimiter: str | None, known: set[str]) -> Profile:
    """Return the profile of rows below a header, which is the first line that has the known columns."""
    names: list[str] = []
    rows: list[list[str]] = []
    for place, line in enumerate(lines):
        mark = delimiter or sniff(line)
        names = [name.strip() for name in next(csv.reader([line], delimiter=mark), [])]
        if known <= set(names):
            with suppress(csv.Error):
                rows += (row for row in csv.reader(lines[place + 1 :], delimiter=mark) if len(row) == len(names))
            break
    return profile(names, rows, MOST)


def _of_groups(lines: list[str], pattern: str) -> Profile:
    """Return the profile of what the groups of a pattern match."""
    search = re.compile(pattern).search
    names = list(re.compile(pattern).groupindex)
    return profile(names, [[found[name] or "" for name in names] for found in map(search, lines) if found], MOST)
