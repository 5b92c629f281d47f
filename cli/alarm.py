"""``flexstream alarm``: which traces are not as usual, at a rate one chooses."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from .console import say
from .models import member_option, one_of, opened_any
from .paths import COUNTS, FileName, check_outputs
from .rates import rate_option, say_rate
from .reading import reading
from .shares import share_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from flexstream.automata.fleet import Fleet
    from flexstream.monitoring.accepted import Accepted
    from flexstream.monitoring.notice import Thing

    from .alarm_fleet import FleetRun
    from .alarm_run import Run


class Limit(click.ParamType):
    """A share of the traces, as 0.05 or 5%, or a number of alarms, as 10."""

    name = "share|count"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return a share as a float, a count as an int."""
        text = str(value).strip()
        try:
            number = share_of(text)
        except ValueError:
            number = -1.0
        whole = text.isdigit()
        if not (0 <= number < 1 or whole or (text.endswith("%") and number <= 1)):
            self.fail(f"{value!r} is neither a share of the traces (0.05, 5%) nor a number of alarms (10).", param, ctx)
        return int(text) if whole else number


@click.command(short_help="Watch: only the traces that are not as usual.")
@click.argument("model", type=FileName())
@member_option
@rate_option
@click.option("--ungrouped", is_flag=True, help="Print each alarm as a line of JSON, at once.")
@click.option("--to", "topic", metavar="TOPIC", help="Write each alarm as a message to a topic: kafka://HOST/TOPIC.")
@click.option("--fail-above", type=Limit(), metavar="SHARE|COUNT", help="End with 3 if more traces alarm.")
@click.option("--accepted", type=FileName(), metavar="FILE", help="Alarms marked as false, which do not come again.")
@click.option("--accept", multiple=True, metavar="ID|all", help="Mark an alarm of this run as false, in --accepted.")
@click.option("--metrics", type=COUNTS, metavar="FILE", help="Write counts there, as OpenMetrics text.")
@reading
def alarm(
    model: str,
    sources: tuple[str, ...],
    member: str | None,
    rate: float | None,
    ungrouped: bool,
    topic: str | None,
    fail_above: float | int | None,
    accepted: str | None,
    accept: tuple[str, ...],
    metrics: str | None,
    **given: Any,
) -> None:
    """Tell which traces are not like those that MODEL was learned from, and what is odd about them.

    \b
      flexstream alarm model.json today.csv                    # equal alarms together, with a count
      flexstream alarm model.json today.csv --fail-above 5%    # ends with 3 if more than that alarm
      tail -n 0 -F app.log | flexstream alarm model.json - --ungrouped

    Of traces that are like those learned from, a share of --rate alarms at most, whatever they are.

    Of a pipe, and with --follow, cases are judged event by event while they are open, and one that waits
    too long alarms as well. What is printed of an alarm, and how to mark one as false: docs/alarm.md
    """
    from flexstream.automata.fleet import Fleet
    from flexstream.errors import UsageError
    from flexstream.monitoring.accepted import load_accepted
    from flexstream.monitoring.alarm import Judge
    from flexstream.monitoring.notice import judging

    from .alarm_output import output_of
    from .alarm_run import Run

    if accept and accepted is None:
        raise UsageError("--accept marks alarms in a file (expected: --accepted FILE beside it)")
    if topic is not None and ungrouped:
        raise UsageError("--to writes each alarm by itself, so that --ungrouped has no effect; leave it out")
    check_outputs([metrics, accepted if accept else None], [model])
    found = opened_any(model)
    if isinstance(found, Fleet) and member is None:
        beside = {"accepted": accepted, "accept": accept, "metrics": metrics}
        given["beside"] = [name for name, value in beside.items() if value]
        _of_fleet(model, found, rate, sources, given, ungrouped, topic, fail_above)
        return
    judge = Judge(one_of(model, found, member), rate)
    say_rate(judge, rate)
    known = load_accepted(accepted, judging(judge.model), missing=bool(accept)) if accepted else None
    output, marks = output_of(ungrouped, topic), bool(accept)
    run = Run(model, judge, sources, given, output=output, accepted=known, metrics=metrics, marks=marks)
    came = run.run()
    if accepted and accept and known is not None:
        _mark(accepted, known, accept, run.by_id, run.notices.way_to)
    _exit(came, run, fail_above)


def _of_fleet(
    path: str,
    fleet: Fleet,
    rate: float | None,
    sources: tuple[str, ...],
    given: dict[str, Any],
    ungrouped: bool,
    topic: str | None,
    fail_above: float | int | None,
) -> None:
    """Judge each trace by its member's model."""
    from flexstream.errors import UsageError
    from flexstream.monitoring.fleet_alarm import FleetJudge

    from .alarm_fleet import FleetRun

    if beside := given.pop("beside"):
        raise UsageError(f"--{beside[0]} is for alarms of one model (expected: --member beside it)")
    judge = FleetJudge(fleet, rate)
    say_rate(judge.pool, rate)
    run = FleetRun(path, judge, sources, given, ungrouped=ungrouped, topic=topic)
    came = run.run()
    _exit(came, run, fail_above)


def _exit(came: int, run: Run | FleetRun, fail_above: float | int | None) -> None:
    """End with the signal that came, or with 3 where more traces have alarmed than a share or a count allows."""
    if came:
        sys.exit(128 + came)
    if fail_above is not None:
        limit = fail_above if isinstance(fail_above, int) else fail_above * run.traces
        if run.alarms > limit:
            sys.exit(3)


def _mark(
    path: str,
    accepted: Accepted,
    ids: tuple[str, ...],
    notices: dict[str, set[Thing]],
    way_to: Callable[[Thing], tuple[str, ...]],
) -> None:
    """Mark alarms as false in a file."""
    from flexstream.errors import UsageError
    from flexstream.writers.labels import counted

    wanted = list(notices) if "all" in ids else list(ids)
    lacking = [one for one in wanted if one not in notices]
    if lacking:
        raise UsageError(f"no alarm of this run has the id {lacking[0]!r} (expected: one that stands beside an alarm)")
    for one in wanted:
        for thing in sorted(notices[one], key=repr):
            accepted.add(thing, way_to(thing))
    accepted.save(path)
    say(f"{path}: {counted(len(wanted), 'alarm')} marked as false")
