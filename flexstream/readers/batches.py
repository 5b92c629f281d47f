"""Batches: the traces of some sources, put together from what formats read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arguments import written
from ..errors import WrongTypeError, parameter
from ..stream.alphabet import Alphabet
from ..stream.manner import Manner
from .listing import Data
from .options import ReadOptions
from .prior import Prior, changed
from .reading import Reading

if TYPE_CHECKING:
    from ..budget import Budget


def read_batches(
    sources: Data,
    alphabet: Alphabet,
    options: ReadOptions | None = None,
    budget: Budget | None = None,
    like: Manner | None = None,
) -> Reading:
    """Read sources one after the other; cases and windows go on from one to the next.

    Parameters
    ----------
    sources : path, ``"-"`` for stdin, binary file object, frame, rows, or an iterable of sources
        What to read: frames of pandas, polars and Arrow, mappings of names to columns, and iterables of rows (mappings,
        named tuples, data classes) or of traces are read as the same rows in a file are. With ``options.follow`` the
        last one is waited for at its end.
    alphabet : Alphabet
        Grows by the symbols it has not seen.
    options : ReadOptions, optional
        How to read.
    budget : Budget, optional
        Its share for ``cases`` bounds the open cases, that for ``line`` the longest line.
    like : mapping, optional
        How the stream of a model was read, its ``provenance.get("reading")``: the sources are read likewise, but for
        the options that are not as by default.

    Returns
    -------
    Reading
        Yields batches of traces in the order in which they end, and tells what was counted.  At the first bad line
        (unless bad lines are skipped) or unreadable source it raises a DataError, after all that was read before it
        has been yielded, and if the options do not fit the data a UsageError.

    Examples
    --------
    >>> import io
    >>> alphabet = Alphabet()
    >>> for batch in read_batches(io.BytesIO(b"load run\\nload\\n"), alphabet):
    ...     [[alphabet.text(symbol) for symbol in trace] for trace in batch]
    [['load', 'run'], ['load']]
    """
    prior = None if like is None else Prior(like, changed(options or ReadOptions()))
    if budget is not None and not hasattr(budget, "share"):
        raise WrongTypeError(f"{parameter('budget')} is {written(budget)} (expected: a Budget)")
    if budget is None:
        return Reading(sources, alphabet, options, prior=prior)
    return Reading(sources, alphabet, options, budget.share("cases"), budget.share("line"), prior)
