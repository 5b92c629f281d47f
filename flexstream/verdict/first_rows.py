"""The first rows of a source once more: its columns, or its lines with the messages in them."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

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
        columns = [self.profile.cells[name] for name in events]
        return columns[0] if len(columns) == 1 else list(map("+".join, zip(*columns, strict=True)))


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
        return FirstRows([], _of_objects(lines))
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


def _of_objects(lines: list[str]) -> Profile:
    """Return the profile of objects, one a line; what is no object is left out, and so are values that are no words."""
    objects = []
    for line in lines:
        with suppress(ValueError, RecursionError):
            value = json.loads(line, parse_int=str, parse_float=str, parse_constant=str)
            if isinstance(value, dict):
                objects.append({name: _word(inner) for name, inner in value.items()})
    names = list(dict.fromkeys(name for one in objects for name in one))
    return profile(names, [[one.get(name, "") for name in names] for one in objects], MOST)


def _word(value: Any) -> str:
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else ""
