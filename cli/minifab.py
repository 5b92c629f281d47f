"""``flexstream simulate minifab``: events of a simulated semiconductor line."""

from __future__ import annotations

import math
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flexstream.errors import UsageError

from .console import put, refuse_beside, say
from .paths import TRACES, FileName, check_default, check_outputs
from .reading import LateChoice

if TYPE_CHECKING:
    from flexstream.fab.faults import Fault
    from flexstream.fab.parameters import Parameters


def _profiles() -> list[str]:
    from flexstream.fab.profiles import PROFILES

    return list(PROFILES)


def _a_number(_: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    """Refuse nan, which is within no range and outside none."""
    if value is not None and math.isnan(value):
        raise click.BadParameter("nan is no number.")
    return value


@click.command(short_help="Events of the Intel MiniFab: lots, machines, people.")
@click.option(
    "--weeks",
    type=click.FloatRange(0, min_open=True),
    callback=_a_number,
    default=4.0,
    show_default=True,
    help="Horizon; inf: events for ever.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same bytes.")
@click.option("--profile", type=LateChoice(_profiles), default="default", show_default=True, help="Named settings.")
@click.option("--config", type=FileName(), metavar="FILE", help="TOML file that overrides parameters.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Override one: --set starts.Pa=40.")
@click.option(
    "--by",
    type=click.Choice(["lot", "machine", "operator", "technician", "carrier", "all"]),
    default="lot",
    show_default=True,
    help="Whose traces; all: every event of everything.",
)
@click.option(
    "--only", default="", metavar="NAME", help="Only this machine class (diffusion, ...) or entity (Mc, ...)."
)
@click.option(
    "--per",
    type=click.Choice(["cycle", "shift", "day", "life"]),
    default="cycle",
    show_default=True,
    help="A trace of a machine or person: from idle to idle, the cycles begun in a shift or a day, or the life of a "
    "machine, from a repair to the next breakdown.",
)
@click.option("--timed", is_flag=True, help="Say how long things took: process-done~53m.")
@click.option("--cut", is_flag=True, help="Also print cases that the horizon cuts in two.")
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    callback=_a_number,
    metavar="X",
    help="Live: X times as fast as the clock.",
)
@click.option("--inject", multiple=True, metavar="FAULT", help="KIND:TARGET:VALUE@TIME, such as slow:Mc:1.3@2w.")
@click.option("--truth", type=FileName(), metavar="FOLDER", help="Write ground truth: states, state machines, faults.")
@click.option("--series", type=TRACES, metavar="FILE", help="Write the time-series data set (CSV) instead.")
@click.option("--parameters", "listing", is_flag=True, help="Print all parameters as TOML and stop.")
@click.option("-o", "--output", type=TRACES, default="-", show_default=True, help="Where the events go.")
def minifab(profile: str, config: str | None, settings: tuple[str, ...], listing: bool, **given: Any) -> None:
    """Simulate the Intel MiniFab: five machines, six steps, re-entrant.

    Prints one event a line as JSON. case and activity are made for learning, so that no option is needed:

    \b
      flexstream simulate minifab --weeks 52 | flexstream learn - --svg lots.svg
      flexstream simulate minifab --by machine --only implant | flexstream learn - --svg implant.svg
      flexstream simulate minifab --inject skip:S4:0.2@2w | flexstream score model.json -

    \b
    Profiles:
      default             failures, maintenance, people and one carrier
      no-failures         machines do not break down
      no-maintenance      neither breakdowns nor preventive maintenance
      no-people           machines load and repair themselves
      breaks              every operator has 30 minutes of break in each shift
      failures-by-steps   breakdowns after a number of runs, not after a time
      fifo                lithography takes lots in order and ignores setups
      valente             15 minutes each to load and unload a diffusion batch
      deadlock            no places are kept, so that the line jams within weeks

    \b
    Faults:
      slow:MACHINE:FACTOR@TIME         processing takes so many times as long
      skip:STEP:SHARE@TIME             a share of the lots leaves out a step
      route:STEP+STEP:SHARE@TIME       a share of the lots exchanges two steps
      dispatch:CLASS:RULE@TIME         another rule (fifo, least-setup)
      breakdowns:MACHINE:FACTOR@TIME   so many times as many breakdowns (all: every machine)
    TIME is a number with w, d, h or m.
    """
    from flexstream.fab.profiles import load_parameters, setting, to_toml

    if listing:
        refuse_beside("--parameters prints them and stops", "parameters", "profile", "config", "set")
    elif given["series"]:
        own = "series", "weeks", "seed", "profile", "config", "set"
        refuse_beside("--series writes a data set, no events", *own)
    changes: dict[str, Any] = {}
    for text in settings:
        for name, value in setting(text).items():
            old = changes.get(name)
            changes[name] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
    parameters = load_parameters(profile, config, changes)
    if listing:
        put("-", to_toml(parameters))
    elif given["series"]:
        _write_series(parameters, given["series"], given["weeks"], given["seed"])
    else:
        _stream(parameters, **given)


def _write_series(parameters: Parameters, path: str, weeks: float, seed: int) -> None:
    from flexstream.fab.series import card, series

    card_path = str(Path(path).with_suffix(".md")) if path != "-" else None
    if card_path == path:
        raise UsageError(f"{path} is where the data card goes (expected: a name such as series.csv)")
    if math.isinf(weeks):
        raise UsageError("a series for ever does not end in a file (expected: --weeks with a number)")
    check_outputs([path, card_path], [])
    if card_path:
        check_default(card_path, "simulate", f"another name than {path}: its data card goes beside it")
    text = series(parameters, weeks, seed)
    put(path, text)
    if card_path:
        put(card_path, card(parameters, weeks, seed, text))
        say(f"wrote {path} and its data card {card_path}")


def _stream(
    parameters: Parameters,
    weeks: float,
    seed: int,
    inject: tuple[str, ...],
    truth: str | None,
    speed: float | None,
    output: str,
    series: None,
    **view: Any,
) -> None:
    from flexstream.fab.log.output import stream
    from flexstream.fab.parameters import WEEK
    from flexstream.fab.plant import Plant
    from flexstream.fab.truth_folder import TruthFolder

    from .stopping import interrupted
    from .streaming import Sink

    check_outputs([output], [])
    _check_view(parameters, view["by"], view["only"], view["per"])
    faults = _faults(parameters, inject, weeks)
    plant = Plant(parameters, seed, faults=faults)
    folder = TruthFolder(truth, plant, view["per"]) if truth else None
    check_outputs([output, *map(str, folder.paths if folder else ())], [])
    view["cut"] |= speed is not None  # what happens now cannot wait for its case to end
    with interrupted(), folder or nullcontext(), Sink(output, speed) as sink:
        for minute, line in stream(plant.events(weeks * WEEK), parameters, **view):
            sink.write(minute, line)
    hours = plant.turnaround / max(1, plant.shipped) / 60
    say(
        f"{plant.env.now / 1440:,.1f} days: {plant.started:,} lots started, {plant.shipped:,} out, {plant.scrapped:,} "
        f"scrapped, {plant.in_process:,} in process; a lot takes {hours:.1f} h; {plant.log.seq:,} events"
    )


def _check_view(parameters: Parameters, by: str, only: str, per: str) -> None:
    """Refuse a view that would show nothing."""
    from flexstream.fab.log.views import check_life, check_only

    check_only(by, only, parameters)
    if per == "life":  # which of all events says nothing, but the truth beside them is that of lives
        check_life(*(("machine", "") if by == "all" else (by, only)), parameters)
    people = {"operator": parameters.operators, "technician": parameters.technicians}
    if not people.get(by, "somebody"):
        raise UsageError(
            f"--by {by} shows nothing: the factory has none (expected: another view, or another --profile)"
        )


def _faults(parameters: Parameters, texts: tuple[str, ...], weeks: float) -> list[Fault]:
    """Read the faults; one that would never happen is refused."""
    from flexstream.fab.faults import parse_fault
    from flexstream.fab.parameters import WEEK

    faults = [parse_fault(text, parameters) for text in texts]
    for text, fault in zip(texts, faults, strict=True):
        if fault.minute >= weeks * WEEK:
            raise UsageError(f"{text!r} happens after the end (expected: a TIME before {weeks:g}w, or more --weeks)")
    return faults
