"""Files of an earlier run that a part of a stream does not replace: what was learned of it goes beside them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from .paths import stdin_mode

PARTIAL = ".partial"


class Kept:
    """Tells which files a run may replace by what it has learned of a part of its stream.

    Those that it has written itself, and names that were free when it began: a run that goes on with one before has
    begun with that. All others are of another run, and may be whole.

    Attributes
    ----------
    moved : dict of str to str
        Where that goes which was to be written over a file that is kept.
    """

    def __init__(self) -> None:
        self._own: set[str] = set()
        self.moved: dict[str, str] = {}

    def begin(self, paths: Iterable[str]) -> None:
        """Look which names are free."""
        for path in paths:
            if not _is_there(path):
                self.own(path)

    def own(self, path: str) -> None:
        """Take down that a file is this run's."""
        self._own.add(_name(path))

    def state(self) -> list[str]:
        """Return the names of the files that are this run's."""
        return sorted(self._own)

    def restore(self, own: Iterable[str]) -> None:
        """Go on with a run whose files were these."""
        self._own = set(own)

    def place(self, path: str, paths: Iterable[str]) -> str:
        """Return where a part goes: to the path itself, or beside it under a name that none of the other paths has."""
        if path not in self.moved and _name(path) not in self._own and _is_there(path):
            self.moved[path] = beside(path, [*paths, *self.moved.values()])
        return self.moved.get(path, path)

    def told(self) -> str | None:
        """Say which files stay as they were, and where to find what was learned; None if there are none."""
        if not self.moved:
            return None
        stay = "stays as it was" if len(self.moved) == 1 else "stay as they were"
        return f"{', '.join(self.moved)} {stay}: what this run has learned is in {', '.join(self.moved.values())}"


def beside(path: str, taken: Iterable[str] = ()) -> str:
    """Return the name for a part beside a file.

    >>> beside("out/m.json"), beside("./model"), beside("m.json", ["./m.partial.json"])
    ('out/m.partial.json', 'model.partial', 'm.partial.partial.json')
    """
    place, names = Path(path), {_name(one) for one in (*taken, path)}
    while _name(place) in names:
        place = place.with_name(f"{place.stem}{PARTIAL}{place.suffix}")
    return str(place)


def _name(path: str | Path) -> str:
    """Return the one name of a path, however it is written; links are not followed."""
    return os.path.normpath(Path(path).absolute())


def _is_there(path: str) -> bool:
    """Whether there is a file with something in it, which would be replaced; pipes and devices never are."""
    from flexstream.files import is_special

    if path == "-" or is_special(path):
        return False
    place = Path(path)
    return place.is_file() and place.stat().st_size > 0


def endless(sources: Iterable[str], follow: bool) -> bool:
    """Whether a stream may have no other end than a stop: files that are followed, topics, and pipes."""
    from flexstream.files import is_special, is_topic

    return follow or any(_is_no_file() if path == "-" else is_topic(path) or is_special(path) for path in sources)


def _is_no_file() -> bool:
    """Whether stdin is anything but a file."""
    mode = stdin_mode()
    return mode is None or not stat.S_ISREG(mode)
