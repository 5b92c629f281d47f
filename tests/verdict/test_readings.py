"""Verdicts that say how to read: by windows that were tried, by a preset, by a column beside those in use."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest

from flexstream import ReadOptions, StreamLearner, judge
from flexstream.readers.reading import Reading
from flexstream.verdict.header import has_more_columns
from flexstream.verdict.symptoms.repeat_faults import repeats
from flexstream.verdict.symptoms.trace_faults import few_long_traces
from flexstream.verdict.trials import Proposal, Proposals


def learned(data: str, **options: Any) -> tuple[StreamLearner, Reading]:
    learner = StreamLearner()
    reading = Reading(io.BytesIO(data.encode()), learner.alphabet.copy(), ReadOptions(**options))
    for batch in reading:
        learner.learn_many(batch, reading.alphabet)
    return learner, reading


# --- windows ---------------------------------------------------------------------------------------------------------


def cut_by_default(saved: float, window: float | None, tried: bool = True) -> Any:
    """Return facts of 3,000 events that nobody has cut: what their model saves, and the best window."""
    best = None if window is None else Proposal({"window": 20}, saved=window)
    return SimpleNamespace(
        options=None,
        proposals=Proposals(None, best, tried),
        foresight=SimpleNamespace(saved=saved),
        traces=30,
        events=3000,
        mean_length=100.0,
        automaton=[0, 1, 2],
    )


@pytest.mark.parametrize(
    ("saved", "window", "told"),
    [
        (0.0, 0.5, True),
        (0.3, 0.5, True),
        (0.3, 0.31, False),
        (0.3, 0.1, False),
        (0.0, None, False),
    ],
)
def test_pieces_are_proposed_that_do_better_than_the_model_does(saved: float, window: float | None, told: bool) -> None:
    found = few_long_traces(cut_by_default(saved, window))
    assert (found is not None) == told
    if found is not None:
        assert found.options == {"window": 20} and "pieces of 20 events" in str(found.text)


def test_where_nothing_was_tried_pieces_are_shorter_than_the_traces() -> None:
    found = few_long_traces(cut_by_default(0.0, None, tried=False))
    assert found is not None
    assert found.options == {"window": 50} and "pieces of 50 events" in str(found.text)
    assert few_long_traces(cut_by_default(0.3, None, tried=False)) is None


# --- presets ---------------------------------------------------------------------------------------------------------


def spans(cases: int) -> str:
    names = ["GET /cart", "load cart", "price items", "render"]
    return "".join(
        json.dumps({"traceId": f"t{case}", "spanId": f"s{at}", "name": name}) + "\n"
        for case in range(cases)
        for at, name in enumerate(names)
    )


def test_what_looks_like_a_preset_is_to_be_read_by_it() -> None:
    """Where how it was read may be at fault: there may be more traces, but states are what was learned of them."""
    found = judge(*learned(spans(3)))
    assert [(verdict.code, verdict.options, verdict.verb) for verdict in found] == [
        ("too_few_traces", {"preset": "otel"}, "learn"),
        ("contradicted", {"report": "report.html"}, "learn"),
        ("one_state", {}, "inspect"),
    ]
    told = judge(*learned(spans(3), event="name"))
    assert (told[0].code, told[0].options, told[0].verb) == ("too_few_traces", {}, "inspect")


# --- columns, and repeats --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("indent", [None, 1])
def test_fields_beside_those_in_use_are_seen_however_records_are_written(indent: int | None) -> None:
    few, more = ({"case": "c1", "event": "load"}, {"case": "c1", "event": "load", "tool": "A", "place": "B"})
    assert has_more_columns(learned(json.dumps(more, indent=indent) + "\n")[1])
    assert not has_more_columns(learned(json.dumps(few, indent=indent) + "\n")[1])


def test_where_the_first_line_is_broken_there_may_be_more_fields() -> None:
    _, reading = learned('{"case": "c1", "ev\n{"case": "c1", "event": "load"}\n', format="jsonl", on_error="skip")
    assert reading.stats.skipped == 1 and has_more_columns(reading)


@pytest.mark.parametrize("rate", [None, 3.14159])
@pytest.mark.parametrize("example", [None, (["load", "run"], 7)])
def test_repeats_are_told_as_far_as_they_are_known(rate: float | None, example: tuple[list[str], int] | None) -> None:
    held = SimpleNamespace(traces=50)
    facts: Any = SimpleNamespace(
        repeated=held, said_again=50, traces=100, cased=True, multiplicity=rate, example=example
    )
    found = repeats(facts)
    assert found is not None
    assert str(found.text).split("; ") == [
        "the stream repeats itself: 50 of 100 traces say again what came before",
        *(["a rare trace comes 3.14 times for each that is expected"] if rate else []),
        *(["'load run' came again 7 times"] if example else []),
        "they count for probabilities, not for states",
    ]
