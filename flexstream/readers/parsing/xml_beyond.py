"""What is beyond a limit of XML, and where a log is read on behind it."""

from __future__ import annotations

import re

from ...errors import DataError

TRACE_OR_END = re.compile(rb"<(?:(?:[\w.-]+:)?trace[\s/>]|/(?:[\w.-]+:)?log[\s>])")
_KEPT = 64
"""Bytes that are looked at once more with those that come next: a tag may be cut in two."""
_COMMENT, _END = b"<!--", b"-->"


class LimitError(DataError):
    """A tag, a comment or nesting beyond its limit: what comes behind it can be read."""


class Beyond:
    """Looks for the next trace behind something beyond a limit; a comment may hold what looks like one.

    Parameters
    ----------
    token : bytes
        How that begins.

    Examples
    --------
    >>> data, beyond = b"<!-- a <trace> --> </x> <trace><event/>", Beyond(b"<!--")
    >>> at = beyond.behind(data, 0)
    >>> data[at:], beyond.found
    (b'<trace><event/>', True)
    """

    def __init__(self, token: bytes) -> None:
        self._in_comment, self.found = token.startswith(_COMMENT), False

    def behind(self, data: bytes, at: int) -> int:
        """Return where the next trace or the end of the log is; where none is ``found``, up to where all was seen."""
        if self._in_comment:
            end = data.find(_END, at)
            if end < 0:
                return max(at, len(data) - len(_END) + 1)
            self._in_comment, at = False, end + len(_END)
        match = TRACE_OR_END.search(data, at)
        self.found = match is not None
        return max(at, len(data) - _KEPT) if match is None else match.start()
