"""What the commands say on stderr, and where their results go."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from flexstream.learner import StreamLearner
    from flexstream.readers import ReadContext

INTERVAL = 0.2


def say(text: str) -> None:
    """Print a line on stderr."""
    click.echo(f"flexstream: {text}", err=True)


def announce_compilation() -> None:
    """Say so when the kernels are compiled, which takes a while and happens once."""
    from flexstream._kernels.jit import on_first_compilation

    on_first_compilation(lambda: say("compiling the kernels; this takes up to a minute and happens once ..."))


def put(path: str, content: str | bytes) -> None:
    """Write a result to a file, whole or not at all, or to stdout for ``-``."""
    from flexstream.files import write_atomically

    if path != "-":
        write_atomically(path, content)
        return
    stream = click.get_binary_stream("stdout")
    stream.write(content.encode("utf-8") if isinstance(content, str) else content)
    stream.flush()


class Notes:
    """Prints what the readers note, each line once, as soon as it is there."""

    def __init__(self, context: ReadContext) -> None:
        self.context = context
        self._said = 0

    def flush(self) -> None:
        """Print what is new."""
        for note in self.context.notes[self._said :]:
            say(note)
        self._said = len(self.context.notes)

    def close(self) -> None:
        """Print the counts of what was left out."""
        self.flush()
        context = self.context
        if context.skipped:
            say(f"skipped {context.skipped:,} bad lines or sources; the first:")
            for message in context.messages:
                say(f"  {message}")
        if context.rejected:
            say(f"left out {context.rejected:,} strings labelled as not in the language")
        if context.forced_closed:
            say(f"closed {context.forced_closed:,} cases early, more were open than --max-open-cases/-events allow")


class Progress:
    """One line on the terminal that counts what passes; nothing where stderr is no terminal."""

    def __init__(self) -> None:
        self._shows = sys.stderr.isatty()
        self._started = self._last = time.monotonic()

    def update(self, learner: StreamLearner) -> None:
        """Show where the learner is, a few times a second."""
        now = time.monotonic()
        if not self._shows or now - self._last < INTERVAL:
            return
        from flexstream.memory import format_memory

        self._last = now
        rate = learner.events / max(now - self._started, 1e-9)
        text = (
            f"{learner.traces:,} traces  {learner.events:,} events  {rate:,.0f} events/s  "
            f"{learner.states:,} states  {format_memory(learner.tree.nbytes)}"
        )
        click.echo(f"\r\x1b[K{text}", err=True, nl=False)

    def clear(self) -> None:
        """Take the line away."""
        if self._shows:
            click.echo("\r\x1b[K", err=True, nl=False)


@contextmanager
def progress() -> Iterator[Progress]:
    """Show progress while the block runs."""
    shown = Progress()
    try:
        yield shown
    finally:
        shown.clear()
