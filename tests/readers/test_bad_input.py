"""Bad input: one line that says file, line, what is wrong and what was expected; nothing is lost."""

from __future__ import annotations

import io
import json

import pytest

from flexstream.errors import UsageError

HUGE = "99999999999999999999"
GOOD_EVENT = '<event><string key="concept:name" value="x"/></event>'
BOMB = """<?xml version="1.0"?>
<!DOCTYPE log [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<log><trace><string key="concept:name" value="&b;"/></trace></log>
"""

#: format, text, traces before the error, line, what is wrong, what was expected.
STOPS = [
    ("pautomac", "2 x\n1 0\n", 0, 1, "'x' is not a non-negative number", "number_of_strings alphabet_size"),
    ("pautomac", "-2 3\n", 0, 1, "'-2' is not a non-negative number", "number_of_strings alphabet_size"),
    ("pautomac", "2\n", 0, 1, "'2' is no header", "number_of_strings alphabet_size"),
    ("pautomac", f"1 {HUGE}\n1 0\n", 0, 1, f"number '{HUGE}' does not fit 64 bits", "header"),
    (
        "pautomac",
        f"1 3\n{HUGE} 0\n",
        0,
        2,
        f"length number '{HUGE}' does not fit",
        "the number of",
    ),
    ("pautomac", f"2 3\n0\n1 {HUGE}\n", 1, 3, f"symbol number '{HUGE}' does not fit", "numbers from 0 to 2"),
    ("pautomac", "1 3\n1 " + "9" * 10_000, 0, 2, "does not fit 64 bits", "numbers from 0 to 2"),
    ("pautomac", "2 3\n1 0\n3 0 1\n", 1, 3, "length 3 stated, but 2 symbols on the line", "3 symbols"),
    ("pautomac", "2 3\n1 0\n1 0 1\n", 1, 3, "length 1 stated, but 2 symbols on the line", "1 symbols"),
    ("pautomac", "2 3\n1 2\n1 3\n", 1, 3, "symbol 3 is outside the alphabet of 3", "numbers from 0 to 2"),
    ("pautomac", "2 3\n1 2\n1 a\n", 1, 3, "symbol 'a' is not a non-negative number", "numbers from 0 to 2"),
    ("pautomac", "1 3\n1 -1\n", 0, 2, "symbol '-1' is not a non-negative number", "numbers from 0 to 2"),
    ("pautomac", "1 3\n1 02\n", 0, 2, "symbol '02' has leading zeros", "numbers from 0 to 2"),
    ("pautomac", "1 0\n1 0\n", 0, 2, "symbol 0 is outside the alphabet of 0", "no symbols"),
    ("pautomac", "1 3\nx 0\n", 0, 2, "length 'x' is not a non-negative number", "the number of"),
    ("pautomac", "1 3\n1 2\n1 2\n", 1, 3, "string 2, but the header promises 1", "1 strings"),
    ("pautomac", "3 3\n1 2\n1 2\n", 2, 3, "2 strings, but the header promises 3", "3 strings"),
    ("pautomac", "\n\n", 0, 1, "there is no header", "number_of_strings alphabet_size"),
    ("abbadingo", "1 3\n2 1 0\n", 0, 2, "label '2'", "1, 0 or -1"),
    ("abbadingo", "2 3\n1 1 0\n1\n", 1, 3, "no length after the label", "label length"),
    ("abbadingo", "1 3\n1 2 0\n", 0, 2, "length 2 stated, but 1 symbols on the line", "2 symbols"),
    (
        "jsonl",
        '["a"]\n["a"\n',
        1,
        2,
        "not JSON: Expecting ',' delimiter at column 5",
        "one JSON value a line",
    ),
    ("jsonl", '["a"]\n\n7\n', 1, 3, "'7' is no trace and no event", "a list, or an object"),
    ("jsonl", '["b", ["a"]]\n', 0, 1, "symbol is a list", "a text, a number, true or false"),
    ("jsonl", '["a", null]\n', 0, 1, "symbol is null", "a text, a number, true or false"),
    ("jsonl", '["\\ud800"]\n', 0, 1, "half of a surrogate pair", "UTF-8"),
    ("jsonl", "[" * 100_000 + "\n", 0, 1, "nested too deeply", "a list, or an object"),
    (
        "jsonl",
        '{"what": 1, "why": 2}\n',
        0,
        1,
        "no field for the event",
        "one of what, why; name it with `event`",
    ),
    (
        "jsonl",
        '{"case": null, "event": 2}\n',
        0,
        1,
        "no case in field 'case'",
        "`on_error` skip leaves out what has none",
    ),
    ("jsonl", "{}\n", 0, 1, "no field for the event", "an object with fields"),
    ("csv", "who,what\n1,2\n", 0, 1, "no column for the event", "one of who, what; name it with `event`"),
    ("csv", "case,event\na,x\nb\n", 1, 3, "1 columns, but the header has 2", "2 columns"),
    ("csv", "case,event\na,x\nb,y,z\n", 1, 3, "3 columns, but the header has 2", "2 columns"),
    ("csv", 'case,event\na,"x\ny"\n\nb,y,"p\nq"\n', 1, 5, "3 columns, but the header has 2", "2 columns"),
    ("csv", 'case,event\na,x\nb,"y\nz\n', 1, 3, "broken row: unexpected end of data", "RFC 4180"),
    ("csv", 'case,event\na,x\nb,"y"z\n', 1, 3, "broken row: ',' expected after '\"'", "RFC 4180"),
    ("csv", "\n \n", 0, 1, "there is no header line", "column names on the first line"),
    ("xes", BOMB, 0, 2, "document type declarations and entities are refused", "XES without a DOCTYPE"),
    ("xes", f"<log><trace>{GOOD_EVENT}\n</trac></log>", 1, 2, "broken XML: mismatched tag", "well-formed"),
    ("xes", f"<log>\n<trace>{GOOD_EVENT}", 1, 2, "broken XML: no element found", "well-formed"),
    ("xes", "<logs></logs>", 0, 1, "root element 'logs'", "<log>"),
    ("xes", "<log>\n<trace>\n<event></event></trace></log>", 0, 3, "event without 'concept:name'", "`event`"),
    ("xes", "<log>\n" + GOOD_EVENT + "</log>", 0, 2, "event outside a trace", "inside <trace>"),
    ("xes", "<log>&x;</log>", 0, 1, "broken XML: undefined entity", "well-formed"),
]


@pytest.mark.parametrize("stop", STOPS)
def test_one_line_says_it_all(read, tmp_path, stop):
    name, text, before, line, problem, expected = stop
    path = tmp_path / "bad.txt"
    path.write_text(text, encoding="utf-8")
    reading = read(path, format=name)
    message = str(reading.error)
    assert message.startswith(f"{path}:{line}: ")
    assert problem in message
    assert expected in message.partition("(expected: ")[2]
    assert "\n" not in message
    assert len(message) < len(str(path)) + 200
    assert len(reading.traces) == before


def bad_log(read, text, **options):
    return str(read(io.BytesIO(text), **options).error)


def test_log_lines_that_do_not_match(read):
    pattern = r"(?P<case>\w+)=(?P<event>\w+)(?P<time> \d+)?"
    message = "<input>:2: no match for the pattern in 'other' (expected: lines that match `pattern`)"
    assert bad_log(read, b"a=x 1\nother\n", pattern=pattern) == message
    assert "<input>:1: group 'time' matches nothing" in bad_log(read, b"a=x\n", pattern=pattern)


def test_times_count_only_where_they_are_needed(read):
    text = b"case,event,time\na,x,yesterday\n"
    assert read(io.BytesIO(text)).traces == [["x"]]
    problem = "<input>:2: 'yesterday' in column 'time' is no time (expected: for example 2026-"
    assert bad_log(read, text, idle=3.0).startswith(problem)
    assert bad_log(read, text, time="time").startswith(problem)
    text = b'{"case": 1, "event": "x", "time": "yesterday"}\n'
    assert read(io.BytesIO(text)).traces == [["x"]]
    assert bad_log(read, text, idle=3.0).startswith("<input>:1: 'yesterday' is no time")
    pattern = "(?P<event>x) (?P<time>.*)"
    assert bad_log(read, b"x yesterday\n", pattern=pattern).startswith("<input>:1: 'yesterday' is no time")


def test_idle_needs_times(read):
    assert "no column for the time, which `idle` needs" in bad_log(read, b"case,event\na,x\n", idle=3.0)
    assert "no time in" in bad_log(read, b'{"case": 1, "event": "x"}\n', idle=3.0)
    message = "<input>:1: no time in 'x' (expected: a group (?P<time>…) in `pattern`, or a time near the start"
    assert bad_log(read, b"x\n", idle=3.0, pattern="(?P<event>x)").startswith(message)
    reading = read(io.BytesIO(b"x\n"), time_format="%H:%M", pattern="(?P<event>x)")
    assert isinstance(reading.error, UsageError)


@pytest.mark.parametrize("option", ["case", "event", "time", "sequence"])
def test_named_columns_that_are_missing(read, option):
    names = f"one of case, event, time; name it with `{option}`"
    message = f"<input>:1: no column 'nope' (expected: {names})"
    assert bad_log(read, b"case,event,time\n", **{option: "nope", "format": "csv"}) == message


@pytest.mark.parametrize("option", ["case", "event", "sequence"])
def test_named_fields_that_are_missing(read, option):
    message = bad_log(read, b'{"case": 1, "event": "x"}\n', **{option: "nope"})
    assert message.startswith("<input>:1: no ")
    assert "'nope'" in message
    assert "one of case, event" in message


@pytest.mark.parametrize(("number", "more"), [(30, ""), (31, ", …")])
@pytest.mark.parametrize("options", [{"event": "nope"}, {"event": "f0", "idle": 1.0}])
@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_of_many_names_thirty_are_told(read, format, options, number, more):
    names = [f"f{place}" for place in range(number)]
    text = ",".join(names) if format == "csv" else json.dumps(dict.fromkeys(names, 1))
    told = bad_log(read, text.encode() + b"\n", format=format, **options)
    assert f"(expected: one of {', '.join(names[:30])}{more}; " in told


SKIPS = [
    ("pautomac", "3 3\n1 0\n9 9\n2 1 2\n", [["0"], ["1", "2"]], 1),
    ("pautomac", "1 3\n1 0\n1 1\n1 2\n", [["0"], ["1"], ["2"]], 1),
    ("pautomac", "5 3\n1 0\n1 7\n1 x\n", [["0"]], 3),
    ("abbadingo", "3 3\n1 1 0\n1\n5 0\n", [["0"]], 2),
    ("jsonl", '["a"]\nnope\n["b"]\n[null]\n', [["a"], ["b"]], 2),
    ("csv", "case,event\na,x\nb\nc,d,e\na,y\n", [["x", "y"]], 2),
    ("csv", 'case,event\na,x\nb,"y"z\na,y\n', [["x", "y"]], 1),
    ("xes", f"<log><trace>{GOOD_EVENT}<event/>{GOOD_EVENT}</trace></log>", [["x", "x"]], 1),
    ("xes", f"<log><trace>{GOOD_EVENT}</trace><trace>{GOOD_EVENT}</tr", [["x"], ["x"]], 1),
]


@pytest.mark.parametrize(("name", "text", "expected", "skipped"), SKIPS)
def test_skipping_counts(read, name, text, expected, skipped):
    reading = read([io.BytesIO(text.encode()), io.BytesIO(text.encode())], format=name, on_error="skip")
    assert reading.error is None
    assert reading.told.stats.skipped == 2 * skipped
    assert len(reading.told.stats.messages) == min(2 * skipped, 5)
    once = reading.traces[: len(expected)]
    assert [trace for trace in once if trace] == expected or reading.traces == [expected[0] * 2]


def test_skipping_log_lines(read):
    reading = read(io.BytesIO(b"x=1\nno\nx=2\n"), pattern=r"=(?P<event>\d)", on_error="skip")
    assert (reading.traces, reading.told.stats.skipped) == ([["1", "2"]], 1)


def test_open_cases_come_out_before_the_error(read):
    reading = read([io.BytesIO(b"case,event\na,x\nb,x\na,y\nbroken\n"), io.BytesIO(b"never\n")])
    assert reading.named == [("a", ["x", "y"]), ("b", ["x"])]
    assert reading.error is not None


def test_a_bad_line_is_not_rejected_as_well(read):
    text = b"3 2\n0 1 1\n0 2 1\n1 1 0\n"
    stats = read(io.BytesIO(text), format="abbadingo", on_error="skip").told.stats
    assert (stats.traces, stats.rejected, stats.skipped) == (1, 1, 1)
