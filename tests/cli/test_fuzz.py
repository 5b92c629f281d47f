"""Mutated files: whatever they hold, a command ends with 0, 1 or 2, one line for an error, and no traceback."""

from __future__ import annotations

import gzip
import json
import random

import pytest

EVENT = b'<event><string key="concept:name" value="a"/></event>'
SEEDS = {
    "pautomac": b"4 3\n3 0 1 2\n0\n1 2\n2 1 1\n",
    "abbadingo": b"3 3\n1 2 0 1\n0 1 1\n-1 0\n",
    "lines": b"load run unload\nload run run unload\n\n",
    "traces": b'["a","b"]\n["b", 1, true]\n{"id":"x","trace":["a"]}\n',
    "events": b'{"case":1,"event":"a","time":"2026-01-01T00:00:00Z"}\n{"case":2,"event":"b","time":1700000000}\n',
    "csv": b'case,event,time\n1,a,2026-01-01T00:00:00Z\n2,"b ""q""",2026-01-01 00:00:01\n1,c,1700000000\n',
    "sequences": b'id,sequence\n1,a b c\n2,"a b"\n',
    "xes": b'<?xml version="1.0" encoding="UTF-8"?>\n<log>\n<trace>' + EVENT * 3 + b"</trace>\n<trace/></log>",
    "log": b"2026-01-31 23:59:00 INFO [x1] lot 7 loaded in 3.5 s\nJan 31 23:59:00 host sshd[4711]: opened\n",
}
FORMATS = {"traces": "jsonl", "events": "jsonl", "sequences": "csv"}
BITS = [
    *(b"\0", b"\xff", b"\n", b"\r", b'"', b"<", b"&x;", b"-1", b"NaN", b"1e999", b"9" * 25, b"9" * 5000, b"[", b"{"),
    *(b"}", b"]", b",", b"null", b"\xed\xa0\x80", b"\\ud800", b"\xef\xbb\xbf", b"\x1f\x8b", b"\t", b"UTF-16"),
    *(
        b"<!DOCTYPE a>",
        b"9999-12-31T23:59:59Z",
        b"0001-01-01T00:00:00+14:00",
        b"Feb 29 00:00:00",
        b"\xd9\xa1",
        b"\xc2\xb2",
    ),
]
VALUES = [
    None,
    True,
    -1,
    0,
    2,
    10**6,
    2**31,
    2**63,
    10**400,
    1.5,
    1e308,
    float("nan"),
    float("inf"),
    "x",
    [],
    [[1]],
    {},
]


def mutated(data, rng):
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 4])):
        start = rng.randrange(len(data) + 1)
        stop = min(len(data), start + rng.choice([1, 2, 5, 20]))
        kind = rng.randrange(4)
        if kind == 0:
            data[start:stop] = b""
        elif kind == 1:
            data[start:start] = data[start:stop] * rng.choice([1, 30])
        else:
            data[start : stop if kind == 2 else start] = rng.choice(BITS)
    return bytes(data)


def check(result):
    assert result.code in {0, 1, 2}
    assert len(result.errors) == (result.code > 0)


@pytest.mark.parametrize("name", SEEDS)
def test_readers(run, write, name):
    rng = random.Random(name)
    for _ in range(40):
        data = mutated(SEEDS[name], rng)
        if rng.random() < 0.15:
            data = mutated(gzip.compress(data), rng)
        options = ["--refine-every", 0]
        options += ["--format", FORMATS.get(name, name)] if rng.random() < 0.5 else []
        options += ["--on-error", "skip"] if rng.random() < 0.3 else []
        options += ["--idle", 5] if rng.random() < 0.3 and name in {"events", "csv"} else []
        options += ["--window", 3] if rng.random() < 0.2 else []
        check(run("learn", write("input", data), *options))


def damaged(document, rng):
    document = at = json.loads(json.dumps(document))
    while True:
        key = rng.choice(list(at) if isinstance(at, dict) else range(len(at)))
        if isinstance(at[key], dict | list) and at[key] and rng.random() < 0.8:
            at = at[key]
            continue
        if rng.random() < 0.2:
            del at[key]
        else:
            at[key] = rng.choice(VALUES)
        return json.dumps(document)


def test_models(run, write, model, lots):
    rng = random.Random(5)
    document = json.loads(model.read_text())
    document["transitions"]["guessed"] = []
    for _ in range(120):
        path = write("m.json", damaged(document, rng))
        shown = run("show", path)
        check(shown)
        if shown.code == 0:
            check(run("score", path, lots))
            check(run("sample", path, "--max-length", 20, "--to", "jsonl"))
            check(run("export", path, "--to", rng.choice(["json", "dot", "graphml", "node-link", "prism", "mermaid"])))
