"""Beside: the files that were rotated away from the name of a log, while it is read or since it was."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..files import is_topic
from .source.cursor import Place
from .source.past import Past
from .source.raw import POLL_SECONDS
from .source.rotation import File, files_from, files_since, in_order, is_another
from .source.stopping import StopSwitch
from .source.text import Source
from .source.trail import Print


class Beside:
    """Finds what came after a file that is read, and never what was read or came before.

    Parameters
    ----------
    switch : StopSwitch
        Ends waiting.
    """

    def __init__(self, switch: StopSwitch) -> None:
        self._switch = switch
        self._past, self._remembers, self._restored = Past(), False, False
        self._where: str | os.PathLike[str] | None = None

    def begin(self, where: Any, known: Print | None, file: File | None, remember: bool) -> list[Any]:
        """Return what holds a source from a place on: several files where it was rotated meanwhile.

        Parameters
        ----------
        where : path or any other source
            What is to be read.
        known : Print or None
            What is known of its text up to the place.
        file : File or None
            Which it was.
        remember : bool
            Whether it may be rotated, so that those beside it count.
        """
        restored, self._restored = self._restored, False
        if not restored:
            self._past = Past()
        plain = isinstance(where, str | os.PathLike) and where != "-" and not is_topic(where)
        again = known is not None or file is not None
        self._remembers, self._where = plain and (remember or again) and not Path(where).is_dir(), where
        if not self._remembers:
            return [where]
        before = in_order(where)[:-1]  # looked at first: what is rotated from now on is to be read
        files = files_from(where, known, file, self._later(file) if restored else None) if again else [where]
        coming = {getattr(one, "file", None) for one in files}
        if not restored:
            self._past.take([one for one in before if one.file not in coming])
        return [*files]

    def _later(self, file: File | None) -> Any:
        return lambda: self._unread(file)

    def _unread(self, file: File | None) -> list[Any]:
        return [*self._past.unread(self._where or "", file, self._wait)]

    def _wait(self) -> bool:
        self._switch.waiting(lambda: time.sleep(POLL_SECONDS))
        return not self._switch.requested

    def moved(self, one: object, opened: File | None) -> list[Any]:
        """Return where a file is by now, and those after it, if another was opened under its name; else none."""
        if not is_another(one, opened):
            return []
        if not self._remembers:
            return [*files_since(one.once, one.file)]  # type: ignore[attr-defined]
        file = one.file  # type: ignore[attr-defined]
        *others, last = in_order(self._where or "")
        found = [other for other in others if other.file == file]
        return [*found, *(other for other in self._unread(None) if other.file != file), last]

    def after(self, source: Source) -> list[Any]:
        """Return what came after a file that is read to its end, the one that has its name last."""
        if not self._remembers:
            return []
        self._past.add(source.file, source.printed())
        self._past.since = source.changed or self._past.since
        return [*self._unread(source.file), self._where]

    def copied(self, source: Source) -> tuple[list[Any], Place | None]:
        """Return the copy of a file that was emptied and what came after it; and up to where that was read."""
        place = source.cursor.place()
        known = None if place is None or not place.offset else source.trail.at(place.offset)
        if place is None or known is None or not self._remembers:
            return [], None
        self._past.since = source.changed or self._past.since
        copies = files_from(self._where or "", known, None, self._later(None))[:-1]
        if copies:
            return [*copies, self._where], place._replace(known=known)
        self._past.add(None, known)
        return [*self._unread(None), self._where], None

    def state(self) -> dict[str, Any]:
        """Return what is remembered as a document of numbers and texts; empty where nothing is."""
        return {"past": self._past.state()} if self._past else {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on with what another remembered, if it did."""
        if "past" in state:
            self._past.restore(state["past"])
            self._restored = True
