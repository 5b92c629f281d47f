"""Streams whose source changes, and what others notice of that."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flexstream import StreamLearner, TraceBatch
from flexstream.automata.sampling import texts
from flexstream.learning.schedule import NEVER
from flexstream.monitoring.adwin import Adwin
from flexstream.monitoring.drift import Drift
from flexstream.targets import PFA, Problem, Recipe

Traces = list[list[str]]
BEFORE, AFTER = 6000, 6000
KINDS = {"another": "another source", "half": "half of the mass moves", "tenth": "a tenth of the mass moves"}


def source(seed: int, kind: str = "pdfa") -> PFA:
    """Return the source of ``flexstream simulate KIND --seed SEED``."""
    return Problem.random(kind, Recipe(states=40, symbols=12), seed).target


def moved(given: PFA, share: float) -> PFA:
    """Return a source each state of which gives a share of each transition's probability to the one beside it."""
    chances = given.probabilities.copy()
    for start, stop in zip(given.offsets[:-1], given.offsets[1:], strict=True):
        chances[start:stop] = (1 - share) * chances[start:stop] + share * np.roll(chances[start:stop], 1)
    return replace(given, probabilities=chances)


def drawn(given: PFA, traces: int, seed: int) -> Traces:
    """Return traces of a source."""
    return texts(given.sampler(seed).batch(traces), given.symbols)


def changed(kind: str, seed: int, more: int = 0) -> tuple[Traces, Traces, Traces]:
    """Return traces before a change of a kind, traces after it, and more of the new source."""
    old = source(seed)
    new = source(seed + 1) if kind == "another" else moved(old, {"half": 0.5, "tenth": 0.1}[kind])
    return drawn(old, BEFORE, 1), drawn(new, AFTER, 2), drawn(new, more, 3)


def slowly(one: PFA, other: PFA, lengths: tuple[int, int, int], seed: int) -> Traces:
    """Return traces of one source, of both while the share of the other rises evenly to all, and of the other."""
    before, span, after = lengths
    share = np.clip((np.arange(before + span + after) + 1 - before) / (span + 1), 0, 1)
    chosen = np.random.default_rng(seed).random(len(share)) < share
    many = int(chosen.sum())
    others, ones = iter(drawn(other, many, 2 * seed)), iter(drawn(one, len(chosen) - many, 2 * seed + 1))
    return [next(others) if choice else next(ones) for choice in chosen.tolist()]


def delays(values: list[int | None]) -> str:
    """Return the middle and the largest of some delays, and how many there are not."""
    known = sorted(value for value in values if value is not None)
    missed = len(values) - len(known)
    if not known:
        return "never"
    return f"{median(known):,.0f} (at most {known[-1]:,})" + (f", {missed} missed" if missed else "")


class Without(Drift):
    """One that compares nothing with older traces."""

    def _look_back(self, learner: StreamLearner, batch: TraceBatch) -> None:
        self.gradual.at = NEVER


# --- what watches numbers


def alarms_of_own(values: NDArray[np.float64]) -> list[int]:
    """Return behind which values `Adwin` alarms, as it does where learning is watched."""
    return [cut.noticed for cut in Adwin(dependent=True).update_many(values)]


def alarms_of_own_plain(values: NDArray[np.float64]) -> list[int]:
    """Return behind which values `Adwin` alarms where neighbours are taken to be independent."""
    return [cut.noticed for cut in Adwin().update_many(values)]


def alarms_of(make: Callable[[Any], Any], binary: bool = False) -> Callable[[NDArray[np.float64]], list[int]]:
    """Return what finds the alarms of one of river's detectors, made anew after each."""

    def found(values: NDArray[np.float64]) -> list[int]:
        from river import drift

        detector, alarms = make(drift), []
        for number, value in enumerate(values.tolist(), 1):
            detector.update(value > 0.5 if binary else value)
            if detector.drift_detected:
                alarms.append(number)
                detector = make(drift)
        return alarms

    return found


DETECTORS: dict[str, tuple[str, Callable[[NDArray[np.float64]], list[int]]]] = {
    "ADWIN as here": ("scores", alarms_of_own),
    "ADWIN as here, neighbours independent": ("scores", alarms_of_own_plain),
    "ADWIN as here, of bits": ("bits", alarms_of_own),
    "river ADWIN": ("scores", alarms_of(lambda drift: drift.ADWIN())),
    "river ADWIN, of bits": ("bits", alarms_of(lambda drift: drift.ADWIN())),
    "river KSWIN": ("scores", alarms_of(lambda drift: drift.KSWIN(seed=0))),
    "river Page-Hinkley": ("scores", alarms_of(lambda drift: drift.PageHinkley())),
    "river DDM": ("odd", alarms_of(lambda drift: drift.binary.DDM(), binary=True)),
    "river EDDM": ("odd", alarms_of(lambda drift: drift.binary.EDDM(), binary=True)),
    "river HDDM_A": ("odd", alarms_of(lambda drift: drift.binary.HDDMA(), binary=True)),
}
"""What each detector is called, which numbers it is given, and what finds its alarms."""


def first_after(alarms: Iterable[int], change: int) -> int | None:
    """Return how many values after the change the first alarm comes; None without one."""
    return next((alarm - change for alarm in sorted(alarms) if alarm > change), None)
