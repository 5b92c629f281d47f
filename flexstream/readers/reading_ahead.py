"""Reading ahead: items are read in a second thread while those before them are put together.

What both sides look at stays as it would be in one thread.  Symbols that single events and traces bring are given ids
where these are put together, so who looks up many at once waits for those first; and so does who opens the next source,
as what is known of it holds for all of it.  Everything else goes one way: events with the numbers of their symbols and
cases, and lists of texts to these numbers, which only grow.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..stream.ahead import Ahead
from ..stream.batch import TraceBatch
from .items import Events, Item, Traces
from .parsing.tokeniser import Tokeniser
from .walk import Walk


def read_ahead(walk: Walk, tokeniser: Tokeniser | None) -> Iterator[Item]:
    """Yield the items of a walk, read in a second thread; the walk is ahead of them then.

    Examples
    --------
    >>> import io
    >>> from .parsing.context import ReadContext
    >>> list(read_ahead(Walk(io.BytesIO(b"load run\\n"), ReadContext()), None))
    [Trace(name=None, symbols=['load', 'run'])]
    """
    ahead: Ahead[Item] | None = None

    def settle() -> None:
        if ahead is not None:
            ahead.settle_all()

    items = walk.items(settle)
    for first in items:
        yield first
        if isinstance(first, TraceBatch):  # whole traces, of which nothing is put together
            continue
        ahead = Ahead(items, lambda item: isinstance(item, Events | TraceBatch | Traces))
        if tokeniser is not None:
            tokeniser.settle = ahead.settle
        with ahead:
            yield from ahead
