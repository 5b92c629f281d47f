"""A learning problem: a target, traces to learn from, strings to be judged by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..arguments import fitting_path
from ..automata.sampling import Sampler
from ..files import write_atomically
from ..stream.batch import TraceBatch
from .generate import GENERATORS, Recipe
from .pautomac import model_text, solution_text, strings_text
from .pfa import PFA

TESTS = 1000
MAX_DRAWS = 1000
ENDINGS = (".pautomac.train", ".pautomac.test", ".pautomac_solution.txt", ".pautomac_model.txt")


@dataclass(frozen=True)
class Problem:
    """A target and the seeds of its traces; the same seed gives the same problem.

    Examples
    --------
    >>> problem = Problem.random("pdfa", Recipe(states=5, symbols=3, mean_length=6), seed=4)
    >>> len(problem.target), len(problem.tests(50))
    (5, 50)
    """

    target: PFA
    train_seed: np.random.SeedSequence
    test_seed: np.random.SeedSequence

    @classmethod
    def of(cls, target: PFA, seed: int) -> Problem:
        """Make a problem of a given target."""
        _, train, test = np.random.SeedSequence(seed).spawn(3)
        return cls(target, train, test)

    @classmethod
    def random(cls, kind: str, recipe: Recipe, seed: int) -> Problem:
        """Make a problem of a random target, ``"pdfa"``, ``"pfa"`` or ``"hmm"``."""
        structure, train, test = np.random.SeedSequence(seed).spawn(3)
        return cls(GENERATORS[kind](recipe, structure), train, test)

    def traces(self) -> Sampler:
        """Return the source of traces to learn from, from its start."""
        return self.target.sampler(self.train_seed)

    def tests(self, n: int = TESTS) -> TraceBatch:
        """Draw traces until ``n`` different ones have come; return them in the order of first sight.

        Fewer are returned where the target has no more that come in reasonable time.
        """
        source, unique = self.target.sampler(self.test_seed), dict[bytes, None]()
        for _ in range(MAX_DRAWS):
            unique.update(dict.fromkeys(trace.tobytes() for trace in source.batch(n)))
            if len(unique) >= n:
                break
        traces = [np.frombuffer(trace, np.int32) for trace in list(unique)[:n]]
        offsets = np.zeros(len(traces) + 1, np.int64)
        np.cumsum([len(trace) for trace in traces], out=offsets[1:])
        return TraceBatch(np.concatenate([np.empty(0, np.int32), *traces]), offsets)


def problem_files(stem: str | Path) -> list[Path]:
    """Return the files of a problem: train, test, solution, model."""
    stem = fitting_path(stem, "stem")
    return [stem.with_name(stem.name + ending) for ending in ENDINGS]


def write_problem(problem: Problem, stem: str | Path, traces: int) -> int:
    """Write the four files of a problem in PAutomaC's formats.

    Parameters
    ----------
    stem : path
        Folder and name; ``problems/7`` gives ``problems/7.pautomac.train`` and its three companions.
    traces : int
        How many are in the train file.

    Returns
    -------
    int
        How many test strings there are.
    """
    target, tests = problem.target, problem.tests()
    contents = (
        strings_text(problem.traces().batch(traces), len(target.symbols)),
        strings_text(tests, len(target.symbols)),
        solution_text(target.log2_probs(tests)),
        model_text(target),
    )
    for path, content in zip(problem_files(stem), contents, strict=True):
        write_atomically(path, content)
    return len(tests)
