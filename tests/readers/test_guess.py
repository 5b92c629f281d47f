"""Guessing: the content decides, alike for pipes and files."""

from __future__ import annotations

import io

import pytest

from flexstream.errors import UsageError
from flexstream.readers import FORMATS, Head, ReadOptions, guess, read_batches
from flexstream.stream.alphabet import Alphabet

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
    ("log", '10.0.0.1 - - [23/Nov/2026:22:31:00 +0000] "GET /x HTTP/1.1" 200 123\n'),
    ("log", "[ERROR] lot 7 is lost\n[INFO] lot 7 is found\n"),
    ("log", "2026-01-31T23:59:00Z lot 7\nTraceback:\n2026-01-31T23:59:00Z lot 8\n"),
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
