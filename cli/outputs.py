"""Where the results of learning go, at the end and meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from flexstream.learning.observers import Observer

from .attempts import Attempts, save_elsewhere
from .console import put
from .paths import check_outputs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flexstream.automata.model_file import Model
    from flexstream.learning.learner import StreamLearner
    from flexstream.learning.sizing import Frontier
    from flexstream.readers import Reading
    from flexstream.stream.batch import TraceBatch
    from flexstream.verdict import Verdict

Write: TypeAlias = Callable[[], None]
LEARNING = "learning went on"
"""Why a model that was written meanwhile stands for a part of its stream."""


def drawing(path: str | None) -> str:
    """Return the format of a picture: what the file name says, SVG if it says nothing."""
    ending = (path or "").lower().rpartition(".")[2]
    return ending if ending in ("png", "pdf") else "svg"


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
    view : ViewOptions or None
        What pictures show; None: all.
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
        self.reading: Reading | None = None  # where the traces come from
        self.verdicts: list[Verdict] = []  # on what was written last
        self.stopped = False  # by a signal: then what was seen may have had a part in when the last report is made
        self.partial: str | None = None  # why what was learned is a part of the stream only, if it is
        self.attempts = Attempts()
        self.pictures = [(path, name) for path, name in ((dot, "dot"), (svg, drawing(svg))) if path]

    @property
    def paths(self) -> list[str]:
        """Where everything goes; stdout if nothing is asked for."""
        paths = (self.model, self.report, self.frontier, *(path for path, _ in self.pictures))
        return [path for path in paths if path] or ["-"]

    def check(self, sources: tuple[str, ...]) -> None:
        """Find out before the stream is read what would fail after it."""
        check_outputs(self.paths, sources)
        if any(name != "dot" for _, name in self.pictures):
            from flexstream.writers.picture import require_dot

            require_dot()

    def check_learner(self, learner: StreamLearner) -> None:
        """Find out before the stream is read what a learner cannot be asked for."""
        if self.frontier:
            from flexstream.learning.sizing import check_sizable

            check_sizable(learner.heuristic)

    def write(self, learner: StreamLearner, last: bool = False) -> None:
        """Write all of them, some at the end only; what fails is left to the next time, or to `finish`."""
        self.attempts.begin(last)
        model = self._judged(learner, last) if self.model or self.report else None
        if model is None and last:
            from flexstream.verdict import judge

            self.verdicts = judge(learner, self.reading)
        written = False
        for path, write in self._works(learner, model, last):
            made = self.attempts.make(path, write)
            written = written or (made and path == self.model)
        if last and self.attempts.failures and not written:
            self._save(learner, model)
        if self.attempts.reader_left and self.reading is not None:
            self.reading.stop()

    def _works(self, learner: StreamLearner, model: Model | None, last: bool) -> Iterator[tuple[str, Write]]:
        """Yield where each output goes, and what writes it; the model first."""
        if self.model and model is not None:
            yield self.model, partial(_put_model, self.model, model)
        if self.report and model is not None:
            yield self.report, partial(_put_report, self.report, model)
        for path, name in self.pictures:
            yield path, partial(_put_picture, path, name, learner, self.view)
        if last and self.frontier:
            yield self.frontier, partial(_put_frontier, self.frontier, learner)
        if last and self.paths == ["-"] and not (self.model or self.pictures or self.report or self.frontier):
            yield "-", partial(_put_table, learner)

    def _judged(self, learner: StreamLearner, last: bool) -> Model:
        """Return the model with its evidence and what is wrong with it."""
        from flexstream.pac.report.evidence import model_with_evidence
        from flexstream.verdict.judge import judge_model

        self.reports += 1
        model = model_with_evidence(learner, self.reports, planned=not self.stopped)
        model, self.verdicts = judge_model(model, learner, self.reading, last)
        why = self.partial if last else LEARNING
        return model if why is None else _incomplete(model, why)

    def _save(self, learner: StreamLearner, model: Model | None) -> None:
        from flexstream.writers.labels import counted

        save_elsewhere(model or self._judged(learner, True), self.paths, counted(learner.traces, "trace"))


def _incomplete(model: Model, why: str) -> Model:
    from flexstream.automata.completeness import incomplete

    return incomplete(model, why)


def _put_model(path: str, model: Model) -> None:
    put(path, model.to_json())


def _put_report(path: str, model: Model) -> None:
    from flexstream.pac.report.report import make_report

    from .pac import rendered

    put(path, rendered(make_report(model), path))


def _put_picture(path: str, name: str, learner: StreamLearner, view: Any) -> None:
    from flexstream.writers import write

    put(path, write(learner.automaton, name, view))


def _put_frontier(path: str, learner: StreamLearner) -> None:
    put(path, frontier_text(learner.frontier(), path))


def _put_table(learner: StreamLearner) -> None:
    from .show import table

    put("-", table(learner.automaton))


class Emitter(Observer):
    """Writes all outputs every so many traces."""

    def __init__(self, outputs: Outputs, every: int) -> None:
        self._outputs, self._every, self._seen = outputs, every, 0

    def until(self, traces: int) -> int:
        """Return how many traces are missing to the next multiple; traces that are forgotten count too."""
        return self._every - self._seen % self._every

    def counted(self, learner: StreamLearner, batch: TraceBatch) -> None:
        """Write if it is time."""
        self._seen += len(batch)
        if self._seen % self._every == 0:
            self._outputs.write(learner)
