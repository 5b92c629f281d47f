"""``flexstream predict``: one beginning in words or JSON, and the traces of sources line by line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flexstream import load_model
from flexstream.monitoring.predict import Forecaster
from flexstream.targets import from_rows

Run = Callable[..., Any]
ROWS = "lot,at,step\n" + "".join(
    f"{lot},2026-01-01 {lot // 6:02}:{lot % 6}{place}:00,{step}\n"
    for lot in range(90)
    for place, step in enumerate(["load", "run", *(["fix"] if lot % 3 else []), "ship"])
)


def test_a_beginning_is_told_in_words(run: Run, model: Path) -> None:
    done = run("predict", model, "--after", "load run", "--reach", "unload")
    assert done.code == 0 and done.err == ""
    lines = done.text.splitlines()
    assert lines[0].startswith("after 2 events: state q")
    assert any(line.startswith("    0.") and line.endswith("  unload") for line in lines)
    assert "unload comes with probability" in lines[-1]
    assert not any("time to come" in line for line in lines)
    assert run("predict", model, "--after", '["load", "run"]', "--reach", "unload").text == done.text


def test_without_a_beginning_a_trace_has_yet_to_begin(run: Run, model: Path) -> None:
    done = run("predict", model)
    assert done.text.startswith("after 0 events: state q0, start")
    assert done.text == run("predict", model, "--after", "").text


def test_json_is_what_the_library_says(run: Run, model: Path, lots: Path) -> None:
    done = run("predict", model, "--after", "load", "--json", "--quantile", "0.25", "--top", "2", "--confidence", "0.8")
    found = json.loads(done.text)
    expected = Forecaster(load_model(model), confidence=0.8, quantiles=[0.25], most=2).after(["load"])
    assert [row["event"] for row in found["next"]] == [one.symbol for one in expected.outcomes]
    assert [row["low"] for row in found["next"]] == pytest.approx([one.low for one in expected.outcomes], rel=1e-5)
    assert found["events"] == {"mean": pytest.approx(expected.events.mean, rel=1e-5), "quantiles": {"0.25": 1}}
    assert found["last"]["unload"] > 0.95


def test_each_trace_of_a_source_is_a_line(run: Run, model: Path) -> None:
    done = run("predict", model, "-", "--reach", "run", input=b"load\n\nload run run\nload odd\n")
    rows = [json.loads(line) for line in done.text.splitlines()]
    assert [row["trace"] for row in rows] == [1, 2, 3, 4]
    assert [row["length"] for row in rows] == [1, 0, 3, 2]
    assert [row["unseen"] for row in rows] == [0, 0, 0, 1]
    assert [row["next"][0]["event"] for row in rows[:3]] == ["run", "load", "unload"]
    assert all(set(row["reach"]) == {"run"} for row in rows)
    alone = json.loads(run("predict", model, "--after", "load run run", "--json", "--reach", "run").text)
    assert {name: value for name, value in rows[2].items() if name not in ("trace", "length")} == alone


def test_sources_are_read_as_the_stream_was_and_times_are_known(run: Run, write: Callable[..., Path]) -> None:
    log, model = write("steps.csv", ROWS), write("steps.json", "")
    assert run("learn", log, "-o", model).code == 0
    running = write(
        "running.csv",
        "lot,at,step\nA,2026-02-01 00:00:00,load\nB,2026-02-01 00:00:30,load\nA,2026-02-01 00:01:00,run\n",
    )
    rows = {row["trace"]: row for row in map(json.loads, run("predict", model, running).text.splitlines())}
    assert {name: row["length"] for name, row in rows.items()} == {"A": 2, "B": 1}
    assert rows["B"]["events"]["mean"] > rows["A"]["events"]["mean"]
    assert rows["A"]["seconds"]["mean"] == pytest.approx(60 * rows["A"]["events"]["mean"], rel=0.1)
    assert "time to come:" in run("predict", model, "--after", "load").text


def test_a_trace_that_has_yet_to_begin_has_no_step_before_its_first_event(run: Run, write: Callable[..., Path]) -> None:
    lots = [(lot, minute, step) for lot in range(60) for minute, step in enumerate(["new", "load", "run", "ship"])]
    rows = [f"{lot},2026-01-{1 + lot % 28:02} {lot // 28:02}:{minute}0:00,{step}" for lot, minute, step in lots]
    log, model = write("even.csv", "lot,at,step\n" + "\n".join(rows) + "\n"), write("even.json", "")
    assert run("learn", log, "-o", model).code == 0
    begins, new = (run("predict", model, *after).text for after in ([], ["--after", "new"]))
    assert "30 min on average, 10 % at most 30 min" in begins and "since its first event" in begins
    assert "30 min on average, 10 % at most 30 min" in new and "since the last event" in new


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--after", "load", "lots.txt"], "a SOURCE and --after are two questions (expected: one of them)"),
        (["--after", "load", "--idle", "3"], "--idle says how to read a SOURCE, and there is none"),
        (["--format", "lines"], "--format says how to read a SOURCE, and there is none"),
        (["--after", "[1]"], "--after holds something else than texts (expected: a JSON list of texts, or words)"),
        (["--reach", "rum"], "the model knows no event 'rum' (expected: one that it was learned from, such as 'run')"),
    ],
)
def test_wrong_questions_are_told_in_a_line(run: Run, model: Path, arguments: list[str], message: str) -> None:
    done = run("predict", model, *arguments)
    assert (done.code, done.out) == (2, b"")
    assert done.errors == [f"flexstream: error: {message}"]


def test_numbers_out_of_range_are_refused(run: Run, model: Path) -> None:
    for option, value in (("--confidence", "1"), ("--quantile", "1.5"), ("--top", "0")):
        assert run("predict", model, option, value).code == 2


def test_what_is_impossible_or_never_ends_is_told(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "exact.json"
    from_rows({0: {"a": (50, 0), "b": (10, 1), None: (40, 0)}, 1: {"c": (1, 1)}}).save(path)
    done = run("predict", path, "--after", "c")
    assert (done.code, done.errors) == (
        2,
        ["flexstream: error: the model calls 'c' at position 0 impossible (expected: a model with smoothing)"],
    )
    rows = [
        json.loads(line) for line in run("predict", path, "-", "--format", "lines", input=b"a c\nb\n").text.splitlines()
    ]
    assert rows[0] == {
        "trace": 1,
        "length": 2,
        "impossible": "the model calls 'c' at position 1 impossible (expected: a model with smoothing)",
    }
    assert (rows[1]["ends"], rows[1]["events"]["mean"]) == (0.0, None)
    assert "no mean, some traces never end" in run("predict", path).text


def test_an_empty_source_and_strange_symbols(run: Run, model: Path) -> None:
    done = run("predict", model, "-", input=b"")
    assert done.code in (0, 1) and done.out == b""
    strange = run("predict", model, "-", "--format", "lines", input=b"x y\n" * 3)
    assert strange.code == 1 and "the model knows none of the symbols that came" in strange.errors[0]


def test_an_ensemble_foretells(run: Run, lots: Path, tmp_path: Path) -> None:
    path = tmp_path / "many.json"
    assert run("learn", lots, "-o", path, "--ensemble", "3").code == 0
    assert "of the best of 3 automata, which are mixed" in run("predict", path, "--after", "load").text
    (row,) = map(json.loads, run("predict", path, "-", input=b"load\n").text.splitlines())
    assert row["next"][0]["low"] <= row["next"][0]["probability"] <= row["next"][0]["high"]


def test_of_a_source_with_times_it_is_told_which_traces_are_over(run: Run, write: Callable[..., Path]) -> None:
    """Of the ships that left half do not come back, and those that do are back after an hour."""
    rows = [
        (place * 100_000 + hour * 3600, place, step)
        for place in range(200)
        for hour, step in enumerate(["load", "leave", *(["back"] if place % 2 else [])])
    ]
    model = write("model.json", "")
    table = write("ships.csv", "ship,at,step\n" + "".join(f"{ship},{at},{step}\n" for at, ship, step in rows))
    assert run("learn", table, "-o", model, "--case", "ship", "--event", "step", "--time", "at").code == 0
    now = write("now.csv", "ship,at,step\nx,0,load\nx,3600,leave\ny,80000,load\ny,83600,leave\nz,84000,load\n")
    told = {row["trace"]: row["over"] for row in map(json.loads, run("predict", model, now).text.splitlines())}
    assert told["x"] > 0.98
    assert 0.45 < told["y"] < 0.55
    assert told["z"] < 0.05
    assert "over" not in json.loads(run("predict", model, "--after", "load leave", "--json").text)


def test_cases_that_have_ended_correct_what_comes_next(run, write, tmp_path):
    wait, done = "take wait done\n", "take done\n"
    assert run("learn", write("past.txt", (wait + 4 * done) * 200), "-o", tmp_path / "desk.json").code == 0
    ended, running = write("ended.txt", (wait + done) * 40), write("running.txt", "take\n")
    asked = "predict", tmp_path / "desk.json"
    rows = [json.loads(run(*asked, running, *more).text) for more in ((), ("--ended", ended))]
    low, high = ({one["event"]: one for one in row["next"]}["wait"] for row in rows)
    assert low["high"] < 0.3 < high["high"]
    assert low["probability"] < high["probability"] < 0.5
    assert {**rows[0], "next": 0} == {**rows[1], "next": 0}
    text = run(*asked, "--after", "take", "--ended", ended).text
    assert "wait" in text
    assert text != run(*asked, "--after", "take").text
    result = run(*asked, "-", "--ended", "-", input=b"take\n")
    assert result.code == 2
    assert "stdin holds either" in result.err
