"""However a stream is divided, whatever is added first: the sum is the same bytes, and so is its model."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexstream import StreamLearner, TraceBatch
from flexstream.distributed.local import learn_in_jobs
from flexstream.learning.additive import Summary
from flexstream.learning.provenance import provenance
from flexstream.stream.alphabet import Alphabet
from flexstream.targets import reentrant_line

TRACES = 12_000
KINDS: dict[str, dict[str, Any]] = {
    "plain": {"repeats": False},
    "with repeats": {},
    "css": {"repeats": False, "heuristic": "css"},
    "little memory": {"memory": "2MiB"},
    "timed": {"repeats": False},
    "some timed": {"repeats": False},
    "more timed than fit": {"repeats": False, "memory": "16MiB"},
}


@cache
def stream(kind: str) -> TraceBatch:
    """Return a stream of which some traces are frequent, and one comes without an event."""
    alphabet = Alphabet()
    lots = reentrant_line().sample(TRACES, seed=4)
    lots = [[] if number == 7 else ["ship"] if number % 5 == 0 else lot for number, lot in enumerate(lots)]
    batch = TraceBatch.from_traces(lots, alphabet)
    if "timed" not in kind:
        return batch
    bins = np.random.default_rng(1).integers(1000, 1008, batch.events).astype(np.int16)
    bins[batch.offsets[:-1][batch.offsets[:-1] < batch.events]] = -1
    if kind == "some timed":
        bins[: batch.events // 3] = -1
    return TraceBatch(batch.symbols, batch.offsets, durations=bins)


def counted(kind: str, rows: list[int]) -> Summary:
    """Return what a learner of its own counts of some traces."""
    alphabet = Alphabet()
    TraceBatch.from_traces(reentrant_line().sample(TRACES, seed=4), alphabet)
    learner = StreamLearner(**KINDS[kind])
    learner.alphabet.follow(alphabet, len(alphabet))
    learner.learn_many(stream(kind).chosen(np.array(rows, np.int64)))
    return Summary.of(learner)


def told(kind: str, total: Summary) -> list[bytes]:
    """Return all that is said of a sum, but for what is seen in neighbours."""
    learner = total.learner()
    learner.refine()
    document = json.loads(learner.automaton.to_json())
    if "timed" in kind:
        del document["durations"]["dependence"], document["seal"]  # which is of that, too
    said = [json.dumps(document).encode(), json.dumps(provenance(learner, learner.tree)).encode()]
    return [*said, learner.drawn.held().symbols.tobytes(), *([] if "timed" in kind else [total.to_bytes()])]


@cache
def whole(kind: str) -> list[bytes]:
    total = counted(kind, list(range(TRACES))).close()
    assert total.drawn.one_in > 1
    assert not total.lossy
    assert (total.timed.one_in > 1) == (kind == "more timed than fit")
    return told(kind, total)


def divided(parts: list[int], draw: random.Random, whole_runs: bool) -> list[list[int]]:
    """Return the rows of parts of these weights, runs of neighbours or dealt out at random; some may be empty."""
    ends = [TRACES * sum(parts[: number + 1]) // sum(parts) for number in range(len(parts))]
    rows = list(range(TRACES))
    if not whole_runs:
        draw.shuffle(rows)
    return [sorted(rows[start:stop]) for start, stop in zip([0, *ends], ends, strict=False)]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=2, deadline=None)
@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=7).filter(any), st.randoms(use_true_random=False), st.booleans()
)
def test_a_sum_does_not_hang_on_the_division(
    kind: str, parts: list[int], draw: random.Random, whole_runs: bool
) -> None:
    summaries = [counted(kind, rows) for rows in divided(parts, draw, whole_runs)]
    draw.shuffle(summaries)
    while len(summaries) > 1:  # sums of sums, closed in between or not
        summaries[0].add(summaries.pop())
        if draw.random() < 0.3:
            summaries[0] = Summary.from_bytes(summaries[0].close().to_bytes())
    assert told(kind, summaries[0].close()) == whole(kind)


def test_blocks_of_a_file_are_drawn_from_alike_however_many_count_them(tmp_path: Path) -> None:
    path = tmp_path / "lots.txt"
    path.write_text("".join(" ".join(lot) + "\n" for lot in reentrant_line().sample(TRACES, seed=4)))
    models = []
    for jobs in (3, 7):
        found = learn_in_jobs(StreamLearner(), [str(path)], {}, jobs)
        assert found is not None
        found[0].refine()
        models.append(found[0].automaton.to_json())
    assert models[0] == models[1]
    assert json.loads(models[0])["calibration"]["one_in"] == 2
