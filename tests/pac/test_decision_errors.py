"""Errors of merges that reports state, and how often such merges are wrong."""

from __future__ import annotations

import numpy as np

from flexstream import StreamLearner
from flexstream.pac.report.analysis import Analysis
from flexstream.pac.report.decision_rows import decision_rows
from flexstream.pac.report.evidence import with_evidence
from flexstream.targets import from_rows


def merged(seed: int, traces: int, apart: float) -> tuple[bool, float]:
    """Return whether two states that differ by so much in how their visits divide are one, and the largest error."""
    rows: dict[int, dict[str | None, tuple[float, int]]] = {
        0: {"a": (0.5, 1), "b": (0.5, 2)},
        1: {"x": (0.5 + apart / 2, 3), "y": (0.5 - apart / 2, 4)},
        2: {"x": (0.5 - apart / 2, 3), "y": (0.5 + apart / 2, 4)},
        3: {"p": (0.9, 5), "q": (0.1, 5)},
        4: {"p": (0.1, 5), "q": (0.9, 5)},
        5: {None: (1.0, 0)},
    }
    learner = StreamLearner()
    learner.learn_many(from_rows(rows).sample(traces, seed=seed))
    model = with_evidence(learner, foresight=False)
    found = decision_rows(Analysis(model, 0.05), traces)["rows"]
    one = model.state_after(["a"]) == model.state_after(["b"])
    return one, max(row["error"] for row in found if row["kind"] == "merge")


def test_a_merge_of_states_that_differ_in_proportions_only_is_not_called_sure() -> None:
    """All that follows is the same, so the evidence for one state is overwhelming: 1e-20 was said of such merges."""
    wrong = [error for one, error in (merged(seed, 120, 0.25) for seed in range(30)) if one]
    assert len(wrong) > 5
    assert min(wrong) > 0.01


def test_errors_that_are_said_come_true() -> None:
    """As often as not two states are one, and where they are not they differ by anything; 1 in 8 is what e^-2 says."""
    random = np.random.default_rng(5)
    said, wrong = [], []
    for seed in range(60):
        differ = random.random() < 1 / 8
        one, error = merged(seed, 250, random.uniform(-1, 1) if differ else 0.0)
        if one:
            said.append(error)
            wrong.append(differ)
    assert len(said) > 40
    assert sum(wrong) <= sum(said) + 3 * np.sqrt(sum(said) + 1)
