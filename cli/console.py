"""What the commands say on stderr, and where their results go."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click

from flexstream.learning.observers import Observer
from flexstream.visible import visible

if TYPE_CHECKING:
    from flexstream.errors import Message
    from flexstream.learning.learner import StreamLearner
    from flexstream.readers import Reading
    from flexstream.stream.batch import TraceBatch

INTERVAL = 0.2
KEPT_SECONDS = 10.0
"""Between two commits to a group whose readers share the partitions of a topic."""


def say(text: str) -> None:
    """Print a line on stderr, in which files may be called anything; that nobody reads it is no reason to lose what was
    learned."""
    with suppress(OSError):
        click.echo(f"flexstream: {visible(text)}", err=True)


OPTIONS = {"every": "--refine-every", "options": "--set", "plan": "--pac", "cut=False": "--no-cut"}
OPTIONS |= {"whole": "--all", "boxes": "--as", "durations=False": "--no-durations"}
"""Parameters of the library that the command line calls otherwise; all others are options of their own name."""


def with_options(message: Message) -> str:
    """Return a message of the library with the options that stand for its parameters."""
    return message.naming(lambda name: OPTIONS.get(name, f"--{name.replace('_', '-')}"))


def tell(message: Message) -> None:
    """Say what the library has to say."""
    say(with_options(message))


def given_options() -> dict[str, Any]:
    """Return the options that stand on the command line, by their names there with underscores, and their values."""
    context = click.get_current_context()
    return {
        max(param.opts, key=len).lstrip("-").replace("-", "_"): context.params[param.name or ""]
        for param in context.command.params
        if isinstance(param, click.Option)
        and context.get_parameter_source(param.name or "") == click.core.ParameterSource.COMMANDLINE
    }


def refuse_beside(cause: str, *heeded: str) -> None:
    """Refuse options that stand on the command line and have no effect beside others.

    Parameters
    ----------
    cause : str
        What makes them so, as "--parameters prints and stops".
    *heeded : str
        The options that have an effect all the same, as `given_options` calls them.

    Raises
    ------
    UsageError
    """
    from flexstream.errors import UsageError

    for name in given_options():
        if name not in heeded:
            option = f"-{name}" if len(name) == 1 else f"--{name.replace('_', '-')}"
            raise UsageError(f"{cause}, so that {option} has no effect (expected: one of them without the other)")


def put(path: str, content: str | bytes) -> None:
    """Write a result to a file, whole or not at all, or to stdout for ``-``; pipes and devices get it as it is."""
    from flexstream.files import encoded, write_atomically

    if path == "-":
        _print(encoded(content))
    else:
        write_atomically(path, content)


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
        raise DataError("<stdout>", None, f"cannot be written: {error.strerror}", "a stdout with free space") from None


def abandon_stdout() -> None:
    """Let what is still buffered go nowhere: a last flush at exit would complain again."""
    with suppress(AttributeError, OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Notes:
    """Prints what the readers note, each line once, as soon as it is there."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._said = 0

    def flush(self) -> None:
        """Print what is new."""
        fresh = self.reading.notes[self._said :]
        self._said += len(fresh)  # another thread may add to them meanwhile
        for note in fresh:
            say(with_options(note))

    def close(self) -> None:
        """Print the counts of what was left out."""
        from flexstream.writers.labels import counted

        self.flush()
        stats = self.reading.stats
        if stats.skipped:
            say(f"skipped {counted(stats.skipped, 'bad line or source', 'bad lines or sources')}; the first:")
            for message in stats.messages:
                say(f"  {with_options(message)}")
        if stats.continued:
            say(f"{counted(stats.continued, 'line belongs', 'lines belong')} to the line above")
        if stats.rejected:
            say(f"left out {counted(stats.rejected, 'string')} labelled as not in the language")
        if stats.late:
            memory = " (more wait with more --memory)" if self.reading.case_bytes is not None else ""
            say(f"{counted(stats.late, 'event')} came too late to be put in the order of the times{memory}")
        if stats.astray:
            say(
                f"{counted(stats.astray, 'event')} with a time years away from all others: a wrong clock; kept in place"
            )
        if stats.untimed:
            say(f"{counted(stats.untimed, 'event')} without a time that is understood: kept in place")
        if stats.closed_early:
            memory = " or --memory" if self.reading.case_bytes is not None else ""
            say(
                f"closed {counted(stats.closed_early, 'case')} early, more were open than "
                f"--max-open-cases/-events{memory} allow"
            )


class Progress(Observer):
    """One line on the terminal that counts what passes; nothing where stderr is no terminal."""

    def __init__(self) -> None:
        self._shows = sys.stderr is not None and sys.stderr.isatty()
        self._started = self._last = time.monotonic()

    def counted(self, learner: StreamLearner, batch: TraceBatch) -> None:
        """Show where the learner is, a few times a second."""
        now = time.monotonic()
        if not self._shows or now - self._last < INTERVAL:
            return
        from flexstream.budget import format_memory

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
def progress(learner: StreamLearner) -> Iterator[None]:
    """Show a learner's progress while the block runs."""
    shown = Progress()
    learner.observe(shown)
    try:
        yield
    finally:
        shown.clear()
