"""Ensembles on the command line."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def model(run, lots, tmp_path):
    """Return an ensemble's model file."""
    path = tmp_path / "model.json"
    assert run("learn", lots, "--ensemble", "4", "-o", path).code == 0
    return path


def test_learn_says_of_how_many_it_shows_the_best(run, lots, tmp_path):
    result = run("learn", lots, "--ensemble", "4", "-o", tmp_path / "m.json")
    assert "the best of 4 automata" in result.err
    assert json.loads((tmp_path / "m.json").read_text())["format"] == "flexstream-ensemble"


def test_score_mixes_all_members_or_some(run, lots, model):
    whole = run("score", model, lots)
    first = [json.loads(line) for line in whole.out.decode().splitlines()]
    assert whole.code == 0
    assert all(row["log2_prob"] < 0 and row["unseen"] == 0 for row in first)
    one = run("score", model, lots, "--ensemble", "1")
    assert one.code == 0
    assert len(one.out.splitlines()) == len(first)
    assert run("score", model, lots, "--ensemble", "5").code == 2


def test_score_refuses_members_that_one_automaton_does_not_have(run, lots, tmp_path):
    run("learn", lots, "-o", tmp_path / "m.json")
    result = run("score", tmp_path / "m.json", lots, "--ensemble", "2")
    assert (result.code, result.out) == (2, b"")
    assert run("score", tmp_path / "m.json", lots, "--ensemble", "1").code == 0


def test_show_export_and_sample_take_the_best(run, model):
    shown = run("show", model)
    assert shown.out.decode().startswith("an ensemble of 4 automata")
    assert run("export", model, "--to", "dot").out.startswith(b"digraph")
    assert len(run("sample", model, "-n", "3").out.splitlines()) == 3


def test_learn_says_which_members_found_no_room(run, tmp_path):
    symbols = [" ".join(f"s{symbol % 1000}" for symbol in range(start, start + 40)) for start in range(0, 7000, 7)]
    (tmp_path / "many.txt").write_text("\n".join(symbols))
    result = run("learn", tmp_path / "many.txt", "--memory", "1MiB", "--ensemble", "16", "-o", tmp_path / "m.json")
    left_out = json.loads((tmp_path / "m.json").read_text())["provenance"]["members_left_out"]
    assert f"gave up {left_out} of the 16 automata of the ensemble to stay within the memory" in result.err
