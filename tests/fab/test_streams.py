"""The same seed gives the same stream in every version."""

from __future__ import annotations

import json
from pathlib import Path

from .streams import digests


def test_streams_are_those_of_the_versions_before() -> None:
    before = json.loads(Path(__file__).with_name("streams.json").read_text())
    names = set()
    for name, digest in digests():
        assert digest == before[name], f"{name} is no longer what it was"
        names.add(name)
    assert names == before.keys()
