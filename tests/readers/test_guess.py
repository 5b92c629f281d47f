"""Guessing: the content decides, alike for pipes and files."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.errors import UsageError
from flexstream.readers import FORMATS, Head, ReadOptions, Source, guess, read_batches
from flexstream.readers.formats import BEGINNINGS, SIGNS, opening
from flexstream.stream.alphabet import Alphabet

from .conftest import Dripping

SAMPLES = [
    ("pautomac", "2 5\n3 4 0 4\n0\n"),
    ("pautomac", "3 5\n3 4 0 4\n0\n2 1\n"),
    ("pautomac", "1 2\n3 0 1\n"),
    ("pautomac", "20000 18\n5 17 1 10 16 7\n5 13"),
    ("abbadingo", "2 5\n1 3 4 0 4\n0 1 2\n"),
    ("abbadingo", "3 2\n1 2 0 1\n0 1 1\n-1 0\n"),
    ("lines", "5 5 5 22 11 9\n22 5 5 5 11 9\n"),
    ("lines", "5 22\n22 5 5 5 11 9\n5 5\n"),
    ("lines", "load run unload\nload\n"),
    ("lines", "error warning\ninfo\n"),
    ("lines", "a\tb\tc\nd\te\tf\ng\th\ti\n"),
    ("lines", "x -> y\n{ }\n[ ]\n"),
    ("lines", "\n\n"),
    ("jsonl", '["a", "b"]\n'),
    ("jsonl", "[]\n"),
    ("jsonl", '{"case": 1, "event": "x"}\n{"case": 2, "event": "x"}\n'),
    ("jsonl", '\n{"a": 1}\n'),
    ("jsonl", '[\n{"a": 1},\n'),
    ("csv", "caseid,task,user\n1,load,x\n"),
    ("csv", "Case ID;Activity\n"),
    ("csv", '"case","event"\n"a","x\ny"\n'),
    ("csv", "Sequence,label\n5 5 22,0\n"),
    ("csv", "Sequence\n5 5 22\n"),
    ("csv", "who,what\n1,2\n3,4\n"),
    ("xes", '<?xml version="1.0"?>\n<log>\n'),
    ("xes", '<log xes.version="1.0">'),
    ("xes", "\ufeff<!-- x --><xes:log>"),
    ("log", "2026-01-31 23:59:00,123 INFO server: lot 7 loaded, and gone\n"),
    ("log", "Jan 31 23:59:00 host sshd[12]: session opened\n"),
    ("log", "host.log 2026-01-31 23:59:00.123 25746 INFO a.b [req-1 - -] lot 7\n"),
    ("access", '10.0.0.1 - - [23/Nov/2026:22:31:00 +0000] "GET /x HTTP/1.1" 200 123\n'),
    ("log", "[ERROR] lot 7 is lost\n[INFO] lot 7 is found\n"),
    ("log", "2026-01-31T23:59:00Z lot 7\nTraceback:\n2026-01-31T23:59:00Z lot 8\n"),
    ("csv", "tool\tceid\tclock\nT1\tload\t7\nT1\trun\t8\n"),
    ("lines", "tool\tload\tclock\nload\trun\nT1\trun\t8\n"),
    ("csv", "Bericht Januar\nfab 7\n\nAuftrag;Schritt\n7;x\n8;y\n"),
    ("lines", "Bericht Januar\nfab 7\nAuftrag;Schritt\n7;x;9\n8\n"),
    ("log", "20260131235900 T1 load\n20260131235910 T1 run\n"),
    ("log", "202601312359 T1 load\n20260131T235910 T1 run\n"),
    ("lines", "20261331235900 T1 load\n20261331235910 T1 run\n"),
    ("log", "ERROR fab.Main lot 7 is lost\njava.io.IOException: x\n\tat fab.Main.run(Main.java:7)\nINFO fab.Main ok\n"),
    ("lines", "ERROR WARN INFO\nINFO WARN\nERROR WARN\n"),
]


@pytest.mark.parametrize(("name", "text"), SAMPLES)
def test_samples(name, text):
    assert guess(Head(text.encode(), ended=True)) == name
    if text.count("\n") > 2 or (name not in {"pautomac", "abbadingo"} and text.endswith("\n")):
        assert guess(Head(text.encode())) == name


@pytest.mark.parametrize("name", FORMATS)
def test_file_name_does_not_decide(name):
    assert guess(Head(b"load run\n", name=f"x.{name}")) == "lines"


def test_columns_the_user_named_make_a_csv():
    text = b"some thing,other thing\n1,2\n"
    assert guess(Head(text)) == "lines"
    assert guess(Head(text, fields=("other thing",))) == "csv"


def test_first_line_of_a_trickling_header_is_not_guessed_alone(read):
    class Trickle(io.RawIOBase):
        rest = io.BytesIO(b"2 5\n3 4 0 4\n0\n")

        def read(self, size=-1):
            return self.rest.readline()

    assert read(Trickle()).traces == [["4", "0", "4"], []]


def test_unknown_format_is_refused_before_anything_is_read():
    with pytest.raises(UsageError, match="no input format 'nope'"):
        read_batches("nowhere", Alphabet(), ReadOptions(format="nope"))


def test_every_format_keeps_the_contract():
    for module in FORMATS.values():
        assert callable(module.matches)
        assert callable(module.read)
        assert module.matches(Head(b"", ended=True)) is False


@pytest.mark.parametrize(("text", "name"), [(b"load run\n", "lines"), (b"2026-01-31 23:59:00 x\n", "log")])
def test_named_columns_in_a_format_without_any(read, text, name):
    error = read(io.BytesIO(text), case="lot").error
    assert isinstance(error, UsageError)
    assert f"<input> is read as {name}, which has no columns (lot)" in str(error)


LINES = st.sampled_from(
    [
        *("load run", "a,b", "1,2", "case,event", "machine;reading", "sep=;", "# note", "2 5", "1 3 0 4 0", "3 4 0 4"),
        *("", " ", '{"event": "a"}', '["a"]', "{", "<log>", "activity", "b", "startup banner v7", "\tat a.b(C.java:1)"),
        *("2026-01-31 10:00:00 INFO ok", "[ERROR] lost", "Jan 31 23:59:00 host sshd[12]: open", "7 n-1 1077804742 up"),
        *("ü \x1b[1mx\x1b[0m", "\0\0", "Author: A <a@example.org>, (again)", "x" * 70_000),
    ]
)


@given(
    st.lists(LINES, min_size=1, max_size=30),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be"]),
    st.booleans(),
)
def test_the_same_bytes_are_guessed_alike_however_they_come(
    read: Any, lines: list[str], end: str, encoding: str, ended: bool
) -> None:
    content = (end.join(lines) + end * ended).encode(encoding)
    sizes = (1, 7, 1 << 20) if len(content) < 5_000 else (4_096, 1 << 20)
    files = [io.BytesIO(content), io.BytesIO(gzip.compress(content)), *(Dripping(content, size) for size in sizes)]
    found = [read(file, on_error="skip") for file in files]
    # What is left out is told of bytes that an error came before, where they were there.
    notes = [{note for note in one.told.notes if not note.endswith("left out")} for one in found]
    read_alike = zip(found, notes, strict=True)
    told = [
        (one.traces, one.names or None, notes, str(one.error), one.told.stats.messages) for one, notes in read_alike
    ]
    assert all(one == told[0] for one in told)


@given(st.lists(LINES, min_size=1, max_size=30), st.booleans())
def test_no_format_is_ruled_out_by_how_it_may_begin(lines: list[str], ended: bool) -> None:
    head = Head("\n".join(lines).encode(), ended)
    first, line = head.text.lstrip()[:1], next(iter(head.filled), "")
    ruled = {name: first in BEGINNINGS[name] for name in BEGINNINGS}
    ruled |= {name: any(sign in line for sign in SIGNS[name]) for name in SIGNS}
    assert all(ruled[name] for name in ruled if FORMATS[name].matches(head) or FORMATS[name].opens(head))


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('10.0.0.1 - - [31/Jan/2026:10:00:00 +0000] "GET /lots/7 HTTP/1.1" 200 5', "access"),
        ("CEF:0|Vendor|Wall|1.0|100|Login failed|5|suser=ada", "cef"),
        ("LEEF:1.0|Vendor|Wall|1.0|login|usrName=ada", "cef"),
        ('level=info msg="lot 7 loaded"', "logfmt"),
        ('10:00:00 INFO {"session": 7, "action": "login"}', "logjson"),
    ],
)
def test_a_log_is_known_by_its_first_line(line: str, name: str) -> None:
    assert guess(Head(f"\n{line}\n{line}\n".encode())) == name


def test_a_table_is_read_without_the_formats_that_its_first_line_rules_out() -> None:
    code = (
        "import sys; from flexstream.readers import Head, guess; guess(Head(b'case,event\\na,load\\n')); "
        "print(*{'cef', 'logfmt', 'logjson', 'objects'} & {name.rpartition('.')[2] for name in sys.modules})"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


def test_a_pipe_is_not_waited_for_where_its_first_line_leaves_no_doubt() -> None:
    firsts = ["case,event", "2026-01-31 10:00:00 ok", '{"event": 1}', "<log>", "[1]", "lot;task;at"]
    for first in firsts:
        readable, writable = os.pipe()
        with open(readable, "rb") as file, open(writable, "wb", buffering=0) as writer:  # noqa: PTH123
            writer.write(first.encode() + b"\n")
            with Source(file) as source:
                assert opening(source.head()) is not None


def test_a_file_that_is_followed_is_guessed_by_what_it_holds_at_first(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("load run\nload\n")
    with Source(path, follow=True) as source:
        assert source.head(20).lines == ["load run", "load"]
