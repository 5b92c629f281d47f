"""The options that say how much of an automaton a picture shows."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from flexstream.writers.view import ViewOptions


ALL = (0.0, 0, None, None)


def _view(shown: tuple[float, float, int | None, bool | None]) -> ViewOptions:
    from flexstream.writers.view import ViewOptions  # imported by those alone who leave something out

    return ViewOptions(*shown)


def view_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the view options to a command, which gets them as ``view``: None where all is shown."""

    @click.option("--min-prob", type=float, default=0.0, help="Hide transitions less likely than this.")
    @click.option("--min-count", type=float, default=0, help="Hide transitions seen less often than this.")
    @click.option("--max-states", type=int, default=None, help="Show only the most visited states.")
    @click.option(
        "--times/--no-times",
        default=None,
        help="Show the median time that each transition takes; unless you say so where few are shown.",
    )
    @functools.wraps(command)
    def wrapped(min_prob: float, min_count: float, max_states: int | None, times: bool | None, **given: Any) -> Any:
        shown = min_prob, min_count, max_states, times
        return command(view=None if shown == ALL else _view(shown), **given)

    return wrapped
