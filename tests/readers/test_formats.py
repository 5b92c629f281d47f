"""Every format: what is written in it comes back, and its own rules hold."""

from __future__ import annotations

import csv
import gzip
import io
import json
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flexstream.readers import ReadOptions, read_batches
from flexstream.readers.parsing.blank import is_no_case
from flexstream.readers.parsing.separators import separator_of
from flexstream.stream.alphabet import Alphabet

ODD = ['"', "'", "a,b", "->", "{", "ü", "🏭", "\u2028", "\xa0", "\\n", "<x>", "a;b", "#", "0", "-1"]
# What a line may hold without ending, or being split at a blank; NULs and the commands of terminals are left out.
WORD = st.sampled_from(ODD) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=" \t\n\0\x1b"), min_size=1, max_size=5
)
ANYTHING = st.sampled_from([*ODD, "two words", "two\nlines", "cr\r\nlf", "\ttab"]) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\x1b"), min_size=1, max_size=5
).filter(lambda text: not is_no_case(text))
UNENDED = ANYTHING.map(lambda text: text.rstrip("\r\n")).filter(lambda text: not is_no_case(text))
# U+FFFE and U+FFFF are no characters in XML.
NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=5
).filter(lambda text: not is_no_case(text))


def traces(symbols, min_size=1):
    return st.lists(st.lists(symbols, max_size=6), min_size=min_size, max_size=8)


def compare(read, text, expected, **options):
    """Read a text plain and compressed and compare both."""
    content = text.encode()
    for file in (io.BytesIO(content), io.BytesIO(gzip.compress(content, 1))):
        reading = read(file, **options)
        assert reading.error is None
        assert reading.traces == expected
    return reading


class TestLines:
    @given(traces(WORD.filter(lambda word: not word.endswith("\r"))))
    def test_round_trip(self, read, written):
        text = "".join(" ".join(trace) + "\n" for trace in written)
        if not text.startswith("\ufeff"):
            compare(read, text, written, format="lines")

    def test_runs_of_blanks_and_tabs(self, read):
        compare(read, "  a \t b\t\tc  \n\nd", [["a", "b", "c"], [], ["d"]])


NUMBERS = st.integers(0, 30).map(str)


class TestPautomac:
    @given(traces(NUMBERS))
    def test_round_trip(self, read, written):
        lines = [f"{len(written)} 31", *(" ".join([str(len(trace)), *trace]) for trace in written)]
        compare(read, "\n".join(lines) + "\n", written)

    def test_no_strings(self, read):
        compare(read, "0 5\n", [])

    def test_blank_lines_and_crlf(self, read):
        compare(read, "\r\n2 3\r\n1 2\r\n\r\n0\r\n\r\n", [["2"], []], format="pautomac")


class TestAbbadingo:
    @given(st.lists(st.tuples(st.sampled_from(["1", "-1", "0"]), st.lists(NUMBERS, max_size=5)), min_size=1))
    def test_round_trip(self, read, written):
        lines = [f"{len(written)} 31"]
        lines += [" ".join([label, str(len(trace)), *trace]) for label, trace in written]
        kept = [trace for label, trace in written if label != "0"]
        reading = compare(read, "\n".join(lines), kept, format="abbadingo")
        assert reading.told.stats.rejected == len(written) - len(kept)


class TestJsonl:
    @given(traces(ANYTHING.map(lambda symbol: symbol.encode("utf-8", "ignore").decode())), st.booleans())
    def test_lists_round_trip(self, read, written, ascii_only):
        text = "".join(json.dumps(trace, ensure_ascii=ascii_only) + "\n" for trace in written)
        compare(read, text, written)

    @given(st.dictionaries(NAMES, st.lists(NAMES, max_size=5), min_size=1, max_size=5))
    @pytest.mark.parametrize("fields", [("case", "trace"), ("id", "symbols"), ("name", "events")])
    def test_objects_with_a_trace_round_trip(self, read, fields, written):
        lines = [json.dumps({fields[0]: case, fields[1]: trace}) for case, trace in written.items()]
        reading = compare(read, "\n".join(lines), list(written.values()))
        assert dict(reading.named) == written

    @given(st.dictionaries(NAMES, st.lists(UNENDED, min_size=1, max_size=5), min_size=1, max_size=5))
    def test_events_round_trip(self, read, written):
        lines = [
            json.dumps({"Case ID": case, "Activity": symbol}) for case, trace in written.items() for symbol in trace
        ]
        reading = compare(read, "\n\n".join(lines), list(written.values()))
        assert dict(reading.named) == written
        assert reading.told.notes == ["<input>: format jsonl (guessed; columns case=Case ID, event=Activity)"]

    def test_numbers_stay_as_written(self, read):
        text = '[1, 1.50, -0, 123456789012345678901234567890, 1e5, true, false, "x"]\n'
        numbers = ["1", "1.50", "-0", "123456789012345678901234567890", "1e5", "true", "false", "x"]
        compare(read, text, [numbers])

    def test_named_fields(self, read):
        text = '{"a": "1", "b": "x", "c": "y", "events": []}\n{"a": "1", "b": "z", "c": "y", "events": []}\n'
        compare(read, text, [["x", "z"]], case="a", event="b")
        compare(read, text, [["x+y", "z+y"]], case="a", event="b+c")
        compare(read, '{"a": 7, "q": ["x"]}\n', [["x"]], case="a", sequence="q")

    def test_events_without_cases_are_one_sequence(self, read):
        compare(read, '{"event": 1}\n{"event": 2}\n{"event": 3}\n', [["1", "2"], ["3"]], window=2)


def table(rows, **options):
    file = io.StringIO()
    csv.writer(file, **options).writerows(rows)
    return file.getvalue()


class TestCsv:
    @given(
        st.lists(st.tuples(ANYTHING, ANYTHING), min_size=1, max_size=8),
        st.sampled_from(",;\t|"),
        st.booleans(),
    )
    def test_events_round_trip(self, read, written, delimiter, everything):
        quoting = csv.QUOTE_ALL if everything else csv.QUOTE_MINIMAL
        text = table([("case", "event"), *written], delimiter=delimiter, quoting=quoting)
        cases = {}
        for case, symbol in written:
            cases.setdefault(case.strip(" \t"), []).append(symbol.strip(" \t"))
        reading = compare(read, text, list(cases.values()), case="case", event="event", format="csv")
        assert dict(reading.named) == cases

    @given(traces(WORD.filter(lambda word: "\r" not in word)))
    def test_sequences_round_trip(self, read, written):
        assume(separator_of(map(" ".join, written)) is None)
        text = table([("name", "Sequence", "label"), *(("x", " ".join(trace), 0) for trace in written)])
        compare(read, text, written)

    def test_columns_are_recognised(self, read):
        text = "Event ID,Case-ID,Activity,Time Stamp\n1,a,x,0\n2,b,y,0\n3,a,z,0\n"
        reading = compare(read, text, [["x", "z"], ["y"]])
        note = "<input>: format csv (guessed; columns case=Case-ID, event=Activity, time=Time Stamp)"
        assert reading.told.notes == [note]
        assert reading.names == ["a", "b"]

    def test_named_columns(self, read):
        text = "a,b,c\n1,x,y\n2,x,y\n1,z,y\n"
        compare(read, text, [["x", "z"], ["x"]], case="a", event="b")
        compare(read, text, [["x+y", "z+y"], ["x+y"]], case="a", event="b+c")
        compare(read, text, [["x"], ["x"], ["z"]], sequence="b")
        assert read(io.BytesIO(text.encode()), case="a", event="b", format="csv").told.notes == []

    def test_byte_order_mark_blank_lines_and_delimiter(self, read):
        text = "\ufeff\r\ncase:event\r\na:x\r\n\r\n  \r\na:y\r\n"
        compare(read, text, [["x", "y"]], format="csv", delimiter=":")

    def test_long_cells(self, read):
        compare(read, "id,sequence\n1," + "x " * 200_000, [["x"] * 200_000])

    def test_idle_closes_cases(self, read):
        text = "case,event,time\na,x,2026/01/01 00:00:00\na,y,2026/01/01 00:00:59\na,z,2026/01/01 00:02:00\n"
        compare(read, text, [["x", "y"], ["z"]], idle=60.0)

    def test_a_case_goes_on_in_the_next_file(self, read):
        files = [io.BytesIO(b"case,event\na,x\nb,x\n"), io.BytesIO(b"event,case\ny,a\n")]
        assert read(files).named == [("a", ["x", "y"]), ("b", ["x"])]


def xes(written, prefix="", head=""):
    """Return traces as XES."""
    lines = [f"<{prefix}log>{head}"]
    for name, symbols in written:
        lines.append(f'<{prefix}trace><string key="concept:name" value={quoteattr(name)}/>')
        for symbol in symbols:
            nested = '<string key="n" value="1"><string key="concept:name" value="nested"/></string>'
            lines.append(f'<{prefix}event>{nested}<string key="concept:name" value={quoteattr(symbol)}/>')
            lines.append(f'<string key="lifecycle:transition" value="done"/></{prefix}event>')
        lines.append(f"</{prefix}trace>")
    return "\n".join([*lines, f"</{prefix}log>"])


class TestXes:
    @given(
        st.lists(st.tuples(NAMES, st.lists(NAMES, max_size=5)), min_size=1, max_size=5),
        st.sampled_from(["", "xes:"]),
    )
    def test_round_trip(self, read, written, prefix):
        reading = compare(read, xes(written, prefix), [trace for _, trace in written], format="xes")
        assert reading.named == written

    def test_globals_do_not_count(self, read):
        head = '<global scope="event"><string key="concept:name" value="UNKNOWN"/></global>'
        head += '<string key="concept:name" value="the log"/>'
        text = '<?xml version="1.0"?>\n<!-- x -->\n' + xes([("a", ["x", "y"]), ("b", [])], head=head)
        assert compare(read, text, [["x", "y"], []]).names == ["a", "b"]

    def test_joined_attributes(self, read):
        text = xes([("a", ["x"])])
        compare(read, text, [["x+done"]], event="concept:name+lifecycle:transition")
        compare(read, text, [["done"]], event="lifecycle:transition")

    def test_encoding_of_the_declaration(self, read):
        text = '<?xml version="1.0" encoding="ISO-8859-1"?>' + xes([("ü", ["ä"])])
        assert read(io.BytesIO(text.encode("latin-1"))).named == [("ü", ["ä"])]

    def test_trace_without_a_name(self, read):
        text = '<log><trace><event><string key="concept:name" value="x"/></event></trace></log>'
        assert compare(read, text, [["x"]]).names is None


class TestLog:
    PATTERN = r"^(?P<time>\S+ \S+) (?P<case>\w+) (?P<event>\w+)"

    def test_pattern(self, read):
        text = "2026-01-01 00:00:00 a x\n2026-01-01 00:00:01 b x\n\n2026-01-01 00:05:00 a y\n"
        compare(read, text, [["x", "y"], ["x"]], pattern=self.PATTERN)
        compare(read, text, [["x"], ["x"], ["y"]], pattern=self.PATTERN, idle=60.0)

    def test_pattern_is_searched_and_may_name_the_message(self, read):
        text = "host1 [lot7] moved 17 wafers\nhost2 [lot7] moved 3 wafers\n"
        pattern = r"\[(?P<case>\w+)\] (?P<message>.*)"
        assert compare(read, text, [["moved <*> wafers"] * 2], pattern=pattern).names == ["lot7"]

    def test_without_a_pattern(self, read):
        text = "2026-01-01 00:00:00 INFO moved 17 wafers\n2026-01-01 00:00:09 INFO moved 3 wafers\n"
        reading = compare(read, text, [["moved <*> wafers"] * 2])
        assert reading.told.notes[0] == "<input>: format log (guessed)"
        assert "`window`" in reading.told.notes[1]


@pytest.mark.parametrize("first", [0, 300, 40_000])
@pytest.mark.parametrize("tail", ["", "ü"])
def test_strings_of_abbadingo_are_called_by_their_numbers(first: int, tail: str) -> None:
    """Where some are left out: also where these come late, or a line takes the general path."""
    labels = ["1"] * first + ["0", "1", "-1", "0", "0", "1"] * 3
    lines = [f"{label} 2 0 1" for label in labels] + ([f"1 1 {tail}"] if tail else [])
    content = "\n".join([f"{len(lines)} 2", *lines, ""]).encode()
    wanted = [str(number) for number, label in enumerate(labels, 1) if label != "0"]
    found: list[str] = []
    for batch in read_batches(io.BytesIO(content), Alphabet(), ReadOptions(on_error="skip")):
        found += batch.names or [str(len(found) + row + 1) for row in range(len(batch))]
    assert [name or str(row) for row, name in enumerate(found, 1)] == wanted
