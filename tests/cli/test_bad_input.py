"""Bad input: one line says what is wrong, the exit code is 1, and there is never a traceback."""

from __future__ import annotations

import gzip
import json
import random

import pytest

TEXT = b"load run unload\n" * 2000
NOISE = random.Random(7).randbytes(4000)
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a "xxxxxxxxxx">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(12))
    + ']><log><trace><event><string key="concept:name" value="&m;"/></event></trace></log>'
).encode()
EVENT = b'<event><string key="concept:name" value="a"/></event>'
FAR = b"9" * 400

#: what, content, arguments, what the message says
INPUTS = [
    ("cut gzip", gzip.compress(NOISE.hex().encode() + b"\n")[:99], (), "gzip data end in the middle"),
    ("cut gzip trailer", gzip.compress(TEXT)[:-4], (), "gzip data end in the middle"),
    ("corrupt gzip", gzip.compress(b"")[:10] + b"\xff" * 99, (), "corrupt gzip data"),
    ("gzip of nothing", gzip.compress(b""), (), "is empty"),
    ("bzip2", b"BZh91AY&SY" + NOISE, (), "is compressed with bzip2"),
    ("invalid UTF-8", b"a b\n\xff\xfe\n", (), ":2: invalid UTF-8 (byte 0xff at column 1)"),
    ("binary", b"\x7fELF\x02" + NOISE, (), "is a program"),
    ("Latin-1", "rüsten\n".encode("latin-1"), (), "or --encoding latin-1, as it looks"),
    ("half a UTF-16", "load run\n".encode("utf-16") + b"a", (), ":2: invalid utf-16-le at column 1"),
    ("too few strings", b"5 3\n1 0\n1 1\n", (), ":3: 2 strings, but the header promises 5"),
    ("too many strings", b"1 3\n1 0\n1 1\n", (), ":3: string 2, but the header promises 1"),
    ("beyond 64 bits", b"2 3\n1 99999999999999999999\n1 1\n", (), "does not fit 64 bits"),
    ("entities", BOMB, (), "entities are refused"),
    ("broken XML", b"<log><trace>" + EVENT + b"</trace><trace>", (), "broken XML: no element found"),
    ("unknown encoding", b'<?xml version="1.0" encoding="nope"?><log/>', (), "broken XML: 'unknown encoding: nope'"),
    ("not for XML", b'<?xml version="1.0" encoding="utf-7"?><log/>', (), "broken XML: "),
    ("missing column", b"who,what\n1,2\n", ("--format", "csv"), ":1: no column for the event"),
    ("column by name", b"case,event\n1,a\n", ("--case", "lot"), ":1: no column 'lot'"),
    ("empty file", b"", (), "is empty"),
    ("deep lists", b"[" * 200_000 + b"]" * 200_000 + b"\n", (), ":1: nested too deeply"),
    ("deep objects", b'{"a":' * 200_000 + b"1" + b"}" * 200_000 + b"\n", (), ":1: nested too deeply"),
    (
        "deep value",
        b'{"event": ' + b"[" * 200_000 + b"]" * 200_000 + b"}\n",
        ("--event", "event"),
        ":1: nested too deeply",
    ),
    ("half a character", b'["\\ud800"]\n', (), ":1: half of a surrogate pair"),
    ("endless time", b"case,event,time\n1,a,1e999\n", ("--idle", "5"), ":2: '1e999' in column 'time' is no time"),
    ("far time", b'{"case":1,"event":"a","time":' + FAR + b"}\n", ("--idle", "5"), ":1: '999"),
    ("open quote", b'case,event\n1,"a\n2,b\n', (), ":2: broken row"),
    ("no match", b"x\n", ("--pattern", "(?P<event>y)"), ":1: no match for the pattern"),
]


@pytest.mark.parametrize(("what", "content", "options", "problem"), INPUTS, ids=[row[0] for row in INPUTS])
@pytest.mark.parametrize("piped", [False, True])
def test_one_line(run, write, what, content, options, problem, piped):
    path = write("input", content)
    result = run("learn", "-", *options, input=content) if piped else run("learn", path, *options)
    assert result.code == 1
    assert len(result.errors) == 1
    assert result.errors[0].startswith(f"flexstream: error: {'<stdin>' if piped else path}")
    assert problem in result.errors[0]
    assert "(expected: " in result.errors[0]
    assert len(result.errors[0]) < 400


def test_no_file_and_no_permission(run, tmp_path):
    for path, problem in ((tmp_path / "nope", "no such file"), (tmp_path, "is a directory")):
        result = run("learn", path)
        assert (result.code, len(result.err.splitlines())) == (1, 1)
        assert f"{path}: {problem}" in result.err


def test_a_nul_byte_is_a_symbol_like_any_other(run, write, tmp_path):
    assert run("learn", write("nul", b'["a", "\\u0000", "b"]\n' * 9), "-o", tmp_path / "m.json").code == 0
    assert "\0" in json.loads((tmp_path / "m.json").read_text())["symbols"]
    assert "\\x00" in run("show", tmp_path / "m.json").text


MODELS = [
    ("not JSON", "load run\n", "not a FlexStream model"),
    ("binary", b"\xff\xfe\x00", "not UTF-8"),
    ("empty", "", "not a FlexStream model"),
    ("other JSON", '{"format": "other"}', 'not a FlexStream model: "format" is not'),
    ("a list", "[1, 2]", "not a FlexStream model"),
    ("deep", "[" * 100_000, "not a FlexStream model"),
    ("newer", '{"format": "flexstream-pdfa", "version": 99}', "version 99"),
    ("bare", '{"format": "flexstream-pdfa", "version": 1}', "damaged"),
]


@pytest.mark.parametrize(("what", "content", "problem"), MODELS, ids=[row[0] for row in MODELS])
@pytest.mark.parametrize("command", ["show", "score", "sample", "export"])
def test_what_is_no_model(run, write, lots, what, content, problem, command):
    path = write("m.json", content)
    result = run(command, path, *{"score": [lots], "export": ["--to", "dot"]}.get(command, []))
    assert (result.code, len(result.err.splitlines())) == (1, 1)
    assert f"{path}: " in result.err
    assert problem in result.err


WRONG = [
    ("states", "visits", ["x"]),
    ("states", "visits", None),
    ("states", "visits", []),
    ("states", "stops", [float("nan")]),
    ("states", "visits", [-1]),
    ("transitions", "target", [99]),
    ("transitions", "target", [-1]),
    ("transitions", "symbol", [10**30]),
    ("transitions", "source", [-1]),
    ("transitions", "source", [{}]),
    ("transitions", "weight", [float("inf")]),
    ("transitions", "weight", [10**400]),
    ("smoothing", "base", [1.0]),
    ("smoothing", "strength", "x"),
]


@pytest.mark.parametrize(("part", "column", "value"), WRONG)
def test_a_damaged_model(run, write, model, part, column, value):
    document = json.loads(model.read_text())
    old = document[part][column]
    document[part][column] = value * len(old) if isinstance(value, list) and isinstance(old, list) else value
    result = run("show", write("m.json", json.dumps(document)))
    assert (result.code, len(result.err.splitlines())) == (1, 1)


def test_a_cut_model(run, write, model):
    text = model.read_bytes()
    for size in range(0, len(text) - 2, 37):
        assert run("show", write("cut.json", text[:size])).code == 1
