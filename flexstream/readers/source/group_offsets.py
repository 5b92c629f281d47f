"""Spans: what is done of a partition whose readers change, as an offset of its group and the text beside it.

The offset is that of the oldest message which whoever reads the partition next has to read; the text names those behind
it that are done all the same, as one of a case that ended is while an older case is open.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from ...classes import dataclass

MOST_BYTES = 4000
"""Bytes of the text, of which brokers keep 4096 unless they are told otherwise (offset.metadata.max.bytes)."""
MOST_OPEN = 1 << 20
"""Messages that a text may name, however well they compress."""
SIGN = "flexstream-1"
NONE = np.empty(0, np.int64)
_MARK = re.compile(r"([0-9a-z]{1,16})=([0-9a-f]{1,12})")


class CrowdedError(ValueError):
    """More messages are open than a commit can name."""


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """What is done of a partition: all messages before ``end`` but those that are open.

    Attributes
    ----------
    end : int
        Offset behind the last message that was read.
    open : int64 array
        Offsets before it of messages that are to be read once more, the oldest first.
    marks : dict of str to int
        Number of the last checkpoint of each member that is in it.

    Examples
    --------
    >>> span = Span(90, np.array([7, 8, 40]), {"3f": 12})
    >>> span.begin, [span.holds(offset) for offset in (7, 9, 40, 90)]
    (7, [True, False, True, True])
    >>> read(*written(span))
    Span(end=90, open=array([ 7,  8, 40]), marks={'3f': 12})
    """

    end: int
    open: NDArray[np.int64] = field(default_factory=lambda: NONE)
    marks: Mapping[str, int] = field(default_factory=dict)

    @property
    def begin(self) -> int:
        """Offset of the oldest message to read."""
        return int(self.open[0]) if len(self.open) else self.end

    def holds(self, offset: int) -> bool:
        """Tell whether a message is still to be read."""
        if offset >= self.end:
            return True
        at = int(np.searchsorted(self.open, offset))
        return at < len(self.open) and int(self.open[at]) == offset


def written(span: Span) -> tuple[int, str]:
    """Return the offset and the text of a span.

    Raises
    ------
    CrowdedError
        If the text would be longer than brokers keep.
    """
    marks = ",".join(f"{name}={number:x}" for name, number in span.marks.items())
    text = f"{SIGN} {span.end - span.begin:x} {marks}; {_packed(span.open - span.begin)}"
    if len(text) > MOST_BYTES or len(span.open) > MOST_OPEN:
        raise CrowdedError(f"{len(span.open):,} messages of open cases, of {len(span.marks)} members")
    return span.begin, text


def read(offset: int, text: str | None) -> Span:
    """Return the span that an offset and its text stand for; without a text of ours all before the offset is done.

    Raises
    ------
    ValueError
        If the text is damaged.

    Examples
    --------
    >>> read(7, "of another program").end
    7
    """
    if not (text or "").startswith(f"{SIGN} "):
        return Span(offset)
    length, _, rest = str(text)[len(SIGN) + 1 :].partition(" ")
    marks, _, packed = rest.partition("; ")
    found = [_MARK.fullmatch(mark) for mark in marks.split(",")] if marks else []
    if not re.fullmatch("[0-9a-f]{1,15}", length) or not all(found):
        raise ValueError(f"no span: {text!r}")
    numbers = {mark[1]: int(mark[2], 16) for mark in found if mark is not None}
    opened, end = _unpacked(packed) + offset, offset + int(length, 16)
    if len(opened) and (int(opened[0]) != offset or int(opened[-1]) >= end):
        raise ValueError(f"no span: {text!r}")
    return Span(end, opened, numbers)


def _packed(offsets: NDArray[np.int64]) -> str:
    """Return rising offsets from 0 on as a text: runs of them, as gaps and lengths.

    >>> _unpacked(_packed(np.array([0, 1, 2, 300]))).tolist(), _packed(NONE)
    ([0, 1, 2, 300], '')
    """
    if not len(offsets):
        return ""
    breaks = np.flatnonzero(np.diff(offsets) > 1)
    starts, stops = offsets[np.append(0, breaks + 1)], offsets[np.append(breaks, len(offsets) - 1)] + 1
    gaps = starts - np.append(0, stops[:-1])
    pairs = np.column_stack((gaps, stops - starts)).reshape(-1).tolist()
    return base64.b85encode(zlib.compress(bytes(_bytes_of(pairs)), 9)).decode()


def _bytes_of(numbers: list[int]) -> Iterator[int]:
    """Yield whole numbers in bytes, seven bits in each, the lowest first."""
    for number in numbers:
        rest = number
        while rest > 127:
            yield rest & 127 | 128
            rest >>= 7
        yield rest


def _unpacked(text: str) -> NDArray[np.int64]:
    """Return the offsets of a text; raises ValueError where it is none."""
    if not text:
        return NONE
    try:
        inflater = zlib.decompressobj()
        data = inflater.decompress(base64.b85decode(text), 4 * MOST_OPEN)
    except (zlib.error, binascii.Error) as error:
        raise ValueError(f"no offsets: {error}") from None
    numbers, number, shift = list[int](), 0, 0
    for byte in data:
        number, shift = number | (byte & 127) << shift, shift + 7
        if byte < 128:
            numbers.append(number)
            number = shift = 0
    gaps, lengths = np.array(numbers[::2], np.int64), np.array(numbers[1::2], np.int64)
    if inflater.unconsumed_tail or len(gaps) != len(lengths) or not 0 < int(lengths.sum()) <= MOST_OPEN:
        raise ValueError("no offsets")
    starts = np.cumsum(gaps + np.append(0, lengths[:-1]))
    return np.repeat(starts - np.append(0, np.cumsum(lengths)[:-1]), lengths) + np.arange(int(lengths.sum()))
