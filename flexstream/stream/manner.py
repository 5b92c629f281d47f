"""The manner in which a stream was read, as it stands in a model: a mapping of options, and which were guessed.

It travels with the batches, so that whoever learns from them knows it without being told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Manner: TypeAlias = Mapping[str, Any]
GUESSED = "guessed"
"""Key under which a manner lists the options that nobody gave but that were recognised in the data."""


def agreed(one: Manner | None, other: Manner | None) -> Manner | None:
    """Return what two manners have in common; None stands for a stream that was not read.

    Examples
    --------
    >>> agreed({"format": "csv", "idle": 60.0, "guessed": ["format"]}, {"format": "csv", "guessed": []})
    {'format': 'csv', 'guessed': ['format']}
    >>> agreed(None, {"format": "csv", "guessed": []})
    {'format': 'csv', 'guessed': []}
    """
    if other is None or other is one or other == one:
        return one
    if one is None:
        return other
    common = {name: value for name, value in one.items() if name != GUESSED and name in other and other[name] == value}
    return {**common, GUESSED: [name for name in common if name in one[GUESSED] or name in other[GUESSED]]}
