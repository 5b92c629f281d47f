"""What the benchmarks compare: a method is one line of ``METHODS``."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from common import perplexity_error

from flexstream import Alphabet, StreamLearner, TraceBatch, read_batches


class Model(Protocol):
    """What a method learns; an automaton is one."""

    def score_batch(self, batch: TraceBatch) -> tuple[Any, ...]:
        """Return base-2 log probabilities first, shape (n,)."""


class Learned(NamedTuple):
    """The outcome of a method on one train file."""

    model: Model
    alphabet: Alphabet
    seconds: float

    @property
    def states(self) -> int | None:
        """How many states the model has, None if it does not say."""
        return len(self.model) if hasattr(self.model, "__len__") else None

    def log2_probs(self, path: Path) -> np.ndarray:
        """Return the base-2 log probabilities of the traces of a file."""
        known = Alphabet(self.alphabet)  # symbols of the test file alone get ids past the model's
        return np.concatenate([self.model.score_batch(batch)[0] for batch in read_batches(path, known)])

    def error(self, test: Path, solution: Path) -> float:
        """Return the perplexity error on the test strings of a problem."""
        target = [float(value) for value in solution.read_text().split()[1:]]
        return perplexity_error(self.log2_probs(test).tolist(), target)


Method = Callable[[Path], Learned]


def ours(**options: Any) -> Method:
    """Learn with FlexStream, in one pass, with these options of ``StreamLearner``."""

    def method(path: Path) -> Learned:
        warm = StreamLearner(**options)  # loads or compiles the kernels
        warm.learn_many([["a", "b"], ["b"], []] * 40)
        warm.automaton.score_batch(TraceBatch.from_traces([["a"]], Alphabet()))
        learner = StreamLearner(**options)
        started = time.perf_counter()
        for batch in read_batches(path, learner.alphabet):
            learner.learn_many(batch)
        return Learned(learner.model, learner.alphabet, time.perf_counter() - started)

    return method


def whole(learn: Callable[..., Model], **options: Any) -> Method:
    """Learn with a baseline that takes all traces at once."""

    def method(path: Path) -> Learned:
        alphabet = Alphabet()
        started = time.perf_counter()
        model = learn(list(read_batches(path, alphabet)), alphabet, **options)
        return Learned(model, alphabet, time.perf_counter() - started)

    return method


def ngram(n: int) -> Method:
    """Learn an n-gram."""
    from baselines.ngram import learned

    return whole(learned, n=n)


def aalpy(kind: str, eps: float | str = 0.05) -> Method:
    """Learn with AALpy's Alergia."""
    from baselines.aalpy_alergia import learned

    return whole(learned, kind=kind, eps=eps)


METHODS: dict[str, Callable[[], Method]] = {
    "evidence": ours,
    "css": lambda: ours(heuristic="css"),
    "alergia": lambda: ours(heuristic="alergia"),
    "spacesaving": lambda: ours(heuristic="spacesaving"),
    "replay": lambda: ours(strategy="replay"),
    "final": lambda: ours(strategy="final"),
    "ensemble-16": lambda: ours(ensemble=16),
    "nodes-600": lambda: ours(nodes=600, tails=False),
    "nodes-600-sketches": lambda: ours(nodes=600, tails=False, options=dict(futures=3, depth=3, width=256)),
    "1-gram": lambda: ngram(1),
    "2-gram": lambda: ngram(2),
    "3-gram": lambda: ngram(3),
    "4-gram": lambda: ngram(4),
    "5-gram": lambda: ngram(5),
    "aalpy": lambda: aalpy("mc"),
    "aalpy-auto": lambda: aalpy("mc", "auto"),
    "aalpy-smm": lambda: aalpy("smm"),
}
"""Name on the command line, and how to make the method; the first is the default, against which wins are counted."""
