"""Times, options, names of columns, templates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.errors import UsageError
from flexstream.readers import ReadContext, ReadOptions
from flexstream.readers.parsing.fields import RECOGNISED, Layout, layout, plain
from flexstream.readers.parsing.templates import message, template
from flexstream.readers.parsing.times import Clock

MOMENT = datetime(2026, 1, 31, 23, 59, 1, tzinfo=UTC)


class TestTimes:
    @pytest.mark.parametrize(
        "text",
        [
            "2026-01-31T23:59:01",
            "2026-01-31 23:59:01Z",
            "2026-01-31T23:59:01.000+00:00",
            "2026-01-31 23:59:01,000",
            "2026-02-01T00:59:01+01:00",
            "2026/01/31 23:59:01",
            " 2026/01/31 23:59:01.0 ",
            "31/Jan/2026:23:59:01 +0000",
            "01/Feb/2026:00:59:01 +0100",
            "1769903941",
            "1769903941.0",
            "1769903941000",
            "1769903941000000",
            "1769903941000000000",
            "1.769903941e9",
        ],
    )
    def test_shapes(self, text):
        assert Clock().seconds(text) == MOMENT.timestamp()

    @pytest.mark.parametrize(
        "text", ["", "yesterday", "2026-13-01", "Foo 12 00:00:00", "Feb 31 00:00:00", "12:00", "nan", "1/2/3"]
    )
    def test_no_time(self, text):
        with pytest.raises(ValueError, match=r"\S"):
            Clock().seconds(text)

    @given(st.datetimes(datetime(1970, 1, 2), datetime(2999, 1, 1)), st.integers(-14, 14), st.sampled_from(" T"))
    def test_iso_round_trip(self, moment, hours, separator):
        moment = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
        assert Clock().seconds(moment.isoformat(separator)) == moment.timestamp()

    def test_years_without_a_name_go_on(self):
        clock, start = Clock(), datetime(2003, 11, 1, tzinfo=UTC)
        days = [start + timedelta(days=number) for number in range(0, 1500, 20)]
        seconds = [clock.seconds(day.strftime("%b %e %H:%M:%S")) for day in days]
        assert seconds == sorted(seconds)
        assert Clock().seconds("Feb 29 12:00:00") - Clock().seconds("Feb 28 12:00:00") == 86_400

    def test_a_late_line_does_not_turn_the_year(self):
        clock = Clock()
        texts = ["Dec 31 23:59:59", "Jan  1 00:00:01", "Dec 31 23:59:58", "Jan  1 00:00:02"]
        first, second, late, last = (clock.seconds(text) for text in texts)
        assert late < first < second < last


class TestOptions:
    @pytest.mark.parametrize(
        ("options", "problem"),
        [
            ({"stride": 3}, "`stride` needs `window`"),
            ({"window": 0}, "`window` must be at least 1"),
            ({"window": 3, "stride": 0}, "`stride` must be at least 1"),
            ({"gap": -1.0}, "`gap` must be a positive number"),
            ({"start": " "}, "`start` is the event with which a trace starts"),
            ({"idle": 0.0}, "`idle` must be a positive number"),
            ({"idle": float("nan")}, "`idle` must be a positive number"),
            ({"max_open_cases": 0}, "`max_open_cases` must be at least 1"),
            ({"max_open_events": 0}, "`max_open_events` must be at least 1"),
            ({"pattern": "("}, "`pattern` is not a regular expression"),
            ({"pattern": "x", "format": "csv"}, "`pattern` is for the format log"),
            ({"event": "a", "sequence": "b"}, "give one of them"),
            ({"delimiter": "ab"}, "`delimiter` must be one character"),
            ({"on_error": "weep"}, "`on_error` is stop or skip"),
        ],
    )
    def test_what_makes_no_sense(self, options, problem):
        with pytest.raises(UsageError, match=problem) as caught:
            ReadOptions(**options)
        assert "\n" not in str(caught.value)

    def test_groups_of_a_pattern(self, read, tmp_path):
        path = tmp_path / "a.log"
        path.write_text("x\n")
        assert "group 'lot'" in str(read(path, pattern="(?P<lot>x)").error)

    def test_notes_are_said_once(self):
        context = ReadContext()
        context.note("x")
        context.note("x")
        assert context.notes == ["x"]


class TestFields:
    def test_names_are_written_as_they_are_compared(self):
        assert all(plain(name) == name for names in RECOGNISED.values() for name in names)

    @pytest.mark.parametrize(
        ("names", "expected"),
        [
            (
                "case:concept:name concept:name time:timestamp",
                ("case:concept:name", "concept:name", "time:timestamp"),
            ),
            ("CaseID Event_ID Activity TS", ("CaseID", "Activity", "TS")),
            ("trace event", ("trace", "event", None)),
            ("lot step timestamp", ("lot", "step", "timestamp")),
            ("EventId Time", (None, "EventId", "Time")),
        ],
    )
    def test_events(self, names, expected):
        case, event, time = expected
        assert layout(names.split(), ReadOptions()) == Layout(case, (event,), time)

    def test_a_trace_column_is_a_sequence_where_there_are_no_events(self):
        assert layout(["id", "trace", "label"], ReadOptions()) == Layout(sequence="trace")
        assert layout(["case", "trace"], ReadOptions()) == Layout("case", sequence="trace")

    def test_no_column_plays_two_parts(self):
        found = layout(["case", "event", "time"], ReadOptions(event="case", case="time"))
        assert found == Layout("time", ("case",), None)


class TestTemplates:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("took 20.35 seconds, 7 of 12", "took <*> seconds, <*> of <*>"),
            ("lot 3ea4052c-895d-4b64-9e2d-04d64c4d94ab gone", "lot <*> gone"),
            ("id 0x7fff12 and deadbeef1234", "id <*> and <*>"),
            ("from 10.0.0.1:8080 to ::ffff:10.0.0.2", "from <*> to <*>"),
            ("mac 00:1A:2b:3c:4d:5e up", "mac <*> up"),
            ("file /var/lib/x.txt and C:\\fab\\lot", "file <*> and <*>"),
            ("see http://fab/lots?id=7 now", "see <*> now"),
            ("""name 'a b' is "c d", didn't work""", "name <*> is <*>, didn't work"),
            ("a=1 b=x/y mode=fast", "a=<*> b=<*> mode=<*>"),
            ("block blk_-160 moved", "block <*> moved"),
            ("files: /a/b /c/d 17", "files: <*>"),
            ('"POST /x HTTP/1.1" 200', '"POST <*>" <*>'),
            ("nothing to mask here", "nothing to mask here"),
        ],
    )
    def test_masks(self, text, expected):
        assert template(text) == expected

    @pytest.mark.parametrize(
        "prefix",
        [
            "2026-01-31T23:59:00Z ",
            "2026-01-31 23:59:00,008 INFO ",
            "2026-01-31 23:59:00.008 25746 INFO fab.server [req-38 1f 2f - - -] ",
            "fab.log.1 2026-01-31 23:59:00.008 25746 WARNING fab.server [-] ",
            "[2026-01-31 23:59:00] [error] ",
            "2026/01/31 23:59:00 ERROR fab.server: ",
            "260131 235900 148 INFO fab.Server$Worker: ",
            "26/01/31 23:59:00 INFO fab.Server: ",
            "[INFO] ",
            "WARNING: ",
        ],
    )
    def test_prefixes(self, prefix):
        assert message(prefix + "lot 7 loaded into tool") == "lot 7 loaded into tool"

    @given(st.text(max_size=80))
    def test_any_text_has_a_template(self, text):
        assert template(message(text)) == template(message(text)).strip()

    @given(st.integers(0, 10**9), st.integers(0, 10**9))
    def test_numbers_do_not_matter(self, one, other):
        assert template(f"lot {one} at {other}.5 nm") == template(f"lot {other} at {one}.5 nm")
