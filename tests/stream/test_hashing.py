"""Hashes of symbols."""

from __future__ import annotations

from flexstream.stream.hashing import symbol_code


def test_codes_of_symbols_never_change() -> None:
    """Counts of one run are added to those of another, so these numbers are for ever."""
    assert symbol_code("load", 0) == 6467867044561097494
    assert symbol_code("load", 1) == 2898302512470044860
    assert symbol_code("é", -1) == 1367987280016006050
    assert symbol_code("\ud800", 0) != symbol_code("?", 0)
