"""``flexstream score``: one JSON object a trace."""

from __future__ import annotations

import json
import math

import pytest


def rows(result):
    return [json.loads(line) for line in result.text.splitlines()]


def test_one_object_a_trace_in_input_order(run, model):
    result = run("score", model, "-", input=b"load run unload\n\nload nope unload\n")
    assert result.code == 0
    scores = rows(result)
    assert [row["trace"] for row in scores] == [1, 2, 3]
    assert [row["length"] for row in scores] == [3, 0, 3]
    assert [row["unseen"] for row in scores] == [0, 0, 1]
    assert all(math.isfinite(row["log2_prob"]) and row["log2_prob"] < 0 for row in scores)
    assert scores[1]["worst"]["symbol"] is None
    assert scores[2]["worst"]["position"] == 1
    assert scores[2]["worst"]["symbol"] == "nope"
    assert scores[2]["worst"]["bits"] > 5


def test_the_summary_is_on_stderr(run, model, lots):
    result = run("score", model, lots)
    assert len(rows(result)) == 120
    assert "120 traces, 360 events" in result.err
    assert "perplexity per symbol 1." in result.err
    assert "0 traces (0.0%) take a way the model has never seen" in result.err
    odd = run("score", model, "-", input=b"load run unload\nunload\n")
    assert "1 trace (50.0%) takes a way" in odd.err


def test_interleaved_cases_go_by_their_names(run, model):
    text = b"case,event\nx,load\ny,load\nx,unload\ny,run\ny,unload\n"
    assert [(row["trace"], row["length"]) for row in rows(run("score", model, "-", input=text))] == [("x", 2), ("y", 3)]


def test_scoring_what_was_learned_agrees_for_pipe_and_file(run, model, lots):
    assert run("score", model, lots).out == run("score", model, "-", input=lots.read_bytes()).out


def test_an_automaton_without_smoothing_gives_finite_numbers(run, write, model):
    document = json.loads(model.read_text())
    document["smoothing"]["strength"] = 0
    result = run("score", write("hard.json", json.dumps(document)), "-", input=b"unload\nnope nope\n")
    assert result.code == 0
    assert "Infinity" not in result.text
    assert all(row["log2_prob"] <= -1e5 for row in rows(result))


def test_symbols_that_the_model_does_not_know_take_no_more_than_their_room(run, model, monkeypatch):
    text = "".join(f"load nope{number} unload\n" for number in range(30)).encode()
    alphabets = []
    monkeypatch.setattr("flexstream_cli.score._lines", noted(alphabets))
    free = rows(run("score", model, "-", input=text))
    monkeypatch.setattr("flexstream_cli.reading.UNKNOWN_BYTES", 1000)
    bounded = rows(run("score", model, "-", input=text))
    assert {row["worst"].pop("symbol") for row in free} == {f"nope{number}" for number in range(30)}
    assert {row["worst"].pop("symbol") for row in bounded} == {*(f"nope{number}" for number in range(4)), "<other>"}
    assert bounded == free
    assert [len(texts) for texts in alphabets] == [3 + 30, 3 + 4 + 1]


def noted(alphabets):
    """Return what writes the scores, which notes the texts of the alphabet."""
    from flexstream_cli.score import _lines

    return lambda automaton, texts, *rest: alphabets.append(texts) or _lines(automaton, texts, *rest)


def test_scores_before_a_bad_line_are_printed(run, model, write):
    result = run("score", model, write("bad.jsonl", '["load"]\nnope\n'))
    assert result.code == 1
    assert len(rows(result)) == 1
    assert len(result.errors) == 1


@pytest.mark.parametrize("input", [b"", b"\n"])
def test_nothing_or_an_empty_trace(run, model, input):
    result = run("score", model, "-", input=input)
    assert (result.code, len(rows(result))) == ((0, 1) if input else (1, 0))
