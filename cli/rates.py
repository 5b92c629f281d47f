"""The share of usual traces that may alarm: its option, and what is said where nobody chose it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .console import say
from .shares import Share

if TYPE_CHECKING:
    from flexstream.monitoring.alarm import Judge

rate_option = click.option(
    "--rate",
    type=Share(),
    show_default="0.01, or the least that the model can keep",
    help="Share of usual traces that alarm, at most.",
)


def say_rate(judge: Judge, chosen: float | None) -> None:
    """Say at which rate traces alarm, where that is neither chosen nor the usual one; and what makes it stricter."""
    from flexstream.monitoring.alarm import RATE

    if chosen is None and judge.rate > RATE:
        say(
            f"alarms at a rate of {judge.rate:g}, the least that a model calibrated by {judge.calibration.traces:,} "
            f"traces can keep ({RATE:g} takes {judge.calibration.traces_for(RATE):,}; --rate chooses another)"
        )
    known = judge.calibration
    numbers = zip(known.statistics, known.index.tolist(), strict=True)
    together = [f"{name}: {index:.1f}" for name, index in numbers if index > 1]
    if together:
        say(
            f"strange traces came together where this was learned, so many at a time ({', '.join(together)}); these "
            f"alarm by a stricter limit, which keeps the rate in 95 of 100 stretches of {known.traces:,} traces"
        )
