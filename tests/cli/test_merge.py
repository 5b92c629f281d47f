"""flexstream merge: several runs become one model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flexstream import DataError, StreamLearner, load_model
from flexstream.learning.additive import Summary
from flexstream.targets import reentrant_line

from .conftest import run_command as run

LOTS = reentrant_line().sample(1200, seed=4)


def written(folder: Path, name: str, traces: list[list[str]]) -> Path:
    path = folder / f"{name}.txt"
    path.write_text("".join(" ".join(trace) + "\n" for trace in traces))
    return path


def checkpoints(folder: Path, number: int, *options: str) -> list[str]:
    """Learn parts of one stream, each with a folder of checkpoints; return the folders."""
    found = []
    for part in range(number):
        source = written(folder, f"part{part}", LOTS[part::number])
        kept = str(folder / f"kept{part}")
        done = run("learn", str(source), "-o", str(folder / f"{part}.json"), "--checkpoint", kept, *options)
        assert done.code == 0, done.err
        found.append(kept)
    return found


def test_a_part_that_is_given_twice_counts_once(tmp_path: Path) -> None:
    kept, other = checkpoints(tmp_path, 2)
    done = run("merge", kept, other, f"{kept}/", "-o", str(tmp_path / "all.json"))
    assert done.code == 0, done.err
    assert f"{kept} is the same as {kept}/; it is read once" in done.err
    assert load_model(tmp_path / "all.json").provenance["traces"] == 1200


def test_checkpoints_of_parts_make_the_model_of_all(tmp_path: Path) -> None:
    kept = checkpoints(tmp_path, 3)
    done = run("merge", *kept, "-o", str(tmp_path / "all.json"), "--svg", str(tmp_path / "all.svg"))
    assert done.code == 0, done.err
    assert "3 parts: 1,200 traces" in done.err
    model = load_model(tmp_path / "all.json")
    assert model.provenance["traces"] == 1200
    assert model.equivalent(reentrant_line(), tolerance=0.05)  # type: ignore[union-attr]
    assert (tmp_path / "all.svg").read_text().startswith("<svg")
    backwards = run("merge", *kept[::-1], "-o", str(tmp_path / "other.json"))
    assert backwards.code == 0
    assert (tmp_path / "other.json").read_text() == (tmp_path / "all.json").read_text()


def as_lines(numbered: list[tuple[int, list[str]]]) -> str:
    return "\n".join(" ".join(lot) for _, lot in numbered)  # whose last line goes on, for all that is known


def as_csv(numbered: list[tuple[int, list[str]]]) -> str:
    return "case,event\n" + "".join(f"lot-{number},{event}\n" for number, lot in numbered for event in lot)


def as_timed_csv(numbered: list[tuple[int, list[str]]]) -> str:
    rows = ((number, event, 60 * number + place**2) for number, lot in numbered for place, event in enumerate(lot))
    return "case,event,seconds\n" + "".join(f"lot-{number},{event},{1.7e9 + at:.0f}\n" for number, event, at in rows)


def as_records(numbered: list[tuple[int, list[str]]]) -> str:
    rows = ({"case": f"lot-{number}", "event": event} for number, lot in numbered for event in lot)
    return "".join(json.dumps(row) + "\n" for row in rows)


FORMATS = {"txt": as_lines, "csv": as_csv, "timed.csv": as_timed_csv, "jsonl": as_records}


@pytest.mark.parametrize("form", FORMATS)
def test_parts_hold_what_was_open_when_they_ended_and_their_sum_hangs_on_no_division(tmp_path: Path, form: str) -> None:
    lots = [(number, lot[:3]) for number, lot in enumerate(reentrant_line().sample(8400, seed=4))]
    made = []
    for ends in ([8400], [60, 60 + 1, 8400]):
        kept = []
        for start, stop in zip([0, *ends], ends, strict=False):
            source = tmp_path / f"{start}-{stop}.{form}"
            source.write_text(FORMATS[form](lots[start:stop]))
            kept.append(f"{source}.kept")
            done = run("learn", str(source), "-o", str(tmp_path / "part.json"), "--checkpoint", kept[-1])
            assert done.code == 0, done.err
            assert load_model(tmp_path / "part.json").provenance["traces"] == stop - start
        assert run("merge", *kept, "-o", str(tmp_path / "all.json")).code == 0
        model = json.loads((tmp_path / "all.json").read_text())
        assert model["provenance"]["traces"] == 8400
        if "timed" in form:
            model["durations"].pop("dependence")
        made.append(model)
    assert made[0] == made[1]
    assert made[0]["calibration"]["one_in"] == 2


def test_what_a_run_had_counted_goes_with_its_last_checkpoint(tmp_path: Path) -> None:
    """One that went on and was killed stands for what its checkpoint holds, not for what one before it had counted."""
    source, kept = tmp_path / "lots.csv", tmp_path / "kept"
    given = ("learn", str(source), "-o", str(tmp_path / "m.json"), "--checkpoint", str(kept))
    for lots, more in ((LOTS[:60], ()), (LOTS[:90], ("--resume",))):
        source.write_text(as_csv(list(enumerate(lots))))
        assert run(*given, *more).code == 0
        assert run("merge", str(kept), "-o", str(tmp_path / "all.json")).code == 0
        assert load_model(tmp_path / "all.json").provenance["traces"] == len(lots)
    assert sorted(path.name for path in kept.glob("counted*")) == ["counted-2", "counted-3"]
    (kept / "counted-3").unlink()
    done = run("merge", str(kept), "-o", str(tmp_path / "all.json"))
    assert done.code == 1
    assert "no trace was counted" in done.err


def test_sums_are_merged_again(tmp_path: Path) -> None:
    first, second, third = checkpoints(tmp_path, 3)
    both = str(tmp_path / "both.summary")
    assert run("merge", first, second, "--summary", both).code == 0
    assert run("merge", both, third, "-o", str(tmp_path / "a.json")).code == 0
    assert run("merge", first, second, third, "-o", str(tmp_path / "b.json")).code == 0
    one, other = (json.loads((tmp_path / name).read_text()) for name in ("a.json", "b.json"))
    assert one["states"] == other["states"] and one["transitions"] == other["transitions"]
    assert Summary.from_bytes(Path(both).read_bytes()).traces == 800


def test_learners_saved_from_python_are_parts_too(tmp_path: Path) -> None:
    for name, part in (("a", LOTS[:600]), ("b", LOTS[600:])):
        learner = StreamLearner()
        learner.learn_many(part)
        learner.save(tmp_path / name)
    done = run("merge", str(tmp_path / "a"), str(tmp_path / "b"), "--memory", "64MiB", "-o", str(tmp_path / "m.json"))
    assert done.code == 0, done.err
    assert json.loads((tmp_path / "m.json").read_text())["provenance"]["parameters"]["memory"] == "64MiB"


def test_without_an_output_a_table_is_printed(tmp_path: Path) -> None:
    (kept,) = checkpoints(tmp_path, 1)
    done = run("merge", kept)
    assert done.code == 0
    assert "q0" in done.text


def test_other_options_are_refused(tmp_path: Path) -> None:
    (first,) = checkpoints(tmp_path, 1)
    (tmp_path / "more").mkdir()
    (second,) = checkpoints(tmp_path / "more", 1, "--grow-at", "5")
    done = run("merge", first, second, "-o", str(tmp_path / "m.json"))
    assert done.code == 2
    assert "--grow-at 2 and with 5 does not add up (expected: the same)" in done.err
    assert not (tmp_path / "m.json").exists()


@pytest.mark.parametrize("what", ["a model", "text", "nothing"])
def test_what_is_no_part_is_told(tmp_path: Path, what: str) -> None:
    path = tmp_path / "part"
    if what == "text":
        path.write_text("load run\n")
    if what == "a model":
        StreamLearner().automaton.save(path)
    done = run("merge", str(path), "-o", str(tmp_path / "m.json"))
    assert done.code == 1
    assert str(path) in done.err and "expected:" in done.err and done.err.count("\n") == 1
    if what != "nothing":
        assert "(expected: a folder that flexstream learn wrote with --checkpoint, a file of flexstream" in done.err
    assert ("is a model and no summary" in done.err) == (what == "a model")


def test_what_was_counted_is_no_model(tmp_path: Path) -> None:
    (kept,) = checkpoints(tmp_path, 1)
    both = str(tmp_path / "both.summary")
    assert run("merge", kept, "--summary", both).code == 0
    for command in (("show", both), ("diff", both, both), ("export", both, "--to", "dot")):
        done = run(*command)
        assert done.code == 1 and "holds what was counted, not a model (expected: a model file, as" in done.err


def test_a_model_is_no_learner_either(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    learner = StreamLearner()
    learner.automaton.save(path)
    with pytest.raises(DataError, match=r"is a model and no learner \(expected: a file that the save of"):
        StreamLearner.load(path)


def test_an_input_is_no_output(tmp_path: Path) -> None:
    (kept,) = checkpoints(tmp_path, 1)
    both = str(tmp_path / "both.summary")
    assert run("merge", kept, "--summary", both).code == 0
    assert run("merge", both, "--summary", both).code == 2
