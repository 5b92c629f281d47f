"""One file for a state: raw columns and JSON, each part with its length and its SHA-256; no pickle.

A file is a magic number, the length and the SHA-256 of the head, the head, and the parts one behind the other.  The
head is JSON in UTF-8: what kind of file it is and of which version, the length and the SHA-256 of each part, and the
state itself, in which an array stands as its type and shape and takes the next part.  Numbers are little-endian.

To read one is harmless: no length is believed before it was compared with what is there, nothing is handed out whose
hash is wrong, and a state holds nothing but what `encode` takes.
"""

from __future__ import annotations

import io
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arguments import fitting_path
from .errors import DataError
from .files import atomic_file
from .patterns import late
from .version import __version__

MAGIC = b"\x89FlexStream\r\n\x1a\n"
"""As PNG's: a program that takes the file for text breaks it in the first bytes."""
PRIVATE = 0o600
"""The mode of a new file: a state holds what traces said."""
MODEL = late(rb'\s*\{\s*"format":\s*"flexstream-(?:pdfa|ensemble|fleet)"')
"""As model files begin, which are easily taken for files of what was counted."""
_LENGTH, _HASH = 8, 32
_START = len(MAGIC) + _LENGTH + _HASH
_MARK = "$"
_NOW = getattr(os, "O_NONBLOCK", 0)  # not to wait for somebody to write, where the file is a pipe
_TYPES = {
    np.dtype(name).str: np.dtype(name) for name in ("?", *("<" + kind + width for kind in "iu" for width in "1248"))
}
_TYPES |= {np.dtype(name).str: np.dtype(name) for name in ("<f4", "<f8")}


@dataclass(frozen=True)
class Kind:
    """What a file holds.

    Attributes
    ----------
    name : str
        In a few words, as messages say it.
    version : int
        Of what its state is made of; files of older ones are read, files of newer ones refused.
    since : str
        The first FlexStream that reads this version.
    made : str
        What writes one, as messages say it.
    """

    name: str
    version: int
    since: str
    made: str = "a file that FlexStream wrote as one"


CHECKPOINT = Kind("checkpoint", 1, "0.1.0")
"""All that a run needs to go on where it stood."""


class NewerError(DataError):
    """A file of a newer version than this one reads: whole, but not to be read here."""


def encode(state: dict[str, Any], kind: Kind = CHECKPOINT) -> bytes:
    """Return a state as the bytes of a file.

    Parameters
    ----------
    state : dict
        Of None, bools, ints, floats, texts, bytes, arrays of bools or numbers, and of lists, tuples and dicts of such
        values, whose keys are texts.
    kind : Kind, optional

    Raises
    ------
    TypeError
        If it holds anything else.

    Examples
    --------
    >>> state = {"traces": 3, "visits": np.array([3, 2]), "open": {"lot 7": ("load", "run")}}
    >>> decode(encode(state))
    {'traces': 3, 'visits': array([3, 2]), 'open': {'lot 7': ('load', 'run')}}
    """
    return b"".join(_pieces(state, kind))


def decode(data: bytes, kind: Kind = CHECKPOINT, name: str = "<bytes>") -> dict[str, Any]:
    """Return the state that `encode` was given, with arrays of its own.

    Parameters
    ----------
    data : bytes
    kind : Kind, optional
        What it should be.
    name : str, optional
        What errors call it.

    Raises
    ------
    NewerError
        If it is of a newer version than this one reads.
    DataError
        If it is anything else than a whole file of this kind.
    """
    return _Reader(io.BytesIO(data), len(data), kind, name).state()


def write(path: str | Path, state: dict[str, Any], kind: Kind = CHECKPOINT) -> None:
    """Write a state into a file, whole or not at all; a new file is for its owner only.

    Raises
    ------
    DataError
        If it cannot be written.
    TypeError
        As `encode` does.
    """
    with atomic_file(path, PRIVATE) as file:
        for piece in _pieces(state, kind):
            file.write(piece)


def read(path: str | Path, kind: Kind = CHECKPOINT, *others: Kind) -> dict[str, Any]:
    """Return the state that `write` was given, of this kind or one of the others.

    Raises
    ------
    NewerError
        If it is of a newer version than this one reads.
    DataError
        If the file cannot be read, or is anything else than a whole one of this kind.
    """
    place = fitting_path(path, expected=f"a {kind.name}")
    try:
        with os.fdopen(os.open(place, os.O_RDONLY | _NOW), "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise DataError(str(path), None, "is no regular file", f"a {kind.name}")
            return _Reader(file, about.st_size, kind, str(path), others).state()
    except OSError as error:
        raise DataError(str(path), None, f"cannot be read: {error.strerror}", f"a {kind.name}") from None


# --- writing ---------------------------------------------------------------------------------------------------


def _pieces(state: dict[str, Any], kind: Kind) -> Iterator[bytes | memoryview]:
    """Yield the bytes of a file, each part as one piece."""
    if not isinstance(state, dict):
        raise TypeError(f"a state is a dict, not {type(state).__name__}")
    parts: list[NDArray[Any] | bytes] = []
    plain = _plain(state, parts)
    listed = [[buffer.nbytes, sha256(buffer).hexdigest()] for buffer in map(_bytes_of, parts)]
    about = {"kind": kind.name, "version": kind.version, "needs": kind.since, "written by": __version__}
    # Not as ASCII: two lone surrogates in a row would come back as one character.
    text = json.dumps({**about, "parts": listed, "state": plain}, ensure_ascii=False, separators=(",", ":"))
    head = text.encode("utf-8", "surrogatepass")
    yield b"".join([MAGIC, len(head).to_bytes(_LENGTH, "little"), sha256(head).digest(), head])
    yield from map(_bytes_of, parts)  # laid out once more: copies of all would take as much memory again


def _bytes_of(part: NDArray[Any] | bytes) -> memoryview:
    if isinstance(part, bytes) or not part.size:
        return memoryview(part if isinstance(part, bytes) else b"")
    return np.asarray(part, order="C").reshape(-1).view(np.uint8).data


def _plain(value: Any, parts: list[NDArray[Any] | bytes]) -> Any:
    """Return a value as JSON values; what is none is a dict of one key that begins with a mark."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {_escaped(key): _plain(below, parts) for key, below in value.items()}
    if isinstance(value, list | tuple):
        listed = [_plain(below, parts) for below in value]
        return listed if isinstance(value, list) else {"$tuple": listed}
    if isinstance(value, np.generic):
        return _plain(value.item(), parts)
    if isinstance(value, bytes):
        parts.append(value)
        return {"$bytes": len(value)}
    if isinstance(value, np.ndarray):
        return _described(value, parts)
    raise TypeError(f"a state holds no {type(value).__name__}")


def _escaped(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key of a state is a text, not {type(key).__name__}")
    return _MARK + key if key.startswith(_MARK) else key


def _described(array: NDArray[Any], parts: list[NDArray[Any] | bytes]) -> dict[str, Any]:
    code = array.dtype.newbyteorder("<").str
    if code not in _TYPES:
        raise TypeError(f"a state holds no array of {array.dtype}")
    parts.append(array.astype(_TYPES[code], copy=False))
    return {"$array": [code, list(array.shape)]}


# --- reading ---------------------------------------------------------------------------------------------------


class _Reader:
    """Reads one file from its beginning to its end.

    Parameters
    ----------
    file : binary file, at its beginning
    size : int
        Bytes that are there.
    kind : Kind
        What it should be.
    name : str
        What errors call it.
    others : tuple of Kind, optional
        What it may be as well.
    """

    def __init__(
        self, file: io.BufferedIOBase, size: int, kind: Kind, name: str, others: tuple[Kind, ...] = ()
    ) -> None:
        self._file, self._size, self._kind, self._name, self._others = file, size, kind, name, others
        self._parts: Iterator[tuple[int, str]] = iter(())

    def state(self) -> dict[str, Any]:
        """Return the state."""
        head = self._head()
        try:
            self._check_kind(head)
            self._parts = iter(self._listed(head["parts"]))
            state = self._value(head["state"])
        except (KeyError, TypeError, ValueError, RecursionError):
            raise self._damaged("its head is of another form") from None
        if not isinstance(state, dict) or next(self._parts, None) is not None:
            raise self._damaged("its head is of another form")
        return state

    def _head(self) -> dict[str, Any]:
        start = self._file.read(_START)
        if start[: len(MAGIC)] != MAGIC[: len(start)] or not start:
            other = "is a model and" if MODEL.match(start) else "is"
            raise self._error(f"{other} no {self._kind.name}", self._kind.made)
        if len(start) < _START:
            raise self._cut_off(_START)
        length = int.from_bytes(start[len(MAGIC) : -_HASH], "little")
        if length > self._size - _START:
            raise self._cut_off(_START + length)
        text = self._file.read(length)
        if sha256(text).digest() != start[-_HASH:]:
            raise self._damaged("the hash of its head is another")
        try:
            head = json.loads(text.decode("utf-8", "surrogatepass"))
        except (ValueError, RecursionError):
            head = None
        if not isinstance(head, dict):
            raise self._damaged("its head is no JSON object")
        self._left = self._size - _START - length
        return head

    def _check_kind(self, head: dict[str, Any]) -> None:
        kind, version, needs = head["kind"], head["version"], head["needs"]
        if type(version) is not int or version < 1 or not isinstance(kind, str) or not isinstance(needs, str):
            raise ValueError
        known = {one.name: one.version for one in (self._kind, *self._others)}
        if kind not in known:
            raise self._error(f"is a {kind}", f"a {self._kind.name}")
        if version > known[kind]:
            raise NewerError(
                self._name,
                None,
                f"is a {kind} of version {version}, which needs FlexStream {needs} or newer",
                f"this is {__version__}: install the newer one",
            )

    def _listed(self, parts: Any) -> list[tuple[int, str]]:
        """Return length and hash of each part, once they fill the file to its end."""
        listed = [(length, code) for length, code in parts]
        if any(type(length) is not int or length < 0 or not isinstance(code, str) for length, code in listed):
            raise ValueError
        needed = sum(length for length, _ in listed)
        if needed > self._left:
            raise self._cut_off(self._size - self._left + needed)
        if needed < self._left:
            raise self._damaged(f"{self._left - needed:,} bytes follow its end")
        return listed

    def _value(self, plain: Any) -> Any:
        """Return what JSON values stand for."""
        if isinstance(plain, list):
            return [self._value(below) for below in plain]
        if not isinstance(plain, dict):
            return plain
        if len(plain) == 1:
            ((key, value),) = plain.items()
            if key.startswith(_MARK) and not key.startswith(2 * _MARK):
                return self._marked(key, value)
        return {self._key(key): self._value(below) for key, below in plain.items()}

    def _key(self, key: str) -> str:
        if key.startswith(_MARK) and not key.startswith(2 * _MARK):
            raise ValueError
        return key.removeprefix(_MARK)

    def _marked(self, key: str, value: Any) -> Any:
        if key == "$tuple" and isinstance(value, list):
            return tuple(self._value(below) for below in value)
        if key == "$bytes":
            return self._part(np.dtype(np.uint8), [value]).tobytes()
        if key == "$array":
            code, shape = value
            return self._part(_TYPES[code], shape)
        raise ValueError

    def _part(self, dtype: np.dtype[Any], shape: list[int]) -> NDArray[Any]:
        """Return the next part as an array of its own; nothing is allocated before its length is known to be there."""
        length, code = next(self._parts, (-1, ""))
        if any(type(rows) is not int or rows < 0 for rows in shape) or prod(shape) * dtype.itemsize != length:
            raise ValueError
        array = np.empty(shape, dtype)
        buffer = array.reshape(-1).view(np.uint8).data if length else memoryview(b"")
        if length and self._file.readinto(buffer) != length:
            raise self._damaged("it became shorter while it was read")
        if sha256(buffer).hexdigest() != code:
            raise self._damaged("the hash of a part is another")
        if dtype == np.bool_ and length and int(array.view(np.uint8).max()) > 1:
            raise ValueError  # neither True nor False
        return array

    def _cut_off(self, needed: int) -> DataError:
        problem = f"is cut off: it has {self._size:,} of {needed:,} bytes"
        return self._error(problem, "the whole file, or an older one")

    def _damaged(self, how: str) -> DataError:
        return self._error(f"is damaged: {how}", "the file as it was written, or an older one")

    def _error(self, problem: str, expected: str) -> DataError:
        return DataError(self._name, None, problem, expected)
