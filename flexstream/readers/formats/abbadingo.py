"""Format ``abbadingo``: as ``pautomac``, with a label before each length: ``label length s1 … sn``.

Label 1 says that a string is in the language, 0 that it is not, -1 that nobody knows. A string outside
the language is no sample of it: such a line is counted as ``rejected`` and left out, and the others are called by their
numbers, the first string below the header being 1.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...stream.batch import TraceBatch
from ..diagnostics import shown
from ..format import Format
from ..items import Trace
from ..parsing import numbered
from ..parsing.context import ReadContext
from ..source.text import Head, Source


def matches(head: Head) -> bool:
    """Whether a header comes first and most of the next lines have a label and state their length."""
    here = numbered.fit(head, 1)
    return here >= 0.5 and here > numbered.fit(head, 0)


def read(source: Source, context: ReadContext) -> Iterator[Trace | TraceBatch]:
    """Yield the traces of a source that are not labelled 0.

    Examples
    --------
    >>> import io
    >>> with Source(io.BytesIO(b"3 2\\n1 2 0 1\\n0 1 1\\n-1 0\\n")) as source:
    ...     context = ReadContext()
    ...     [trace.symbols for trace in read(source, context)], context.stats.rejected
    ([['0', '1'], []], 1)
    """
    context.describe(source.name, "abbadingo")

    def keep(words: list[str]) -> bool:
        if words[0] not in {"-1", "0", "1"}:
            raise ValueError(f"label {shown(words[0])}", "1, 0 or -1")
        if len(words) < 2:
            raise ValueError("no length after the label", "label length s1 … sn")
        return words[0] != "0"

    yield from numbered.Checker(source, context, 1, keep).traces()


FORMAT = Format(matches, read)
