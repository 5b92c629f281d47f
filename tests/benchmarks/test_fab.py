"""The scripts that measure the simulated fab run, and count what they say they count."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flexstream.fab.parameters import Parameters

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch):
    """Return the names of a benchmark without running it."""

    def load(name: str) -> dict[str, Any]:
        monkeypatch.syspath_prepend(str(BENCHMARKS))
        return runpy.run_path(str(BENCHMARKS / "fab" / f"{name}.py"))

    return load


def test_expected_loads_are_those_derived_by_hand(load) -> None:
    expected, p = load("fab")["expected_load"], Parameters()
    diffusion, litho, implant = 2 * 10_080 * (1 - 75 / 1440), 10_080 * (1 - 30 / 720), 1 - 120 / 720 - 420 / 3420
    assert expected("diffusion", p, losses=False) == pytest.approx(28 * 600 / diffusion)
    assert expected("litho", p, losses=False) == pytest.approx(84 * 105 / litho)
    assert expected("implant", p, losses=False) == pytest.approx(84 * 140 / (2 * 10_080 * implant))
    # A lot is on an implanter for 60 and for 80 minutes, of 3000 that pass between breakdowns.
    at_s3, at_s5 = 84 * (1 - 60 / 3000), 84 * (1 - 60 / 3000) * (1 - 80 / 3000)
    assert expected("diffusion", p, losses=True) == pytest.approx((28 * 285 + at_s5 * 105) / diffusion)
    assert expected("litho", p, losses=True) == pytest.approx((at_s3 * 75 + at_s5 * 30) / litho)
    reach = load("fab")["arrivals"](p)
    assert (reach["S2"], reach["S3"], reach["OUT"]) == pytest.approx((84, at_s3, at_s5))


def test_a_run_balances_and_is_what_the_parameters_say(load) -> None:
    names, p = load("fab"), Parameters()
    facts = names["run"](p, 8, 3)
    assert facts["balance"] == 0
    for kind in p.machines:
        assert facts[f"load {kind}"] == pytest.approx(names["expected_load"](kind, p, losses=True), abs=0.03)
        assert facts[f"gone {kind}"] == pytest.approx(names["expected_gone"](kind, p), abs=0.03)
    for step in p.route:
        assert facts[f"begin {step}"] == pytest.approx(names["arrivals"](p)[step], abs=4)


def test_alarms_are_counted_from_the_fault_on(load) -> None:
    names = load("fab_faults")
    before = names["BEFORE"]
    began = np.concatenate([np.linspace(0, before - 0.01, 100), before + np.arange(100) / 100])
    means = names["weighted_mean"](np.where(began < before, 1.0, 2.0), 1.0)
    assert means[:100] == pytest.approx(np.ones(100))
    assert means[100:] == pytest.approx(2 - (1 - names["SMOOTHING"]) ** np.arange(1, 101))
    # 0.9 ** 6 is above a half, 0.9 ** 7 below.
    assert names["traces_to_alarm"](began, means, 1.5) == 7
    assert names["traces_to_alarm"](began, means, 2.0) is None


def test_the_mean_begins_where_it_usually_is(load) -> None:
    means = load("fab_faults")["weighted_mean"](np.array([3.0, 3.0]), 2.0)
    assert means == pytest.approx([2.1, 2.19])


def test_learned_against_true(load, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["fab_truth", "--weeks", "2"])
    load("fab_truth")["main"]()
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in printed[:2]] == ["lot", "diffusion"]
    assert "none" in printed[0]


def test_a_surrogate_forecasts_what_it_has_seen(load) -> None:
    names = load("forecast")
    table = names["Table"]("repair-off-lots-1.5", 2, 1)
    surrogate = names["Surrogate"](table)
    found = surrogate.forecast(table.split)
    assert found.shape == (names["LONGEST"], 3)
    assert found[:, 2].sum() == 0  # without repairs nothing is scrapped
    assert names["judge"](table, "out", names["naive"](table, "out"))["rmse"][0] > 0
