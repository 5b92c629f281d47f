"""Where the results of learning go, at the end and meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flexstream.learning.observers import Observer

from .console import put
from .paths import check_outputs

if TYPE_CHECKING:
    from flexstream.learning.learner import StreamLearner
    from flexstream.learning.sizing import Frontier
    from flexstream.readers import Reading
    from flexstream.stream.batch import TraceBatch
    from flexstream.verdict import Verdict


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
        self.pictures = [(path, name) for path, name in ((dot, "dot"), (svg, drawing(svg))) if path]

    def check(self, sources: tuple[str, ...]) -> None:
        """Find out before the stream is read what would fail after it."""
        check_outputs((self.model, self.report, self.frontier, *(path for path, _ in self.pictures)), sources)
        if any(name != "dot" for _, name in self.pictures):
            from flexstream.writers.picture import require_dot

            require_dot()

    def check_learner(self, learner: StreamLearner) -> None:
        """Find out before the stream is read what a learner cannot be asked for."""
        if self.frontier:
            from flexstream.learning.sizing import check_sizable

            check_sizable(learner.heuristic)

    def write(self, learner: StreamLearner, last: bool = False) -> None:
        """Write all of them; the table only at the end."""
        if self.model or self.report:
            self._write_model(learner, last)
        elif last:
            from flexstream.verdict import judge

            self.verdicts = judge(learner, self.reading)
        automaton = learner.automaton
        for path, name in self.pictures:
            from flexstream.writers import write

            put(path, write(automaton, name, self.view))
        if last and self.frontier:
            put(self.frontier, frontier_text(learner.frontier(), self.frontier))
        if last and not (self.model or self.pictures or self.report or self.frontier):
            from .show import table

            put("-", table(automaton))

    def _write_model(self, learner: StreamLearner, last: bool) -> None:
        """Write the model with its evidence and what is wrong with it, and the report of it."""
        from flexstream.pac.report.evidence import model_with_evidence
        from flexstream.verdict.judge import judge_model

        self.reports += 1
        model = model_with_evidence(learner, self.reports, planned=not self.stopped)
        model, self.verdicts = judge_model(model, learner, self.reading, last)
        if self.model:
            put(self.model, model.to_json())
        if self.report:
            from flexstream.pac.report.report import make_report

            from .pac import rendered

            put(self.report, rendered(make_report(model), self.report))


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
