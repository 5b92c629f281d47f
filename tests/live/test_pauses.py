"""How soon browsers may ask again."""

from __future__ import annotations

import pytest

from flexstream.live import pauses as module
from flexstream.live.pauses import LATE, SOON, TIMES, Pauses


class Clock:
    """Stands for the clock and the processor's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = self.worked = 0.0
        monkeypatch.setattr(module.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(module.time, "process_time", lambda: self.worked)

    def passes(self, seconds: float, worked: float) -> None:
        self.now, self.worked = self.now + seconds, self.worked + worked


def asked(clock: Clock, pauses: Pauses, answer: float, load: float, browsers: int = 1) -> float:
    """Let browsers ask for ten seconds as soon as they may; return the share of the program's work that answers are."""
    work = spent = 0.0
    for _ in range(10):
        pause = pauses.seconds()
        answers = browsers * answer / pause
        pauses.took(answers)
        spent, work = spent + answers, work + load
        clock.passes(1.0, load)
    pauses.seconds()
    return spent / work


def test_answers_are_a_small_share_of_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    pauses = Pauses()
    assert asked(clock, pauses, answer=0.0005, load=1.0) < 1 / TIMES and pauses.seconds() == SOON
    asked(clock, pauses, answer=0.0005, load=0.05)
    assert asked(clock, pauses, answer=0.0005, load=0.05) == pytest.approx(1 / TIMES, rel=0.05)
    assert SOON < pauses.seconds() < LATE
    asked(clock, pauses, answer=0.0005, load=0.4, browsers=8)
    assert asked(clock, pauses, answer=0.0005, load=0.4, browsers=8) == pytest.approx(1 / TIMES, rel=0.05)


def test_a_browser_never_waits_long_and_a_busy_program_answers_soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    pauses = Pauses()
    asked(clock, pauses, answer=0.01, load=0.0001)
    assert pauses.seconds() == LATE
    asked(clock, pauses, answer=0.0005, load=1.0)
    assert pauses.seconds() == SOON
