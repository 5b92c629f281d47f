"""The folder of ground truth, and the lines beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flexstream import PDFA
from flexstream.errors import DataError, UsageError
from flexstream.fab.faults import parse_fault
from flexstream.fab.log.events import Event
from flexstream.fab.log.output import line, state_line, stream
from flexstream.fab.log.views import View, ViewOptions, whole_cases
from flexstream.fab.parameters import Parameters
from flexstream.fab.plant import Plant
from flexstream.fab.truth import Truth
from flexstream.fab.truth_folder import TruthFolder

P = Parameters()
DAY = 1440.0


def test_the_folder_tells_what_was_watched(tmp_path: Path) -> None:
    faults = [parse_fault("skip:S4:1@1h", P)]
    plant, twin = Plant(P, 5, faults=faults), Plant(P, 5, faults=faults)
    truth = Truth(P, "shift", twin.faults)
    events: list[Event] = []
    for watcher in (truth.watch, events.append):
        twin.log.watch(watcher)
    twin.run(4 * DAY)
    with TruthFolder(tmp_path / "new" / "truth", plant, "shift") as folder:
        plant.run(4 * DAY)
    assert sorted(folder.paths) == sorted((tmp_path / "new" / "truth").iterdir())
    files = {path.name: path.read_text() for path in folder.paths}
    assert files.pop("states.jsonl") == "".join(map(state_line, events))
    assert json.loads(files.pop("faults.json")) == json.loads(json.dumps(twin.faults.to_document()))
    run = json.loads(files.pop("run.json"))
    assert (run["seed"], run["minutes"], run["parameters"]["process_time"]) == (5, 4 * DAY, dict(P.process_time))
    assert files.keys() == {f"{name}.json" for name in truth.designs}
    for name, automaton in truth.automata().items():
        assert PDFA.from_json(files[f"{name}.json"]).to_json() == automaton.to_json()


def test_what_ends_the_run_does_not_lose_the_truth(tmp_path: Path) -> None:
    plant = Plant(P, 5)
    with pytest.raises(ZeroDivisionError), TruthFolder(tmp_path, plant):
        plant.run(DAY)
        assert not (tmp_path / "states.jsonl").exists()
        raise ZeroDivisionError
    assert len((tmp_path / "states.jsonl").read_text().splitlines()) == plant.log.seq
    plant.run(2 * DAY)  # is no longer watched
    assert json.loads((tmp_path / "run.json").read_text())["minutes"] == DAY


def test_a_disc_that_is_full_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "states.jsonl").symlink_to("/dev/full")
    plant = Plant(P, 5)
    with pytest.raises(DataError, match=r"states\.jsonl: cannot be written"), TruthFolder(tmp_path, plant):
        plant.run(28 * DAY)
    assert 0 < plant.env.now < 28 * DAY


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "x"):
        with pytest.raises(DataError, match=r"cannot be made: .* \(expected: a folder, new or there\)"):
            TruthFolder(path, Plant(P))
    (tmp_path / "run.json").mkdir()
    with pytest.raises(DataError, match=r"run\.json: is a directory"):
        TruthFolder(tmp_path, Plant(P))


# --- the stream ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def log() -> list[Event]:
    return list(Plant(P, 5).events(5 * DAY))


@pytest.mark.parametrize("only", ["", "implant", "Mc", "PO1", "MT1", "T1"])
def test_all_is_everything_of_one_thing(log: list[Event], only: str) -> None:
    kinds = {"implant": ("Mc", "Md"), "": None}.get(only, (only,))
    wanted = [event for event in log if kinds is None or event.entity in kinds or event.machine in kinds]
    assert wanted
    assert list(stream(log, P, by="all", only=only)) == [
        (event.time, line(event, event.entity, event.event)) for event in wanted
    ]


@pytest.mark.parametrize("cut", [True, False])
@pytest.mark.parametrize("options", [{}, {"by": "machine", "only": "litho", "per": "shift", "timed": True}])
def test_a_view_is_printed(log: list[Event], options: dict, cut: bool) -> None:
    shown = list(View(ViewOptions(**options), P).over(log))
    wanted = shown if cut else list(whole_cases(shown))
    assert (len(wanted) < len(shown)) != cut
    assert list(stream(log, P, cut=cut, **options)) == [
        (one.event.time, line(one.event, one.case, one.activity)) for one in wanted
    ]


@pytest.mark.parametrize(
    "options", [{"by": "wafer"}, {"per": "year"}, {"by": "all", "only": "Mx"}, {"by": "machine", "only": "PO1"}]
)
def test_no_such_view(options: dict) -> None:
    with pytest.raises(UsageError, match="expected: "):
        next(stream([], P, **options))
