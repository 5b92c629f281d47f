"""``flexstream learn``: a stream goes in, an automaton comes out."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from .console import Notes, Progress, progress, put, say
from .paths import FileName, check_outputs
from .reading import LateChoice, reading
from .stopping import stopping
from .viewing import view_options

if TYPE_CHECKING:
    from flexstream.alphabet import Alphabet
    from flexstream.batch import TraceBatch
    from flexstream.errors import FlexStreamError
    from flexstream.learner import StreamLearner
    from flexstream.readers import ReadContext

# What the compiled loops can count to, and what a number of an option can be without losing its last digit.
LARGEST = 2**31 - 1
LARGEST_OPTION = 2.0**53
SKETCH_OPTIONS = ("futures", "depth", "width")
"""Options of heuristics that have one of their own here as well: --futures 3 is --set futures=3."""


def _heuristics() -> list[str]:
    from flexstream.heuristics import HEURISTICS

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
@click.option("-o", "--output", type=FileName(), metavar="MODEL", help="Write the model (JSON) here; - for stdout.")
@click.option("--dot", type=FileName(), metavar="FILE", help="Write a Graphviz DOT file.")
@click.option(
    "--svg", type=FileName(), metavar="FILE", help="Draw the automaton (needs Graphviz); as PNG or PDF by the ending."
)
@click.option("--emit-every", type=click.IntRange(1), metavar="N", help="Write all outputs every N traces.")
@click.option(
    "--heuristic",
    type=LateChoice(_heuristics),
    default="evidence",
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
    help="Mix K automata for scoring; the picture shows the best.",
)
@click.option("--memory", default="256MiB", show_default=True, help="Budget of the learner.")
@click.option(
    "--grow-at", type=click.IntRange(1, LARGEST), default=2, show_default=True, help="Visits before a node grows."
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
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the sketches' hash functions."
)
@click.option("--report", type=FileName(), metavar="R", help="Say how far it can be trusted: .html, .json, else text.")
@click.option("--pac", "plan", type=FileName(), metavar="PLAN", help="Run exactly as flexstream pac plan -o planned.")
@view_options
def learn(sources: tuple[str, ...], output: str | None, **given: Any) -> None:
    """Learn an automaton from traces or events, each read once.

    SOURCE is a file (plain or .gz) or - for stdin. Without any output a table is printed. SIGINT and SIGTERM end the
    stream: what was learned by then is written.

    \b
      flexstream learn traces.txt -o model.json --svg picture.svg
      tail -F app.log | flexstream learn - --pattern '(?P<time>\\S+) \\[(?P<case>\\w+)\\] (?P<message>.*)'
      flexstream learn events.csv --case order --event status --time at
    """
    from flexstream.memory import CASE_SHARE, give_back_large_arrays, parse_memory
    from flexstream.readers import ReadContext, ReadOptions

    reader = {name: given.pop(name) for name in ReadOptions.__dataclass_fields__}
    outputs = Outputs(output, given.pop("dot"), given.pop("svg"), given.pop("view"), given.pop("report"))
    emit_every, plan = given.pop("emit_every"), given.pop("plan")
    sizes = {name: given.pop(name) for name in SKETCH_OPTIONS}
    given["options"] |= {name: float(size) for name, size in sizes.items() if size is not None}
    context = ReadContext(ReadOptions(**reader))
    outputs.check(sources)
    give_back_large_arrays()
    if outputs.report and given["nodes"] is None and not plan:
        given["nodes"] = LARGEST  # a report needs all counts: a long stream must not be thinned out for speed
    learner = _planned(plan, given) if plan else _free(given)
    context.room = parse_memory(learner.get_params()["memory"]) // CASE_SHARE
    notes, started = Notes(context), time.perf_counter()
    with stopping(context) as came:
        failure = _read(sources, learner, context, notes, outputs, emit_every)
        outputs.stopped = bool(came)
        _finish(learner, outputs, notes, started)
    if failure is not None:
        raise failure
    if came:
        sys.exit(128 + came[0])
    if not learner.traces:
        from flexstream.errors import DataError

        raise DataError(
            ", ".join(sources), None, "no trace came, so nothing was written", "at least one trace or event"
        )


def _free(given: dict[str, Any]) -> StreamLearner:
    from flexstream.learner import StreamLearner

    return StreamLearner(every=given.pop("refine_every"), **given)


def _planned(path: str, given: dict[str, Any]) -> StreamLearner:
    """Return a learner that runs as planned; options that the plan fixes must not be given beside it."""
    from flexstream.errors import UsageError
    from flexstream.pac.plan import load_plan
    from flexstream.pac.run import PlannedLearner

    context = click.get_current_context()
    source = click.core.ParameterSource.COMMANDLINE
    names = [name for name in (*given, *SKETCH_OPTIONS) if name != "seed"]
    fixed = [name for name in names if context.get_parameter_source(name) == source]
    if fixed:
        told = ", ".join("--set" if name == "options" else f"--{name.replace('_', '-')}" for name in sorted(fixed))
        raise UsageError(f"{told}: fixed by the plan (expected: --pac without it, or another plan)")
    return PlannedLearner(load_plan(path), seed=given["seed"])


def _read(
    sources: tuple[str, ...],
    learner: StreamLearner,
    context: ReadContext,
    notes: Notes,
    outputs: Outputs,
    emit_every: int | None,
) -> FlexStreamError | None:
    """Learn all there is; return what ended the stream before its end."""
    from flexstream.errors import FlexStreamError
    from flexstream.overlap import Overlap
    from flexstream.readers import read_batches

    alphabet = learner.alphabet.copy()

    def count(piece: tuple[TraceBatch, int]) -> None:
        batch, learner.closed_early = piece
        notes.flush()
        _learn(learner, batch, alphabet, emit_every, outputs, shown)

    with progress() as shown:
        try:
            with Overlap(count) as counting:
                for batch in read_batches(sources, alphabet, context=context):
                    counting.do((batch, context.forced_closed))
        except FlexStreamError as error:
            # A stop may have cut a line or a block of gzip in two.
            return None if context.switch.requested else error
    return None


def _learn(
    learner: StreamLearner,
    batch: TraceBatch,
    alphabet: Alphabet,
    emit_every: int | None,
    outputs: Outputs,
    shown: Progress,
) -> None:
    start = 0
    while start < len(batch):
        stop = len(batch)
        if emit_every:
            stop = min(stop, start + emit_every - learner.traces % emit_every)
        learner.learn_many(batch.part(start, stop), alphabet)
        shown.update(learner)
        if emit_every and learner.traces % emit_every == 0:
            outputs.write(learner)
        start = stop


def _finish(learner: StreamLearner, outputs: Outputs, notes: Notes, started: float) -> None:
    from flexstream.memory import format_memory
    from flexstream.pac.sizes import amount
    from flexstream.writers.labels import counted

    if not learner.traces:
        notes.close()
        return
    outputs.write(learner, last=True)
    notes.close()
    tree = learner.tree
    say(
        f"{counted(learner.traces, 'trace')}, {counted(learner.events, 'event')}, "
        f"{counted(len(learner.alphabet), 'symbol')} -> "
        f"{_found(learner)} "
        f"({time.perf_counter() - started:.2f} s; tree of {counted(len(tree), 'node')}, {format_memory(tree.nbytes)})"
    )
    plan = getattr(learner, "plan", None)
    if plan is not None and learner.traces < plan.sizes[plan.theorem].strings:
        say(f"the plan asks for {amount(plan.sizes[plan.theorem].strings)} traces before it promises anything")
    for loss in _losses(learner):
        say(f"{loss} to stay within the memory; more with --memory")


def _losses(learner: StreamLearner) -> Iterator[str]:
    """Yield in words what did not fit, but for tails that are given up as a matter of course."""
    from flexstream.writers.labels import counted

    tree, alphabet = learner.tree, learner.alphabet
    if tree.given_up_nodes or tree.given_up_edges:
        yield f"gave up {counted(tree.given_up_nodes, 'node')} and {counted(tree.given_up_edges, 'edge')} of the tree"
    if alphabet.other is not None:
        name = alphabet.text(alphabet.other)
        beyond = f"symbols beyond the first {alphabet.other:,} (counted as {name})"
        yield f"gave up {counted(learner.other_events, 'event')} of {beyond}"
    if tree.too_long_tails:
        traces = counted(tree.too_long_tails, "trace")
        yield f"gave up the last {counted(tree.too_long_events, 'event')} of {traces} too long to be kept whole"


def _found(learner: StreamLearner) -> str:
    """Say how large the automaton is, and of how many it is the best."""
    from flexstream.writers.labels import counted

    automaton, model = learner.automaton, learner.model
    best = "" if model is automaton else f" (the best of {len(model)} automata)"
    return f"{counted(len(automaton), 'state')}, {counted(len(automaton.targets), 'transition')}{best}"


def _drawing(path: str | None) -> str:
    """Return the format of a picture: what the file name says, SVG if it says nothing."""
    ending = (path or "").lower().rpartition(".")[2]
    return ending if ending in ("png", "pdf") else "svg"


class Outputs:
    """Where results go."""

    def __init__(self, model: str | None, dot: str | None, svg: str | None, view: Any, report: str | None) -> None:
        self.model, self.view, self.report = model, view, report
        self.reports = 0
        self.stopped = False  # by a signal: then what was seen may have had a part in when the last report is made
        self.pictures = [(path, name) for path, name in ((dot, "dot"), (svg, _drawing(svg))) if path]

    def check(self, sources: tuple[str, ...]) -> None:
        """Find out before the stream is read what would fail after it."""
        check_outputs((self.model, self.report, *(path for path, _ in self.pictures)), sources)
        if any(name != "dot" for _, name in self.pictures):
            from flexstream.writers.picture import require_dot

            require_dot()

    def write(self, learner: StreamLearner, last: bool = False) -> None:
        """Write all of them; the table only at the end."""
        from flexstream.writers import write

        if self.model or self.report:
            self._write_model(learner)
        automaton = learner.automaton
        for path, name in self.pictures:
            put(path, write(automaton, name, self.view))
        if last and not self.model and not self.pictures and not self.report:
            from .show import table

            put("-", table(automaton))

    def _write_model(self, learner: StreamLearner) -> None:
        """Write the model with its evidence, and the report of it."""
        from flexstream.pac.report import make_report
        from flexstream.pac.seen import model_with_evidence

        from .pac import rendered

        self.reports += 1
        model = model_with_evidence(learner, self.reports, planned=not self.stopped)
        if self.model:
            put(self.model, model.to_json())
        if self.report:
            put(self.report, rendered(make_report(model), self.report))
