"""A trace a row whose events stand in columns of their own, and sources of several formats in one run."""

from __future__ import annotations

import io
import json

import pytest

from flexstream.errors import DataError
from flexstream.readers.options import ReadOptions
from flexstream.readers.parsing.wide import numbered
from flexstream.readers.reading import Reading
from flexstream.stream.alphabet import Alphabet

WIDE = "id,step1,step2,step3\n" + "7,load,run,unload\n8,load,unload,\n" * 5


def traces(*sources: bytes | str, **options: str) -> tuple[list[list[str]], list[str]]:
    alphabet = Alphabet()
    given = [source if isinstance(source, str) else io.BytesIO(source) for source in sources]
    reading = Reading(given, alphabet, ReadOptions(**options))
    found = [[alphabet.text(symbol) for symbol in trace.tolist()] for batch in reading for trace in batch]
    return found, [str(note) for note in reading.notes]


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_events_in_columns_of_their_own(delimiter, quote):
    rows = [delimiter.join(f"{quote}{cell}{quote}" for cell in row.split(",")) for row in WIDE.splitlines()]
    found, _ = traces("\n".join(rows).encode(), sequence="step*", format="csv")
    assert found == [["load", "run", "unload"], ["load", "unload"]] * 5


def test_a_column_of_that_name_comes_first():
    found, _ = traces(b"id,step*,step1\n1,a b,c\n2,b a,c\n", sequence="step*", format="csv")
    assert found == [["a", "b"], ["b", "a"]]


def test_rows_have_the_names_of_their_cases():
    alphabet = Alphabet()
    options = ReadOptions(sequence="step*", case="id", format="csv")
    batch = next(iter(Reading(io.BytesIO(WIDE.encode()), alphabet, options)))
    assert list(batch.names[:2]) == ["7", "8"]


def test_what_takes_them_is_said():
    with pytest.raises(DataError, match=r"no column for the event .*`sequence` 'step\*' takes step1 to step3"):
        traces(WIDE.encode())
    with pytest.raises(DataError, match=r"no column 'stop\*'"):
        traces(WIDE.encode(), sequence="stop*", format="csv")


def test_which_columns_are_numbered():
    assert numbered(["a", "e0", "e1", "e2"]) == "e*"
    assert numbered(["e 1", "e 2", "e 3", "op_1", "op_2", "op_3", "op_4"]) == "op_*"
    assert numbered(["e1", "e3", "e4"]) is None
    assert numbered(["e2", "e3", "e4"]) is None
    assert numbered(["e1", "e2"]) is None


def test_objects_whose_events_stand_in_fields_of_their_own():
    rows = [line.split(",") for line in WIDE.splitlines()]
    data = "".join(json.dumps(dict(zip(rows[0], row, strict=True))) + "\n" for row in rows[1:]).encode()
    found, _ = traces(data, sequence="step*")
    assert found == [["load", "run", "unload"], ["load", "unload"]] * 5
    with pytest.raises(DataError, match=r"no field for the event .*`sequence` 'step\*' takes step1 to step3"):
        traces(data)


def test_columns_that_may_be_anything_are_guessed_as_ever():
    rows = [f"o{case},{step},shop" for case in range(20) for step in ("new", "paid", "sent")]
    found, notes = traces(("col1,col2,col3\n" + "\n".join(rows) + "\n").encode())
    assert found == [["new", "paid", "sent"]] * 20
    assert any("column col2 is taken for the event" in note for note in notes)


LINES, TABLE = b"a b c\na b\n", b"case,event\n1,a\n1,b\n2,a\n"


def test_sources_of_several_formats_are_told(tmp_path):
    for name, data in (("one.txt", LINES), ("two.csv", TABLE), ("three.txt", LINES)):
        (tmp_path / name).write_bytes(data)
    names = [str(tmp_path / name) for name in ("one.txt", "two.csv", "three.txt")]
    _, notes = traces(*names)
    told = [note for note in notes if "one stream" in note]
    assert told == [f"{names[1]}: read as csv, sources before it as lines; all are taken for one stream"]
    _, notes = traces(names[0], names[2])
    assert not [note for note in notes if "one stream" in note]
