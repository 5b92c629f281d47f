"""The page while a learner learns: who looks at the learner, who draws, who answers browsers."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from ..arguments import expect
from ..automata.mixture import Ensemble
from ..automata.pdfa import PDFA
from ..budget import format_memory
from ..learning.learner import StreamLearner
from ..monitoring.notice import ShownTime
from ..visible import visible
from .board import Board
from .live_html import live_html
from .looking import Looking
from .scene import Scenes
from .server import Server
from .timeline import Point

TICK, MOST_TICK = 0.5, 1.0
"""Seconds between two looks at the clock, at least, and at most where browsers ask seldom."""
_MEMORY = Path("/proc/self/statm")


class LivePage:
    """A page on this machine alone that shows a learner at work.

    The learner is looked at now and then, for a small share of its time; what is shown is drawn and sent by threads of
    their own, from what does not change any more.  However many browsers look, and however slow they are, nobody waits
    for them.

    Parameters
    ----------
    learner : StreamLearner
    title : str
        What stands above.
    port : int
        Of the loopback address; 0: any that is free.
    drift : bool
        Whether to watch for changes of the source, in the traces that are looked at.
    sources : sequence of str
        What the sources of batches that know their origins are called.
    busy : Lock, optional
        Held by whoever uses the learner: then it is also looked at while it waits for more.

    Attributes
    ----------
    address : str
        Where the page is, with the token without which nothing is told.

    Raises
    ------
    OSError
        If the port is taken.

    Examples
    --------
    >>> from urllib.request import urlopen
    >>> learner = StreamLearner()
    >>> with LivePage(learner) as page:
    ...     learner.learn_many([["load", "run", "unload"]] * 100)
    ...     urlopen(page.address).status
    200
    """

    def __init__(
        self,
        learner: StreamLearner,
        title: str = "A learner of FlexStream",
        port: int = 0,
        drift: bool = True,
        sources: Sequence[str] = (),
        busy: threading.Lock | None = None,
    ) -> None:
        self._learner = expect("learner", learner, StreamLearner)
        self._busy, self._board, self._scenes = busy, Board(), Scenes()
        self._looking = Looking(learner, self._board, drift, sources)
        self._server = Server(live_html(title), self._board.news, port)
        self._wake, self._over = threading.Event(), False
        self._ended: str | None = None
        self._last = (0.0, 0, 0)  # when numbers were taken last, traces and events by then
        self._began = time.monotonic()
        self._threads = [
            threading.Thread(target=work, name=f"live {name}", daemon=True)
            for name, work in (("clock", self._watch_clock), ("drawing", self._draw))
        ]

    @property
    def address(self) -> str:
        """Where the page is."""
        return self._server.address

    def __enter__(self) -> LivePage:
        self._learner.observe(self._looking)
        self._server.start()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def show_times(self, shown_time: ShownTime) -> None:
        """Let the times of events be shown as this says, see `flexstream.readers.shown_times`."""
        self._looking.show_times(shown_time)

    def rest(self) -> None:
        """Look at the learner no more."""
        self._looking.stop()

    def end(self, model: PDFA | Ensemble | None, words: str) -> None:
        """Say that the stream has ended, and show what was learned; the learner is not looked at any more."""
        self.rest()
        self._looking.tell_drift(self._learner)  # what was found since the last look
        if model is not None:
            self._looking.versions.put(model.best if isinstance(model, Ensemble) else model)
        self._ended = words
        self._tick()

    def close(self) -> None:
        """Answer nobody any more."""
        self._over = True
        self._looking.stop()
        self._wake.set()
        self._looking.versions.put(None)
        self._server.close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=5)

    # --- threads

    def _watch_clock(self) -> None:
        while not self._wake.wait(max(TICK, min(self._server.pauses.seconds(), MOST_TICK))):
            self._tick()
            self._look_while_idle()

    def _look_while_idle(self) -> None:
        """Look at the learner where nobody uses it, if there is something that has not been looked at."""
        looking = self._looking
        if self._busy is None or not looking.waits() or not self._busy.acquire(blocking=False):
            return
        try:
            if looking.waits():  # still: while this waited all may have come to its end
                looking.take_version(self._learner)
        finally:
            self._busy.release()

    def _tick(self) -> None:
        now = time.monotonic() - self._began
        (before, traces, events), seen = self._last, self._looking.seen
        self._last = now, seen.traces, seen.events
        new = max(0, seen.traces - traces), max(0, seen.events - events)
        scored = self._looking.taken()
        memory = memory_of_process()
        point = Point(before, now - before, *new, scored.scored, scored.mean, scored.squares, memory)
        self._board.tick(self._numbers(now, memory), point)

    def _numbers(self, now: float, memory: int) -> dict[str, Any]:
        seen = self._looking.seen
        return {
            "seconds": round(now, 2),
            "traces": seen.traces,
            "events": seen.events,
            "symbols": seen.symbols,
            "states": seen.states,
            "memory": format_memory(memory),
            "used": format_memory(seen.used),
            "budget": format_memory(self._learner.budget.total),
            "looked": self._looking.looked,
            "again": round(1000 * self._server.pauses.seconds()),
            "ended": None if self._ended is None else visible(self._ended),
        }

    def _draw(self) -> None:
        """Draw versions as they come; where several wait only the newest."""
        while not self._over:
            automaton = self._looking.versions.get()
            if automaton is None:
                continue
            started = time.thread_time()
            self._board.show(self._scenes.scene(automaton))
            self._looking.took(time.thread_time() - started)


def memory_of_process() -> int:
    """Return the bytes that this process takes now, or took at most where the system does not tell that.

    >>> memory_of_process() > 1 << 20
    True
    """
    with suppress(OSError, ValueError, IndexError):
        import os

        return int(_MEMORY.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
