"""Which cases are proposed where several are likely."""

from __future__ import annotations

import pytest

from flexstream.verdict import proposals as module
from flexstream.verdict.log_cases import log_cases
from flexstream.verdict.proposals import Proposal, proposals


def test_a_day_is_no_case() -> None:
    """What comes on a day is alike, as a machine is maintained every other one; so it may be on those of a case."""
    days = [("load", "run", "unload"), ("clean", "check", "test")]
    steps = [(day, step) for day in range(1, 21) for _ in range(8) for step in days[day % 2]]
    dated = [f"Jun {day:2d} 10:00:{at % 60:02d} host tool: {step}" for at, (day, step) in enumerate(steps)]
    named = [f"Jun  1 10:00:{at % 60:02d} host tool: {day} {step}" for at, (day, step) in enumerate(steps)]
    assert [case.pattern for case in log_cases(dated, [step for _, step in steps])] == []
    assert [case.pattern for case in log_cases(named, [step for _, step in steps])] != []


def test_what_all_lines_have_gives_way_where_it_says_less_than_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    thread = Proposal({"pattern": "thread"}, rows=100, of=100, saved=0.4, bits=900.0)
    request = Proposal({"pattern": "request"}, rows=40, of=100, saved=0.9, bits=800.0)
    window = Proposal({"window": 10}, saved=0.5, bits=1000.0)
    monkeypatch.setattr(module, "first_rows", lambda reading: type("Rows", (), {"profile": None}))
    monkeypatch.setattr(module, "_of_log", lambda rows, learner: ([thread, request], [window]))
    assert proposals(None, None).case == request  # type: ignore[arg-type]
