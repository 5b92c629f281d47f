"""Journals of systemd as ``journalctl -o verbose`` writes them: a line with time and cursor, then a field a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from .from_journal import LONGEST, MOST_FIELDS, entry_too_long
from .tabular import Table

_HEAD = re.compile(
    r"[^\s\d\[]{2,8} (?P<at>\d{4}-\d\d-\d\d [\d:.]+)[^\[]{1,40}"
    r"\[s=[0-9a-f]+;i=[^\];]*(?:;[a-su-z]=\w*)*(?:;t=(?P<time>\w+))?"
)
_FIELD = re.compile(r" {4}(?P<name>[A-Z0-9_]+)=(?P<value>.*)", re.DOTALL)
_MOST = 1 << 20
"""Characters of the longest message."""


def of_verbose(name: str, chunks: Iterator[bytes]) -> Table:
    """Return the entries of a journal as rows, each an object as ``journalctl -o json`` writes it.

    Parameters
    ----------
    name : str
        Of the source, for errors.
    chunks : iterator of bytes
        All of it, as they arrive.

    Examples
    --------
    >>> text = b"Sun 2026-03-01 10:00:00.5 UTC [s=a1;i=1;t=64bf5]\\n    _PID=7\\n    MESSAGE=a\\n            b\\n"
    >>> list(of_verbose("a", iter([text])).pieces())
    [b'{"__REALTIME_TIMESTAMP": "412661", "_PID": "7", "MESSAGE": "a\\\\nb"}\\n']
    """
    return Table(name, "journal", "jsonl", lambda: _pieces(name, chunks), grows=True)


def _pieces(name: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the entries that end in each chunk, as the next one begins, and the last."""
    held, fields, last, number, size = b"", dict[str, str](), "", 0, 0
    for chunk in chunks:
        *lines, held = (held + chunk).split(b"\n")
        found = []
        for line in lines:
            text = line.decode("utf-8", "replace").removesuffix("\r")
            if (head := _HEAD.match(text)) is not None:
                found.append(_entry(fields))
                fields, last, number, size = {"__REALTIME_TIMESTAMP": _moment(head)}, "", number + 1, 0
            elif (field := _FIELD.fullmatch(text)) is not None and fields:
                last, size = field["name"], size + len(line)
                fields[last] = field["value"]
            elif last and text.startswith("     ") and len(fields[last]) < _MOST:
                fields[last] += "\n" + text.lstrip()
            if len(fields) > MOST_FIELDS or size > LONGEST:
                raise entry_too_long(name, number)
        if len(held) > LONGEST:
            raise entry_too_long(name, number)
        if any(found):
            yield b"".join(found)
    if (rest := _FIELD.fullmatch(held.decode("utf-8", "replace"))) is not None and fields:
        fields[rest["name"]] = rest["value"]
    if entry := _entry(fields):
        yield entry


def _moment(head: re.Match[str]) -> str:
    """Return the time of an entry: microseconds as its cursor has them, in a zone that nobody has to know."""
    try:
        return str(int(head["time"] or "", 16))
    except ValueError:
        return head["at"]


def _entry(fields: dict[str, str]) -> bytes:
    return f"{json.dumps(fields, ensure_ascii=False)}\n".encode() if fields else b""
