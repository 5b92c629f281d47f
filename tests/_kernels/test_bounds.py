"""The checked kernels see where an array ends: each array of each kernel, cut short, is caught."""

from __future__ import annotations

import copy
import inspect
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flexstream import StreamLearner, TraceBatch
from flexstream._kernels.gamma import log_gammas, log_rises
from flexstream._kernels.growth import TAILS, compact_tails, relink
from flexstream._kernels.heap import sort_by_heap
from flexstream._kernels.hints import EDGE, NODE, TAIL
from flexstream._kernels.library import CHOICE, Kernel, KernelError, all_kernels
from flexstream._kernels.ngrams import Digits, trace_passages
from flexstream._kernels.rows import hints_of
from flexstream._kernels.spacesaving import combine_sketches, count_items, distance, overcount, resample
from flexstream._kernels.visits import add_tail_symbols
from flexstream.automata.lateness import lateness
from flexstream.automata.walking import walk_batch
from flexstream.merging.fold import open_fold
from flexstream.merging.heuristics.evidence import judge
from flexstream.monitoring.adwin import Adwin
from flexstream.pac.report.evidence import model_with_evidence
from flexstream.readers import read_batches
from flexstream.readers.time_shapes import Shapes, known_shapes
from flexstream.stream.alphabet import Alphabet
from flexstream.summary.futures import seen_futures
from flexstream.summary.sketch import SketchShape, estimate
from flexstream.summary.sums import add_to, close, pack_tails, unbound
from flexstream.summary.timed import TimedTraces
from flexstream.targets import Recipe, random_hmm, reber

from ..strategies import count
from .test_folding import fold_all, root_children, undo_pairs

pytestmark = pytest.mark.skipif(os.environ.get(CHOICE) != "checked", reason="needs the checked kernels")

FEW = 10
"""Calls of each kernel that are looked at."""
BOUNDED = {"find_cells", "count_byte"}
"""Kernels that walk each array to its own end."""
FILES = {
    "traces.csv": "case,event,time\n" + "1,a,2026-01-01 10:00:00\n2,tame,2026-01-01T10:00:01Z\n" * 40,
    "traces.jsonl": '{"case": "1", "event": "a"}\n{"case": "2", "event": "b"}\n' * 40,
    "varied.jsonl": '{"case": {"id": "1"}, "event": "a", "n": [1]}\n{"event": "b", "case": {"id": "2"}}\n' * 40,
    "wrapped.json": '{"Records": [' + ", ".join(['{"case": "1", "event": "a"}'] * 40) + "]}\n",
    "traces.xes": "<log><trace><string key='concept:name' value='&#233;'/><event><string key='concept:name' value='a'/>"
    "</event></trace></log>",
    "traces.txt": "a b long-word-indeed a\nb a\n" * 20,
}
WAYS: tuple[dict[str, Any], ...] = (
    {"grow_at": 3, "strategy": "replay"},
    {"nodes": 12, "tails": False, "options": {"futures": 3}},
    {"memory": "2MiB", "ensemble": 3},
    {"heuristic": "css"},
    {"heuristic": "alergia"},
    {"heuristic": "spacesaving", "options": {"mu": 0.2, "copies": 3}},
)
Arguments = tuple[Any, ...]


def learn_in_many_ways(folder: Path) -> None:
    """Call most kernels as they are called in earnest."""
    traces = reber().sample(300, seed=3)
    again = StreamLearner()
    again.learn_many(traces[:30] * 40)
    assert again.repeats.traces and len(again.automaton)  # first, while the kernels' calls are looked at
    for way in WAYS:
        learner = StreamLearner(every=100, **way)
        learner.learn_many(traces)
        learner.model.log2_prob(traces[0])
        learner.automaton.surprises(traces[0])
        model_with_evidence(learner)
        twin = copy.deepcopy(learner)
        learner.merge(twin)
        learner.tree._evict_tails()
        twin.tree.thin()
        columns = twin.tree.columns
        compact_tails(columns, np.flatnonzero(columns.tail_start[: columns.size[TAILS]] >= 0))
        relink(columns)
    for name, text in FILES.items():
        (folder / name).write_text(text)
        for batch in read_batches(str(folder / name), Alphabet(["known"])):
            assert len(batch)


def learn_times() -> None:
    """Call the kernels of durations, and those that write them: how long the last step takes hangs on the first."""
    learner = StreamLearner()
    symbols = learner.alphabet.encode(["a", "step", "end", "b", "step", "end"] * 90)
    durations = np.array([-1, 5, 5, -1, 5, 900] * 90, np.int16)
    batch = TraceBatch(symbols, np.arange(0, 541, 3), durations=durations)
    learner.learn_many(batch, learner.alphabet)
    few = TimedTraces(1 << 9, learner.alphabet)
    few.add(TraceBatch(symbols, batch.offsets, durations=np.arange(540, dtype=np.int16)))
    assert few.one_in > 1
    assert "contexts" in learner.automaton.to_json()
    assert np.isfinite(lateness(learner.automaton, batch)).all()


def use_small_kernels() -> None:
    """Call the kernels that only tests and targets call by themselves."""
    log_gammas(np.ones(3), np.empty(3))
    log_rises(1.0, np.arange(3), np.arange(3), np.empty(3))
    room = np.empty(3, np.int64), np.empty(3, np.int32), np.empty((3, 2), np.int64)
    sort_by_heap(np.arange(3), np.arange(3, dtype=np.int32), *room)
    sketch = np.zeros((1, 2, 4), np.int32)
    count_items(sketch[0], np.arange(1, 6, dtype=np.int32))
    combine_sketches(sketch, sketch.copy(), np.empty((2, 8), np.int32))
    distance(sketch[0], sketch[0])
    overcount(sketch[0])
    time = np.frombuffer(b"2026-01-31 23:59:00.5", np.uint8)
    Shapes(known_shapes()).tell_all(time, np.array([[0, len(time)]]), 0)
    resample(np.arange(3, dtype=np.uint64), np.empty(3, np.int64))
    tree, alphabet = count([["a", "b"], ["a"], ["b", "b"]] * 3, SketchShape(2, 2, 8), grow_at=1)
    add_tail_symbols(count([["a", "b"] * 4], grow_at=9)[0].columns, np.zeros(2, np.int64))
    trace_passages(np.arange(3, dtype=np.int32), np.array([0, 2, 3]), Digits(4, 3), 3, np.empty(5, np.int64))
    codes = np.arange(len(alphabet), dtype=np.uint64)
    seen_futures(tree, codes)
    grown, _ = count([["a", "b"] * 4] * 3, grow_at=2)
    close(grown, codes)
    add_to(unbound(grown), copy.deepcopy(grown), np.arange(2, dtype=np.int32), codes, (len(grown), grown.edges))
    pack_tails(count([["a", "b"] * 4], grow_at=9)[0])
    walk_batch(reber(), TraceBatch.from_traces(reber().sample(3, seed=3), reber().alphabet()))
    estimate(tree.columns.sketch[0], [1])
    fold = open_fold(tree)
    undo_pairs(fold, fold_all(fold, 0, root_children(fold)[0]))
    assert Adwin().update_many([0.0] * 64 + [1.0] * 64)
    source = random_hmm(Recipe(states=3, symbols=3, mean_length=4), 1)
    source.log2_probs(source.sampler(1).batch(5))
    judge(
        np.ones((2, 2), np.int64), np.ones(2), *[np.zeros((0, 1, 1), np.int32)] * 2, np.empty((0, 1), np.int32), [5.0]
    )


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Arguments]]:
    """Return with what each kernel was called, as it was before the call."""
    found: dict[str, list[Arguments]] = {name: [] for name in all_kernels()}
    call = Kernel.__call__

    def noted(self: Kernel, *given: Any) -> Any:
        if len(found[self.name]) < FEW:
            found[self.name].append(copy.deepcopy(given))
        return call(self, *given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Kernel, "__call__", noted)
        learn_in_many_ways(tmp_path_factory.mktemp("traces"))
        learn_times()
        use_small_kernels()
    return found


def by_one(rows: int) -> int:
    """Return one row less."""
    return rows - 1


def to_nothing(_: int) -> int:
    """Return no rows."""
    return 0


def may_be_cut(name: str, left: Callable[[int], int]) -> bool:
    """Tell whether an array may be cut: a search in a table that is no power of two long may never end."""
    return name != "slots" or left is to_nothing


def cut(kernel: Kernel, given: Arguments, left: Callable[[int], int]) -> Iterator[Arguments]:
    """Yield copies of arguments, in each of which one array, or one column of a record, has lost rows at its end."""
    for place, (name, value) in enumerate(zip(inspect.signature(kernel).parameters, given, strict=True)):
        pieces: Iterator[Any] = iter(())
        if isinstance(value, np.ndarray) and len(value) and may_be_cut(name, left):
            pieces = iter([value[: left(len(value))].copy()])
        elif hasattr(value, "_fields"):
            pieces = cut_columns(value, left)
        for piece in pieces:
            yield (*copy.deepcopy(given[:place]), piece, *copy.deepcopy(given[place + 1 :]))


def cut_columns(record: Any, left: Callable[[int], int]) -> Iterator[Any]:
    """Yield copies of a record, in each of which one column has lost rows; those of a row lose them together."""
    kinds: dict[str, list[str]] = {}
    for name, hint in hints_of(type(record)).items():
        if isinstance(getattr(record, name), np.ndarray) and may_be_cut(name, left):
            row = next((mark for mark in getattr(hint, "__metadata__", ()) if mark in (NODE, EDGE, TAIL)), name)
            kinds.setdefault(row, []).append(name)
    for names in kinds.values():
        twin = copy.deepcopy(record)
        rows = len(getattr(twin, names[0]))
        if rows:
            yield twin._replace(**{name: getattr(twin, name)[: left(rows)] for name in names})


def caught(kernel: Kernel, given: Arguments) -> bool:
    """Tell whether a checked kernel reaches beyond an array."""
    try:
        kernel(*given)
    except KernelError as error:
        assert f"kernel {kernel.name} (" in str(error)
        return True
    return False


@pytest.mark.parametrize("name", sorted(all_kernels()))
def test_an_array_that_is_too_short_is_caught(name: str, calls: dict[str, list[Arguments]]) -> None:
    kernel = all_kernels()[name]
    assert calls[name], "the kernel was not called"
    assert not any(caught(kernel, copy.deepcopy(given)) for given in calls[name])
    shorter = (short for given in calls[name] for left in (by_one, to_nothing) for short in cut(kernel, given, left))
    assert any(caught(kernel, short) for short in shorter) != (name in BOUNDED)


@pytest.mark.parametrize("name", ["count_batch", "split_lines", "search_states", "score_traces", "route_tails"])
def test_one_row_less_than_needed_is_caught(name: str, calls: dict[str, list[Arguments]]) -> None:
    assert any(
        caught(all_kernels()[name], short) for given in calls[name] for short in cut(all_kernels()[name], given, by_one)
    )
