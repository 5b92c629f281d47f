"""``flexstream learn --states`` and ``--frontier``."""

from __future__ import annotations

import json

import pytest

from flexstream import PDFA, StreamLearner

from .conftest import LOTS


def test_so_many_states(run, write, tmp_path):
    path, model = write("lots.txt", LOTS), tmp_path / "m.json"
    whole = run("learn", path, "-o", model)
    assert whole.code == 0
    states = len(PDFA.load(model))
    assert states > 3
    limited = run("learn", path, "-o", model, "--states", 3)
    assert (limited.code, len(PDFA.load(model))) == (0, 3)
    assert " -> 3 states" in limited.err
    assert PDFA.load(model).provenance["parameters"]["states"] == 3


@pytest.mark.parametrize("ending", ["txt", "json", "svg"])
def test_a_frontier_is_written_by_the_ending_of_its_name(run, write, tmp_path, ending):
    path, out = write("lots.txt", LOTS), tmp_path / f"frontier.{ending}"
    result = run("learn", path, "--frontier", out)
    assert (result.code, result.out) == (0, b"")
    learner = StreamLearner()
    learner.learn_many([line.split() for line in LOTS.splitlines()])
    found = learner.frontier(automata=ending == "json")
    text = out.read_text()
    if ending == "json":
        written, expected = json.loads(text), json.loads(found.to_json())
        automata = list(zip(written.pop("automata"), expected.pop("automata"), strict=True))
        assert written == expected and len(automata) > 2
        for one, other in automata:  # the command line knows of the source too
            assert {**one, "provenance": None} == {**other, "provenance": None}
        assert text.startswith('{\n "format": "flexstream-frontier",\n "version": 1')
    elif ending == "svg":
        assert text.startswith("<svg ") and f"elbow: {found.elbow.states:,} states" in text
    else:
        assert text == found.table()
        assert text.count("<- elbow") == 1


def test_a_frontier_may_go_to_stdout(run, write):
    result = run("learn", write("lots.txt", LOTS), "--frontier", "-")
    assert result.out.startswith(b" states  bits a trace")


@pytest.mark.parametrize("options", [("--states", 4), ("--frontier", "f.json")])
def test_other_heuristics_are_refused_before_anything_is_read(run, tmp_path, options):
    result = run("learn", tmp_path / "nothing.txt", "--heuristic", "css", *options)
    assert result.code == 2
    assert "--states and --frontier need a heuristic whose scores are Bayes factors" in result.err
    assert run("learn", tmp_path / "nothing.txt", "--states", 0).code == 2
