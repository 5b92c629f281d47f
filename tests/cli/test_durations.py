"""Durations on the command line: a slower machine stands out by its times, though nobody asked for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flexstream import PDFA


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Six weeks of one machine, as it was and slower from the second week on."""
    from .conftest import run_command

    folder = tmp_path_factory.mktemp("machine")
    before, after = folder / "before.jsonl", folder / "after.jsonl"
    given = ("simulate", "minifab", "--weeks", 6, "--by", "machine", "--only", "Mc")
    assert run_command(*given, "--seed", 1, "-o", before).code == 0
    assert run_command(*given, "--seed", 2, "--inject", "slow:Mc:1.3@1w", "-o", after).code == 0
    return before, after


def learned(run: Any, source: Path, *options: str) -> Path:
    model = source.with_name(f"{source.stem}{''.join(options)}.json")
    assert run("learn", source, "-o", model, *options).code == 0
    return model


def test_diff_names_the_slower_step_first(run: Any, events: tuple[Path, Path]) -> None:
    before, after = (learned(run, source) for source in events)
    done = run("diff", before, after)
    told = next(line for line in done.text.splitlines() if line.startswith("  "))
    assert told.startswith("  process-done   takes longer")
    assert "the same" in run("diff", before, before).text
    without = (learned(run, source, "--no-durations") for source in events)
    assert "takes longer" not in run("diff", *without).text


def test_score_names_the_slow_step(run: Any, events: tuple[Path, Path]) -> None:
    done = run("score", learned(run, events[0]), events[1])
    slow = [row["slow"] for row in map(json.loads, done.text.splitlines()) if "slow" in row]
    rare = [row for row in slow if row["p_value"] < 0.02]  # of some 280 steps after what was loaded, four a trace
    done_late = [row for row in rare if row["symbol"] == "process-done"]
    assert len(rare) > 300 and len(done_late) > 0.9 * len(rare)
    assert all(row["seconds"] > row["usual"] for row in done_late)
    assert {round(row["seconds"] / 60) for row in done_late} == {39, 65}
    assert "have a step that is rarely so slow: 'process-done' of trace" in done.err.replace('"', "'")
    assert "slow" not in run("score", learned(run, events[0], "--no-durations"), events[1]).text


def test_show_prints_how_long_steps_take(run: Any, events: tuple[Path, Path]) -> None:
    text = run("show", learned(run, events[0])).text
    line = next(line for line in text.splitlines() if "process-done -> q" in line)
    assert " min, 99 %: " in line
    assert "99 %:" not in run("show", learned(run, events[0], "--no-durations")).text


def test_samples_with_times_are_events_that_take_as_long(run: Any, events: tuple[Path, Path], tmp_path: Path) -> None:
    model = learned(run, events[1])
    drawn = tmp_path / "drawn.csv"
    assert run("sample", model, "-n", 3000, "--times", "-o", drawn).code == 0
    assert run("sample", model, "-n", 3000, "--times").text == drawn.read_text()
    again = learned(run, drawn)
    one, other = (PDFA.load(path) for path in (model, again))
    medians = [
        [
            model.durations.quantile(number, 0.5)
            for number, row in enumerate(model.transitions())
            if row.symbol == "process-done"
        ]
        for model in (one, other)
    ]
    assert medians[0] == pytest.approx(medians[1], rel=0.05)


def test_times_need_durations_and_are_csv(run: Any, events: tuple[Path, Path]) -> None:
    done = run("sample", learned(run, events[0], "--no-durations"), "--times")
    assert done.code == 2
    assert "knows no durations" in done.err
    done = run("sample", learned(run, events[0]), "--times", "--to", "jsonl")
    assert done.code == 2
    assert "one of --times and --to" in done.err


def test_pictures_show_the_median_or_not_as_asked(run: Any, events: tuple[Path, Path]) -> None:
    model, plain = learned(run, events[0]), learned(run, events[0], "--no-durations")
    text = run("export", model, "--to", "dot").text
    assert "process-done 0.99 · 30 min" in text
    assert text == run("export", model, "--to", "dot", "--times").text
    assert run("export", model, "--to", "dot", "--no-times").text == run("export", plain, "--to", "dot").text
    refused = run("export", plain, "--to", "dot", "--times")
    assert refused.code == 2
    assert refused.errors[0].endswith("(expected: one learned from events with times, or no --times)")
    assert "--times has no effect on prism" in run("export", model, "--to", "prism", "--times").err


def test_a_pattern_that_is_suggested_keeps_the_times_of_lines(run: Any, tmp_path: Path) -> None:
    def lines(order: int) -> str:
        two = [
            f"2026-01-05 {case:02}:{second // 10:02}:{second % 10:02},000 {at} INFO [req-{case * 7919:05x}] {said}\n"
            for at, second, said in [("in", 0, "asked"), ("out", 1, "charged"), ("out", 3, "paid"), ("in", 5, "sent")]
            for case in range(20)
        ]
        return "".join(sorted(two, key=lambda line: (line.split()[2], line))[::order])

    log, other, model = tmp_path / "both.log", tmp_path / "other.log", tmp_path / "model.json"
    log.write_text(lines(1))
    other.write_text(lines(-1))
    next_one = run("inspect", log).text.rpartition("--pattern '")[2].partition("'")[0]
    assert "(?P<case>" in next_one
    done = run("learn", log, "--pattern", next_one, "-o", model)
    assert done.code == 0
    assert "99 %: 2 s" in run("show", model).text
    assert "time      time; from 2026-01-05 00:00:00,000" in run("inspect", log, "--pattern", next_one).text
    assert run("score", model, log, "--json").text == run("score", model, other, "--json").text
