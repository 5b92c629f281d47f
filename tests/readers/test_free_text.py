"""Columns of free text are masked by themselves, and names of events never are."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import ReadOptions
from flexstream.readers import read_batches
from flexstream.readers.parsing.free_text import is_text, may_be_text
from flexstream.readers.reading import Reading
from flexstream.readers.source.text import Source
from flexstream.stream.alphabet import Alphabet

ROWS = 300
TEXTS = [f"user u{number} logged in" if number % 3 else "service is idle" for number in range(ROWS)]
FORMS = {"user <*> logged in", "service is idle"}
TOLD = "<input>: the texts of {} are free text, so what varies is masked; `mask=False` keeps them as they are"


def csv_of(name: str, texts: list[str] = TEXTS, case: bool = True) -> bytes:
    rows = [f"c{number % 9},{text}" if case else text for number, text in enumerate(texts)]
    return "\n".join([f"case,{name}" if case else name, *rows, ""]).encode()


def json_of(name: str, texts: list[str] = TEXTS) -> bytes:
    rows = [{"case": f"c{number % 9}", name: text} for number, text in enumerate(texts)]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


WRITTEN: dict[str, Callable[..., bytes]] = {"csv": csv_of, "jsonl": json_of}


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("name", ["message", "note"])
class TestMasked:
    def test_by_itself_and_told(self, read: Any, both: Any, written: Any, name: str) -> None:
        content = written(name)
        options = {} if name == "message" else {"event": name}
        found = read(io.BytesIO(content), **options)
        assert found.error is None
        assert {symbol for trace in found.traces for symbol in trace} == FORMS
        assert TOLD.format(name) in found.told.notes
        assert found.told.manner["mask"] is True
        assert "mask" in found.told.manner["guessed"]
        both(content, **options)
        both(content, (100, None, None), **options)

    def test_from_files_pipes_and_pieces_alike(
        self, read: Any, dripping: Any, written: Any, name: str, tmp_path: Path
    ) -> None:
        content = written(name)
        file = tmp_path / "log"
        file.write_bytes(content)
        wanted = read(io.BytesIO(content), event=name).traces
        for source in (file, dripping(content, 1), dripping(content, 1000)):
            assert read(source, event=name).traces == wanted

    def test_not_where_it_is_switched_off(self, read: Any, written: Any, name: str) -> None:
        found = read(io.BytesIO(written(name)), event=name, mask=False)
        assert {symbol for trace in found.traces for symbol in trace} == set(TEXTS)
        assert not any("free text" in note for note in found.told.notes)

    def test_in_the_same_way_for_a_model(self, written: Any, name: str) -> None:
        """Its stream was masked: so are a few lines, of which nobody could tell that they are free text."""
        manner = Reading(io.BytesIO(written(name)), Alphabet(), ReadOptions(event=name))
        list(manner)
        few = written(name, TEXTS[:5])
        assert symbols(few, manner.manner) <= FORMS
        assert symbols(few, manner.manner, mask=False) == set(TEXTS[:5])
        plain = {**manner.manner, "mask": None, "guessed": ["format"]}
        del plain["mask"]
        assert symbols(written(name), plain) == set(TEXTS)

    def test_behind_the_middle_of_a_source_too(self, written: Any, name: str, dripping: Any) -> None:
        content = written(name)
        whole, first = Alphabet(), Alphabet()
        list(Reading(io.BytesIO(content), whole, ReadOptions(event=name, window=5)))
        reading = Reading(dripping(content, 500), first, ReadOptions(event=name, window=5))
        next(reading)
        again = Reading(io.BytesIO(content), first, ReadOptions(event=name, window=5))
        again.restore(reading.state())
        list(again)
        assert list(first) == list(whole)


def symbols(content: bytes, like: Any, **options: Any) -> set[str]:
    alphabet = Alphabet()
    list(read_batches(io.BytesIO(content), alphabet, ReadOptions(**options), like=like))
    return set(alphabet)


def test_columns_of_one_name_are_alike_in_all_sources(read: Any) -> None:
    files = [io.BytesIO(csv_of("message")), io.BytesIO(csv_of("message", ["user ann logged in", "is idle"]))]
    found = read(files)
    assert {symbol for trace in found.traces for symbol in trace} == FORMS | {"is idle"}
    assert sum("free text" in note for note in found.told.notes) == 1


def test_objects_of_several_kinds_are_masked_by_kind(read: Any) -> None:
    rows = [
        {"case": 1, "message": text} if number % 2 else {"case": 1, "activity": "load 7"}
        for number, text in enumerate(TEXTS)
    ]
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    found = read(io.BytesIO(content))
    assert {symbol for trace in found.traces for symbol in trace} <= {*FORMS, "load 7", *TEXTS}
    assert "load 7" in found.traces[0]


MACHINES = [f"Turning and milling - machine {number * number % 23}" for number in range(ROWS)]
CODES = [f"ALARM {number * 7919 % 1000}" for number in range(ROWS)]
NAMES = {
    "machines": MACHINES,
    "codes": CODES,
    "one word": [f"lot{number}" for number in range(ROWS)],
    "sentences": ["check the confirmation", "send the letter", "close the case"] * 100,
    "few": TEXTS[:19],
    "numbers": [f"{number} {number + 1}" for number in range(ROWS)],
    "steps": [f"step {number % 6} done in {number * 7919 % 1000} ms" for number in range(ROWS)],
}


@pytest.mark.parametrize("texts", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_names_of_events_are_not_masked(read: Any, written: Any, texts: list[str]) -> None:
    found = read(io.BytesIO(written("message", texts)), event="message")
    assert {symbol for trace in found.traces for symbol in trace} == set(texts)


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize(
    ("form", "masked"),
    [
        ("valve opened at {}", "valve opened at <*>"),
        ("sent {} of 'a b' or 'c' by now", "sent <*> of <*> or <*> by now"),
    ],
)
def test_messages_of_one_form_that_differ_in_a_number_are_masked(
    read: Any, written: Any, form: str, masked: str
) -> None:
    texts = [form.format(number * 7919 % 100_003) for number in range(ROWS)]
    found = read(io.BytesIO(written("note", texts)), event="note")
    assert {symbol for trace in found.traces for symbol in trace} == {masked}
    assert TOLD.format("note") in found.told.notes


@pytest.mark.parametrize("name", ["activity", "concept:name", "Task", "Activity_Name", "EventID"])
def test_activities_are_not_masked_whatever_they_are(read: Any, name: str) -> None:
    found = read(io.BytesIO(csv_of(name)))
    assert {symbol for trace in found.traces for symbol in trace} == set(TEXTS)


def test_joined_columns_and_traces_are_left_alone(read: Any) -> None:
    content = csv_of("message,level", [f"{text},INFO" for text in TEXTS])
    found = read(io.BytesIO(content), event="message+level")
    assert {symbol for trace in found.traces for symbol in trace} == {f"{text}+INFO" for text in TEXTS}
    lines = "case,trace\n" + "".join(f"{number},lot{number} is loaded\n" for number in range(50))
    assert "lot7" in {symbol for trace in read(io.BytesIO(lines.encode())).traces for symbol in trace}


@given(st.lists(st.sampled_from(["In Progress", "On Hold", "Done 7", "Lot 3 is loaded"]), max_size=250))
def test_a_few_values_are_never_free_text(cells: list[str]) -> None:
    assert not is_text(cells)


def test_what_a_first_cell_says() -> None:
    assert may_be_text("log.message", "x")
    assert not may_be_text("code", "x7")
    assert may_be_text("code", "x 7")


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("text", ["load", "lot is loaded"])
def test_a_pipe_of_names_is_not_waited_for(read: Any, written: Any, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One row says that nothing is to be looked at; 200 say the rest."""
    asked: list[int] = []
    head = Source.head

    def counting(self: Source, lines: int = 1, fields: tuple[str, ...] = ()) -> Any:
        asked.append(lines)
        return head(self, lines, fields)

    monkeypatch.setattr(Source, "head", counting)
    read(
        io.BytesIO(written("status", [text, "idle"] * 150)),
        case="case",
        event="status",
        format="csv" if written is csv_of else "jsonl",
    )
    assert max(asked) in ((1, 2) if text == "load" else (200, 201))


def test_process_logs_of_the_public_are_as_they_were(read: Any, data: Path) -> None:
    for file in ("logs/production.csv", "hdfs/sessions_labelled.csv", "logs/openstack_2k_structured.csv"):
        found = read(data / file)
        assert not any("free text" in note for note in found.told.notes)
        assert "mask" not in found.told.manner


def test_generated_streams_are_not_masked(read: Any) -> None:
    from flexstream.fab.log.output import stream
    from flexstream.fab.parameters import WEEK
    from flexstream.fab.plant import Plant
    from flexstream.fab.profiles import load_parameters

    parameters = load_parameters("default")
    for view in ({"by": "lot"}, {"by": "machine"}, {"by": "all"}):
        lines = [line for _, line in stream(Plant(parameters, 1).events(WEEK / 4), parameters, **view)]
        found = read(io.BytesIO("".join(f"{line}\n" for line in lines).encode()))
        assert found.error is None
        assert not any("free text" in note for note in found.told.notes)


@pytest.mark.parametrize(("rows", "text"), [(40, False), (90, False), (200, True), (300, True)])
def test_texts_that_come_twice_each_are_told_once_there_are_many(rows: int, text: bool) -> None:
    """In a few rows they may be names, of which some are late; in a hundred and more new ones had ceased to come."""
    twice = [f"lot {row // 2} was {('loaded', 'moved', 'lost')[row // 2 % 3]}" for row in range(rows)]
    assert is_text(twice) == text


def test_names_that_new_ones_have_ceased_to_follow_are_no_texts() -> None:
    assert not is_text([f"lot {row % 30} was {('loaded', 'moved', 'lost')[row % 3]}" for row in range(ROWS)])
