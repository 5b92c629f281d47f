"""Models stay what they are: those of three streams, learned in every way, against the record of an earlier version.

Where a model is meant to change ``RULES`` of `flexstream.learning.journal_chain` is one more, ``python
benchmarks/quality/digests.py record tests/fixtures/digests.json`` renews the record, and the change log says so.
"""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

from flexstream.learning.journal_chain import RULES

ROOT = Path(__file__).resolve().parents[2]
STREAMS = ("pdfa 4", "events.csv", "lots.txt")
STABLE = ("states", "transitions", "model")
"""Scores rest on logarithms, whose last digit may differ from one C library to another."""


@pytest.mark.parametrize("name", STREAMS)
def test_models_are_those_of_the_record(name: str) -> None:
    known = json.loads((ROOT / "tests" / "fixtures" / "digests.json").read_text())
    found = runpy.run_path(str(ROOT / "benchmarks" / "quality" / "digests.py"))["measure"]([], [name])
    assert len(found) > 15
    assert {way: [one.get(part) for part in STABLE] for way, one in found.items()} == {
        way: [known[way].get(part) for part in STABLE] for way in found
    }


def test_the_record_is_of_these_rules() -> None:
    known = json.loads((ROOT / "tests" / "fixtures" / "digests.json").read_text())
    assert known["rules"] == RULES
