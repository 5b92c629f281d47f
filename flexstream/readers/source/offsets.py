"""Offsets: by what a topic is read on of which a part was read before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...tuples import NamedTuple


class Offsets(NamedTuple):
    """Up to where a topic was read, by which it is read on.

    Attributes
    ----------
    next : dict of int to int
        Offset of the next message of each partition.
    head : bytes
        The first lines that were read, with the header of formats that have one.
    """

    next: dict[int, int]
    head: bytes

    def state(self) -> dict[str, Any]:
        """Return a document of numbers and bytes."""
        head = np.frombuffer(self.head, np.uint8)
        return {"partitions": list(self.next), "offsets": list(self.next.values()), "head": head}

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> Offsets:
        """Return the offsets of a document."""
        pairs = zip(state["partitions"], state["offsets"], strict=True)
        found = {int(partition): int(offset) for partition, offset in pairs}
        if found and min(*found, *found.values()) < 0:
            raise ValueError("negative offsets")
        return cls(found, np.asarray(state["head"], np.uint8).tobytes())
