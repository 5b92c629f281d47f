"""Batches that are made and not yet handed out, as documents for the state of a reading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..stream.batch import TraceBatch


def document_of(batch: TraceBatch) -> dict[str, Any]:
    """Return a batch as a document; its position is that of the reading."""
    return {
        "symbols": batch.symbols,
        "offsets": batch.offsets,
        "names": batch.names,
        "closed_early": batch.closed_early,
        "durations": batch.durations,
        **({} if batch.members is None else {"members": list(batch.members)}),
    }


def batch_of(document: Mapping[str, Any]) -> TraceBatch:
    """Return the batch of a document.

    >>> from ..stream.alphabet import Alphabet
    >>> batch_of(document_of(TraceBatch.from_traces([["a"], []], Alphabet()))).offsets
    array([0, 1, 1])
    """
    symbols, offsets = np.array(document["symbols"], np.int32), np.array(document["offsets"], np.int64)
    given = document.get("durations")
    spans = None if given is None else np.array(given, np.int16)
    early, members = document["closed_early"], document.get("members")
    return TraceBatch(symbols, offsets, document["names"], early, durations=spans, members=members)
