"""Format ``pautomac``: header ``number_of_strings alphabet_size``, then ``length s1 … sn`` a line."""

from __future__ import annotations

from collections.abc import Iterator

from ...stream.batch import TraceBatch
from ..format import Format
from ..items import Trace
from ..parsing import numbered
from ..parsing.context import ReadContext
from ..source.text import Head, Source


def matches(head: Head) -> bool:
    """Whether a header comes first and most of the next lines state their length, without labels.

    Half of them is enough, so that a file with bad lines is reported as such and not read as another format.
    """
    here = numbered.fit(head, 0)
    return (here >= 0.5 and here >= numbered.fit(head, 1)) or (numbered.counted(head) and not numbered.fit(head, 1))


def read(source: Source, context: ReadContext) -> Iterator[Trace | TraceBatch]:
    """Yield the traces of a source.

    Examples
    --------
    >>> import io
    >>> with Source(io.BytesIO(b"2 5\\n3 4 0 4\\n0\\n")) as source:
    ...     [trace.symbols for trace in read(source, ReadContext())]
    [['4', '0', '4'], []]
    """
    context.describe(source.name, "pautomac")
    yield from numbered.Checker(source, context).traces()


FORMAT = Format(matches, read)
