"""``flexstream learn --on-drift``."""

from __future__ import annotations

import json
import random
import re

import pytest

from flexstream import PDFA, StreamLearner
from flexstream.targets import reber, reentrant_line

BEFORE, AFTER = list(reentrant_line().sample(2000, seed=4)), list(reber().sample(1600, seed=5))


def lines(traces):
    return "".join(" ".join(trace) + "\n" for trace in traces)


STREAM = lines([*BEFORE, *AFTER])


def drift_of(path):
    return PDFA.load(path).provenance["drift"]


def test_nobody_watches_unless_asked_to(run, write, tmp_path):
    plain = run("learn", write("s.txt", STREAM), "-o", tmp_path / "m.json")
    assert "noticed" not in plain.err and "what changed" not in plain.err
    assert "drift" not in PDFA.load(tmp_path / "m.json").provenance


@pytest.mark.parametrize(("traces", "said"), [(2000, "in 2,000 traces\n"), (300, "in 300 traces, too few to notice")])
def test_that_nothing_has_changed_is_told(run, write, tmp_path, traces, said):
    told = run("learn", write("s.txt", lines(BEFORE[:traces])), "-o", tmp_path / "m.json", "--on-drift", "report")
    assert f"no change of the source was noticed {said}" in told.err


def test_a_change_is_told_with_its_line_and_what_changed(run, write, tmp_path):
    path = write("s.txt", STREAM)
    told = run("learn", path, "-o", tmp_path / "m.json", "--on-drift", "report")
    (where,) = re.findall(r"the source changed after trace 2,000 \(noticed at (2,0\d\d), line (2,0\d\d) of", told.err)
    assert where[0] == where[1]
    assert "what changed: at the start" in told.err
    assert "verdict: the source changed after trace 2,000" in told.err
    assert "no change of the source" not in told.err
    assert re.search(r"next: flexstream learn \S+s\.txt --output \S+m\.json --on-drift restart\n", told.err)
    (change,) = drift_of(tmp_path / "m.json")["changes"]
    assert change["since"] == 2000 and change["changes"] >= 3
    codes = [verdict["code"] for verdict in PDFA.load(tmp_path / "m.json").provenance["verdict"]]
    assert codes[0] == "source_changed"


def test_the_model_after_a_restart_is_that_of_what_came_after(run, write, tmp_path):
    told = run("learn", write("s.txt", STREAM), "-o", tmp_path / "m.json", "--on-drift", "restart")
    assert "learning begins anew with trace 2,001" in told.err
    assert "the model stands for the traces from 2,001 on" in told.err
    fresh, model = StreamLearner(), PDFA.load(tmp_path / "m.json")
    fresh.learn_many(AFTER)
    assert len(model) == len(fresh.automaton)
    assert model.provenance["traces"] == 1600
    assert (drift_of(tmp_path / "m.json")["first"], drift_of(tmp_path / "m.json")["last"]) == (2001, 3600)


@pytest.mark.parametrize("follow", ["report", "restart", "decay"])
def test_a_pipe_gives_the_same_model_as_a_file(run, write, tmp_path, follow):
    run("learn", write("s.txt", STREAM), "-o", tmp_path / "a.json", "--on-drift", follow)
    run("learn", "-", "-o", tmp_path / "b.json", "--on-drift", follow, input=STREAM.encode())
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_outputs_are_written_every_so_many_traces_of_the_stream(run, write, tmp_path, monkeypatch):
    from flexstream_cli import outputs

    seen = []
    monkeypatch.setattr(outputs.Outputs, "write", lambda self, learner, last=False: seen.append(learner.traces))
    run("learn", write("s.txt", STREAM), "--on-drift", "restart", "--emit-every", 600, "-o", tmp_path / "m.json")
    assert seen == [600, 1200, 1800, 400, 1000, 1600, 1600]


@pytest.mark.parametrize(
    "options",
    [("--ensemble", 3), ("--states", 5), ("--heuristic", "css"), ("--refine-every", 500), ("--memory", "4MiB")],
)
def test_it_goes_with_other_options(run, write, tmp_path, options):
    result = run("learn", write("s.txt", STREAM), "-o", tmp_path / "m.json", "--on-drift", "restart", *options)
    assert result.code == 0
    assert "learning begins anew with trace 2,001" in result.err


@pytest.mark.parametrize(("follow", "expected"), [("report", "1 change came among them"), ("restart", "of one source")])
def test_a_report_says_it(run, write, tmp_path, follow, expected):
    report = tmp_path / "r.txt"
    run("learn", write("s.txt", STREAM), "--report", report, "--on-drift", follow)
    text = " ".join(report.read_text().split())
    assert "The source changed after string 2,000 of the stream." in text
    assert expected in text
    changed = "The source changed meanwhile (after string 2,000), so neither intervals nor bounds are proven"
    assert (changed in text) == (follow == "report")
    run("learn", write("t.txt", lines(BEFORE)), "--report", report, "--on-drift", follow)
    assert "The source was watched, and no change was noticed." in " ".join(report.read_text().split())


def test_a_report_from_a_damaged_model_says_so(run, write, tmp_path):
    model = tmp_path / "m.json"
    run("learn", write("s.txt", STREAM), "-o", model, "--on-drift", "report")
    document = json.loads(model.read_text())
    for wrong in ([], {"first": -1, "changes": []}, {"first": 1, "changes": [{"since": "x"}]}, {"first": 1}):
        document["provenance"]["drift"] = wrong
        model.write_text(json.dumps(document))
        result = run("pac", "report", model)
        assert result.code == 1 and len(result.errors) == 1


def test_a_plan_is_not_restarted(run, write, tmp_path):
    plan = tmp_path / "plan.json"
    sizes = ["--states", 2, "--symbols", 30, "--mu", 0.5, "--length", 20, "--eps", 0.9, "--delta", 0.2, "--futures", 1]
    assert run("pac", "plan", *sizes, "-o", plan).code == 0
    result = run("learn", write("s.txt", STREAM), "--pac", plan, "--on-drift", "restart")
    assert result.code == 2
    assert "--on-drift is restart, but a plan counts on a source that does not change" in result.err
    assert run("learn", write("s.txt", STREAM), "--pac", plan, "--on-drift", "report", "-o", tmp_path / "m").code == 0


@pytest.mark.parametrize("members", [False, True])
def test_what_an_unwatched_change_is_told_with_can_be_done(run, write, tmp_path, members):
    rows = [f"{row},{event},t{row % 3}" for row, line in enumerate(STREAM.splitlines()) for event in line.split()]
    path = write("s.csv", "\n".join(["case,event,tool", *rows]) + "\n")
    told = run("learn", path, "-o", tmp_path / "m.json", *(["--per", "tool"] if members else []))
    said = told.err.splitlines()[-1]
    assert "verdict: the source changed: " in said
    again = run(*said.partition("next: flexstream ")[2].split())
    assert "the source changed after trace" in again.err


@pytest.mark.parametrize("durations", [True, False])
def test_that_times_are_not_watched_is_said_where_they_are_known(run, write, tmp_path, durations):
    steps = ["load", "run", "unload"]
    rows = [f"lot {at},{step},{1e9 + 100 * at + 9 * place}" for at in range(300) for place, step in enumerate(steps)]
    given = "--on-drift", "report", "--report", tmp_path / "r.txt", *([] if durations else ["--no-durations"])
    told = run("learn", write("s.csv", "\n".join(["case,event,time", *rows]) + "\n"), "-o", tmp_path / "m.json", *given)
    assert "no change of the source was noticed in 300 traces" in told.err
    assert ("how long steps take is not watched" in told.err) == durations
    report = " ".join((tmp_path / "r.txt").read_text().split())
    assert ("How long events take was not watched." in report) == durations


def test_that_times_are_not_watched_is_said_beside_a_change_too(run, write, tmp_path):
    rows = [
        f"lot {at},{step},{1e9 + 100 * at + place}"
        for at, line in enumerate(STREAM.splitlines())
        for place, step in enumerate(line.split())
    ]
    path = write("s.csv", "\n".join(["case,event,time", *rows]) + "\n")
    told = run("learn", path, "-o", tmp_path / "m.json", "--on-drift", "report")
    assert "the source changed after trace" in told.err and "how long steps take is not watched" in told.err
    assert "though not how long it takes" in " ".join(run("learn", "--help").text.split())


def slow_stream(traces=3000, seed=1):
    """Yield lines in which a step becomes more frequent so slowly that no trace tells."""
    draws = random.Random(seed)
    for number in range(traces):
        steps = ["load"]
        while draws.random() < 0.7:
            steps.append("rework" if draws.random() < 0.05 + 0.12 * number / traces else "run")
        yield " ".join([*steps, "unload"]) + "\n"


def test_what_was_watched_and_what_the_order_tells_agree(run, write, tmp_path):
    report = tmp_path / "r.txt"
    told = run("learn", write("s.txt", "".join(slow_stream())), "--report", report, "--on-drift", "report")
    text = " ".join(report.read_text().split())
    change = 'how often "rework" comes in a trace changes over the stream'
    assert f"no promise, as {change}, too slowly or too little to be noticed while the traces came" in told.err
    assert "The source was watched while the strings came, and no change was noticed then. All together" in text
    assert text.count(change) == 2
    assert "--on-drift restart" not in text and "flexstream diff compares" in text


def test_what_the_order_tells_says_nothing_of_watching_where_nobody_watched(run, write, tmp_path):
    report = tmp_path / "r.txt"
    told = run("learn", write("s.txt", "".join(slow_stream())), "--report", report)
    assert "changes over the stream\n" in told.err
    assert "watched" not in report.read_text() and "--on-drift restart" in report.read_text()
