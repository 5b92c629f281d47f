"""Engines: what runs the rounds on many machines, one a file.

To add one, add its file and one line in `ENGINES`: a function that is called as `Engine` says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ..registry import Registry

if TYPE_CHECKING:
    from ..learning.learner import StreamLearner


class Engine(Protocol):
    """Learns files that an engine reads; returns a learner that has seen all.

    Parameters
    ----------
    learner : StreamLearner
        Its parameters are used; it has learned nothing.
    sources : sequence of str
        Files, folders or patterns, wherever the engine can read them.
    options : mapping
        Fields of `ReadOptions`.
    master : str, optional
        Where the engine runs; its own choice by default.
    parts : int, optional
        In how many parts each round is counted; its own choice by default.
    kept : str or Path, optional
        A folder for what it takes to go on after the run was killed.
    resume : bool
        Whether to go on from there, if the same run left anything there; else it begins anew.
    """

    def __call__(
        self,
        learner: StreamLearner,
        sources: Sequence[str],
        options: Mapping[str, Any],
        master: str | None = None,
        parts: int | None = None,
        kept: str | Path | None = None,
        resume: bool = False,
    ) -> StreamLearner: ...


ENGINES: Registry[Engine] = Registry(__name__.rpartition(".")[0], "engine", {"spark": "spark.learn_on_spark"})
"""The engines by name."""
