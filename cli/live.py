"""The live page of a run that learns."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .console import say

if TYPE_CHECKING:
    from flexstream.learning.learner import StreamLearner
    from flexstream.live import LivePage
    from flexstream.readers import Reading

    from .outputs import Outputs

F = TypeVar("F", bound=Callable[..., Any])
WATCH, STAY = True, "stay"
"""Show a page while the stream lasts; and go on showing it after its end."""


def live_options(command: F) -> F:
    """Add the options to a command, which gets them as keyword arguments ``watch`` and ``port``."""
    watch = click.option("--watch", is_flag=True, help="Show a page of it meanwhile, on this machine alone.")
    port = click.option(
        "--port", type=click.IntRange(0, 65535), metavar="PORT", help="Of the page; default: any that is free."
    )
    return watch(port(command))


class Watched:
    """A learner that may be watched.

    Attributes
    ----------
    busy : Lock
        Held while the learner is used.
    """

    def __init__(self, page: LivePage | None, busy: threading.Lock, stay: bool) -> None:
        self._page, self.busy, self._stay = page, busy, stay
        self._stopped = False

    @contextmanager
    def looking(self, reading: Reading) -> Iterator[None]:
        """Let the learner be looked at while the block runs; after it nobody uses it but who called this."""
        if self._page is not None:
            self._page.show_times(reading.shown_time)
        try:
            yield
        finally:
            if self._page is not None:
                with self.busy:
                    self._page.rest()

    def end(self, outputs: Outputs, came: Sequence[int], failed: bool) -> None:
        """Say on the page what has become of the stream."""
        if self._page is None:
            return
        self._stopped = bool(came) or outputs.last is None
        how = "was stopped" if came else "broke off: an error ended the reading" if failed else "has ended"
        self._page.end(outputs.last, f"The stream {how}; this is what was learned.")

    def stay(self) -> None:
        """Go on showing the page of a stream that has ended by itself, where that is wanted, until a signal comes."""
        if self._page is None or not self._stay or self._stopped:
            return
        say(f"the stream has ended, the page stays until Ctrl-C: {self._page.address}")
        over = threading.Event()
        before = {number: signal.signal(number, lambda *_: over.set()) for number in _signals()}
        try:
            while not over.wait(0.5):  # a wait without limit would not let signals through everywhere
                pass
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _signals() -> Iterator[signal.Signals]:
    """Yield what ends the page."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        with suppress(AttributeError):
            number = getattr(signal, name)
            if signal.getsignal(number) != signal.SIG_IGN:
                yield number


@contextmanager
def watched(
    learner: StreamLearner, sources: Sequence[str], watch: bool | str, port: int | None, follow: str | None
) -> Iterator[Watched]:
    """Show a page of a learner while the block runs, if that is asked for.

    Parameters
    ----------
    learner : StreamLearner
    sources : sequence of str
    watch : bool or str
        See `WATCH` and `STAY`.
    port : int, optional
    follow : str, optional
        What is done about changes of the source: where somebody watches all traces the page tells what that one finds.
    """
    busy = threading.Lock()
    if not watch:
        if port is not None:
            from flexstream.errors import UsageError, parameter

            raise UsageError(f"{parameter('port')} needs {parameter('watch')}")
        yield Watched(None, busy, False)
        return
    with _page(learner, sources, port or 0, follow is None, busy) as page:
        say(f"watch it at {page.address}")
        live = Watched(page, busy, watch == STAY)
        yield live
        live.stay()


def _page(learner: StreamLearner, sources: Sequence[str], port: int, drift: bool, busy: threading.Lock) -> LivePage:
    """Return a page; a port that is taken is told in one line."""
    from flexstream.errors import UsageError, parameter
    from flexstream.live import LivePage

    names = ["stdin" if source == "-" else source for source in sources]
    title = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    try:
        return LivePage(learner, title, port, drift, names, busy)
    except OSError as error:
        raise UsageError(
            f"{parameter('port')} {port} cannot be had: {error.strerror or error} (expected: a free one, or none)"
        ) from None
