"""Traces of a log in the order in which its cases start, read as ``flexstream learn FILE`` reads them."""

from __future__ import annotations

import csv
import gzip
import math
from pathlib import Path
from typing import TextIO

from flexstream import Alphabet, ReadOptions
from flexstream.readers.parsing.times import Clock
from flexstream.readers.reading import Reading

Traces = list[list[str]]


def by_start(path: Path) -> Traces:
    """Return the traces of a log ordered by their first event; where nothing tells their times they stay as they are.

    Traces of XES come in that order; CSV is read a second time for the times, which traces do not have.
    """
    alphabet, names, traces, columns = Alphabet(), list[str](), Traces(), {}
    for batch in Reading(str(path), alphabet, ReadOptions()):
        names += batch.names or [""] * len(batch)
        traces += [[alphabet.texts[symbol] for symbol in trace.tolist()] for trace in batch]
        columns = dict(batch.manner or {})
    if columns.get("format") != "csv" or not columns.get("time"):
        return traces
    starts = _starts(path, columns["case"], columns["time"])
    order = sorted(range(len(traces)), key=lambda number: (starts[names[number]], number))
    return [traces[number] for number in order]


def _opened(path: Path) -> TextIO:
    return gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")


def _starts(path: Path, case: str, time: str) -> dict[str, float]:
    clock, starts = Clock(), dict[str, float]()
    with _opened(path) as file:
        for row in csv.DictReader(file):
            moment = clock.seconds(row[time])
            starts[row[case]] = min(starts.get(row[case], math.inf), math.inf if moment is None else moment)
    return starts
