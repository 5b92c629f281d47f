"""Generations: the last two states of a run in a folder of its own, the older in reserve."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .container import CHECKPOINT, PRIVATE, Kind, NewerError, read, write
from .errors import DataError, Message

_LOCK = "lock"
_TEMPORARY = ".flexstream-*.tmp"
_MOST_DIGITS = 18
_COUNTED = "counted"
_OPEN = ".open"
"""Behind the name of a state of which it is not known yet whether it may be gone on with."""


class Generations:
    """A folder that holds the last state of a run and the one before, and belongs to one process at a time.

    A state is written under a number of its own and never over another, so that whatever happens while it is written
    the one before is there.  Where the last one is damaged the one before is used, and that is told.

    Parameters
    ----------
    folder : str or Path
        Made if there is none, for its owner only.
    kind : Kind, optional
        What its files hold.

    Raises
    ------
    DataError
        If the folder cannot be used, or another process has it.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with Generations(folder) as generations:
    ...     for traces in (100, 200, 300):
    ...         generations.save({"traces": traces})
    >>> sorted(path.name for path in folder.iterdir())
    ['checkpoint-2', 'checkpoint-3', 'lock']
    >>> with Generations(folder) as generations:
    ...     generations.load()
    ({'traces': 300}, None)
    """

    def __init__(self, folder: str | Path, kind: Kind = CHECKPOINT) -> None:
        self.folder, self._kind = Path(folder), kind
        self._name = kind.name.replace(" ", "-")
        self._lock: int | None = None
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = self._locked()
            for left in self.folder.glob(_TEMPORARY):  # of a process that was killed, for no other writes here
                left.unlink(missing_ok=True)
            self._last = max([*self._numbers(), *self._numbers(settled=False)], default=0)
        except OSError as error:
            self.close()
            raise self._error(f"cannot be used: {error.strerror}", "a folder that you may write to") from None
        self._whole = max(self._numbers(), default=0)  # the last that is known to be whole, or not known to be damaged

    def __enter__(self) -> Generations:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the folder to others."""
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

    def save(self, state: dict[str, Any], settled: bool = True) -> None:
        """Keep a state, and that of before.

        Parameters
        ----------
        state : dict
        settled : bool
            Whether it may be gone on with; a state that may not counts once `settle` was called.

        Raises
        ------
        DataError
            If it cannot be written; then what there was is there still.
        """
        number = self._last + 1
        write(self._path(number, settled), state, self._kind)
        self._last = number
        if settled:
            self._keep(number)

    def settle(self) -> None:
        """Let the state that was saved last be one that may be gone on with."""
        if self._path(self._last, False).exists():
            try:
                self._path(self._last, False).replace(self._path(self._last))
            except OSError as error:
                raise self._error(f"cannot be written: {error.strerror}", "a folder that you may write to") from None
            self._keep(self._last)

    def give_up(self) -> None:
        """Let go of a state that was saved last and may not be gone on with."""
        self._path(self._last, False).unlink(missing_ok=True)

    def _keep(self, number: int) -> None:
        """Let go of all but a state and the one before."""
        kept, self._whole = (number, self._whole), number
        for other, path in [*self._found(self._name), *self._found(_COUNTED)]:
            if other not in kept:
                with contextlib.suppress(OSError):  # it takes room, and does no harm
                    path.unlink()

    def counted(self) -> Path:
        """Return the path of what the run had counted when it ended that had saved the last state, or loaded it."""
        return self.folder / f"{_COUNTED}-{self._whole}"

    def load(
        self, accept: Callable[[dict[str, Any]], bool] | None = None
    ) -> tuple[dict[str, Any] | None, Message | None]:
        """Return the last whole state, None if there is no file, and what is to be told of those that are damaged.

        Parameters
        ----------
        accept : callable, optional
            Returns whether a state may be gone on with; others are passed over.

        Raises
        ------
        DataError
            If there are files, and none is whole, or may be gone on with; or it is not known of the last whether it may
            be, and nobody can tell.
        NewerError
            If the last one is of a newer version.
        """
        note = self._decided(accept)
        damaged: DataError | None = None
        refused = False
        for number in sorted(self._numbers(), reverse=True):
            try:
                state = read(self._path(number), self._kind)
            except NewerError:
                raise
            except DataError as error:
                damaged = damaged or error
                continue
            if accept is not None and not accept(state):
                refused = True
                continue
            self._whole = number
            return state, note if damaged is None else self._instead(damaged, number)
        if refused:
            raise self._error("holds nothing that goes on where the group is", "the last checkpoint, or another folder")
        if damaged is not None:
            raise damaged
        return None, note

    def _decided(self, accept: Callable[[dict[str, Any]], bool] | None) -> Message | None:
        """Settle a state of which it is not known whether it may be gone on with, or give it up, which is told."""
        note = None
        for number in self._numbers(settled=False):
            place = self._path(number, False)
            if accept is None:
                problem = f"ends with {place.name}: its run has ended before it heard whether the group knows of that"
                raise self._error(problem, "that run once more, which finds out")
            if accept(read(place, self._kind)):
                place.replace(self._path(number))
            else:
                place.unlink()
                note = Message(f"{place.name} was not committed, and is given up")
        return note

    def _instead(self, damaged: DataError, number: int) -> Message:
        return Message(f"{damaged.source} {damaged.problem.marked}; {self._path(number).name}, the one before, is used")

    def _path(self, number: int, settled: bool = True) -> Path:
        return self.folder / f"{self._name}-{number}{'' if settled else _OPEN}"

    def _numbers(self, settled: bool = True) -> list[int]:
        return [number for number, _ in self._found(self._name, settled)]

    def _found(self, name: str, settled: bool = True) -> list[tuple[int, Path]]:
        """Return the files of a name and a number, with that."""
        form = re.compile(rf"{name}-([1-9]\d*)" + ("" if settled else re.escape(_OPEN)), re.ASCII)
        found = ((form.fullmatch(path.name), path) for path in self.folder.iterdir())
        return [(int(match[1]), path) for match, path in found if match and len(match[1]) <= _MOST_DIGITS]

    def _locked(self) -> int:
        """Return the descriptor of a file that no other process can lock as long as it is open."""
        place = self.folder / _LOCK
        handle = os.open(place, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), PRIVATE)
        if sys.platform != "win32":
            import fcntl

            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                owner = os.pread(handle, 20, 0).decode("ascii", "replace").strip() or "another"
                os.close(handle)
                raise self._error(f"is in use by process {owner}", "a folder for each run") from None
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        return handle

    def _error(self, problem: str, expected: str) -> DataError:
        return DataError(str(self.folder), None, problem, expected)
