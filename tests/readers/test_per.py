"""Members of a fleet: told apart by a column, a field, a group, an attribute, or the source, in all formats."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flexstream import DataError, UsageError
from flexstream.readers import Reading, ReadOptions
from flexstream.readers.parsing.membership import joined, parted
from flexstream.stream.alphabet import Alphabet

ROWS = [
    ("web", "1", "load"),
    ("db", "1", "open"),
    ("web", "1", "run"),
    ("web", "2", "load"),
    ("db", "1", "close"),
    ("db", "2", "open"),
]
EXPECTED = [
    ("web", "1", ["load", "run"]),
    ("db", "1", ["open", "close"]),
    ("web", "2", ["load"]),
    ("db", "2", ["open"]),
]
OF_FIELDS = {
    "csv": ("host,case,event\n" + "".join(f"{','.join(row)}\n" for row in ROWS), {"per": "host"}),
    "csv, blanks": ("host;case;event\n" + "".join(f" {h} ;{c};{e}\n" for h, c, e in ROWS), {"per": "host"}),
    "jsonl": (
        "".join(json.dumps({"meta": {"host": h}, "case": c, "event": e}) + "\n" for h, c, e in ROWS),
        {"per": "meta.host"},
    ),
    "logfmt": ("".join(f"host={h} case={c} event={e}\n" for h, c, e in ROWS), {"per": "host", "case": "case"}),
    "log": (
        "".join(f"2026-01-01T00:00:0{n} {h} [{c}] {e}\n" for n, (h, c, e) in enumerate(ROWS)),
        {"per": "host", "pattern": r" (?P<host>\w+) \[(?P<case>\w+)\] (?P<event>.*)"},
    ),
}


def members_of(sources: Any, **options: Any) -> tuple[list[tuple[str, str | None, list[str]]], Reading]:
    alphabet, found = Alphabet(), []
    reading = Reading(sources, alphabet, ReadOptions(**options))
    for batch in reading:
        names = batch.names or [None] * len(batch)
        texts = [[alphabet.text(symbol) for symbol in trace] for trace in batch]
        found += list(zip(batch.members or [], names, texts, strict=True))
    return found, reading


@pytest.mark.parametrize("written", OF_FIELDS)
def test_cases_of_members_are_told_apart(written: str) -> None:
    text, options = OF_FIELDS[written]
    found, reading = members_of(io.BytesIO(text.encode()), **options)
    assert found == EXPECTED
    assert reading.manner["per"] == options["per"]


@pytest.mark.parametrize("written", ["csv", "jsonl", "log"])
def test_many_rows_at_once_are_read_as_few(written: str) -> None:
    text, options = OF_FIELDS[written]
    rows = [(f"h{n % 5}", str(n // 20), f"e{n % 3}") for n in range(20_000)]
    lines = {
        "csv": lambda h, c, e: f"{h},{c},{e}\n",
        "jsonl": lambda h, c, e: json.dumps({"meta": {"host": h}, "case": c, "event": e}) + "\n",
        "log": lambda h, c, e: f"2026-01-01T00:00:00 {h} [{c}] {e}\n",
    }[written]
    text = ("host,case,event\n" if written == "csv" else "") + "".join(lines(*row) for row in rows)
    found, _ = members_of(io.BytesIO(text.encode()), **options)
    expected: dict[tuple[str, str], list[str]] = {}
    for host, case, event in rows:
        expected.setdefault((host, case), []).append(event)
    assert found == [(*key, events) for key, events in expected.items()]


def test_whole_traces_have_members(tmp_path: Path) -> None:
    csv = "host,case,sequence\nweb,1,load run\ndb,1,open\n"
    jsonl = '{"host": "web", "id": "1", "trace": ["load", "run"]}\n{"host": "db", "id": "1", "trace": ["open"]}\n'
    expected = [("web", "1", ["load", "run"]), ("db", "1", ["open"])]
    for text in (csv, jsonl):
        assert members_of(io.BytesIO(text.encode()), per="host")[0] == expected
    unnamed = "host,sequence\nweb,load run\ndb,open\n"
    assert members_of(io.BytesIO(unnamed.encode()), per="host")[0] == [(h, None, t) for h, _, t in expected]


NAME = '<string key="concept:name" value="{}"/>'


@pytest.mark.parametrize("where", ["trace", "event"])
def test_attributes_of_xes_name_members(where: str) -> None:
    def trace(host: str, case: str, *events: str) -> str:
        org = f'<string key="org:resource" value="{host}"/>'
        own, each = (org, "") if where == "trace" else ("", org)
        inner = "".join(f"<event>{NAME.format(event)}{each}</event>" for event in events)
        return f"<trace>{NAME.format(case)}{own}{inner}</trace>"

    text = f"<log>{trace('web', '1', 'load', 'run')}{trace('db', '1', 'open')}</log>"
    found, _ = members_of(io.BytesIO(text.encode()), per="org:resource")
    assert found == [("web", "1", ["load", "run"]), ("db", "1", ["open"])]
    with pytest.raises(DataError, match="trace without 'org:role'"):
        members_of(io.BytesIO(text.encode()), per="org:role")


FILES = {
    "lines": "load run\nload\n",
    "csv": "case,event\n1,load\n1,run\n2,load\n",
    "jsonl": '{"case": "1", "event": "load"}\n{"case": "1", "event": "run"}\n{"case": "2", "event": "load"}\n',
}


@pytest.mark.parametrize("written", FILES)
def test_sources_can_be_members_in_all_formats(written: str, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("web.log", "db.log")]
    for path in paths:
        path.write_text(FILES[written])
    found, _ = members_of([str(path) for path in paths], per="@file")
    named = [None, None] if written == "lines" else ["1", "2"]
    traces = [["load", "run"], ["load"]]
    assert sorted(found, key=lambda one: str(one[0]) != str(paths[0])) == [
        (str(path), name, trace) for path in paths for name, trace in zip(named, traces, strict=True)
    ]


def test_frames_and_rows_have_members() -> None:
    rows = [{"host": h, "case": c, "event": e} for h, c, e in ROWS]
    assert members_of(rows, per="host")[0] == EXPECTED
    columns = {
        name: list(column) for name, column in zip(("host", "case", "event"), zip(*ROWS, strict=True), strict=True)
    }
    assert members_of(columns, per="host")[0] == EXPECTED


def test_the_column_of_the_members_is_no_case_of_theirs_unless_one_says_so() -> None:
    text = "session,event\n" + "".join(f"s{n % 3},e{n % 4}\n" for n in range(3000))
    found, reading = members_of(io.BytesIO(text.encode()), per="session")
    assert {member for member, _, _ in found} == {"s0", "s1", "s2"}
    assert all(name is None for _, name, _ in found) and max(len(trace) for _, _, trace in found) == 100
    assert any("those of each member cut into traces of 100" in str(note) for note in reading.notes)
    whole, _ = members_of(io.BytesIO(text.encode()), per="session", case="session", cut=False)
    assert [(member, name, len(trace)) for member, name, trace in whole] == [(f"s{n}", f"s{n}", 1000) for n in range(3)]
    windows, _ = members_of(io.BytesIO(text.encode()), per="session", window=20)
    assert len(windows) == 150 and all(len(trace) == 20 for _, _, trace in windows)


def test_few_events_of_members_without_cases_are_cut_into_shorter_traces() -> None:
    text = "host,event\n" + "".join(f"h{n % 2},{'abcd'[n // 2 % 4]}\n" for n in range(400))
    found, _ = members_of(io.BytesIO(text.encode()), per="host", event="event")
    assert len(found) > 8 and {member for member, _, _ in found} == {"h0", "h1"}


@pytest.mark.parametrize(
    ("text", "options", "kind", "words"),
    [
        ("case,event\n1,a\n", {"per": "host"}, DataError, r"no column 'host' .*`per`"),
        ("host,case,event\n,1,a\n", {"per": "host"}, DataError, r":2: no member in column 'host'"),
        ("host,case,event\nNULL,1,a\n", {"per": "host"}, DataError, r"no member in column 'host' \('NULL'\)"),
        ('{"case": 1, "event": "a"}\n', {"per": "host"}, DataError, r"no field 'host' .*`per`"),
        ('{"case": 1, "event": "a", "host": null}\n', {"per": "host"}, DataError, r"no member in field 'host'"),
        ('["a", "b"]\n', {"per": "host"}, DataError, r"a list has no field 'host'"),
        ("a b\na b c\n", {"per": "host"}, UsageError, r"read as lines, on which `per` has no effect"),
        ("2026-01-01 00:00:00 up\n", {"per": "host"}, UsageError, r"`per` host needs a group \(\?P<host>"),
        (
            "2026-01-01 00:00:00 up\n",
            {"per": "host", "pattern": "(?P<message>.*)"},
            UsageError,
            r"`per` host needs a group",
        ),
        ("user,case,event\nx,1,a\n", {"per": "user", "redact": True}, UsageError, r"`per` user names people"),
    ],
)
def test_what_has_no_member_is_refused(text: str, options: dict[str, Any], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        members_of(io.BytesIO(text.encode()), **options)


def test_rows_without_a_member_are_skipped_where_bad_lines_are() -> None:
    text = "host,case,event\nweb,1,a\n,1,b\nweb,1,c\n"
    found, reading = members_of(io.BytesIO(text.encode()), per="host", on_error="skip")
    assert found == [("web", "1", ["a", "c"])] and reading.stats.skipped == 1


def test_an_empty_name_is_none() -> None:
    with pytest.raises(UsageError, match="`per` names what tells"):
        ReadOptions(per=" ")


def test_redacted_cases_have_members_and_no_names() -> None:
    text = OF_FIELDS["csv"][0].replace("host", "tool")
    found, _ = members_of(io.BytesIO(text.encode()), redact=True, per="tool")
    assert found == [(member, None, trace) for member, _, trace in EXPECTED]


@pytest.mark.parametrize("written", ["csv", "jsonl"])
def test_a_reading_goes_on_from_its_state(written: str) -> None:
    text, options = OF_FIELDS[written]
    alphabet = Alphabet()
    first = Reading(io.BytesIO(text.encode()), alphabet, ReadOptions(**options))
    state = first.state()
    rest = Reading(io.BytesIO(text.encode()), Alphabet(), ReadOptions(**options))
    rest.restore(state)
    assert [batch.members for batch in rest] == [[member for member, _, _ in EXPECTED]]


@pytest.mark.parametrize("pair", [("web", "1"), ("", ""), ("a\x1fb", "c\x1fd"), ("ü", "")])
def test_names_of_members_and_cases_come_back(pair: tuple[str, str]) -> None:
    member, case = parted(joined(*pair))
    assert case == pair[1] and member == pair[0].replace("\x1f", "\u241f")
    assert np.all([parted("plain") == ("", "plain")])


ODD = ['"web"', " web", "", "NULL", "wéb", "a\u241fb", "x" * 300]


@pytest.mark.parametrize("cased", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_rows_taken_many_at_once_are_those_of_one_by_one(seed: int, cased: bool) -> None:
    random = np.random.default_rng(seed)
    lines = ["host,case,event" if cased else "host,event"]
    for _ in range(3000):
        host = ODD[random.integers(len(ODD))] if random.random() < 0.02 else f"h{random.integers(6)}"
        case = "" if random.random() < 0.005 else str(random.integers(40))
        event = f'"e{random.integers(3)}"' if random.random() < 0.01 else f"e{random.integers(3)}"
        lines.append(",".join([host, case, event] if cased else [host, event]))
    content = "\n".join(lines).encode() + b"\n"
    options = {"per": "host", "on_error": "skip", "event": "event", "window": 7} | ({"case": "case"} if cased else {})
    fast, told = members_of(io.BytesIO(content), **options)
    general, skipped = read_one_by_one(content, options)
    assert fast == general and told.stats.skipped == skipped > 0
    assert {member for member, _, _ in fast} >= {"h0", "web", "wéb"}


def read_one_by_one(content: bytes, options: dict[str, Any]) -> tuple[list[tuple[str, str | None, list[str]]], int]:
    """Read by the general path: without a tokeniser there is no other."""
    from flexstream.readers import ReadContext, assemble, read_items
    from flexstream.readers.parsing.membership import told_apart

    alphabet, context, found = Alphabet(), ReadContext(ReadOptions(**options)), []
    for batch in map(told_apart, assemble(read_items(io.BytesIO(content), context), alphabet, diagnostics=context)):
        names = batch.names or [None] * len(batch)
        texts = [[alphabet.text(symbol) for symbol in trace] for trace in batch]
        found += list(zip(batch.members or [], names, texts, strict=True))
    return found, context.stats.skipped
