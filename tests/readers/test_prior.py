"""How the stream of a model was read: it stands in the model, and other sources are read likewise."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import pytest

from flexstream import Alphabet, DataError, ModelError, ReadOptions, StreamLearner, UsageError, read_batches
from flexstream.readers.prior import OWN_BUSINESS, Prior, manner_of
from flexstream.stream.manner import agreed

Made = tuple[list[list[str]], list[str], dict[str, Any]]
EVENTS = [(f"o{n // 3}", ("new", "paid", "sent")[n % 3], f"2026-01-0{1 + n // 9}T10:0{n % 9}:00") for n in range(36)]
LOG = "".join(f"{at} [{case}] {event}\n" for case, event, at in EVENTS)
PATTERN = r"(?P<time>\S+) \[(?P<case>\w+)\] (?P<event>\w+)"


def csv(names: str = "order,status,at", delimiter: str = ",", rows: Iterable[tuple[str, ...]] = EVENTS) -> str:
    lines = [names.replace(",", delimiter), *(delimiter.join(row) for row in rows)]
    return "".join(line + "\n" for line in lines)


def jsonl(names: tuple[str, ...] = ("order", "status", "at")) -> str:
    return "".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in EVENTS)


def xes() -> str:
    traces = "".join(
        f'<trace><string key="lot" value="{case}"/><event><string key="step" value="{event}"/></event></trace>'
        for case, event, _ in EVENTS
    )
    return f"<log>{traces}</log>"


STREAMS: dict[str, tuple[str, dict[str, Any]]] = {
    "lines": ("new paid\nsent\n", {}),
    "lines by name": ("2026-01-31 23:59:00 INFO a\n2026-01-31 23:59:01 INFO b\n", {"format": "lines"}),
    "csv": (csv("case,event,time"), {}),
    "csv by name": (csv(), {"case": "at", "event": "status"}),
    "csv of bars": (csv(delimiter="#"), {"delimiter": "#", "case": "order", "event": "status", "format": "csv"}),
    "csv without cases": (csv(), {"case": "", "event": "status", "window": 5, "stride": 2}),
    "csv of joined events": (csv(), {"event": "status+order", "case": "at"}),
    "csv, idle": (csv(), {"case": "order", "event": "status", "time": "at", "idle": 60.0}),
    "csv of traces": ("id,way\n1,a b\n2,c\n", {"sequence": "way", "format": "csv"}),
    "bad csv": (csv() + "short\n", {"on_error": "skip", "case": "order", "event": "status"}),
    "jsonl": (jsonl(("case", "event", "time")), {}),
    "jsonl by name": (jsonl(), {"case": "at", "event": "status"}),
    "xes by name": (xes(), {"case": "lot", "event": "step"}),
    "log": ("".join(f"{at} INFO {event} it\n" for _, event, at in EVENTS), {"window": 4}),
    "log by pattern": (LOG, {"pattern": PATTERN}),
    "pattern and idle": (LOG, {"pattern": PATTERN, "idle": 30.0}),
    "few open cases": (csv(rows=sorted(EVENTS, key=lambda row: row[1])), {"case": "order", "max_open_cases": 3}),
    "pautomac": ("2 3\n2 0 1\n1 2\n", {}),
}
every_stream = pytest.mark.parametrize("name", STREAMS)


def made(text: str | bytes, like: Any = None, **options: Any) -> Made:
    """Return the traces of a text, the notes, and the manner as a model file holds it."""
    alphabet = Alphabet()
    source = io.BytesIO(text.encode() if isinstance(text, str) else text)
    reading = read_batches(source, alphabet, ReadOptions(**options), like=like)
    traces = [[alphabet.text(symbol) for symbol in trace] for batch in reading for trace in batch]
    return traces, [str(note) for note in reading.notes], json.loads(json.dumps(reading.manner))


@every_stream
def test_likewise_means_the_same_traces_without_an_option(name: str) -> None:
    text, options = STREAMS[name]
    traces, _, manner = made(text, **options)
    again, notes, same = made(text, manner)
    assert again == traces and traces
    assert {kind: value for kind, value in same.items() if kind != "guessed"} == {
        kind: value for kind, value in manner.items() if kind != "guessed"
    }
    given = {kind for kind in options if kind not in manner["guessed"]}
    assert any(note.startswith("read as for the model: ") for note in notes) == bool(given)
    for kind in given:
        assert f"`{kind}` " in " ".join(notes)


@every_stream
def test_a_model_holds_how_its_stream_was_read(name: str) -> None:
    text, options = STREAMS[name]
    learner = StreamLearner()
    for batch in read_batches(io.BytesIO(text.encode()), learner.alphabet, ReadOptions(**options)):
        learner.learn_many(batch.part(0, len(batch)))
    told = json.loads(learner.automaton.to_json())["provenance"]["reading"]
    assert {kind: told[kind] for kind in options} == options
    assert set(told["guessed"]) == set(told) - set(options) - {"guessed"}
    assert told == made(text, **options)[2]


SAMPLES: dict[str, Any] = {"format": "csv", "delimiter": ";", "encoding": "latin-1", "on_error": "skip", "stride": 2}


@pytest.mark.parametrize("field", fields(ReadOptions), ids=lambda field: field.name)
def test_every_option_that_is_given_is_kept(field: Any) -> None:
    """New options come under this by themselves, unless they are about the sources at hand alone."""
    text = {"pattern": "(?P<event>a)", "time_format": "%Y"}.get(field.name, "x")
    value = SAMPLES.get(
        field.name, {"bool": not field.default, "int": 7, "float": 7.5}.get(field.type.split(" ")[0], text)
    )
    beside = {"window": 3} if field.name == "stride" else {}
    try:
        options = ReadOptions(**{field.name: value}, **beside)
    except UsageError:
        pytest.skip("it needs a sample of its own")
    manner = manner_of(options, {})
    if field.name in OWN_BUSINESS:
        assert field.name not in manner
        return
    assert manner == {**beside, field.name: getattr(options, field.name), "guessed": []}
    assert getattr(Prior(manner, {}).for_format("csv"), field.name) in (getattr(options, field.name), field.default)
    prior = Prior({**manner, **({} if field.name in ("format", "pattern") else {"format": "csv"})}, {})
    assert getattr(prior.for_format(prior.format or "csv"), field.name) == getattr(options, field.name)


# --- guesses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [csv, jsonl])
def test_what_was_guessed_comes_before_other_guesses(write: Any) -> None:
    """A short file alone would not show that its column is a case."""
    _, _, manner = made(write())
    assert (manner["case"], manner["event"]) == ("order", "status")
    names = ["order", "status", "activity"]
    rows = [("a", "new", "x"), ("b", "new", "x"), ("a", "paid", "x")]
    text = (
        csv(",".join(names), rows=rows)
        if write is csv
        else "".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows)
    )
    assert made(text)[0] != [["new", "paid"], ["new"]]
    assert made(text, manner)[0] == [["new", "paid"], ["new"]]


def test_columns_that_are_not_there_are_guessed_anew() -> None:
    manner = made(csv("case,event,time"))[2]
    assert made(csv("lot,activity,when"), manner)[0] == made(csv("case,event,time"))[0]


def test_no_case_stays_no_case() -> None:
    rows = [(symbol,) for symbol in "abcabcabc"]
    manner = made("event,x\n" + "".join(f"{row[0]},1\n" for row in rows), window=3)[2]
    assert (manner["case"], manner["window"]) == ("", 3)
    assert made("event,case\na,1\nb,1\nc,2\n", manner)[0] == [["a", "b", "c"]]


def test_sources_that_differ_leave_open_in_what() -> None:
    first, second = (io.BytesIO(text.encode()) for text in (csv("case,event,time"), csv("lot,event,time")))
    reading = read_batches([first, second, io.BytesIO(b"a b\n")], Alphabet())
    assert sum(map(len, reading)) > 0
    assert reading.manner == {"event": "event", "time": "time", "guessed": ["event", "time"]}


# --- other formats -------------------------------------------------------------------------------------------------


@every_stream
def test_another_format_is_read_by_itself(name: str) -> None:
    """A model of events by columns scores traces that somebody types."""
    text, options = STREAMS[name]
    manner = made(text, **options)[2]
    if options.get("format") is None:
        assert made("new paid\n\nsent\n", manner)[0] == [["new", "paid"], [], ["sent"]]
        assert made('["new", "paid"]\n', manner)[0] == [["new", "paid"]]


def test_a_pattern_is_for_lines_that_it_matches() -> None:
    manner = made(LOG, pattern=PATTERN)[2]
    assert made("free text\n" + LOG, manner, on_error="skip")[0] == made(LOG, pattern=PATTERN)[0]
    with pytest.raises(DataError, match="no match for the pattern"):
        made("2026-01-31T23:59:00 INFO x\n2026-01-31T23:59:00 INFO y\n", manner)


# --- what is told now ----------------------------------------------------------------------------------------------


def test_what_is_told_now_counts_and_is_noted() -> None:
    manner = made(csv(), case="order", event="status")[2]
    traces, notes, _ = made(csv(), manner, case="at")
    assert traces == made(csv(), case="at", event="status")[0]
    assert "`case` is 'at', but the model was learned with 'order'" in notes
    assert any(note.startswith("read as for the model: `event` status") for note in notes)


@pytest.mark.parametrize(
    ("text", "then", "now"),
    [
        (csv(), {"case": "order", "event": "status"}, {"sequence": "status"}),
        ("way,status\na b,c\n", {"sequence": "way", "format": "csv"}, {"event": "status"}),
        (csv(), {"case": "", "window": 5, "stride": 2}, {"window": 3, "case": ""}),
        (LOG, {"format": "lines"}, {"pattern": PATTERN}),
        (csv(), {"on_error": "skip", "case": "order"}, {"case": "", "window": 4}),
    ],
)
def test_what_is_told_takes_the_place_of_what_it_excludes(text: str, then: Any, now: Any) -> None:
    manner = made(text, **then)[2]
    rest = {"format": "csv"} if "format" in then and "pattern" not in now else {}
    assert made(text, manner, **now)[0] == made(text, **rest, **now)[0]


def test_options_that_contradict_the_models_say_so() -> None:
    manner = made("a b\n", format="lines", max_open_cases=7)[2]
    with pytest.raises(
        UsageError, match=r"`stride` needs `window`; `format` lines, `max_open_cases` 7 as for the model"
    ):
        Prior(manner, {"stride": 3})
    with pytest.raises(UsageError, match=r"`stride` needs `window`$"):
        Prior({"guessed": []}, {"stride": 3})


# --- manners that are none -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "manner",
    [
        [],
        3,
        "csv",
        {},
        {"guessed": 3},
        {"guessed": [1]},
        {"guessed": [], "case": 3},
        {"guessed": [], "window": "10"},
        {"guessed": [], "window": -1},
        {"guessed": [], "pattern": "("},
        {"guessed": [], "idle": float("nan")},
        {"guessed": [], "on_error": "explode"},
        {"guessed": [], "stride": 2},
        {"guessed": ["format"], "format": "csv", "pattern": "x"},
    ],
)
def test_what_is_no_manner_is_refused(manner: Any) -> None:
    with pytest.raises(ModelError, match="the model is damaged"):
        Prior(manner, {})


def test_options_of_later_versions_and_of_the_sources_at_hand_are_left_out() -> None:
    prior = Prior({"guessed": ["aura"], "aura": 3, "follow": True, "idle": 3.0}, {})
    assert prior.options == ReadOptions(idle=3.0)


def test_an_unknown_format_of_a_model_is_told() -> None:
    with pytest.raises(UsageError, match="no input format 'runes'"):
        made("a\n", {"guessed": [], "format": "runes"})


# --- what several have in common -----------------------------------------------------------------------------------


def test_manners_agree_on_what_both_have() -> None:
    one = {"format": "csv", "case": "order", "event": "status", "guessed": ["format", "event"]}
    other = {"format": "csv", "case": "lot", "event": "status", "idle": 3.0, "guessed": ["format", "case"]}
    assert agreed(one, other) == {"format": "csv", "event": "status", "guessed": ["format", "event"]}
    assert agreed(one, one) is one and agreed(one, None) is one and agreed(None, one) is one
    assert agreed(None, None) is None


def test_learners_know_how_all_they_saw_was_read() -> None:
    learners = []
    for names in ("case,event,time", "lot,event,time"):
        learner = StreamLearner()
        learner.learn_many([["typed", "in"]])
        assert learner.reading is None and "reading" not in learner.provenance()
        for batch in read_batches(io.BytesIO(csv(names).encode()), learner.alphabet):
            learner.learn_many(batch)
        learner.learn_many([["typed", "in"]])
        learners.append(learner)
    assert learners[0].provenance()["reading"]["case"] == "case"
    learners[0].merge(learners[1])
    assert learners[0].reading == {
        "format": "csv",
        "event": "event",
        "time": "time",
        "guessed": ["format", "event", "time"],
    }
    assert learners[0].clone().reading is None


def test_a_reading_that_goes_on_knows_its_manner() -> None:
    text, alphabet = csv("case,event,time").encode(), Alphabet()
    reading = read_batches(io.BytesIO(text), alphabet)
    next(reading)
    again = read_batches(io.BytesIO(text), alphabet)
    again.restore(reading.state())
    assert again.manner == reading.manner != {"guessed": []}


@pytest.mark.parametrize("events", [30, 300, 5000])
def test_events_without_cases_are_cut_as_those_of_the_model(events: int) -> None:
    """How many events there are decides how they are cut; the model's stream had so many."""
    text = "event\n" + "".join(f"{'abcde'[n % 5]}\n" for n in range(events))
    traces, _, manner = made(text, case="")
    length = len(traces[0])
    assert (manner["window"], "window" in manner["guessed"]) == (length, True)
    short = "event\n" + "".join(f"{'abcde'[n % 5]}\n" for n in range(2 * length + 1))
    assert [len(trace) for trace in made(short, manner, cut=False)[0]] == [length, length, 1]
    assert [len(trace) for trace in made(text, manner, window=7)[0]][:4] == [7, 7, 7, 7]
