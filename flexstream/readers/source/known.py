"""By what a source is known again of which a part was read before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from .offsets import Offsets
from .trail import Print

Known: TypeAlias = Print | Offsets


def known_of(state: Mapping[str, Any]) -> Known:
    """Return what the state of one says.

    >>> known_of({"partitions": [0, 1], "offsets": [7, 9], "head": []}).next
    {0: 7, 1: 9}
    """
    return Offsets.restored(state) if "partitions" in state else Print.restored(state)
