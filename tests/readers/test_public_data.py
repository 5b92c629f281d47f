"""Public data that are not part of the project: read as they are, without options."""

from __future__ import annotations

import csv

import pytest

FILES = [
    ("hdfs/sessions_normal.txt", "lines", 4855, 95125, 14),
    ("hdfs/sessions_labelled.csv", "csv", 2000, 36595, 26),
    ("logs/helpdesk.xes.gz", "xes", 4580, 21348, 14),
    ("logs/receipt.xes.gz", "xes", 1434, 8577, 27),
    ("logs/running-example.xes", "xes", 6, 42, 8),
    ("logs/a12_noise00.xes.gz", "xes", 1000, 6186, 12),
    ("logs/production.csv", "csv", 225, 4503, 24),
    ("pautomac/2.pautomac.train", "pautomac", 20000, 164993, 18),
    ("pautomac/24.pautomac.test", "pautomac", 1000, None, 5),
]


@pytest.mark.parametrize("expected", FILES, ids=[row[0] for row in FILES])
def test_counts(read, data, expected):
    file, name, traces, events, symbols = expected
    reading = read(data / file)
    assert reading.error is None
    assert f": format {name} (guessed" in reading.told.notes[0]
    assert len(reading.traces) == traces
    assert events in {None, reading.told.stats.events}
    assert len({symbol for trace in reading.traces for symbol in trace}) == symbols


def test_templates_group_log_lines_as_people_do(read, data):
    reading = read(data / "logs/openstack_2k.log")
    mine = [symbol for trace in reading.traces for symbol in trace]
    with (data / "logs/openstack_2k_structured.csv").open(newline="") as file:
        theirs = [row["EventId"] for row in csv.DictReader(file)]
    pairs = set(zip(mine, theirs, strict=True))
    agreed = [
        len({b for a, b in pairs if a == x}) == 1 and len({a for a, b in pairs if b == y}) == 1
        for x, y in zip(mine, theirs, strict=True)
    ]
    assert sum(agreed) / len(agreed) > 0.95
