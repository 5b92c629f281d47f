"""``flexstream learn``: a stream goes in, an automaton comes out."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from flexstream.defaults import GROW_AT, HEURISTIC, MEMORY

from .checkpointing import checkpoint_options, checkpoints_of, going_on
from .console import Notes, given_options, progress, say, with_options
from .fleet import shared_out, summary
from .jobs import SPREAD, jobs_options, spread_out
from .live import Watched, live_options, watched
from .paths import DOT, MODEL, REPORT, SIZES, FileName, check_sources, no_trace
from .reading import LateChoice, read_options, reading
from .stopping import stopping
from .viewing import view_options

if TYPE_CHECKING:
    from flexstream.automata.model_file import Model
    from flexstream.errors import FlexStreamError
    from flexstream.learning.checkpoint import Checkpoints
    from flexstream.learning.learner import StreamLearner
    from flexstream.monitoring.drift import Drift
    from flexstream.readers import Reading
    from flexstream.stream.batch import TraceBatch
    from flexstream.verdict import Verdict

    from .outputs import Outputs

# What the compiled loops can count to, and what a number of an option can be without losing its last digit.
LARGEST = 2**31 - 1
LARGEST_OPTION = 2.0**53
SKETCH_OPTIONS = ("futures", "depth", "width")
"""Options of heuristics that have one of their own here as well: --futures 3 is --set futures=3."""


def _heuristics() -> list[str]:
    from flexstream.merging.heuristics import HEURISTICS

    return list(HEURISTICS)


def _number(_: click.Context, __: click.Parameter, pairs: tuple[str, ...]) -> dict[str, float]:
    """Read NAME=VALUE pairs."""
    options = {}
    for pair in pairs:
        name, _equals, value = pair.partition("=")
        try:
            number = options[name.strip()] = float(value)
        except ValueError:
            number = math.nan
        if math.isnan(number) or LARGEST_OPTION < abs(number) < math.inf:
            raise click.BadParameter(f"{pair!r} (expected: NAME=NUMBER, such as strength=5)")
    return options


@click.command(short_help="Learn an automaton from files, a pipe or a log.")
@reading
@click.option("-o", "--output", type=MODEL, metavar="MODEL", help="Write the model (JSON) here; - for stdout.")
@click.option("--dot", type=DOT, metavar="FILE", help="Write a Graphviz DOT file.")
@click.option(
    "--svg",
    type=FileName(),
    metavar="FILE",
    help="Draw the automaton; as PNG or PDF (with Graphviz) by the ending.",
)
@click.option("--emit-every", type=click.IntRange(1), metavar="N", help="Write all outputs every N traces.")
@click.option(
    "--heuristic",
    type=LateChoice(_heuristics),
    default=HEURISTIC,
    show_default=True,
    help="What decides about merges.",
)
@click.option(
    "--set", "options", multiple=True, callback=_number, metavar="NAME=VALUE", help="Option of the heuristic."
)
@click.option(
    "--futures", type=click.IntRange(1, LARGEST), metavar="F", help="Longest future in sketches (css, evidence)."
)
@click.option("--depth", type=click.IntRange(1, LARGEST), metavar="ROWS", help="Rows of a sketch.")
@click.option("--width", type=click.IntRange(1, LARGEST), metavar="CELLS", help="Counters in a row.")
@click.option(
    "--strategy",
    type=click.Choice(["replay", "fresh", "final"]),
    help="Replay the last decisions where data agree, forget them, or never take one back; default: what suits the "
    "heuristic.",
)
@click.option(
    "--ensemble",
    type=click.IntRange(1, 1000),
    default=1,
    show_default=True,
    metavar="K",
    help="Mix K automata, and others softened from the best, for scoring; the picture shows the best.",
)
@click.option("--memory", default=MEMORY, show_default=True, help="What learning and reading may take.")
@click.option(
    "--grow-at", type=click.IntRange(1, LARGEST), default=GROW_AT, show_default=True, help="Visits before a node grows."
)
@click.option("--nodes", type=click.IntRange(2, LARGEST), metavar="N", help="Most nodes of the prefix tree.")
@click.option("--tails/--no-tails", default=True, help="Keep what goes further than the tree, or only what it holds.")
@click.option("--reach", type=click.IntRange(1, LARGEST), help="Levels below a state at which growth stops.")
@click.option(
    "--refine-every",
    type=click.IntRange(0),
    metavar="N",
    help="Traces between refinements; default doubling.",
)
@click.option(
    "--thin/--no-thin",
    default=None,
    help="Thin the tree of a long stream for speed, once no new states are found; default: unless there is a --report.",
)
@click.option(
    "--repeats/--no-repeats",
    default=True,
    help="Look for what the stream repeats, which is no evidence; not where the traces are an independent sample.",
)
@click.option(
    "--states",
    type=click.IntRange(1, LARGEST),
    metavar="K",
    help="Most states of the automaton, the best that is found with so many; default: as many as the data speak for.",
)
@click.option(
    "--frontier",
    type=SIZES,
    metavar="FILE",
    help="Say how many bits a trace takes with how many states: .json (which view takes), .svg, else a table.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the sketches' hash functions."
)
@click.option(
    "--on-drift",
    type=click.Choice(["report", "restart", "decay"]),
    help="Watch whether what comes changes, though not how long it takes; where it does tell so, begin anew with what "
    "comes after it, or fade out what came before.",
)
@click.option("--report", type=REPORT, metavar="R", help="Say how far it can be trusted: .html, .json, else text.")
@click.option(
    "--looks",
    type=click.IntRange(1, LARGEST),
    metavar="M",
    help="Say beforehand how many reports and models are written, at times fixed by --emit-every or the end: then "
    "intervals are narrower; default: any number.",
)
@click.option("--pac", "plan", type=FileName(), metavar="PLAN", help="Run exactly as flexstream pac plan -o planned.")
@live_options
@jobs_options
@checkpoint_options
@view_options
def learn(sources: tuple[str, ...], output: str | None, **given: Any) -> None:
    """Learn an automaton from traces or events, each read once.

    SOURCE is a file (plain or .gz) or - for stdin. Without any output a table is printed. SIGINT, SIGTERM and
    SIGHUP end the stream: what was learned by then is written.

    \b
      flexstream learn traces.txt -o model.json --svg picture.svg
      tail -F app.log | flexstream learn - --pattern '(?P<time>\\S+) \\[(?P<case>\\w+)\\] (?P<message>.*)'
      flexstream learn events.csv --case order --event status --time at
    """
    from flexstream.budget import give_back_large_arrays
    from flexstream.readers import Reading, ReadOptions

    from .ending import Ending, leave
    from .outputs import Emitter, Outputs

    reader = {name: given.pop(name) for name in ReadOptions.__dataclass_fields__}
    outputs = Outputs(
        output, given.pop("dot"), given.pop("svg"), given.pop("view"), given.pop("report"), given.pop("frontier")
    )
    emit_every, plan, follow = given.pop("emit_every"), given.pop("plan"), given.pop("on_drift")
    watch, port = given.pop("watch"), given.pop("port")
    sizes = {name: given.pop(name) for name in SKETCH_OPTIONS}
    given["options"] |= {name: float(size) for name, size in sizes.items() if size is not None}
    options, spread = read_options(reader), {name: given.pop(name) for name in SPREAD}
    outputs.declare(given.pop("looks"), emit_every)
    outputs.check(sources, options.durations)
    keeper = checkpoints_of(given)
    if given["thin"] is None:  # a report is surer of a tree that holds all
        given["thin"] = not outputs.report
    outputs.members = shared_out(given, options.per, follow, planned=plan is not None)
    learner = _planned(plan, given) if plan else _free(given)
    if outputs.members is not None:
        learner.observe(outputs.members)
    outputs.check_learner(learner)
    if spread_out(spread, sources, reader, learner, outputs):
        return
    check_sources(sources, options.on_error == "skip")
    budget = learner.budget
    give_back_large_arrays(budget.total)
    shares, drift = (budget.share("cases"), budget.share("line")), _watching(learner, follow, sources)
    how = {"origins": drift is not None, "resumable": keeper is not None, "overlap": spread["jobs"] > 1}
    reading = Reading(sources, learner.alphabet.copy(), options, *shares, **how)
    outputs.reading = reading
    if emit_every:
        learner.observe(Emitter(outputs, emit_every))
    notes, started, ending = Notes(reading), time.perf_counter(), Ending(learner, outputs)
    others = {"on_drift": follow, "emit_every": emit_every, "plan": plan, "looks": outputs.looks}
    with watched(learner, sources, watch, port, follow) as live:
        with going_on(keeper, learner, outputs, others), stopping(reading, ending.stop) as came:
            failure = _read(reading, learner, notes, keeper, live)
            if drift is not None:
                _settle(drift, learner)
            if learner.traces:
                ending.prepare(came, failure)
                outputs.write(learner, last=True)
            _tell(learner, outputs, notes, started, failed=failure is not None)
        live.end(outputs, came, failure is not None)
        _raise_first(outputs, failure)
    if came:
        leave(came, learner.traces)
    if not learner.traces:
        raise no_trace(sources, ", so nothing was written")


def _raise_first(outputs: Outputs, failure: FlexStreamError | None) -> None:
    """Raise what ended the reading, or else what could not be written, if anything failed."""
    if failure is not None:
        outputs.attempts.failures.insert(0, failure)
    outputs.attempts.raise_first()


def _watching(learner: StreamLearner, follow: str | None, sources: tuple[str, ...]) -> Drift | None:
    """Let somebody watch for changes of the source, if that is asked for."""
    if follow is None:
        return None
    from flexstream.monitoring.drift import Drift

    drift = Drift(follow, tell=say, sources=sources)
    drift.check(learner)
    learner.observe(drift)
    return drift


def _settle(drift: Drift, learner: StreamLearner) -> None:
    """Tell what the last change was, or that none was noticed: silence might as well mean that nobody has watched."""
    drift.settle(learner)
    times = "how long steps take is not watched (flexstream diff compares it)" if learner.timed.nbytes else ""
    if not drift.changes and learner.traces:
        from flexstream.monitoring.drift import EARLY
        from flexstream.writers.labels import counted

        short = ", too few to notice any but the largest" if learner.traces < 3 * EARLY else ""
        quiet = f"no change of the source was noticed in {counted(learner.traces, 'trace')}{short}"
        say(f"{quiet}; {times}" if times else quiet)
    elif times:
        say(times)


def _free(given: dict[str, Any]) -> StreamLearner:
    from flexstream.learning.learner import StreamLearner

    return StreamLearner(every=given.pop("refine_every"), **given)


def _planned(path: str, given: dict[str, Any]) -> StreamLearner:
    """Return a learner that runs as planned; options that the plan fixes must not be given beside it."""
    from flexstream.errors import UsageError
    from flexstream.pac.planning.plan import load_plan
    from flexstream.pac.planning.planned_learner import PlannedLearner

    context = click.get_current_context()
    source = click.core.ParameterSource.COMMANDLINE
    names = [name for name in (*given, *SKETCH_OPTIONS) if name != "seed"]
    fixed = [name for name in names if context.get_parameter_source(name) == source]
    if fixed:
        told = ", ".join("--set" if name == "options" else f"--{name.replace('_', '-')}" for name in sorted(fixed))
        raise UsageError(f"{told}: fixed by the plan (expected: --pac without it, or another plan)")
    plan = load_plan(path)
    if plan.renewed:
        from flexstream.pac.sizes import amount

        strings = amount(plan.sizes[plan.theorem].strings)
        say(f"{path}: the plan of an older version, whose sizes were too small: computed anew, {strings} strings")
    return PlannedLearner(plan, seed=given["seed"])


def _read(
    reading: Reading,
    learner: StreamLearner,
    notes: Notes,
    keeper: Checkpoints | None,
    live: Watched,
) -> FlexStreamError | None:
    """Learn all there is; return what ended the stream before its end."""
    from flexstream.errors import ChangedSourceError, FlexStreamError
    from flexstream.stream.overlap import Overlap

    def count(batch: TraceBatch) -> None:
        notes.flush()
        with live.busy:
            learner.learn_many(batch, reading.alphabet)

    if keeper is not None:
        keeper.busy = live.busy
    with progress(learner), live.looking(reading):
        try:
            with Overlap(count) as counting:
                if keeper is not None:
                    keeper.follow(reading, counting)
                for batch in reading if keeper is None else ():
                    counting.do(batch)
        except ChangedSourceError:  # nothing of it is to be written over what was learned before
            raise
        except FlexStreamError as error:
            # A stop may have cut a line or a block of gzip in two.
            return None if reading.stopped else error
    return None


def _tell(learner: StreamLearner, outputs: Outputs, notes: Notes, started: float, failed: bool) -> None:
    from flexstream.budget import format_memory
    from flexstream.writers.labels import counted

    from .ending import left_out, what_is_partial

    notes.close()
    if outputs.last is None:
        return
    tree, behind = learner.tree, learner.traces - outputs.last.provenance["traces"]
    older = f" as of {counted(learner.traces - behind, 'trace')}" if behind else ""
    say(
        f"{counted(learner.traces, 'trace')}, {counted(learner.events, 'event')}, "
        f"{counted(len(learner.alphabet), 'symbol')} -> "
        f"{_found(outputs.last)}{older} "
        f"({time.perf_counter() - started:.2f} s; tree of {counted(len(tree), 'node')}, {format_memory(tree.nbytes)})"
    )
    if behind:
        say(f"the model is without the last {counted(behind, 'trace')} that were read")
    if learner.forgotten:
        say(f"the model stands for the traces from {learner.forgotten + 1:,} on, what came before is forgotten")
    plan = getattr(learner, "plan", None)
    if plan is not None and learner.traces < plan.sizes[plan.theorem].strings:
        from flexstream.pac.sizes import amount

        say(f"the plan asks for {amount(plan.sizes[plan.theorem].strings)} traces before it promises anything")
    if outputs.fleet is not None:
        say(summary(outputs.fleet))
    within = "; more with --memory" if learner.settings.nodes is None else " or --nodes; more with more of either"
    for loss in (*_losses(learner), *left_out(outputs.last)):
        say(f"{loss} to stay within the memory{within}")
    if tree.thinned_nodes:
        say(f"left out {counted(tree.thinned_nodes, 'node')} far from the states, for speed (--no-thin keeps them)")
    for line in what_is_partial(outputs):
        say(line)
    if outputs.spoken is not None:
        say(f"{outputs.spoken[0].lower()}{outputs.spoken[1:]}")
    for verdict in outputs.verdicts[: 0 if failed else 1]:  # what made it fail says what to do
        say(f"verdict: {with_options(verdict.text)}; next: {_next(verdict)}")


def _next(verdict: Verdict) -> str:
    """Return the command that a verdict names, with the options that were given to this one."""
    given = given_options()
    if "set" in given:
        given["set"] = [f"{name}={value:g}" for name, value in given["set"].items() if name not in SKETCH_OPTIONS]
    return verdict.line(click.get_current_context().params["sources"], given)


def _losses(learner: StreamLearner) -> Iterator[str]:
    """Yield in words what did not fit, but for tails that are evicted as a matter of course."""
    from flexstream.writers.labels import counted

    tree, alphabet = learner.tree, learner.alphabet
    nodes, edges = tree.evicted_nodes - tree.thinned_nodes, tree.evicted_edges - tree.thinned_edges
    if nodes or edges:
        yield f"gave up {counted(nodes, 'node')} and {counted(edges, 'edge')} of the tree"
    if alphabet.other is not None:
        name = alphabet.text(alphabet.other)
        beyond = f"symbols beyond the first {alphabet.other:,} (counted as {name})"
        yield f"gave up {counted(learner.other_events, 'event')} of {beyond}"
    if tree.too_long_tails:
        traces = counted(tree.too_long_tails, "trace")
        yield f"gave up the last {counted(tree.too_long_events, 'event')} of {traces} too long to be kept whole"


def _found(model: Model) -> str:
    """Say how large the automaton is, and of how many it is the best."""
    from flexstream.automata.pdfa import PDFA
    from flexstream.writers.labels import counted

    automaton = model if isinstance(model, PDFA) else model.best
    best = "" if isinstance(model, PDFA) else f" (the best of {len(model)} automata)"
    return f"{counted(len(automaton), 'state')}, {counted(len(automaton.targets), 'transition')}{best}"
