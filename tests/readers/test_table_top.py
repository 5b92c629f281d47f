"""What stands above the header of CSV, tables of one column, and blanks in cells."""

from __future__ import annotations

import gzip
import io
import time
from functools import partial
from itertools import islice
from typing import Any

import pytest

from flexstream.readers import Head, Reading, ReadOptions, guess
from flexstream.readers.parsing.drawn_tables import is_rule
from flexstream.readers.parsing.table_top import find_top
from flexstream.stream.alphabet import Alphabet

from .conftest import Dripping, read_all


@pytest.fixture
def read() -> Any:
    """Read with traces as long as they are."""
    return partial(read_all, cut=False)


ROWS = "1;load\n2;load\n1;run\n2;run\n"
WANTED = [["load", "run"], ["load", "run"]]
ABOVE = {
    "nothing": "case;activity\n",
    "a separator": "sep=;\ncase;activity\n",
    "a quoted separator": '"sep=;"\r\ncase;activity\r\n',
    "comments": "# exported by the fab\n#\n# 2026-01-31; at noon\ncase;activity\n",
    "a separator and comments": "SEP=;\n# exported\n\ncase;activity\n",
    "a header in a comment": "# exported by the fab\n# case;activity\n",
    "titles": "Lots of the week\n\nfab 7, line 3\ncase;activity\n",
    "a mark and blank lines": "\ufeff\n\ncase;activity\n",
}


@pytest.mark.parametrize("above", ABOVE.values(), ids=ABOVE)
@pytest.mark.parametrize("format", [None, "csv"])
def test_the_header_is_found_below_what_stands_above_it(read: Any, above: str, format: str | None) -> None:
    content = (above + ROWS).encode()
    for file in (io.BytesIO(content), Dripping(content, 1), io.BytesIO(gzip.compress(content))):
        found = read(file, format=format)
        assert (found.error, found.traces) == (None, WANTED)
        told = [note for note in found.told.notes if "the header is on line" in note]
        line = above.replace("\ufeff\n\n", "").count("\n")
        assert told == [f"<input>: the header is on line {line}"] * (line > 1)


@pytest.mark.parametrize("above", ABOVE.values(), ids=ABOVE)
def test_a_reading_goes_on_below_what_stands_above_the_header(above: str) -> None:
    content, options = (above + ROWS * 40).encode(), ReadOptions(case="", window=2)
    alphabet = Alphabet()
    whole = [trace.tolist() for batch in Reading(io.BytesIO(content), alphabet, options) for trace in batch]
    for taken in (1, 3, 7):
        first = Reading(Dripping(content, 50), Alphabet(), options)
        begin = [trace.tolist() for batch in islice(first, taken) for trace in batch]
        second = Reading(Dripping(content, 50), alphabet, options)
        second.restore(first.state())
        assert begin + [trace.tolist() for batch in second for trace in batch] == whole


def test_the_line_of_a_bad_row_counts_what_stands_above(read: Any) -> None:
    found = read(io.BytesIO(("# one\n# two\ncase;activity\n" + ROWS + "1;2;3\n").encode()))
    assert str(found.error).startswith("<input>:8: 3 columns, but the header has 2")


def test_comments_between_rows_are_passed_over(read: Any) -> None:
    text = "case;activity\n1;load\n# the shift ends\n1;run\n#2;load\n"
    found = read(io.BytesIO(text.encode()))
    assert found.named == [("1", ["load", "run"]), ("#2", ["load"])]
    assert found.told.notes[-1] == "<input>: lines that begin with # and are no rows are passed over"


def test_a_first_column_may_be_called_like_a_comment() -> None:
    top = find_top(["#;case;activity", "1;7;load"])
    assert (top.above, top.names) == (0, ["#", "case", "activity"])


ONE = [
    ("csv", "activity\na\nb\nc\na\n", [["a", "b", "c", "a"]]),
    ("csv", '"activity"\n"a"\n"b"\n', [["a", "b"]]),
    ("csv", "Activity\nload lot\nrun lot\n" * 1 + "load lot\nrun lot\n", [["load lot", "run lot"] * 2]),
    ("csv", "event\na, then b\nb\na, then b\nb\n", [["a, then b", "b"] * 2]),
    ("csv", "activity\na;b\nb;c\n", [["a;b", "b;c"]]),
    ("lines", "load\nrun\nload\n", [["load"], ["run"], ["load"]]),
    ("lines", "step\nrun\nstep\n", [["step"], ["run"], ["step"]]),
    ("lines", "task a b\nb a\n", [["task", "a", "b"], ["b", "a"]]),
    ("csv", "sequence\na b\nb c a\n", [["a", "b"], ["b", "c", "a"]]),
]


@pytest.mark.parametrize(("format", "text", "traces"), ONE)
def test_tables_of_one_column(read: Any, format: str, text: str, traces: list[list[str]]) -> None:
    assert guess(Head(text.encode(), ended=True)) == format
    for size in (1, 1000):
        assert read(Dripping(text.encode(), size)).traces == traces


@pytest.mark.parametrize(
    "header", ["Auftrag;Arbeitsgang;Zeit", "Prüfling;Tätigkeit;Zeit", "Order number;What was done;At what time"]
)
def test_columns_in_other_languages_make_a_table(header: str) -> None:
    assert guess(Head(f"{header}\n1;2;3\n4;5;6\n".encode())) == "csv"


def test_sentences_make_no_table() -> None:
    assert guess(Head(b"Well, it is so\nSure, it was so\nAnd, it will be so\n")) == "lines"


BLANK = [(" a", "a"), ("a\t", "a"), ('" a "', "a"), ("a", "a"), ("  a  b ", "a  b"), ("'a'", "'a'")]


@pytest.mark.parametrize("rows", [1, 500])
@pytest.mark.parametrize("event", ["activity", "activity+resource"])
@pytest.mark.parametrize(("cell", "bare"), BLANK)
def test_blanks_around_cells_are_left_out_and_told(
    read: Any, both: Any, cell: str, bare: str, event: str, rows: int
) -> None:
    text = "case_id, activity,resource\n" + f"1 ,{cell}, r\n1,{bare},r\n" * rows
    both(text.encode(), (1 << 18, None, None), format="csv", event=event)
    found = read(io.BytesIO(text.encode()), event=event, cut=False)
    assert found.named == [("1", [bare + "+r" * ("+" in event)] * 2 * rows)]
    assert found.told.notes[-1] == "<input>: blanks around cells are left out"


def test_nothing_is_told_where_no_cell_that_counts_has_blanks(read: Any) -> None:
    found = read(io.BytesIO(b"case,activity,note\n1,a, b\n1,a b, c \n" * 1))
    assert not any("blanks" in note for note in found.told.notes)


def test_blanks_are_left_out_of_names_and_texts_of_whole_traces(read: Any) -> None:
    found = read(io.BytesIO(b"case,sequence\n 1 , a b \n2,b\n"))
    assert found.named == [("1", ["a", "b"]), ("2", ["b"])]


def test_a_table_of_one_column_that_the_user_names(read: Any) -> None:
    assert read(io.BytesIO(b"Schritt\na\nb c\na\n"), event="Schritt").traces == [["a", "b c", "a"]]


@pytest.mark.parametrize(
    "comment",
    [
        "# Fields are told in the notes",
        "# fields: see the notes for all",
        "#Fields of lots",
        "# Fields\t",
        "#fields x y",
    ],
)
def test_a_comment_that_says_fields_may_be_one(read: Any, comment: str) -> None:
    assert read(io.BytesIO(f"{comment}\ncase;activity\n{ROWS}".encode())).traces == WANTED


@pytest.mark.parametrize("comment", ["# fields of this log are told elsewhere", "#Fields are none"])
def test_a_log_below_a_comment_that_says_fields(read: Any, comment: str) -> None:
    text = comment + "\n" + "".join(f"2026-01-31 10:00:{second:02d} lot 7 ran\n" for second in range(9))
    assert read(io.BytesIO(text.encode())).told.format == "log"


@pytest.mark.parametrize(("apart", "above"), [("\t", " "), (" ", " "), ("\t", "\t")])
def test_fields_may_be_apart_by_blanks_where_cells_are_by_tabs(read: Any, apart: str, above: str) -> None:
    header = "#Version: 1.0\n#Fields: " + above.join(("date", "time", "cs-method", "c-ip"))
    rows = [apart.join(("2026-01-31", f"10:00:{n:02d}", "GET" if n % 4 < 2 else "PUT", f"::{n % 2}")) for n in range(8)]
    found = read(io.BytesIO("\n".join([header, *rows]).encode()), case="c-ip")
    assert found.traces == [["GET", "PUT"] * 2] * 2
    assert found.told.columns["time"] == "date+time"


@pytest.mark.parametrize("piece", [1, 1 << 18])
@pytest.mark.parametrize("fields", ["time op", "date time op"])
def test_no_comment_below_fields_is_a_row(read: Any, fields: str, piece: int) -> None:
    """Some are as wide as the rows, whichever way these are read."""
    row = "2026-01-31 load\n" if fields == "time op" else "2026-01-31 10:00:00 load\n"
    text = f"#Fields: {fields}\n" + row * 30 + "#Remark: twice\n#Date: 2026-01-31 11:00:00\n" + row * 3
    found = read(Dripping(text.encode(), piece), event="op", case="")
    assert found.traces == [["load"] * 33]
    assert any("are no rows are passed over" in note for note in found.told.notes)


def test_a_header_of_few_names_is_no_title_of_ragged_rows() -> None:
    rows = [f"L{number // 4},load,x,y" if number in (2, 3) else f"L{number // 4},run" for number in range(12)]
    assert find_top(["Auftrag,Schritt", *rows]).above == 0
    assert find_top(["Export,2026", "Auftrag,Schritt,Art", *(row + ",z" for row in rows)]).above == 1


@pytest.mark.parametrize(
    "text", [" " * 40_000 + "x|", "-" + " " * 40_000 + "x|", "|" + "-" * 40_000 + "x", "-|" * 20_000 + "x"]
)
def test_what_is_no_rule_of_markdown_takes_linear_time(text: str) -> None:
    began = time.monotonic()
    assert not is_rule([text])
    assert time.monotonic() - began < 0.5


@pytest.mark.parametrize("rows", [0, 1, 30])
def test_a_log_that_has_fields_and_no_rows_yet_is_no_text(rows: int) -> None:
    lines = ["#Software: x", "#Version: 1.0", "#Fields: date time op", *(["2026-01-31 10:00:00 load"] * rows)]
    assert guess(Head(("\n".join(lines) + "\n").encode())) == "csv"


WIDER = {
    "last": ["{case},{event},said of {row}\n", "case,event,unnamed"],
    "trailing": ["{case},{event},\n", "case,event,unnamed"],
    "first": ['"{row}","{case}","{event}"\n', "unnamed,case,event"],
    "quoted": ['{case},{event},"An account was\nlogged off by {row}, at once."\n', "case,event,unnamed"],
}


@pytest.mark.parametrize("kind", WIDER)
@pytest.mark.parametrize("header", ["case,event", "Vorgang,Schritt"])
def test_a_cell_more_in_each_row_than_in_the_header(read: Any, kind: str, header: str) -> None:
    form, names = WIDER[kind]
    text = "".join(form.format(case=f"c{row // 4}", event="abcd"[row % 4], row=row + 1) for row in range(80))
    given = {} if header == "case,event" else {"case": "Vorgang", "event": "Schritt"}
    found = read(io.BytesIO(f"{header}\n{text}".encode()), format="csv", **given)
    assert (found.error, found.traces) == (None, [[*"abcd"]] * 20)
    where = names.split(",").index("unnamed")
    told = f"rows have one cell more than the header, the {'first' if where == 0 else 'last'} is called unnamed"
    assert f"<input>: {told}" in found.told.notes
    told_by = read(io.BytesIO(f"{header}\n{text}".encode()), format="csv", **{**given, "event": "unnamed"})
    assert told_by.error is None or kind == "trailing"


def test_a_few_rows_that_are_wider_are_wrong_as_before(read: Any) -> None:
    found = read(io.BytesIO(b"case,event\nc1,a,x\nc1,b\nc2,a,y\n"))
    assert "3 columns, but the header has 2" in str(found.error)


@pytest.mark.parametrize(
    "header",
    [
        "Keywords,Date and Time,Source,Event ID,Task Category",
        "Schlüsselwörter,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabe",
    ],
)
def test_what_the_event_viewer_of_windows_writes(read: Any, header: str) -> None:
    ids = [4624, 4672, 4634]
    times = [f"{place // 60 + 13}.1.2026 10:{place % 60:02}:00" for place in range(120)]
    said = [f'"An account\nwas {place}."' for place in range(120)]
    rows = [f"Success,{times[place]},Security,{ids[place % 3]},Logon,{said[place]}\n" for place in range(120)]
    found = read(io.BytesIO("".join([header + "\n", *rows[::-1]]).encode()), window=3)
    assert (found.error, found.traces) == (None, [[*map(str, ids)]] * 40)
    names = header.split(",")
    assert (found.told.columns["event"], found.told.columns["time"]) == (names[3], names[1])


@pytest.mark.parametrize("sign", ["\t", ";"])
def test_rows_with_a_time_may_hold_long_texts(read: Any, sign: str) -> None:
    rows = [
        ["id", "at", "message"],
        *([str(n), f"2026-03-01 10:00:{n:02}", f"lot {n} is {('in', 'out')[n % 2]} of the tool"] for n in range(40)),
    ]
    found = read(io.BytesIO("\n".join(map(sign.join, rows)).encode()))
    assert {symbol for trace in found.traces for symbol in trace} == {
        "lot <*> is in of the tool",
        "lot <*> is out of the tool",
    }
