"""Past: which of the files beside a log hold what was read of it, or what came before, whatever became of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...errors import FlexStreamError
from .inflate import MAGIC, decompressed, is_cut_short
from .rotation import CHUNK, File, Found, has, in_order
from .trail import PART, Print, Read, digest_of, print_of

_GONE = 100
"""Files that are remembered although they are not there: they may come back, compressed."""
_PATIENCE = 50
"""Looks at a file that is being compressed without finding it longer, after which it is taken as it is."""


class Past:
    """Remembers the files that were read, and those that were there before, by the bytes they held.

    A file that was read may be renamed, copied, compressed or touched later than one that was not, so that nothing but
    what it holds tells the two apart.

    Attributes
    ----------
    since : int or None
        When the file that was read last had been written to, in nanoseconds; what is older came before it.

    Examples
    --------
    >>> import tempfile
    >>> log = Path(tempfile.mkdtemp()) / "app.log"
    >>> _ = log.write_text("load run"), log.with_name("app.log.2").write_text("old"), log.touch()
    >>> past = Past()
    >>> past.take(in_order(log)[:-1])
    >>> _ = log.rename(log.with_name("app.log.1")), log.with_name("app.log.2").rename(log.with_name("app.log.3"))
    >>> [Path(one).name for one in past.unread(log, None, lambda: False)]
    ['app.log.1']
    """

    def __init__(self) -> None:
        self.since: int | None = None
        self._prints = list[tuple[File | None, Print]]()

    def __bool__(self) -> bool:
        return bool(self._prints)

    def add(self, file: File | None, known: Print | None) -> None:
        """Take down what a file held when it was read; nothing of one that held nothing."""
        if known is not None and known.offset:
            self._prints.append((file, known))

    def take(self, files: Sequence[Found]) -> None:
        """Take down files that came before what is read."""
        for one in files:
            with suppress(OSError), Path(one).open("rb", buffering=0) as opened:
                self.add(one.file, print_of(_reader(opened.fileno()), os.fstat(opened.fileno()).st_size))

    def unread(self, where: str | os.PathLike[str], file: File | None, wait: Callable[[], bool]) -> list[Found]:
        """Return the files that came after the one that was read last, in order, but for the one that has its name.

        Parameters
        ----------
        where : path
            Name of the log.
        file : File or None
            Which was read last.
        wait : callable
            Waits a little for a file that is being compressed; tells whether to go on with that.
        """
        sizes, left = dict[str, int | None](), _PATIENCE
        while True:
            found = self._unread(where, file)
            now = {str(one): _size(one) for one in found if _is_unfinished(one)}
            left = left - 1 if now == sizes else _PATIENCE
            if not now or not left or not wait():
                return [one for one in found if _size(one) != 0]
            sizes = now

    def _unread(self, where: str | os.PathLike[str], file: File | None) -> list[Found]:
        others = in_order(where)[:-1]
        there, since, kept = {one.file: one for one in others}, self._since(file, others), dict[int, None]()
        names = {str(one): one for one in others}
        past = {str(one): self._holds(one, there, kept) for one in others}
        for packed, one in [(name, names.get(name.removesuffix(".gz"))) for name in names if name.endswith(".gz")]:
            if one is not None and _is_packed(one, packed):
                past[one], past[packed] = past[one] or past[packed], True
        self._forget(kept)
        return [one for one in others if not past[one] and _changed(one) >= since]

    def _since(self, file: File | None, others: Sequence[Found]) -> int:
        """Return when the file that was read last was written to, by what is known and by what it says."""
        said = [_changed(one) for one in others if one.file == file]
        return min(said) if self.since is None and said else min([self.since or 0, *said])

    def _forget(self, kept: Mapping[int, None]) -> None:
        """Forget the files that have been gone for long."""
        gone = [number for number in range(len(self._prints)) if number not in kept][:-_GONE]
        for number in reversed(gone):
            del self._prints[number]

    def _holds(self, one: Found, there: Mapping[File | None, Found], kept: dict[int, None]) -> bool:
        """Tell whether a file holds what one of those remembered held, as it is or compressed; note which."""
        try:
            with Path(one).open("rb", buffering=0) as opened:
                read, size = _reader(opened.fileno()), os.fstat(opened.fileno()).st_size
                found = [
                    number
                    for number in self._alike(read(0, PART))
                    if _is_whole(self._prints[number][1], size)
                    and self._prints[number][1].fits(read)
                    and not self._is_another(number, one, there)
                ]
                if not found and read(0, len(MAGIC)) == MAGIC:
                    found = self._compressed(one)
                    if found and not _is_cut(one):  # known by its own bytes from now on, which is faster
                        found.append(len(self._prints))
                        self.add(one.file, print_of(read, size))
        except OSError:  # it is gone by now
            return False
        kept.update(dict.fromkeys(found))
        return bool(found)

    def _alike(self, head: bytes) -> Iterator[int]:
        """Yield the numbers of the files remembered that began with some bytes."""
        digests = dict[int, str]()
        for number, (_, known) in enumerate(self._prints):
            size, digest = known.head
            if size not in digests:
                digests[size] = digest_of(head[:size])
            if size <= len(head) and digests[size] == digest:
                yield number

    def _is_another(self, number: int, one: Found, there: Mapping[File | None, Found]) -> bool:
        """Tell whether a short file only says the same as one that is still there: two may."""
        file, known = self._prints[number]
        if known.offset >= PART or file is None or one.file == file or file not in there:
            return False
        with suppress(OSError), Path(there[file]).open("rb", buffering=0) as opened:
            return known.fits(_reader(opened.fileno()))
        return False

    def _compressed(self, path: str) -> list[int]:
        """Return which of the files remembered is in one that is compressed, or that is being compressed."""
        head, whole = _beginning(path)
        for number in list(self._alike(head)):
            known = self._prints[number][1]
            if known.offset < PART:
                if whole and len(head) == known.offset:
                    return [number]
                continue
            try:
                if has(_text(path), known):
                    return [number]
            except FlexStreamError as error:
                if is_cut_short(error):  # so far it is the same
                    return [number]
        return []

    def state(self) -> dict[str, Any]:
        """Return a document of numbers and texts."""
        return {"since": self.since, "files": [[file, known.state()] for file, known in self._prints]}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on with what another remembered."""
        self.since = None if state["since"] is None else int(state["since"])
        self._prints = [
            (None if file is None else (int(file[0]), int(file[1])), Print.restored(known))
            for file, known in state["files"]
        ]


def _reader(file: int) -> Read:
    return lambda offset, size: os.pread(file, size, offset)


def _is_whole(known: Print, size: int) -> bool:
    """Tell whether a file of a size can be one that was read: a short one may begin as another, by a header say."""
    return size == known.offset or size > known.offset >= PART


def _text(path: str) -> Iterator[bytes]:
    """Yield the text of a file that is compressed."""
    with Path(path).open("rb", buffering=0) as opened:
        yield from decompressed(iter(lambda: opened.read(CHUNK), b""), path)


def _beginning(path: str) -> tuple[bytes, bool]:
    """Return the first bytes of the text of a file that is compressed, and whether that is all of it."""
    head = b""
    try:
        for piece in _text(path):
            head += piece
            if len(head) > PART:
                return head[:PART], False
    except FlexStreamError:
        return head[:PART], False
    return head, True


def _is_packed(plain: str, packed: str) -> bool:
    """Tell whether a file is being, or was, compressed into another."""
    try:
        with Path(plain).open("rb", buffering=0) as opened:
            return all(opened.read(len(piece)) == piece for piece in _text(packed))
    except FlexStreamError:  # so far it was
        return True
    except OSError:  # one is gone by now
        return False


def _is_unfinished(path: str) -> bool:
    """Tell whether a file is being compressed."""
    return path.endswith(".gz") and _is_cut(path)


def _is_cut(path: str) -> bool:
    """Tell whether what is compressed ends in the middle, or has not begun."""
    try:
        for _ in _text(path):
            pass
    except FlexStreamError as error:
        return is_cut_short(error)
    except OSError:
        return False
    return _size(path) == 0


def _size(path: str) -> int | None:
    """Return how long a file is; None of one that is gone by now."""
    try:
        return Path(path).stat().st_size
    except OSError:
        return None


def _changed(path: str) -> int:
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return 0
