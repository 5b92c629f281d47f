"""The transform of Beam: the model of one process, however the runner divides the traces."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flexstream import StreamLearner, UsageError
from flexstream.distributed import beam as adapter
from flexstream.distributed.beam import CountTraces, GatherCases, LearnAutomaton
from flexstream.learning.additive import Summary
from flexstream.targets import reentrant_line

LOTS = reentrant_line().sample(2500, seed=4)


def closed() -> Summary:
    learner = StreamLearner(repeats=False)
    learner.learn_many(LOTS)
    return Summary.of(learner).close()


@pytest.fixture(scope="module")
def beam() -> Any:
    return pytest.importorskip("apache_beam", reason="apache-beam is not installed")


def parts_of(text: str) -> tuple[Any, ...]:
    document = json.loads(text)
    return document["symbols"], document["states"], document["transitions"]


@pytest.mark.parametrize("parts", [1, 2, 7])
def test_counts_are_those_of_one_process_whatever_is_sent_when(beam: Any, parts: int) -> None:
    counting = CountTraces(repeats=False)
    sent = []
    for number in range(parts):
        accumulator: Any = counting.create_accumulator()
        for at, lot in enumerate(LOTS[number::parts]):
            accumulator = counting.add_input(accumulator, lot)
            if at % 1500 == 10:
                accumulator = counting.compact(accumulator)
                assert isinstance(accumulator, bytes)
        sent.append(accumulator)
    merged = counting.merge_accumulators(
        [counting.merge_accumulators(sent[1:]), counting.create_accumulator(), sent[0]]
    )
    found = Summary.from_bytes(counting.extract_output(merged))
    assert (found.traces, found.events) == (2500, sum(map(len, LOTS)))
    assert found.tree.columns.counts.tolist() == closed().tree.columns.counts.tolist()


@pytest.mark.filterwarnings("ignore")  # of the runner's own
@pytest.mark.parametrize(("fanout", "mode"), [(None, "in_memory"), (3, "in_memory"), (None, "multi_processing")])
def test_the_local_runner_learns_the_model_of_one_process(beam: Any, fanout: int | None, mode: str) -> None:
    from apache_beam.options.pipeline_options import PipelineOptions
    from apache_beam.testing.util import assert_that

    events = [(number, place, step) for number, lot in enumerate(LOTS) for place, step in enumerate(lot)]
    expected = parts_of(closed().learner().automaton.to_json())

    def same(models: list[str]) -> None:
        assert [parts_of(text) for text in models] == [expected]

    options = PipelineOptions(direct_running_mode=mode, direct_num_workers=2)
    with beam.Pipeline("FnApiRunner", options) as pipeline:
        traces = pipeline | beam.Create(events[::-1]) | GatherCases()
        assert_that(traces | LearnAutomaton(fanout, repeats=False), same)


def test_wrong_parameters_are_told_before_anything_runs(beam: Any) -> None:
    with pytest.raises(UsageError, match="abacus"):
        LearnAutomaton(heuristic="abacus")


@pytest.mark.parametrize("made", [LearnAutomaton, CountTraces, GatherCases])
def test_the_extra_is_named_where_it_is_missing(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "apache_beam", None)
    with pytest.raises(UsageError, match=r"pip install 'flexstream\[beam\]'"):
        made()
