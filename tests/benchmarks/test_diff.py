"""The scripts that try ``diff`` find what was planted, and tell true changes from noise."""

from __future__ import annotations

import argparse
import random
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

from flexstream.difference import diff

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch):
    """Return the names of a benchmark without running it."""

    def load(name: str) -> dict[str, Any]:
        monkeypatch.syspath_prepend(str(BENCHMARKS))
        return runpy.run_path(str(BENCHMARKS / f"{name}.py"))

    return load


def drawn(rate: float, number: int, seed: int, runs: int = 1) -> list[int]:
    """Return draws of 0 (with this rate) and 1, each repeated some times."""
    luck = random.Random(seed)
    return [int(luck.random() >= rate) for _ in range(number // runs) for _ in range(runs)]


def test_changes_are_as_large_as_their_noise_allows(load) -> None:
    laws = load("shared/laws")
    kinds = [["a"], ["b"]]

    def z(one: list[int], other: list[int]) -> float:
        return laws["change"](laws["law"](kinds, one), laws["law"](kinds, other), [()], "a")

    sizes = [z(drawn(0.3, 20_000, seed), drawn(0.3, 20_000, 99 - seed)) for seed in range(20)]
    assert 2 < max(map(abs, sizes)) < 4
    assert z(drawn(0.3, 20_000, 1), drawn(0.33, 20_000, 2)) > 5
    in_runs = [z(drawn(0.3, 20_000, seed, 50), drawn(0.3, 20_000, 99 - seed, 50)) for seed in range(20)]
    assert max(map(abs, in_runs)) < 4  # 400 draws, not 20,000


def test_which_prefixes_come_more_often_does_not_matter(load) -> None:
    laws = load("shared/laws")
    kinds = [["a", "x"], ["a", "y"], ["b", "x"], ["b", "y"]]
    one, other = (
        laws["law"](kinds, order) for order in ([0, 1, 2, 2, 2, 3] * 200, [0, 1, 0, 1, 0, 1, 2, 2, 2, 3] * 200)
    )
    assert laws["change"](one, other, [("a",), ("b",)], "x") == pytest.approx(0, abs=1e-9)
    assert laws["change"](one, other, [()], "a") > 6


def traces(names: dict[str, Any], skipped: float, number: int, seed: int, minutes: float = 1.0) -> Any:
    """Return traces of three steps, a share of which leaves out the second; each takes so long on average."""
    luck = random.Random(seed)

    def trace() -> list[tuple[str, float]]:
        symbols, now = ["in", "out"] if luck.random() < skipped else ["in", "run", "out"], 0.0
        return [(symbol, now := now + 60 * luck.expovariate(1 / minutes)) for symbol in symbols]

    return names["packed"](trace() for _ in range(number))


def test_what_is_named_is_held_against_the_truth(load) -> None:
    names = load("fab/diff_faults")
    truth = names["Truth"].of(traces(names, 0.1, 20_000, 1), traces(names, 0.3, 20_000, 2))
    same = names["Truth"].of(traces(names, 0.1, 20_000, 1), traces(names, 0.1, 20_000, 3))
    before, after = traces(names, 0.1, 4000, 4).learned(), traces(names, 0.3, 4000, 5).learned()
    found = names["judged"](diff(before, after), truth, 0.2)
    no_times = {"times_named": 0, "times_wrong": [], "times_due": 0, "times_missed": []}
    assert found == {"named": 2, "wrong": [], "due": 2, "missed": [], "first": True, **no_times}
    assert len(names["judged"](diff(before, after), same, 0.2)["wrong"]) == 2
    assert len(names["judged"](diff(after, before), truth, 0.2)["wrong"]) == 2
    assert len(names["judged"](diff(before, before), truth, 0.2)["missed"]) == 2


def test_durations_that_are_named_are_held_against_the_truth(load) -> None:
    names = load("fab/diff_faults")
    usual, slow = traces(names, 0.1, 20_000, 1), traces(names, 0.1, 20_000, 2, minutes=1.3)
    truth, same = names["Truth"].of(usual, slow), names["Truth"].of(usual, traces(names, 0.1, 20_000, 3))
    before, after = traces(names, 0.1, 4000, 4).learned(), traces(names, 0.1, 4000, 5, minutes=1.3).learned()
    found = names["judged_times"](diff(before, after), truth, 0.2)
    assert {key: found[key] for key in ("times_wrong", "times_missed")} == {"times_wrong": [], "times_missed": []}
    assert found["times_named"] >= found["times_due"] == 2  # the third, for those that left one out, is too rare
    assert len(names["judged_times"](diff(before, after), same, 0.2)["times_wrong"]) == found["times_named"]
    assert len(names["judged_times"](diff(before, before), truth, 0.2)["times_missed"]) == 2


def test_faults_are_studied(load, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys) -> None:
    line = ["--weeks", "2", "--truth", "3", "--seeds", "1", "--only", "skip", "--resume", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["diff_faults", *line])
    load("fab/diff_faults")["main"]()
    printed = capsys.readouterr().out
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == ["healthy-2-20.json", "healthy-3-1.json", "skip_S4_0.1-2-21.json", "skip_S4_0.1-3-2.json"]
    load("fab/diff_faults")["main"]()
    assert capsys.readouterr().out == printed


def test_pairs_of_all_sources_have_the_sizes_asked_for(load, monkeypatch: pytest.MonkeyPatch) -> None:
    names = load("quality/diff_same")
    monkeypatch.setitem(names["sizes"].__globals__, "SIZES", (100, 200))
    for source, (_, pair) in names["SOURCES"].items():
        found = pair(1)
        assert found.sizes == (200, 100)
        assert [learned.visits[0] >= size for learned, size in zip(found[:2], found.sizes, strict=True)] == [
            True
        ] * 2, source


def test_a_slow_machine_is_found_by_its_times(load) -> None:
    names, args = load("fab/diff_slow"), argparse.Namespace(weeks=6, struck=3, error=0.05)
    events = names["events_of"](args, 1)
    found = names["compared"](names["VIEWS"]["the machine"], args, events)
    assert found["first"]
    assert min(found["traces"]) > 50
    assert found["rare"][0] < 0.05 * found["traces"][0] < 0.2 * found["traces"][1] < found["rare"][1]
    assert found["step"] > 0.9 * found["rare"][1]
    among = names["compared"](names["VIEWS"]["all machines"], args, events)
    assert among["traces"][1] == found["traces"][1]
    assert among["step"] > 0.5 * among["traces"][1]
    assert names["cells"]("one", [found])[:2] == ["one", "1 of 1"]
