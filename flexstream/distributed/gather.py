"""Gathering: summaries, learners and checkpoints of several runs become one summary."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..arguments import fitting_path
from ..container import CHECKPOINT, read
from ..errors import DataError, FlexStreamError
from ..generations import Generations
from ..learning.additive import SUMMARY, Summary
from ..learning.learner_state import LEARNER
from ..learning.settings import Settings
from ..learning.shard import summary_in
from ..saved import Saved, StateError
from ..summary import columns as layout
from ..summary.narrowed import widened

_MORE = 1.5
"""Times what a closed tree may take that one being summed up may: then it is closed in between."""


def gather(paths: Iterable[str | Path], memory: str | int | None = None) -> Summary:
    """Return the closed sum of what several runs have counted.

    Parameters
    ----------
    paths : iterable of str or Path
        Summaries, files of learners (`StreamLearner.save`), and folders of checkpoints, at least one.
    memory : str or int, optional
        What the sum may take once it is closed; None: as the first of them.

    Raises
    ------
    UsageError
        If two of them were learned with other parameters, but for the memory.
    DataError
        If one of them is none of these.

    Examples
    --------
    >>> import tempfile
    >>> from flexstream import StreamLearner
    >>> paths = [f"{tempfile.mkdtemp()}/{name}.learner" for name in ("monday", "tuesday")]
    >>> for path in paths:
    ...     learner = StreamLearner()
    ...     learner.learn_many([["load", "run"]] * 60)
    ...     learner.save(path)
    >>> gather(paths)
    <Summary: 120 traces, 240 events, 2 symbols>
    """
    total: Summary | None = None
    for path in paths:
        found = open_summary(path)
        if total is None:
            total = found if memory is None else _within(found, memory)
            continue
        try:
            total.add(found)
        except FlexStreamError as error:
            raise type(error)(f"{path}: {error.message.marked}") from None
        if _is_large(total):
            total.close()
    assert total is not None
    return total.close()


def _within(found: Summary, memory: str | int) -> Summary:
    """Return a summary that may take another amount of memory."""
    made = Summary(Settings(**{**found.settings.to_dict(), "memory": memory}))
    own = made.limit
    made.add(found)
    made.limit = min(own, found.limit) if found.limit < Summary(found.settings).limit else own
    return made


def open_summary(path: str | Path) -> Summary:
    """Return what one run has counted; raises DataError if the file or folder holds none of what can be summed up."""
    state = _state(fitting_path(path, expected="a summary, a learner, or a folder of checkpoints"))
    try:
        if "parts" in state:
            saved = Saved(Saved(state).part("parts").raw("learner"))
            return _of_learner(saved)
        return Summary.from_state(Saved(widened(state))) if "made" not in state else _of_learner(Saved(state))
    except StateError as error:
        raise StateError(str(path), None, error.problem.marked, error.expected.marked) from None


def _of_learner(saved: Saved) -> Summary:
    parameters = saved.part("made").raw("parameters", dict)
    try:
        return summary_in(parameters, saved.part("summary"))
    except TypeError as error:
        saved.wrong(f"no learner can be made with its parameters: {error}")


def _state(path: Path) -> dict[str, Any]:
    if not path.is_dir():
        return read(path, SUMMARY, LEARNER, CHECKPOINT)
    with Generations(path) as folder:
        state, _ = folder.load()
        if state is not None and (counted := folder.counted()).exists():
            return read(counted, SUMMARY)
    if state is None:
        raise DataError(str(path), None, "holds no checkpoint", "a summary, a learner, or a folder of checkpoints")
    return state


def _is_large(total: Summary) -> bool:
    tree, columns = total.tree, total.tree.columns
    size, share = columns.size, Summary(total.settings).limit
    tails = layout.TAIL_BYTES * int(size[2]) + 4 * int(size[3])
    return max(layout.tree_bytes(len(tree), tree.edges, tree.sketch), tails) > _MORE * share
