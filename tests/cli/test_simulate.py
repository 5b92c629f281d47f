"""``flexstream simulate``."""

from __future__ import annotations

import subprocess

import pytest

from flexstream import PDFA
from flexstream.automata.compare import identify
from flexstream.targets import read_model, reber
from flexstream_cli.simulate import KINDS

SMALL = ["--states", 5, "--symbols", 4, "--mean-length", 6]


@pytest.mark.parametrize("kind", ["pdfa", "pfa", "hmm"])
def test_the_same_seed_gives_the_same_traces_in_files_and_streams(run, tmp_path, kind):
    streamed = run("simulate", kind, *SMALL, "--traces", 300, "--seed", 7)
    assert streamed.code == 0
    assert run("simulate", kind, *SMALL, "--traces", 300, "--seed", 7, "-o", tmp_path / "x").code == 0
    train = (tmp_path / "x.pautomac.train").read_text().splitlines()
    assert train[0] == "300 4"
    assert streamed.text.splitlines() == [line.partition(" ")[2] for line in train[1:]]
    assert len((tmp_path / "x.pautomac.test").read_text().splitlines()) == 1001
    assert len(read_model(tmp_path / "x.pautomac_model.txt")) == 5
    assert run("simulate", kind, *SMALL, "--traces", 300, "--seed", 8).out != streamed.out


def test_what_is_written_can_be_learned_and_scored(run, tmp_path):
    assert run("simulate", "reber", "-o", tmp_path / "r", "--traces", 2000).code == 0
    assert run("learn", tmp_path / "r.pautomac.train", "-o", tmp_path / "m.json").code == 0
    truth = read_model(tmp_path / "r.pautomac_model.txt").to_pdfa()
    assert identify(PDFA.load(tmp_path / "m.json"), truth).isomorphic
    assert run("score", tmp_path / "m.json", tmp_path / "r.pautomac.test").text.count("log2_prob") == 1000


def test_reber_speaks_in_letters(run):
    lines = run("simulate", "reber", "--traces", 50).text.splitlines()
    assert len(lines) == 50
    assert all(reber().log2_prob(line.split()) > -100 for line in lines)


def test_a_stream_longer_than_a_block(run):
    assert run("simulate", "reber", "--traces", 12_000).out.count(b"\n") == 12_000


def test_summary_goes_to_stderr(run, tmp_path):
    result = run("simulate", "hmm", *SMALL, "-o", tmp_path / "h", "--traces", 1)
    assert result.out == b""
    assert "hmm with 5 states" in result.err
    assert str(tmp_path / "h.pautomac_model.txt") in result.err


def test_few_different_strings_are_said(run, tmp_path):
    options = ["--states", 1, "--symbols", 1, "--mean-length", 0.1, "--traces", 1]
    assert "different strings" in run("simulate", "pdfa", *options, "-o", tmp_path / "f").err


def test_help_lists_all_kinds(run):
    text = run("simulate", "--help").text
    assert all(kind in text for kind in KINDS)
    assert "--mean-length" in run("simulate", "pdfa", "--help").text


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["nope"],
        ["pdfa", "--states", 0],
        ["pdfa", "--symbol-sparsity", 0],
        ["pdfa", "--mean-length", 0],
        ["pdfa", "--states", 10**6, "--symbols", 10**6],
        ["pdfa", "--traces", -1],
        ["pdfa", "--initial", 0.5],
        ["reber", "--states", 3],
        ["reber", "-o", ""],
    ],
    ids=str,
)
def test_wrong_usage(run, args):
    result = run("simulate", *args)
    assert result.code == 2
    assert result.out == b""


def test_no_folder(run, tmp_path):
    result = run("simulate", "reber", "-o", tmp_path / "none" / "x")
    assert (result.code, len(result.errors)) == (1, 1)
    assert "there is no folder" in result.err


def test_a_reader_that_leaves_ends_the_stream(start):
    program = start("simulate", "pdfa", "--traces", 10**9, stdin=subprocess.DEVNULL)
    assert program.stdout.readline().endswith(b"\n")
    program.stdout.close()
    assert program.wait(60) == 141


def test_the_examples_that_write_files_need_no_folder(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = run("simulate", "--help").text.splitlines()
    examples = [line.split()[1:] for line in said if line.split()[:1] == ["flexstream"] and " -o " in line]
    assert examples
    for words in examples:
        assert run(*words, "--traces", 20, *SMALL).code == 0
