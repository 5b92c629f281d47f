"""Slow twins of the loops over bytes: regular expressions and the standard library."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence

from .registry import twin

Span = tuple[int, int]
Row = tuple[int, list[Span]]
LONGEST_CASE = 4096
_LINE_END = re.compile(rb"\r?\n|\Z")
_CELL = re.compile(rb'"([^"\n]*)"|([^",\r\n]*)')
_VALUE = re.compile(rb'"([^"\\\x00-\x1f]*)"|(true|null|false|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?![0-9]))')


@twin("tokens.split_lines")
def split_lines(text: bytes, leads: int = 0) -> list[list[bytes]]:
    """Return the words of each line; the first counts them, with two leading ones behind a label (0: left out)."""
    lines = text.split(b"\n")
    if not lines[-1]:
        del lines[-1]
    ended = text.endswith(b"\n")
    traces = []
    for number, line in enumerate(lines):
        closed = ended or number < len(lines) - 1
        words = re.split(rb"[ \t]+", line[:-1] if closed and line.endswith(b"\r") else line)
        words = [word for word in words if word]
        if leads == 0:
            traces.append(words)
        elif words and (leads == 1 or words[0] != b"0"):
            traces.append(words[leads:])
    return traces


@twin("tokens.look_up_all")
def numbered(words: Sequence[bytes], known: dict[bytes, int]) -> list[int]:
    """Number words in the order of first sight."""
    return [known.setdefault(word, len(known)) for word in words]


@twin("events.find_likely")
def likely(texts: Sequence[bytes], few: Sequence[bytes]) -> list[int]:
    """Return which texts are as long as one of a few, begin as one and end as one."""
    sizes, firsts, lasts = ({part(one) for one in few} for part in (len, lambda one: one[0], lambda one: one[-1]))
    return [row for row, text in enumerate(texts) if len(text) in sizes and text[0] in firsts and text[-1] in lasts]


@twin("events.split_rows")
def split_rows(text: bytes, width: int, filled: Sequence[int], wanted: Sequence[int]) -> tuple[list[Row], int, bool]:
    """Return where plain rows of CSV and their cells stand, up to the first that is not plain, and where that is.

    Plain rows have something in the columns that must be filled, and not too much in the first.  Blanks around cells
    are left out; the last value tells whether there were some around one that is wanted.
    """
    rows: list[Row] = []
    trimmed = False
    line = 0
    while line < len(text):
        position, cells = line, list[Span]()
        while True:
            cell = _CELL.match(text, position)
            assert cell is not None
            cells.append(cell.span(1) if cell[1] is not None else cell.span(2))
            position = cell.end()
            if text[position : position + 1] != b",":
                break
            position += 1
        end = _LINE_END.match(text, position)
        blank = position == line
        if end is None or (len(cells) != width and not blank):
            break
        if not blank and not _are_plain([text[slice(*cells[column])] for column in filled]):
            break
        if not blank:
            bare = [_bare(text, span) for span in cells]
            trimmed |= any(bare[column] != cells[column] for column in wanted)
            rows.append((line, bare))
        line = end.end()
    return rows, line, trimmed


def _bare(text: bytes, span: Span) -> Span:
    """Return where a cell stands without the blanks around it."""
    start, stop = span
    start += len(text[start:stop]) - len(text[start:stop].lstrip(b" \t"))
    return start, start + len(text[start:stop].rstrip(b" \t"))


def _are_plain(texts: Sequence[bytes]) -> bool:
    """Whether texts, of which the first is a case, are no blanks, and that is not too long."""
    return all(text.strip() for text in texts) and len(texts[0]) <= LONGEST_CASE


@twin("events.split_objects")
def split_objects(text: bytes, literals: Sequence[bytes], wanted: Sequence[int]) -> tuple[list[Row], int]:
    """Return where the values stand in each line that has these texts around them, up to the first that has not."""
    rows: list[Row] = []
    line = 0
    while line < len(text):
        position, values = line, list[Span]()
        for number, literal in enumerate(literals):
            if not text.startswith(literal, position):
                return rows, line
            position += len(literal)
            if number == len(literals) - 1:
                break
            value = _VALUE.match(text, position)
            if value is None or (number in wanted and value[2] == b"null"):
                return rows, line
            values.append(value.span(1) if value[1] is not None else value.span(2))
            position = value.end()
        end = _LINE_END.match(text, position)
        if end is None or not _are_plain([text[slice(*values[number])] for number in wanted]):
            return rows, line
        rows.append((line, values))
        line = end.end()
    return rows, line


@twin("xml.split_traces")
def split_log(text: str, case: str, keys: Sequence[str]) -> list[tuple[str | None, list[str]]]:
    """Return name and symbols of each trace of a log in XML, whose elements have no prefixes."""
    traces = []
    for trace in ET.fromstring(text).findall("trace"):
        names = [inner.get("value") for inner in trace if inner.tag != "event" and inner.get("key") == case]
        events = [{inner.get("key"): inner.get("value", "") for inner in event} for event in trace.findall("event")]
        whole = [[event[key] for key in keys] for event in events if set(keys) <= set(event)]
        symbols = ["+".join(values) for values in whole if "".join(values).strip()]
        traces.append((names[-1] if names else None, symbols))
    return traces
