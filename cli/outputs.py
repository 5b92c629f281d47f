"""Where the results of learning go, at the end and meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flexstream.learning.observers import Observer

from .attempts import Attempts, save_elsewhere
from .console import put
from .kept import Kept, endless
from .paths import check_outputs
from .viewing import view_of

if TYPE_CHECKING:
    from flexstream.automata.fleet import Fleet
    from flexstream.automata.model_file import Model
    from flexstream.automata.pdfa import PDFA
    from flexstream.learning.fleet_learner import Members
    from flexstream.learning.frontiers import Frontier
    from flexstream.learning.learner import StreamLearner
    from flexstream.pac.report.shares import Declared
    from flexstream.readers import Reading
    from flexstream.saved import Saved
    from flexstream.stream.batch import TraceBatch
    from flexstream.stream.position import Position
    from flexstream.verdict import Verdict

LEARNING = "learning went on"
"""Why a model that was written meanwhile stands for a part of its stream."""


PICTURES = {".svg": "svg", ".png": "png", ".pdf": "pdf"}
"""What the endings of pictures stand for."""


def drawing(path: str | None) -> str:
    """Return the format of a picture: what the ending of the file's name says, SVG if it has none.

    Raises UsageError if the ending is another: a picture that its viewer does not open is worse than none.
    """
    from flexstream.errors import UsageError

    ending = Path(path or "").suffix.lower()
    if ending not in ("", *PICTURES):
        raise UsageError(f"{path}: a picture cannot be written as {ending} (expected: a name in {', '.join(PICTURES)})")
    return PICTURES.get(ending, "svg")


def frontier_text(frontier: Frontier, path: str) -> str:
    """Return a frontier as what the name of its file says: JSON, a picture, else a table."""
    ending = path.lower().rpartition(".")[2]
    if ending == "svg":
        from flexstream.writers.frontier import frontier_svg

        return frontier_svg(frontier)
    return frontier.to_json() if ending == "json" else frontier.table()


class Outputs:
    """Writes model, pictures, report and frontier.

    Parameters
    ----------
    model, dot, svg, report, frontier : str or None
        File names; - for stdout.
    view : dict or None
        What pictures show, by fields of `ViewOptions`; None: what can be read.
    """

    def __init__(
        self,
        model: str | None,
        dot: str | None,
        svg: str | None,
        view: Any,
        report: str | None,
        frontier: str | None = None,
    ) -> None:
        self.model, self.view, self.report, self.frontier = model, view, report, frontier
        self.reports = 0
        self.looks: int | None = None  # how many reports are to be made, and after how many traces the last one
        self.horizon: int | None = None
        self.members: Members | None = None  # where a model of each is wanted
        self.fleet: Fleet | None = None  # as it is written next
        self.reading: Reading | None = None  # where the traces come from
        self.verdicts: list[Verdict] = []  # on what was written last
        self.spoken: str | None = None  # what the model is worth on traces that it has not learned
        self.stopped = False  # by a signal: then what was seen may have had a part in when the last report is made
        self.position: Position | None = None  # behind which a stop has left the rest of the stream
        self.partial: str | None = None  # why what was learned is a part of the stream only, if it is
        self.attempts = Attempts()
        self.kept = Kept()
        self._sources: tuple[str, ...] = ()
        self.last: Model | None = None  # what is written at the end
        self.newest: Model | None = None  # what was written last, meanwhile
        self._front: Frontier | None = None
        self._replaced = False  # by an automaton that was not prepared
        self.pictures = [(path, name) for path, name in ((dot, "dot"), (svg, drawing(svg))) if path]

    @property
    def paths(self) -> list[str]:
        """Where everything goes; stdout if nothing is asked for."""
        paths = (self.model, self.report, self.frontier, *(path for path, _ in self.pictures))
        return [path for path in paths if path] or ["-"]

    def check(self, sources: tuple[str, ...], durations: bool = True) -> None:
        """Find out before the stream is read what would fail after it, or have no effect.

        ``durations``: whether times between events are kept.
        """
        self._sources = sources
        check_outputs(self.paths, sources)
        self.kept.begin(self.paths)
        if any(name in ("png", "pdf") for _, name in self.pictures):
            from flexstream.writers.picture import require_dot

            require_dot()
        if self.view:
            from flexstream.writers.view_options import Trust, ViewOptions

            ViewOptions(**self.view, trust=Trust((), ()))
            self._check_pictures(durations)

    def _check_pictures(self, durations: bool) -> None:
        """Raise UsageError where what pictures are to show has no effect, or cannot be known."""
        from flexstream.errors import UsageError, parameter

        if not self.pictures:
            told = parameter(next(iter(self.view)))
            raise UsageError(
                f"{told} is for pictures, and has no effect without one (expected: --svg or --dot beside it)"
            )
        timed = {"times": self.view.get("times"), "colour": self.view.get("colour") == "times"}
        if not durations and (asked := next((name for name, stands in timed.items() if stands), None)):
            told = f"{parameter(asked)}{' times' if asked == 'colour' else ''}"
            raise UsageError(f"{told} shows how long transitions take (expected: no {parameter('durations=False')})")

    def declare(self, looks: int | None, emit_every: int | None) -> None:
        """Take down how many reports are to be made; raises UsageError where it is not known when the last comes.

        So it does where nothing is written that these could be said of.
        """
        from flexstream.errors import UsageError

        if looks is not None and looks > 1 and emit_every is None:
            raise UsageError(f"--looks {looks} needs --emit-every: it says when each of them is made")
        if looks is not None and not (self.model or self.report):
            raise UsageError("--looks is how many models and reports are written (expected: -o or --report beside it)")
        if emit_every is not None and not (self.model or self.report or self.pictures):
            raise UsageError("--emit-every writes outputs meanwhile, and there is none (expected: -o, or another)")
        self.looks, self.horizon = looks, None if looks is None or emit_every is None else looks * emit_every

    def check_learner(self, learner: StreamLearner) -> None:
        """Find out before the stream is read what a learner cannot be asked for."""
        if self.frontier:
            from flexstream.learning.sizing import check_sizable

            check_sizable(learner.heuristic)

    @property
    def judging(self) -> bool:
        """Whether anything that is written takes the model's evidence."""
        return bool(self.model or self.report or (self.view or {}).get("colour") == "trust")

    def prepare(self, learner: StreamLearner) -> None:
        """Work out what is written at the end, which may take long and be abandoned."""
        from flexstream.merging.halt import AbandonedError
        from flexstream.verdict import judge

        if self.judging:
            self.last = self._judged(learner, last=True)
        else:
            model = learner.model
            self.verdicts = judge(learner, self.reading)
            self.last = model if self.partial is None else self._incomplete(model, self.partial)
        if self.members is not None:
            self.fleet = self.members.fleet(learner, self.last)
        if self.frontier:
            with suppress(AbandonedError):  # a stop cannot wait for it, for the rest it did
                self._front = learner.frontier(self.frontier.lower().endswith(".json"))

    def write(self, learner: StreamLearner, last: bool = False) -> None:
        """Write all; what fails is left to the next time while the stream goes on, at its end to `attempts`."""
        if last:
            if self.last is None:
                self.prepare(learner)
            self._write_last(learner)
            return
        self.attempts.begin(last=False)
        model = self.newest = self._judged(learner, False) if self.judging else learner.automaton
        if self.members is not None and self.model:
            self.fleet = self.members.fleet(learner, model)
        self._try(model, last=False)

    def replace(self, model: Model, older: bool = False) -> None:
        """Write another model at the end than one that is prepared, be it of fewer traces than were read."""
        self.position = None if older else self.position
        self.last, self._replaced = self._incomplete(model, self.partial or LEARNING), True
        self.fleet = None if self.members is None else self.members.only_pooled(self.last)

    def _write_last(self, learner: StreamLearner) -> None:
        """Write what was prepared; if the model cannot be written save it where there is room."""
        self.attempts.begin(last=True)
        assert self.last is not None
        written = self._try(self.last, last=True)
        if self.frontier:
            self._make(self.frontier, True, lambda path: _put_frontier(path, self._front))
        if not (self.model or self.pictures or self.report or self.frontier):
            self.attempts.make("-", partial(_put_table, self.last if self.fleet is None else self.fleet))
        if self.attempts.failures and not written:
            self._save(learner)

    def _try(self, model: Model, last: bool) -> bool:
        """Write model, report and pictures; return whether the model is written."""
        found = model if self.fleet is None else self.fleet
        written = self.model is not None and self._make(self.model, last, lambda path: _put_model(path, found))
        if self.report:
            self._make(self.report, last, lambda path: _put_report(path, model))
        for picture, name in self.pictures:
            self._make(picture, last, partial(_put_picture, name, model, self.view))
        if self.attempts.reader_left and self.reading is not None:
            self.reading.stop()
        return written

    def _make(self, path: str, last: bool, write: Callable[[str], None]) -> bool:
        """Make an output at its place, see `place`; return whether that worked."""
        place = self.place(path) if last else path
        made = self.attempts.make(place, partial(write, place))
        if made:
            self.kept.own(path)
        return made

    def place(self, path: str) -> str:
        """Return where an output goes at the end: beside what was there before if it stands for a part of the stream.

        A stop is how a stream ends that has no other end; what it leaves stands for all that there was.
        """
        follow = self.reading is not None and self.reading.options.follow
        if self.partial is None or (self.stopped and endless(self._sources, follow)):
            return path
        return self.kept.place(path, self.paths)

    def state(self) -> dict[str, Any]:
        """Return how many models were made, each a look at the stream, and which files are this run's."""
        return {"reports": self.reports, "horizon": self.horizon, "own": self.kept.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on behind so many looks."""
        self.reports, self.horizon = int(state["reports"]), state.get("horizon", self.horizon)
        self.kept.restore(state.get("own", ()))

    def _judged(self, learner: StreamLearner, last: bool) -> Model:
        """Return the model with its evidence and what is wrong with it."""
        from flexstream.pac.report.evidence import model_with_evidence
        from flexstream.verdict.judge import judge_model

        self.reports += 1
        declared = self._declared(learner)
        model = model_with_evidence(learner, self.reports, not self.stopped, self._foresees(last), declared)
        model, self.verdicts = judge_model(model, learner, self.reading, last)
        self.spoken = _spoken(model)
        why = self.partial if last else LEARNING
        return model if why is None else self._incomplete(model, why)

    def _incomplete(self, model: Model, why: str) -> Model:
        from flexstream.automata.completeness import incomplete

        return incomplete(model, why, self.position)

    def _declared(self, learner: StreamLearner) -> Declared | None:
        """Return what was said of the reports; None where it is not known when the last comes, as after a stop."""
        from flexstream.pac.report.shares import Declared

        if self.horizon is None and self.looks == self.reports == 1 and not self.stopped:
            self.horizon = learner.traces
        return None if self.looks is None or self.horizon is None else Declared(self.looks, self.horizon)

    def _foresees(self, last: bool) -> bool:
        """Say whether it is tried what the model foretells: a stop cannot wait for it, nor each model on the way."""
        return not self.stopped and (last or bool(self.report))

    def _save(self, learner: StreamLearner) -> None:
        from flexstream.writers.labels import counted

        assert self.last is not None
        asked = self.model or self.report or self._replaced
        model = self.last if asked else self._judged(learner, True)
        save_elsewhere(model if self.fleet is None else self.fleet, self.paths, counted(learner.traces, "trace"))


def _spoken(model: Model) -> str | None:
    from flexstream.pac.report.spoken import spoken

    return spoken(_alone(model))


def _alone(model: Model) -> PDFA:
    """Return what pictures show of a model: of an ensemble the best member."""
    from flexstream.automata.pdfa import PDFA

    return model if isinstance(model, PDFA) else model.best


def _put_model(path: str, model: Model | Fleet) -> None:
    if path == "-":
        put(path, model.to_json())
    else:
        model.save(path)


def _put_report(path: str, model: Model) -> None:
    from flexstream.pac.report.report import make_report

    from .pac import rendered

    put(path, rendered(make_report(model), path))


def _put_picture(name: str, model: Model, view: Any, path: str) -> None:
    from flexstream.writers import write

    alone = _alone(model)
    put(path, write(alone, name, view_of(view, lambda: alone)))


def _put_frontier(path: str, found: Frontier | None) -> None:
    if found is None:
        from flexstream.errors import DataError

        raise DataError(path, None, "is left out, the stop did not wait for it", "a stream that ends by itself")
    put(path, frontier_text(found, path))


def _put_table(model: Model | Fleet) -> None:
    from flexstream.automata.fleet import Fleet

    from .show import fleet_and_pool, table

    put("-", fleet_and_pool(model) if isinstance(model, Fleet) else table(_alone(model)))


class Emitter(Observer):
    """Writes all outputs every so many traces."""

    name = "emitter"

    def __init__(self, outputs: Outputs, every: int) -> None:
        self._outputs, self._every, self._seen = outputs, every, 0

    def state(self) -> dict[str, Any]:
        """Return how many traces came."""
        return {"seen": self._seen}

    def restore(self, saved: Saved, learner: StreamLearner) -> None:
        """Go on behind so many traces."""
        self._seen = saved.whole("seen")

    def until(self, traces: int) -> int:
        """Return how many traces are missing to the next multiple; traces that are forgotten count too."""
        return self._every - self._seen % self._every

    def counted(self, learner: StreamLearner, batch: TraceBatch) -> None:
        """Write if it is time."""
        self._seen += len(batch)
        if self._seen % self._every == 0:
            self._outputs.write(learner)
