"""What the commands say on stderr, and where their results go."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .paths import is_special

if TYPE_CHECKING:
    from flexstream.learner import StreamLearner
    from flexstream.readers import ReadContext

INTERVAL = 0.2


def say(text: str) -> None:
    """Print a line on stderr; that nobody reads it is no reason to lose what was learned."""
    with suppress(OSError):
        click.echo(f"flexstream: {text}", err=True)


def put(path: str, content: str | bytes) -> None:
    """Write a result to a file, whole or not at all, or to stdout for ``-``; pipes and devices get it as it is."""
    from flexstream.errors import DataError
    from flexstream.files import write_atomically

    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    if path == "-":
        _print(data)
    elif not is_special(path):
        write_atomically(os.path.realpath(path), data)
    else:
        try:
            Path(path).write_bytes(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise DataError(
                path, None, f"cannot be written: {error.strerror}", "a pipe or device you may write to"
            ) from None


def _print(data: bytes) -> None:
    from flexstream.errors import DataError

    if sys.stdout is None:
        raise DataError("<stdout>", None, "is closed", "an open stdout")
    try:
        sys.stdout.flush()
        rest = memoryview(data)
        while rest:  # unbuffered (PYTHONUNBUFFERED), a write may take only a part
            rest = rest[sys.stdout.buffer.write(rest) :]
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        abandon_stdout()
        raise DataError("<stdout>", None, f"cannot be written: {error.strerror}", "a stdout with room") from None


def abandon_stdout() -> None:
    """Let what is still buffered go nowhere: a last flush at exit would complain again."""
    with suppress(AttributeError, OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Notes:
    """Prints what the readers note, each line once, as soon as it is there."""

    def __init__(self, context: ReadContext) -> None:
        self.context = context
        self._said = 0

    def flush(self) -> None:
        """Print what is new."""
        fresh = self.context.notes[self._said :]
        self._said += len(fresh)  # another thread may add to them meanwhile
        for note in fresh:
            say(note)

    def close(self) -> None:
        """Print the counts of what was left out."""
        from flexstream.writers.labels import counted

        self.flush()
        context = self.context
        if context.skipped:
            say(f"skipped {counted(context.skipped, 'bad line or source', 'bad lines or sources')}; the first:")
            for message in context.messages:
                say(f"  {message}")
        if context.rejected:
            say(f"left out {counted(context.rejected, 'string')} labelled as not in the language")
        if context.forced_closed:
            memory = " or --memory" if context.room is not None else ""
            say(
                f"closed {counted(context.forced_closed, 'case')} early, more were open than "
                f"--max-open-cases/-events{memory} allow"
            )


class Progress:
    """One line on the terminal that counts what passes; nothing where stderr is no terminal."""

    def __init__(self) -> None:
        self._shows = sys.stderr is not None and sys.stderr.isatty()
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
