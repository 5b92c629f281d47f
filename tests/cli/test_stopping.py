"""Stops that come in the middle of long work: heeded at once, with what was learned by then."""

from __future__ import annotations

import json
import math
import random
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from flexstream import StreamLearner, load_model
from flexstream.merging.halt import AbandonedError
from flexstream.stream.overlap import Overlap
from flexstream.targets import reber
from flexstream_cli.ending import Ending
from flexstream_cli.outputs import Outputs

SOON = 6.0
"""Seconds; two are promised, but not to a machine that does something else meanwhile."""


def noise(traces: int, seed: int = 1) -> list[list[str]]:
    """Traces of which nothing can be said in few words: their tree is large."""
    rng = random.Random(seed)
    return [[f"s{rng.randrange(40)}" for _ in range(rng.randrange(3, 25))] for _ in range(traces)]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file whose ensembles take minutes."""
    path = tmp_path_factory.mktemp("large") / "noise.txt"
    path.write_text("".join(" ".join(trace) + "\n" for trace in noise(40_000)))
    return path


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
@pytest.mark.parametrize("more", [[], ["--emit-every", "3000"], ["--states", "5"], ["--frontier", "f.txt"]])
def test_inside_the_refinement_of_a_large_ensemble(start, until_it_listens, large, tmp_path, sign, more) -> None:
    if more and sign != signal.SIGTERM:
        pytest.skip("all signals alike")
    given = [tmp_path / name if "." in name else name for name in more]
    program = start("learn", large, "--ensemble", 200, "-o", tmp_path / "m.json", *given)
    until_it_listens(program)
    time.sleep(2.0)
    assert program.poll() is None
    sent = time.monotonic()
    program.send_signal(sign)
    code = program.wait(60)
    assert time.monotonic() - sent < SOON
    err = program.stderr.read().decode()
    assert code == (1 if "--frontier" in more else 128 + sign), err
    told = load_model(tmp_path / "m.json").provenance
    assert told["complete"] is False and told["ended"] == f"stopped by {sign.name}"
    assert told["traces"] >= 1000 and "Traceback" not in err
    assert f"learned from a part of its stream only, its first {told['traces']:,} traces" in err


def test_inside_the_last_refinement(start, until_it_listens, large, tmp_path) -> None:
    """The stream has ended by itself, and the one refinement after it takes long."""
    few = tmp_path / "few.txt"
    few.write_text("".join(f"{line}\n" for line in large.read_text().splitlines()[:15_900]))
    program = start("learn", few, "--ensemble", 100, "--refine-every", 4000, "-o", tmp_path / "m.json")
    until_it_listens(program)
    time.sleep(6.0)
    if program.poll() is not None:
        pytest.skip("too fast a machine")
    sent = time.monotonic()
    program.terminate()
    assert program.wait(60) == 143
    assert time.monotonic() - sent < SOON
    told = load_model(tmp_path / "m.json").provenance
    assert told["traces"] == 15_900 or told["complete"] is False


def test_without_a_refinement_before_the_stop_waits_for_one(start, until_it_listens, lots, tmp_path) -> None:
    program = start("learn", "-", "--refine-every", 0, "-o", tmp_path / "m.json")
    until_it_listens(program)
    program.stdin.write(b"load run unload\n" * 3000)
    program.stdin.flush()
    time.sleep(0.5)
    program.terminate()
    assert program.wait(60) == 143
    assert json.loads((tmp_path / "m.json").read_text())["provenance"]["traces"] == 3000


@pytest.mark.parametrize("given", [{}, {"ensemble": 3}, {"heuristic": "css"}, {"heuristic": "alergia"}])
def test_what_was_read_since_the_last_refinement_counts_in_its_states(given: dict[str, Any]) -> None:
    learner, traces = StreamLearner(every=800, **given), reber().sample(1900, seed=2)
    learner.learn_many(traces)
    states, journal = learner.states, learner.journal
    found = learner.as_decided()
    assert found.provenance["traces"] == 1900 == found.stops.sum()
    assert 1 < len(found) <= states and learner.journal is journal and learner.refinements == 2
    assert found.log2_prob(traces[-1]) > -math.inf


@pytest.mark.parametrize("in_time", [True, False])
def test_a_stop_writes_all_that_was_read_or_says_what_is_missing(capsys, monkeypatch, tmp_path, in_time) -> None:
    """The refinement before took longer than a stop may wait, so that none is begun."""
    monkeypatch.setattr("flexstream_cli.ending.LESS_SECONDS", 60.0)
    learner, outputs = StreamLearner(every=800), Outputs(str(tmp_path / "m.json"), None, None, None, None)
    learner.learn_many(noise(1900))
    learner.last_automaton, learner.lasted = learner.best_alone(), 9.0
    learner.learn_many(noise(300, 2))
    ending = Ending(learner, outputs)
    ending.stop()
    if not in_time:
        monkeypatch.setattr(learner, "as_decided", learner.refine)  # which is abandoned
        monkeypatch.setattr(ending, "_within", lambda seconds, work: False)
    ending.prepare([signal.SIGTERM], None)
    assert outputs.last.provenance["traces"] == (2200 if in_time else 1900)
    assert outputs.last.provenance["complete"] is False
    said = capsys.readouterr().err
    assert ("all that was read counts" if in_time else "as it was") in said


@pytest.mark.parametrize("place", ["file", "pipe"])
def test_a_stop_at_full_speed_says_what_it_has_read(place, start, until_it_listens, run, tmp_path) -> None:
    lines = [" ".join(trace).encode() + b"\n" for trace in reber().sample(20_000, seed=1)] * 100
    source, model, parted = tmp_path / "lines.txt", tmp_path / "m.json", tmp_path / "part.txt"
    with source.open("wb") as file:
        file.writelines([b"".join(lines)] * 8)  # more than is read before the signal comes
    with source.open("rb") as file:
        writer = subprocess.Popen(["cat"], stdin=file, stdout=subprocess.PIPE)
        given = source if place == "file" else "-"
        program = start("learn", given, "-o", model, stdin=subprocess.DEVNULL if place == "file" else writer.stdout)
        writer.stdout.close()
        until_it_listens(program)
        time.sleep(0.1)
        program.terminate()
        assert program.wait(60) == 143
        writer.wait(60)
    err, told = program.stderr.read().decode(), json.loads(model.read_text())["provenance"]
    read = told["read_to"]
    assert read["line"] == told["traces"] and f"{told['traces']:,} traces, " in err
    assert read["byte"] == sum(map(len, lines[: read["line"]]))
    assert read.get("left") == (source.stat().st_size - read["byte"] if place == "file" else None)
    assert f"stopped by SIGTERM behind line {read['line']:,} of {'<stdin>' if place == 'pipe' else source}" in err
    parted.write_bytes(b"".join(lines[: read["line"]]))
    whole = run("learn", parted, "-o", model)
    assert f"{told['traces']:,} traces, {told['events']:,} events" in whole.err


def test_a_stop_that_leaves_nothing_names_no_place(start, lots, tmp_path) -> None:
    """A followed file may have been rotated: the model is that of one that was not, byte for byte."""
    program = start("learn", lots, "--follow", "--emit-every", 120, "-o", tmp_path / "m.json")
    until = time.monotonic() + 60
    while not (tmp_path / "m.json").exists() and time.monotonic() < until:
        time.sleep(0.02)
    program.terminate()
    assert program.wait(60) == 143
    told = load_model(tmp_path / "m.json").provenance
    assert told["traces"] == 120 and told["complete"] is False and "read_to" not in told


@pytest.mark.parametrize("ensemble", [1, 30])
def test_a_refinement_is_given_up_and_made_again(ensemble: int) -> None:
    traces = noise(2000 if ensemble == 1 else 700)
    learner, other = (StreamLearner(every=0, ensemble=ensemble) for _ in range(2))
    for one in (learner, other):
        one.learn_many(traces)
    timer = threading.Timer(0.2, learner.abandon)
    with pytest.raises(AbandonedError), Overlap(lambda _: learner.refine()) as working:
        timer.start()
        working.do(None)
        working.wait()
        learner.abandon()  # of a machine that is fast enough to be done by then
        working.do(None)
        working.wait()  # nobody else may have the learner meanwhile
        learner.learn_many(traces[:1])
        learner.refine()
    timer.cancel()
    learner.go_on()
    other.learn_many(traces[: learner.traces - other.traces])
    assert learner.refinements <= 1
    assert len(learner.model.to_json()) > 0 and learner.traces == other.traces
    if not learner.refinements and ensemble == 1:  # of several, some had told the tree already where to grow
        assert learner.model.to_json() == other.model.to_json()


def test_a_learner_that_is_told_to_abandon_counts_on() -> None:
    learner, other = StreamLearner(), StreamLearner(every=0)
    learner.learn_many(noise(500))
    learner.abandon()
    learner.learn_many(noise(9000, 2))
    with pytest.raises(AbandonedError, match="abandoned before its end"):
        _ = learner.automaton
    assert (learner.traces, learner.refinements) == (9500, 0)
    learner.go_on()
    other.learn_many(noise(500))
    other.learn_many(noise(9000, 2))
    assert len(learner.automaton) and learner.tree.traces == other.tree.traces


def test_what_was_written_meanwhile_is_newer_than_the_last_refinement_of_the_schedule(
    start, until_it_listens, large, tmp_path
) -> None:
    program = start("learn", "-", "--ensemble", 40, "--emit-every", 1500, "-o", tmp_path / "m.json")
    until_it_listens(program)
    lines = large.read_bytes().splitlines(keepends=True)
    program.stdin.write(b"".join(lines[:1900]))
    program.stdin.flush()
    until = time.monotonic() + 60
    while not (tmp_path / "m.json").exists() and time.monotonic() < until:
        time.sleep(0.05)
    program.terminate()
    assert program.wait(60) == 143
    assert load_model(tmp_path / "m.json").provenance["traces"] >= 1500
