"""What this room hands out stays what it is."""

from __future__ import annotations

from ..values import check_values


def test_values_stay_what_they_are() -> None:
    check_values("automata")
