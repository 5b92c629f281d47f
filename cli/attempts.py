"""Outputs that may fail: told once and tried again, and at the very end the model is saved where there is room."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flexstream.errors import DataError, FlexStreamError

from .console import abandon_stdout, say, with_options

if TYPE_CHECKING:
    from flexstream.automata.fleet import Fleet
    from flexstream.automata.model_file import Model

PRIVATE = 0o600
"""Mode of a model that is saved where nobody asked for it: a folder that others may look into."""


class Attempts:
    """Makes outputs, some of which may fail.

    While the stream goes on a failure is told once, and again only after a success; at its end the failures are kept.

    Attributes
    ----------
    failures : list of Exception
        Of the last round.
    reader_left : bool
        Whether nobody reads stdout any more.
    """

    def __init__(self) -> None:
        self._failing: set[str] = set()
        self._last = False
        self._stdout: FlexStreamError | OSError | None = None  # why nothing more goes there
        self.failures: list[FlexStreamError | OSError] = []
        self.reader_left = False

    def begin(self, last: bool) -> None:
        """Begin a round of outputs; after the last one nothing is tried again."""
        self._last, self.failures = last, []

    def make(self, path: str, write: Callable[[], None]) -> bool:
        """Make an output; return whether that worked."""
        if self.reader_left and path == "-":
            return False
        if path == "-" and self._stdout is not None:  # what was written of a result cannot be taken back
            self.failures.append(self._stdout)
            return False
        try:
            write()
        except BrokenPipeError as error:
            self._tell_left(path, error)
            return False
        except (FlexStreamError, OSError) as error:
            self._tell(path, error)
            return False
        if path in self._failing:
            self._failing.discard(path)
            if not self._last:
                say(f"{path}: written again")
        return True

    def _tell(self, path: str, error: FlexStreamError | OSError) -> None:
        self.failures.append(error)
        self._stdout = error if path == "-" else self._stdout
        if not self._last and path not in self._failing:
            say(f"warning: {told(error)}; learning goes on, and it is tried again with the next outputs")
        self._failing.add(path)

    def _tell_left(self, path: str, error: BrokenPipeError) -> None:
        """Take note that the reader of a pipe has gone: that of stdout for ever, that of a named pipe may come back."""
        if path == "-":
            abandon_stdout()
            self.reader_left = True
        else:
            self._tell(path, DataError(path, None, f"cannot be written: {error.strerror}", "a reader of the pipe"))

    def raise_first(self) -> None:
        """Raise the first failure of the last round, after all others have been told."""
        for error in self.failures[1:]:
            say(f"error: {told(error)}")
        if self.failures:
            raise self.failures[0]
        if self.reader_left:
            raise BrokenPipeError


def told(error: FlexStreamError | OSError) -> str:
    """Return an error as one line."""
    if isinstance(error, FlexStreamError):
        return with_options(error.message)
    return f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)


def save_elsewhere(model: Model | Fleet, outputs: Iterable[str], traces: str) -> None:
    """Save a model that could not be written where it should be, and say where it is.

    Parameters
    ----------
    model : PDFA or Ensemble
    outputs : iterable of str
        What was to be written; beside them there may still be room, for something smaller or under another name.
    traces : str
        What it was learned from, in words.
    """
    text = model.to_json()
    for folder in _folders(outputs):
        path = _written(text, folder)
        if path is not None:
            say(f"the model of {traces} is saved in {path}")
            return
    say(f"error: the model of {traces} could not be saved anywhere (expected: a folder with free space)")


def _temporary() -> Path:
    import tempfile  # which takes others along that nobody needs as long as outputs can be written

    return Path(tempfile.gettempdir())


def _folders(outputs: Iterable[str]) -> list[Path]:
    """Return folders to try, the nearest first."""
    places: list[Callable[[], Path]] = [partial(_beside, path) for path in outputs if path != "-"]
    places += [Path.cwd, _temporary, Path.home]
    folders: list[Path] = []
    for place in places:
        with suppress(OSError, RuntimeError):  # the folder one stands in may be gone, and not everybody has a home
            folder = place()
            if folder.is_dir() and not str(folder).startswith(("/dev", "/proc")) and folder not in folders:
                folders.append(folder)
    return folders


def _beside(path: str) -> Path:
    return Path(os.path.realpath(path)).parent


def _written(text: str, folder: Path) -> Path | None:
    """Write a model under a new name in a folder; None if there is no room."""
    from flexstream.files import write_atomically

    path = folder / f"flexstream-saved-{time.strftime('%Y%m%d-%H%M%S')}-{os.urandom(4).hex()}.json"
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE))
    except OSError:
        return None
    try:
        write_atomically(path, text)
    except FlexStreamError:
        with suppress(OSError):
            path.unlink()
        return None
    return path
