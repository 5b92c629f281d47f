"""The entry point: which commands there are, and how errors and signals end them."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import FunctionType
from typing import Any, cast

import click

from flexstream import __version__
from flexstream.errors import FlexStreamError, UsageError

from .console import abandon_stdout, say, with_options

COMMANDS = (
    "learn",
    "watch",
    "inspect",
    "presets",
    "score",
    "alarm",
    "predict",
    "evaluate",
    "explain",
    "diff",
    "verify",
    "merge",
    "show",
    "export",
    "view",
    "sample",
    "simulate",
    "pac",
    "demo",
)
"""A command is a module of this package with a click command of the same name."""
_ROOM = 1 << 13
"""Values for which a frame has room that is to have room for all others."""


def _telling(names: list[str], words: str, tell: Callable[[click.Context], str]) -> click.Option:
    """Return an option that tells something and ends.

    Those that click makes look for their words in every language at each start, in vain.
    """

    def show(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
        if wanted and not ctx.resilient_parsing:
            click.echo(tell(ctx), color=ctx.color)
            ctx.exit()

    return click.Option(names, is_flag=True, expose_value=False, is_eager=True, help=words, callback=show)


_HELP = _telling(["-h", "--help"], "Show this message and exit.", click.Context.get_help)
_VERSION = _telling(["--version"], "Show the version and exit.", lambda _: f"flexstream, version {__version__}")


class Commands(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f".{cmd_name}", __package__), cmd_name)
        # Of its class, not of the command: a process that asks again must not wrap what it has wrapped.
        make = partial(type(command).make_parser, command)
        command.get_help_option = lambda ctx: _HELP  # type: ignore[method-assign]
        command.make_parser = partial(_parser, make)  # type: ignore[method-assign]
        return command

    def get_help_option(self, ctx: click.Context) -> click.Option:
        """Return ``--help``."""
        return _HELP

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; click itself would end with 1 where the reader of stdout has gone."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            abandon_stdout()
            sys.exit(141)


def _parser(make: Callable[[click.Context], Any], ctx: click.Context) -> Any:
    """Return a parser that finds ``-o`` at once.

    Click looks for it among the long options first, and as it is not there for names like it, which nobody reads.
    """
    parser = make(ctx)
    long, short = parser._match_long_opt, parser._match_short_opt

    def match(option: str, value: str | None, state: Any) -> None:
        if value is None and option in parser._short_opt:
            short(option, state)
        else:
            long(option, value, state)

    parser._match_long_opt = match
    return parser


@click.group(
    cls=Commands,
    params=[_VERSION],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def flexstream() -> None:
    """Learn state machines from streams of events, in one pass and bounded memory.

    Try `flexstream demo`, then `flexstream learn YOUR.log --svg picture.svg`.
    """


def main(args: list[str] | None = None) -> Any:
    """Run a command; exit with 0, 1 (data), 2 (usage) or 128 + signal."""
    try:
        return flexstream.main(args, prog_name="flexstream", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except FlexStreamError as error:
        say(f"error: {with_options(error.message)}")
        sys.exit(2 if isinstance(error, UsageError) else 1)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        say(f"error: {where}{error.strerror or error}")
        sys.exit(1)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)
    except MemoryError:
        say("error: out of memory; try a smaller --memory")
        sys.exit(1)


def _with_room(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function in whose frame there is room for those of all that it calls.

    Python lays the frames of calls side by side in pieces of 16 KiB.  Where a call that is made again and again is the
    first that has no room in one, the next piece is asked of the system for each and given back, which takes as long as
    many calls do.  A function whose own frame is larger gets a larger piece.
    """
    plain = cast("FunctionType", function)
    return FunctionType(plain.__code__.replace(co_stacksize=_ROOM), plain.__globals__, argdefs=plain.__defaults__)


def program() -> None:
    """Run a command and end the process.

    What the operating system frees anyway is not taken down piece by piece before: that takes a tenth of the time of
    learning a small problem.
    """
    # Nothing here has matrices so large that threads for them would pay, and starting these delays every start.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    code: Any = 0
    try:
        _with_room(main)()
    except SystemExit as end:
        code = end.code or 0
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):  # closed, or nobody reads it any more
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    program()
