"""What is no path, in every call of the library that takes one: told as the rest of its errors are."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import flexstream
from flexstream import PDFA, StreamLearner
from flexstream.automata.model_file import load_any
from flexstream.distributed.gather import open_summary
from flexstream.errors import FlexStreamError, UsageError, WrongTypeError
from flexstream.fab.profiles import load_parameters
from flexstream.files import write_atomically
from flexstream.learning.frontiers import load_frontier
from flexstream.monitoring.accepted import Accepted, load_accepted
from flexstream.pac.planning.plan import load_plan
from flexstream.pac.report.report import make_report
from flexstream.targets import reber
from flexstream.targets.pautomac import read_model
from flexstream.targets.problem import problem_files
from flexstream.verification import verify
from flexstream.writers import format_of, write

LEARNED = flexstream.learn([["load", "run"], ["load"]] * 100)
CALLS: dict[str, Callable[[Any], object]] = {
    "PDFA.load": PDFA.load,
    "load_model": flexstream.load_model,
    "load_fleet": flexstream.load_fleet,
    "load_any": load_any,
    "StreamLearner.load": StreamLearner.load,
    "load_frontier": load_frontier,
    "load_plan": load_plan,
    "load_accepted": lambda path: load_accepted(path, LEARNED.automaton),
    "open_summary": open_summary,
    "read_model": read_model,
    "verify": verify,
    "PDFA.save": LEARNED.automaton.save,
    "save": LEARNED.save,
    "save_learner": LEARNED.save_learner,
    "Accepted.save": Accepted([], LEARNED.automaton).save,
    "write_atomically": lambda path: write_atomically(path, "x"),
    "format_of": format_of,
    "problem_files": problem_files,
}
READING = list(CALLS)[:11]


@pytest.mark.parametrize("call", CALLS)
def test_what_is_no_path_is_told(call: str) -> None:
    for wrong in (None, b"m.json", 3, 1.5, ["m.json"], LEARNED):
        with pytest.raises(WrongTypeError, match=r"^`(path|stem)` is .* \(expected: .+\)$"):
            CALLS[call](wrong)
    for wrong in ("", "m\0.json"):
        with pytest.raises(UsageError, match=r"^`(path|stem)` is '.*' \(expected: .+\)$"):
            CALLS[call](wrong)


@pytest.mark.parametrize("call", [*READING, "PDFA.save", "save", "save_learner"])
def test_a_folder_in_the_place_of_a_file_is_told(call: str, tmp_path: Path) -> None:
    with pytest.raises(FlexStreamError, match=f"{tmp_path}: .*expected: "):
        CALLS[call](tmp_path)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("checkpoint", lambda path: flexstream.learn([["load"]] * 9, checkpoint=path)),
        ("config", lambda path: load_parameters(config=path)),
    ],
)
def test_a_path_of_another_name_is_told_by_it(name: str, call: Callable[[Any], object]) -> None:
    for wrong in (b"x", 3, ["x"]):
        with pytest.raises(WrongTypeError, match=rf"^`{name}` is .* \(expected: the path of a "):
            call(wrong)


@pytest.mark.parametrize("wrong", [None, 3, ["x"], Path("m.json")])
def test_the_text_of_a_model_is_a_text(wrong: Any) -> None:
    with pytest.raises(WrongTypeError, match=r"^`text` is .* \(expected: a text"):
        PDFA.from_json(wrong)


@pytest.mark.parametrize("wrong", [None, b"x", "m.json", LEARNED])
def test_a_model_is_a_model(wrong: Any) -> None:
    calls: tuple[Callable[[Any], object], ...] = (make_report, partial(write, format="dot"))
    for call in calls:
        with pytest.raises(WrongTypeError, match=r"^`(model|automaton)` is .* \(expected: a PDFA"):
            call(wrong)


def test_any_object_that_names_a_path_will_do(tmp_path: Path) -> None:
    class Place:
        def __fspath__(self) -> str:
            return str(tmp_path / "m.json")

    reber().save(Place())  # type: ignore[arg-type]
    assert PDFA.load(Place()).equivalent(reber())  # type: ignore[arg-type]
