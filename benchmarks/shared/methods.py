"""What the benchmarks compare: a method is one line of ``METHODS``."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from flexstream import Alphabet, StreamLearner, TraceBatch, read_batches
from flexstream.targets import read_model


def perplexity_error(log2_candidate: Sequence[float], target: Sequence[float]) -> float:
    """Return the perplexity of a candidate minus that of the target, both normalised over the test strings.

    This is the figure of the PAutomaC competition (Verwer, Eyraud & de la Higuera, Machine Learning 96, 2014).
    """
    top = max(log2_candidate)
    scores = [max(value - top, -660.0) for value in log2_candidate]
    norm, total = math.log2(sum(2.0**value for value in scores)), sum(target)
    shares = [value / total for value in target]
    cross = -sum(share * (score - norm) for share, score in zip(shares, scores, strict=True) if share > 0)
    own = -sum(share * math.log2(share) for share in shares if share > 0)
    return 2.0**cross - 2.0**own


FRESH = 2000
"""Traces of the target that are held out."""


class Model(Protocol):
    """What a method learns; an automaton is one."""

    def score_batch(self, batch: TraceBatch) -> tuple[Any, ...]:
        """Return base-2 log probabilities first, shape (n,)."""


class Learned(NamedTuple):
    """The outcome of a method on one train file; seconds are processor time."""

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

    def held_out(self, model: Path) -> float:
        """Return the bits a trace of fresh traces of the target that a model file tells of."""
        traces = [[str(symbol) for symbol in trace] for trace in read_model(model).sample(FRESH, seed=1)]
        known = Alphabet(self.alphabet)
        return -float(self.model.score_batch(TraceBatch.from_traces(traces, known))[0].mean())

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
        started = time.process_time()
        for batch in read_batches(path, learner.alphabet):
            learner.learn_many(batch)
        return Learned(learner.model, learner.alphabet, time.process_time() - started)

    return method


def whole(learn: Callable[..., Model], **options: Any) -> Method:
    """Learn with a baseline that takes all traces at once."""

    def method(path: Path) -> Learned:
        alphabet = Alphabet()
        started = time.process_time()
        model = learn(list(read_batches(path, alphabet)), alphabet, **options)
        return Learned(model, alphabet, time.process_time() - started)

    return method


def ngram(n: int) -> Method:
    """Learn an n-gram."""
    from shared.baselines.ngram import learned

    return whole(learned, n=n)


def aalpy(kind: str, eps: float | str = 0.05) -> Method:
    """Learn with AALpy's Alergia."""
    from shared.baselines.aalpy_alergia import learned

    return whole(learned, kind=kind, eps=eps)


def true_structure(path: Path) -> Learned:
    """Count the traces along the states of the true automaton, of which the model file beside them tells.

    No learner knows that much; what is left of the error is the sample's.
    """
    from shared.baselines.counting import counted

    truth = read_model(path.with_name(path.name.replace(".pautomac.train", ".pautomac_model.txt"))).to_pdfa()
    alphabet = Alphabet()
    started = time.process_time()
    traces = [trace.tolist() for batch in read_batches(path, alphabet) for trace in batch]
    steps: list[dict[int, int]] = [{} for _ in range(len(truth))]
    for edge in truth.transitions():
        steps[edge.source][alphabet.id(edge.symbol)] = edge.target
    return Learned(counted(steps, traces, alphabet), alphabet, time.process_time() - started)


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
    "true-structure": lambda: true_structure,
}
"""Name on the command line, and how to make the method; the first is the default, against which wins are counted."""

WORDS = {
    "evidence": "`evidence`, the default",
    "css": "`css`",
    "alergia": "`alergia`",
    "ensemble-16": "`evidence`, `--ensemble 16`",
    "nodes-600": "`evidence` in 600 nodes without tails",
    "nodes-600-sketches": "the same with sketches",
    "5-gram": "interpolated 5-gram",
    "aalpy": "AALpy's Alergia, Markov chain",
    "aalpy-smm": "AALpy's Alergia, stochastic Mealy machine",
    "true-structure": "the true structure with the counts of the train file",
}
"""What tables for readers call a method."""

BASELINES = tuple(name for name in METHODS if "gram" in name or name.startswith(("aalpy", "true")))
"""Those that are not FlexStream; they have all traces at once."""
