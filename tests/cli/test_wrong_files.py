"""Files that stand where another kind is expected: each is told for what it is, with the command that takes it."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import shlex

import pytest

TAKING_LOGS = [
    ("score", ()),
    ("alarm", ("--rate", 0.01)),
    ("predict", ()),
    ("evaluate", ("--label", "state")),
    ("verify", ()),
]
ALONE = ["explain", "show", "view", "sample", "verify", "pac report"]


@pytest.mark.parametrize(("command", "options"), TAKING_LOGS)
def test_a_log_and_a_model_that_are_turned_round_are_told_with_the_command_meant(run, lots, model, command, options):
    told = run(command, lots, model, *options)
    assert (told.code, len(told.errors)) == (2, 1)
    assert f"{lots} stands where the model is expected, and {model} is one" in told.err
    meant = shlex.split(told.errors[0].partition("the model first: ")[2].rstrip().removesuffix(")"))
    assert meant == ["flexstream", command, *map(str, (model, lots, *options))]


def test_further_logs_stay_behind_the_model(run, write, lots, model):
    more = write("more.txt", "load\n")
    assert f"flexstream score {model} {lots} {more})" in run("score", lots, more, model).err


def test_stdin_before_a_model_is_told_too(run, model):
    told = run("score", "-", model, input=b"load run\n")
    assert told.code == 2
    assert f"the model first: ... | flexstream score {model} -)" in told.err


def test_a_log_beside_a_model_has_no_place_in_explain(run, lots, model):
    assert f"(expected: the model first: flexstream explain {model})" in run("explain", lots, model).err


@pytest.mark.parametrize("command", ALONE)
def test_a_log_in_the_place_of_a_model_is_told(run, lots, command):
    told = run(*command.split(), lots)
    assert (told.code, len(told.errors)) == (1, 1)
    assert "not a FlexStream model, but a text that begins 'load run unload'" in told.err
    assert "(expected: a model, as flexstream learn LOG -o MODEL writes it)" in told.err


@pytest.mark.parametrize("order", [1, -1])
def test_a_log_beside_a_model_to_compare_is_told(run, lots, model, order):
    told = run("diff", *[lots, model][::order])
    assert told.code == 1
    assert f"{lots}: not a FlexStream model" in told.err


def test_rows_of_json_are_no_model(run, write):
    assert "but rows of JSON" in run("show", write("a.jsonl", '{"case": 1, "event": "a"}\n' * 3)).err


def test_what_stands_beside_a_model_but_is_none_is_told(run, tmp_path, model):
    report = tmp_path / "report.json"
    run("pac", "report", model, "-o", report)
    assert f"{report}: is a report of FlexStream (expected: a model, as" in run("show", report).err
    packed = tmp_path / "m.json.gz"
    packed.write_bytes(gzip.compress(model.read_bytes()))
    assert (
        f"{packed}: is packed (expected: the model itself, as gunzip -k {packed} unpacks it)" in run("show", packed).err
    )


def test_inspect_unpacks_what_it_hands_on(run, tmp_path, model):
    packed = tmp_path / "m.json.gz"
    packed.write_bytes(gzip.compress(model.read_bytes()))
    bare = tmp_path / "m.json"
    assert f"next:    gunzip -k {packed} && flexstream show {bare}\n" in run("inspect", packed).text


@pytest.mark.parametrize(("pack", "command"), [(bz2.compress, "bunzip2 -k"), (lzma.compress, "unxz -k")])
def test_a_model_packed_otherwise_is_told(run, tmp_path, model, pack, command):
    packed = tmp_path / "model"
    packed.write_bytes(pack(model.read_bytes()))
    assert f"is packed (expected: the model itself, as {command} {packed} unpacks it)" in run("show", packed).err


def test_a_mark_before_the_text_of_a_model_does_no_harm(run, write, model):
    marked = write("marked.json", b"\xef\xbb\xbf" + model.read_bytes())
    assert run("show", marked).out == run("show", model).out
    assert f"flexstream score {marked} " in run("score", write("t.txt", "load\n"), marked).err
    assert "is a model of FlexStream" in run("learn", marked).err


@pytest.mark.parametrize("made", ["model", "report", "plan", "difference", "frontier", "checkpoint"])
def test_inspect_says_which_command_takes_what_is_no_log(run, lots, tmp_path, model, made):
    path = tmp_path / f"{made}.json"
    sizes = ["--states", 2, "--symbols", 3, "--mu", 0.5, "--length", 5, "--eps", 0.9, "--delta", 0.2]
    commands = {
        "model": ["learn", lots, "-o", path],
        "report": ["pac", "report", model, "-o", path],
        "plan": ["pac", "plan", *sizes, "-o", path],
        "difference": ["diff", model, model, "--json", path],
        "frontier": ["learn", lots, "--frontier", path],
        "checkpoint": ["learn", lots, "--checkpoint", path],
    }
    assert run(*commands[made]).code == 0
    path = max(path.glob("checkpoint-*")) if made == "checkpoint" else path
    wanted = {
        "model": f"flexstream show {path}",
        "report": "flexstream pac report MODEL, which says the same in words",
        "plan": f"flexstream learn LOG --pac {path}",
        "difference": "flexstream diff ONE OTHER, which says the same in words",
        "frontier": f"flexstream view MODEL --frontier {path}",
        "checkpoint": f"flexstream verify {path}",
    }
    found = run("inspect", path)
    first, last = found.text.splitlines()
    assert found.code == 1
    assert first.startswith(f"problem: {path}: is a ")
    assert last == f"next:    {wanted[made]}"
    document = json.loads(run("inspect", path, "--json").text)
    assert (document["log"], document["taken_by"], document["command"]) == (False, wanted[made], [])


def test_what_is_no_plan_is_told_with_what_writes_one(run, lots, model, write):
    for path, told in {
        lots: "not a plan of FlexStream, but a text that begins 'load run unload'",
        model: "is a model of FlexStream",
    }.items():
        err = run("learn", lots, "--pac", path).err
        assert f"{path}: {told} (expected: a plan, as flexstream pac plan -o PLAN.json writes it)" in err
    latin = write("latin.json", b'{"format": "\xe9"}')
    assert "not a plan: the file is not UTF-8 text" in run("learn", lots, "--pac", latin).err


def test_inspect_has_no_command_for_files_of_others(run, write):
    (line,) = run("inspect", write("page.html", "<!DOCTYPE html><p>x</p>\n")).text.splitlines()
    assert line.endswith("is a page of HTML (expected: text; save a table as CSV)")
