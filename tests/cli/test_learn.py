"""``flexstream learn``: every format, from files and pipes, to every output."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys

import pytest

TRACES = [["a", "b"], ["a", "c", "b"], ["a", "b"]]
EVENTS = [(str(case), symbol) for case, trace in enumerate(TRACES) for symbol in trace]
PAUTOMAC = "3 3\n2 0 1\n3 0 2 1\n2 0 1\n"
STAMP = "2026-01-31 23:59:00"
PATTERN = r"(?P<time>\S+ \S+) (?P<case>\w+): (?P<event>\w+)"


def xes(traces):
    texts = []
    for trace in traces:
        events = "".join(f'<event><string key="concept:name" value="{symbol}"/></event>' for symbol in trace)
        texts.append(f"<trace>{events}</trace>")
    return f"<?xml version='1.0'?>\n<log>{''.join(texts)}</log>\n"


#: name, content, format that is guessed, further arguments
INPUTS = {
    "pautomac": (PAUTOMAC, "pautomac", ()),
    "abbadingo": ("3 3\n1 2 0 1\n1 3 0 2 1\n-1 2 0 1\n", "abbadingo", ()),
    "lines": ("".join(" ".join(trace) + "\n" for trace in TRACES), "lines", ()),
    "traces": ("".join(json.dumps(trace) + "\n" for trace in TRACES), "jsonl", ()),
    "events": ("".join(json.dumps({"case": c, "event": s}) + "\n" for c, s in EVENTS), "jsonl", ()),
    "csv": ("case,event\n" + "".join(f"{c},{s}\n" for c, s in EVENTS), "csv", ()),
    "sequences": ("id,sequence\n" + "".join(f"{i},{' '.join(t)}\n" for i, t in enumerate(TRACES)), "csv", ()),
    "xes": (xes(TRACES), "xes", ()),
    "log": ("".join(f"{STAMP} {c}: {s}\n" for c, s in EVENTS), "log", ("--pattern", PATTERN)),
    "raw log": ("".join(f"{STAMP} INFO lot {c} {s}\n" for c, s in EVENTS), "log", ("--window", "3")),
}


@pytest.mark.parametrize("name", INPUTS)
def test_every_format_from_a_file_a_pipe_and_gzip(run, write, name):
    text, format, options = INPUTS[name]
    path, packed = write("input", text), write("input.gz", gzip.compress(text.encode()))
    plain = run("learn", path, "-o", "-", *options)
    assert (plain.code, plain.errors) == (0, [])
    assert f"{path}: format {format}" in plain.err or options[:1] == ("--pattern",)
    model = json.loads(plain.out)
    assert (model["provenance"]["traces"], model["provenance"]["events"]) == (3, 7)
    for source, input in ((path, b""), ("-", text.encode()), (packed, b""), ("-", packed.read_bytes())):
        again = run("learn", source, "-o", "-", *options, input=input)
        assert (again.code, again.out) == (0, plain.out)


def test_formats_agree(run, write):
    models = []
    for name in ("lines", "traces", "events", "csv", "sequences", "xes", "log"):
        text, _, options = INPUTS[name]
        model = json.loads(run("learn", write(name, text), "-o", "-", *options).out)
        assert model["provenance"].pop("reading")["format" if "--pattern" not in options else "pattern"]
        assert model.pop("seal")  # of all that is told, too
        timed = model.pop("durations", None) is not None
        assert (model.pop("version") > 2) == timed == ("time" in text or "2026-" in text)
        models.append(model)
    assert all(model == models[0] for model in models)


def test_several_files_are_one_stream(run, write):
    first, second = write("1", "a b\n" * 30), write("2", "a c\n" * 30)
    whole = write("3", "a b\n" * 30 + "a c\n" * 30)
    one = run("learn", whole, "-o", "-").out
    assert run("learn", first, second, "-o", "-").out == one
    assert run("learn", first, "-", "-o", "-", input=second.read_bytes()).out == one


def test_a_model_alone_goes_to_stdout(run, lots):
    result = run("learn", lots, "-o", "-")
    assert json.loads(result.out)["format"] == "flexstream-pdfa"
    assert "120 traces" in result.err


def test_without_outputs_a_table(run, lots):
    result = run("learn", lots)
    assert re.match(r"\d+ states, \d+ transitions, 3 symbols; learned from 120 traces, 360 events\n", result.text)
    assert "load -> q1" in result.text


def test_all_outputs_at_once(run, lots, tmp_path):
    paths = [tmp_path / name for name in ("m.json", "m.dot")]
    result = run("learn", lots, "-o", paths[0], "--dot", paths[1])
    assert (result.code, result.out) == (0, b"")
    assert json.loads(paths[0].read_text())["version"] == 1
    assert paths[1].read_text().startswith("digraph")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lots.txt", "m.dot", "m.json"]


def test_emitting_does_not_change_the_model(run, lots, tmp_path):
    run("learn", lots, "-o", tmp_path / "once.json", "--refine-every", "7")
    run("learn", lots, "-o", tmp_path / "often.json", "--refine-every", "7", "--emit-every", "7")
    once, often = (json.loads((tmp_path / name).read_text()) for name in ("once.json", "often.json"))
    assert (once["evidence"].pop("reports"), often["evidence"].pop("reports")) == (1, 18)
    assert once.pop("seal") != often.pop("seal")
    assert once == often


def test_a_link_stays_a_link(run, lots, tmp_path):
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    assert run("learn", lots, "-o", tmp_path / "link.json").code == 0
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").stat().st_size > 100


def test_a_pipe_is_written_to_and_not_replaced(run, lots, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(
        [sys.executable, "-c", f"print(open({str(pipe)!r}).read())"], stdout=subprocess.PIPE
    ) as reader:
        assert run("learn", lots, "-o", pipe).code == 0
        assert json.loads(reader.communicate(timeout=20)[0])["version"] == 1
    assert pipe.is_fifo()


def test_what_came_before_a_bad_line_is_written(run, write, tmp_path):
    path = write("bad.jsonl", '["a"]\n["b"]\nnope\n["c"]\n')
    result = run("learn", path, "-o", tmp_path / "m.json")
    assert result.code == 1
    assert len(result.errors) == 1
    assert f"{path}:3: " in result.errors[0]
    assert json.loads((tmp_path / "m.json").read_text())["provenance"]["traces"] == 2


def test_skipping_goes_on_and_counts(run, write):
    path = write("bad.jsonl", '["a"]\nnope\n["b"]\n{\n')
    result = run("learn", path, "--on-error", "skip")
    assert result.code == 0
    assert "skipped 2 bad lines" in result.err
    assert f"{path}:2: " in result.err
    assert "2 traces" in result.err


def test_skipping_everything_is_an_error(run, write, tmp_path):
    result = run("learn", write("empty", ""), "--on-error", "skip", "-o", tmp_path / "m.json")
    assert result.code == 1
    assert "no trace came, so nothing was written" in result.errors[0]
    assert not (tmp_path / "m.json").exists()


def test_the_guess_is_told_beside_the_error(run, write):
    result = run("learn", write("bad.jsonl", '["a"]\n7\n'))
    assert "format jsonl (guessed)" in result.err


@pytest.mark.parametrize("heuristic", ["evidence", "css"])
@pytest.mark.parametrize("strategy", ["replay", "fresh", "final"])
def test_two_runs_give_the_same_bytes(run, lots, heuristic, strategy):
    options = ("--heuristic", heuristic, "--strategy", strategy, "--seed", 7, "--refine-every", 10)
    first = run("learn", lots, "-o", "-", *options)
    assert first.code == 0
    assert run("learn", lots, "-o", "-", *options).out == first.out


def test_sketch_sizes_have_options_of_their_own(run, write):
    path = write("words.txt", "a b c\na c\nb c c\n" * 50)
    given = [f"{name}={value}" for name, value in (("futures", 3), ("depth", 4), ("width", 32))]
    short = [word for pair in given for word in ("--" + pair).split("=")]
    long = [word for pair in given for word in ("--set", pair)]
    first, second = (run("learn", path, "--heuristic", "css", "-o", "-", *words) for words in (short, long))
    assert (first.code, first.out) == (0, second.out)
    assert json.loads(first.out)["provenance"]["parameters"]["options"] == {"futures": 3, "depth": 4, "width": 32}


def test_spacesaving_says_which_strategy_it_needs(run, write):
    path = write("words.txt", "a b\n" * 10)
    refused = run("learn", path, "--heuristic", "spacesaving", "--strategy", "replay")
    assert refused.code == 2
    assert refused.errors[0].endswith("(expected: --strategy final)")
    for given in ([], ["--strategy", "final"]):
        assert run("learn", path, "--heuristic", "spacesaving", *given).code == 0
