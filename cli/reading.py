"""The options that say how to read, shared by all commands that do."""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .console import say
from .paths import FileName, check_sources, each_once, no_trace, stdin_mode

if TYPE_CHECKING:
    from flexstream import Alphabet, Fleet, Model
    from flexstream.readers import Reading
    from flexstream.readers.options import ReadOptions

F = TypeVar("F", bound=Callable[..., Any])
UNKNOWN_BYTES = 1 << 24
"""Bytes for symbols that the model does not know. They all count alike, so that one name stands for those beyond."""


class LateChoice(click.ParamType):
    """A choice among names that are looked up when they are needed, so that --help stays quick."""

    name = "name"

    def __init__(self, names: Callable[[], list[str]]) -> None:
        self.names = names

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """Return the names for the help page."""
        return f"[{'|'.join(self.names())}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the name if it is one."""
        if value not in self.names():
            self.fail(f"{value!r} is not one of {', '.join(self.names())}.", param, ctx)
        return value


def _formats() -> list[str]:
    from flexstream.readers import FORMATS

    return list(FORMATS)


_OPTIONS = (
    click.option("--preset", metavar="NAME|FILE", help="How a common kind of log is read; see flexstream presets."),
    click.option("--format", type=LateChoice(_formats), help="Format of the input; guessed by default."),
    click.option("--case", help="Column or field that tells the cases apart; '' for none."),
    click.option("--event", help="Column or field of the symbol; several joined with +."),
    click.option("--time", help="Column or field of the time; '' for none."),
    click.option("--time-format", metavar="FORMAT", help="Form of the times, as for strptime; %s: seconds since 1970."),
    click.option("--sequence", help="Column or field that holds a whole trace."),
    click.option("--lifecycle", metavar="join|complete|…", help="Join the lifecycle to events, or keep those with it."),
    click.option("--pattern", help="Regular expression for log lines; groups case, event, time, lifecycle, message."),
    click.option("--delimiter", help="Character between CSV columns, or symbols of lines."),
    click.option(
        "--mask/--no-mask", default=None, help="Mask what varies in a symbol; default: in messages and free text."
    ),
    click.option("--per", metavar="FIELD", help="Field that tells the members of a fleet apart; @file: the source."),
    click.option("--redact", is_flag=True, help="Leave out names, addresses, long numbers; names of cases altogether."),
    click.option("--encoding", help="Encoding of the text, such as latin-1; UTF-8 and UTF-16 are recognised."),
    click.option("--idle", type=float, metavar="SECONDS", help="A case silent for so long is over."),
    click.option("--longest-line", metavar="SIZE", help="Longest line, record or tag, such as 64MiB; by the memory."),
    click.option("--max-open-cases", type=int, default=100_000, show_default=True, help="Cases open at once."),
    click.option("--max-open-events", type=int, default=10_000_000, show_default=True, help="Events in open cases."),
    click.option("--gap", type=float, metavar="SECONDS", help="Silence that cuts a case, or events without, in two."),
    click.option("--start", metavar="EVENT", help="Event that begins a trace."),
    click.option("--window", type=int, metavar="N", help="Cut cases, or events without, into traces of N."),
    click.option("--stride", type=int, metavar="M", help="Start a window every M events; default N."),
    click.option("--cut/--no-cut", default=True, help="Cut few long cases, so that states can be found."),
    click.option("--durations/--no-durations", default=True, help="Keep the times between events, where known."),
    click.option("--follow", is_flag=True, help="At the end of the last source wait for more."),
    click.option(
        "--on-error",
        type=click.Choice(["stop", "skip"]),
        default="stop",
        show_default=True,
        help="At a bad line.",
    ),
)


def told(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the reading options that stand on the command line, out of all that a command was given."""
    context, typed = click.get_current_context(), click.core.ParameterSource.COMMANDLINE
    return {name: value for name, value in given.items() if context.get_parameter_source(name) == typed}


def read_options(given: Mapping[str, Any]) -> ReadOptions:
    """Return the reading options that a command was given; those on the command line come before a preset's."""
    from flexstream.readers.options import ReadOptions, expanded

    return ReadOptions(**expanded(given, told(given)))


def reading(command: F) -> F:
    """Add the reading options to a command, which gets them as keyword arguments."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return click.argument("sources", nargs=-1, required=True, type=FileName(), callback=each_once, metavar="SOURCE...")(
        command
    )


def reading_if_any(command: F) -> F:
    """Add the reading options to a command that can do without sources."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return click.argument("sources", nargs=-1, type=FileName(), callback=each_once, metavar="[SOURCE]...")(command)


def alphabet_like(model: Model | Fleet) -> Alphabet:
    """Return the alphabet of a model, to read with: what it does not know takes so much memory and no more."""
    alphabet = model.alphabet()
    alphabet.limit(UNKNOWN_BYTES)
    return alphabet


def usual_on_error(sources: tuple[str, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is done about bad lines where nobody says: in a stream that goes on one of them ends nothing."""
    return {"on_error": "skip"} if given.get("follow") or ("-" in sources and _is_pipe()) else {}


def _is_pipe() -> bool:
    """Whether another program writes what is read from stdin."""
    mode = stdin_mode()
    return mode is not None and (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode))


def tell_years(reading: Reading) -> None:
    """Say that times were shown with a year that they were read without."""
    if reading.shown_time.dated:
        say("times without a year are shown in the newest in which they are not after their file, or after now")


def none_came(sources: tuple[str, ...], reading: Reading, stopped: bool, watched: bool = False) -> None:
    """Say that no trace came; it is an error, as it is to `learn`, but where none need come.

    Parameters
    ----------
    sources : tuple of str
    reading : Reading
    stopped : bool
        Whether a signal ended it.
    watched : bool
        Whether pipes go on too: a topic, and a file that is followed, always do.

    Raises
    ------
    DataError
    """
    from flexstream.files import is_topic

    goes_on = reading.options.follow or any(map(is_topic, sources)) or (watched and "-" in sources and _is_pipe())
    if not (stopped or goes_on):
        raise no_trace(sources)
    say("no trace came")


def reading_like(
    path: str,
    automaton: Model | Fleet,
    sources: tuple[str, ...],
    alphabet: Alphabet,
    given: dict[str, Any],
    usual: Mapping[str, Any] | None = None,
    **more: Any,
) -> Reading:
    """Return the reading of sources as the model's stream was read, but for what the command line says.

    Parameters
    ----------
    path : str
        Of the model.
    automaton : Model
    sources, alphabet
        As for `Reading`.
    given : dict
        Reading options.
    usual : mapping, optional
        Those that hold where the command line says nothing.
    **more
        Further parameters of `Reading`.
    """
    from flexstream.errors import ModelError
    from flexstream.readers import Reading, ReadOptions
    from flexstream.readers.options import expanded
    from flexstream.readers.prior import Prior

    manner, said = automaton.provenance.get("reading"), expanded(told(given))
    for name, value in {"cut": False, **(usual or {})}.items():  # what is asked is how likely a case is, not parts
        said.setdefault(name, value)
    try:
        prior = None if manner is None else Prior(manner, said)
    except ModelError as error:
        raise ModelError(f"{path}: {error.message.marked}") from None
    options = ReadOptions(**{**given, **said}) if prior is None else prior.options
    check_sources(sources, options.on_error == "skip")
    return Reading(sources, alphabet, options, prior=prior, **more)
