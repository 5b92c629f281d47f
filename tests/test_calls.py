"""The library in one call: what `learn` gives is what the command line writes."""

from __future__ import annotations

import logging
import pickle
from pathlib import Path

import pytest
from click.testing import CliRunner

import flexstream
from flexstream import ReadOptions, UsageError, judge, load_model
from flexstream.targets import reber, reentrant_line
from flexstream_cli.main import flexstream as command

DATASETS = Path(__file__).resolve().parents[1] / "datasets"
EVENTS = DATASETS / "events.csv"
PATTERN = r"\[lot (?P<case>\w+)\] (?P<message>.*)"


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("events.csv", {}, []),
        ("events.csv", {"case": "case_id", "event": "activity"}, ["--case", "case_id", "--event", "activity"]),
        ("events.csv", {"case": "", "window": 7}, ["--case", "", "--window", "7"]),
        ("events.log", {"pattern": PATTERN, "seed": 3}, ["--pattern", PATTERN, "--seed", "3"]),
        ("lots.txt", {"grow_at": 5, "ensemble": 2}, ["--grow-at", "5", "--ensemble", "2"]),
    ],
)
def test_a_saved_model_is_what_the_command_writes(
    name: str, options: dict[str, object], words: list[str], tmp_path: Path
) -> None:
    source = str(DATASETS / name)
    learned = flexstream.learn(source, **options)  # type: ignore[arg-type]
    learned.save(tmp_path / "python.json")
    ran = CliRunner().invoke(command, ["learn", source, "-o", str(tmp_path / "command.json"), *words])
    assert ran.exit_code == 0
    assert (tmp_path / "python.json").read_bytes() == (tmp_path / "command.json").read_bytes()
    told = load_model(tmp_path / "python.json").provenance["verdict"]
    assert [verdict.code for verdict in learned.verdicts] == [verdict["code"] for verdict in told]


def test_verdicts_and_guesses_are_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "flexstream"):
        learned = flexstream.learn(EVENTS, case="")
    assert [verdict.code for verdict in learned.verdicts] == ["no_case", *[v.code for v in learned.verdicts[1:]]]
    assert learned.notes and str(EVENTS) in learned.notes[0]
    assert [record.levelname for record in caplog.records].count("WARNING") == 1
    assert str(learned.verdicts[0].text) in caplog.text
    assert learned.stats.events == learned.events == 2516
    caplog.clear()
    assert flexstream.learn(EVENTS).verdicts == ()
    assert not caplog.records


def test_it_learns_on() -> None:
    learned = flexstream.learn(EVENTS)
    learned.learn_many([["ship"]] * 500)
    assert (learned.traces, learned.automaton.log2_prob(["ship"]) > -1) == (800, True)
    assert "800 traces" in repr(learned)


def test_a_model_saved_later_is_judged_anew(tmp_path: Path) -> None:
    learned = flexstream.learn([["load"]] * 3)
    assert [verdict.code for verdict in learned.verdicts] == [verdict.code for verdict in judge(learned)] != []
    learned.learn_many([["load", "run", "unload"], ["load", "setup", "run", "unload"]] * 200)
    learned.save(tmp_path / "model.json")
    assert load_model(tmp_path / "model.json").provenance["verdict"] == []
    assert learned.verdicts == ()


def test_traces_are_read_with_their_names() -> None:
    traces = flexstream.read(EVENTS)
    first = next(traces)
    rest = dict(traces.items())
    assert (len(rest), first[0]) == (299, "diffuse")
    assert "L0002" in rest
    assert traces.reading.stats.traces == 300


def test_a_model_says_how_to_read(tmp_path: Path) -> None:
    learned = flexstream.learn(EVENTS, case="", window=7)
    learned.save(tmp_path / "model.json")
    wanted = list(flexstream.read(EVENTS, case="", window=7))
    manner = learned.reading
    for like in (learned, learned.model, load_model(tmp_path / "model.json"), manner):
        assert list(flexstream.read(EVENTS, like=like)) == wanted
    assert list(flexstream.read(EVENTS, like=learned, window=3)) != wanted


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"cases": "lot"}, "there is no option `cases` .*case"),
        ({"refine_every": 3}, "there is no option `refine_every`"),
        ({"case": 7}, "`case` is 7"),
        ({"idle": "long"}, "`idle` is 'long'"),
        ({"window": 2.5}, "`window` is 2.5"),
        ({"memory": []}, "`memory` is"),
        ({"heuristic": 3}, "`heuristic` is 3"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, object], what: str) -> None:
    with pytest.raises(TypeError, match=what):
        flexstream.learn(EVENTS, **options)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=what if "memory" not in options else "memory"):
        flexstream.learn(EVENTS, **options)  # type: ignore[arg-type]


def test_reading_takes_no_options_of_learning() -> None:
    with pytest.raises(TypeError, match="no option `seed`"):
        flexstream.read(EVENTS, seed=3)
    with pytest.raises(TypeError, match="`like` is 3"):
        flexstream.read(EVENTS, like=3)  # type: ignore[arg-type]


def test_all_options_are_options_of_learn() -> None:
    from flexstream.calls import LEARNING, READING

    assert set(READING) == set(ReadOptions.__dataclass_fields__)
    assert not set(READING) & set(LEARNING)


def test_the_command_line_reads_parquet(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    table, model = tmp_path / "events.parquet", tmp_path / "model.json"
    pandas.read_csv(EVENTS).to_parquet(table)
    run = CliRunner().invoke
    learned = run(command, ["learn", str(table), "-o", str(model)])
    assert learned.exit_code == 0
    assert f"{table}: format parquet (columns case=case_id, event=activity, time=timestamp)" in learned.stderr
    of_csv = run(command, ["score", str(model), str(EVENTS)])
    assert run(command, ["score", str(model), str(table)]).stdout == of_csv.stdout
    assert run(command, ["score", str(model), "-"], input=table.read_bytes()).stdout == of_csv.stdout
    shown = run(command, ["inspect", str(table)])
    assert (shown.exit_code, "format parquet" in shown.stdout) == (0, True)
    wrong = run(command, ["learn", str(table), "--delimiter", ";"])
    assert isinstance(wrong.exception, UsageError)


def test_a_source_that_changes_is_followed_where_that_is_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    stream = [*reentrant_line().sample(1800, seed=4), *reber().sample(1300, seed=5)]
    plain, followed = flexstream.learn(stream), flexstream.learn(stream, on_drift="restart")
    assert (plain.traces, plain.changes) == (3100, ())
    (change,) = followed.changes
    assert followed.traces + followed.forgotten == 3100
    assert followed.forgotten == change.since
    assert "the source changed after trace" in caplog.text
    assert flexstream.learn(stream, on_drift="report").verdicts[0].code == "source_changed"
    pickle.loads(pickle.dumps(followed)).learn_many(stream[:10])
    with pytest.raises(flexstream.UsageError, match="report, restart, decay"):
        flexstream.learn(stream, on_drift="panic")
