"""Layout of model files, and the seal at their end by which it shows that what they say was changed.

A seal is a digest of all that stands before it.  It is no signature: who changes a file and seals it anew is not found
out by it, but by learning from the source again (:func:`flexstream.verification.verify`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from .._kernels.numbers import listed
from ..json_text import as_shown
from ..stream.hashing import blake2b

SEAL = "seal"
_BYTES = 16
_ENCODER = json.JSONEncoder(default=np.ndarray.tolist)
_AT_END = re.compile(rf',\n "{SEAL}": "[^"\n]*"(?=\n\}}\s*\Z)')


def text_of(document: dict[str, Any]) -> str:
    """Return a document with one line for each column, so that two models can be compared by eye."""
    return "".join((*pieces_of(document, 2, 1), "\n"))


def pieces_of(value: Any, levels: int, depth: int) -> Iterator[str]:
    """Yield JSON in which so many levels of objects have a line for each part, and lists of objects for each.

    Functions stand for the values that they return, which are made when their turn has come, and arrays of whole
    numbers for lists.
    """
    value = value() if callable(value) else value
    parts: Iterable[tuple[str, Any]]
    if isinstance(value, dict) and value and levels:
        parts = ((f"{as_shown(json.dumps(key))}: ", part) for key, part in value.items())
        below = levels - 1
    elif isinstance(value, list) and value and (isinstance(value[0], dict) or callable(value[0])):
        parts, below = (("", part) for part in value), 2
    elif isinstance(value, np.ndarray):
        yield listed(value.astype(np.int64))  # far faster than one number after the other
        return
    else:
        yield as_shown(_ENCODER.encode(value))
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    indent = "\n" + " " * depth
    yield opening
    for number, (name, part) in enumerate(parts):
        yield f"{',' if number else ''}{indent}{name}"
        yield from pieces_of(part, below, depth + 1)
    yield indent[:-1] + closing


def sealed_pieces(document: dict[str, Any]) -> Iterator[str]:
    """Yield the text of a file with its seal, piece by piece.

    >>> print("".join(sealed_pieces({"format": "flexstream-pdfa"})), end="")
    {
     "format": "flexstream-pdfa",
     "seal": "6fc8b9a6f0fede420c4246971a5996b1"
    }
    """
    digest, last = blake2b(digest_size=_BYTES), ""
    for piece in pieces_of(document, 2, 1):
        digest.update(last.encode())
        if last:
            yield last
        last = piece
    yield from _end(digest.hexdigest())


def sealed_text(text: str) -> str:
    """Return the text of a file, an object over several lines, with its seal."""
    body = text.rstrip().removesuffix("\n}")
    return body + "".join(_end(_digest_of(body)))


def _end(seal: str) -> tuple[str, str]:
    return f',\n "{SEAL}": "{seal}"', "\n}\n"


def _digest_of(body: str) -> str:
    return blake2b(body.encode(), digest_size=_BYTES).hexdigest()


def seal_fits(text: str, values: Any, laid_out: Callable[[dict[str, Any]], str]) -> bool | None:
    """Tell whether a file says what it said when it was sealed; None for one without a seal.

    Parameters
    ----------
    text : str
        Of the file.
    values
        The JSON value that it holds.
    laid_out : callable
        Returns the text that values without a seal are written as, for files that other programs laid out anew.
    """
    if not isinstance(values, Mapping) or SEAL not in values:
        return None
    body = _AT_END.sub("", text).rstrip().removesuffix("\n}")
    if _digest_of(body) == values[SEAL]:
        return True
    plain = laid_out({name: value for name, value in values.items() if name != SEAL})
    return bool(_digest_of(plain.rstrip().removesuffix("\n}")) == values[SEAL])
