"""``flexstream simulate minifab``."""

from __future__ import annotations

import itertools
import json
import os
import re
import signal
import time
from pathlib import Path

import pytest

from flexstream import PDFA
from flexstream.fab.profiles import PROFILES


def test_a_stream_is_learned_without_any_option(run):
    stream = run("simulate", "minifab", "--weeks", 3)
    assert stream.code == 0
    for options in ([], ["--case", "lot"], ["--idle", 86400 * 14]):
        learned = run("learn", "-", "-o", "-", *options, input=stream.out)
        automaton = PDFA.from_json(learned.text)
        assert len(automaton) == 8
        assert automaton.log2_prob(["diffusion", "implant", "litho", "implant", "diffusion", "litho", "out"]) > -1


@pytest.mark.parametrize("by", ["lot", "machine", "operator", "technician", "carrier", "all"])
def test_the_same_seed_gives_the_same_bytes(run, by):
    first = run("simulate", "minifab", "--weeks", 0.3, "--by", by)
    assert first.code == 0
    assert first.out == run("simulate", "minifab", "--weeks", 0.3, "--by", by).out
    assert first.out != run("simulate", "minifab", "--weeks", 0.3, "--by", by, "--seed", 2).out


def test_the_whole_stream_is_one_order(run):
    events = [json.loads(line) for line in run("simulate", "minifab", "--weeks", 1, "--by", "all").text.splitlines()]
    assert [event["seq"] for event in events] == list(range(len(events)))
    assert all(before["time"] <= after["time"] for before, after in itertools.pairwise(events))
    assert {event["entity_kind"] for event in events} == {"lot", "machine", "operator", "technician", "carrier"}


def test_truth_lies_beside_the_stream_and_not_in_it(run, tmp_path):
    fault = ("--inject", "skip:S4:0.5@3d")
    result = run("simulate", "minifab", "--weeks", 1, "--by", "all", "--truth", tmp_path / "truth", *fault)
    events = [json.loads(line) for line in result.text.splitlines()]
    states = [json.loads(line) for line in (tmp_path / "truth" / "states.jsonl").read_text().splitlines()]
    assert [state["seq"] for state in states] == [event["seq"] for event in events]
    assert all("state" not in event for event in events)
    for name in ("lot", "diffusion", "implant", "litho", "operator", "technician", "carrier"):
        assert PDFA.load(tmp_path / "truth" / f"{name}.json").provenance["class"] == name
    (told,) = json.loads((tmp_path / "truth" / "faults.json").read_text())
    assert told["time"] == 3 * 86_400
    assert told["lots"]
    assert json.loads((tmp_path / "truth" / "run.json").read_text())["parameters"]["shift"] == 720


def test_lives_have_their_truth(run, tmp_path):
    view = ("--by", "machine", "--only", "implant", "--per", "life", "--truth", tmp_path / "truth")
    result = run("simulate", "minifab", "--weeks", 6, "--seed", 3, *view)
    assert result.code == 0
    machines = {path.stem for path in (tmp_path / "truth").glob("*.json")} - {"faults", "run"}
    assert machines == {"lot", "implant"}
    scored = run("score", tmp_path / "truth" / "implant.json", "-", input=result.out)
    lives = [json.loads(line) for line in scored.text.splitlines()]
    assert len(lives) > 20
    assert not any(one["unseen"] for one in lives)
    assert {one["trace"][:3] for one in lives} == {"Mc/", "Md/"}


def test_faults_show_in_the_scores(run, tmp_path):
    healthy = run("simulate", "minifab", "--weeks", 6, "--seed", 5).out
    run("learn", "-", "-o", tmp_path / "lots.json", input=healthy)
    sick = run("simulate", "minifab", "--weeks", 2, "--seed", 6, "--inject", "skip:S4:0.3@1w").out
    scored = [json.loads(line) for line in run("score", tmp_path / "lots.json", "-", input=sick).text.splitlines()]
    struck = [one for one in scored if one["unseen"]]
    assert 5 < len(struck) < 50
    assert all(one["worst"]["position"] >= 3 and one["worst"]["bits"] > 5 for one in struck)
    assert all(int(one["trace"].partition("-")[2]) > 80 for one in struck)


def test_a_series_and_its_card(run, tmp_path):
    result = run("simulate", "minifab", "--weeks", 0.5, "--series", tmp_path / "fab.csv")
    assert (result.code, result.out) == (0, b"")
    assert (tmp_path / "fab.csv").read_text().startswith("scenario,repair,")
    assert "| `wip` | lots |" in (tmp_path / "fab.md").read_text()
    assert run("simulate", "minifab", "--weeks", 0.5, "--series", tmp_path / "fab.md").code == 2
    assert run("simulate", "minifab", "--weeks", 0.1, "--series", tmp_path / "fab.csv").code == 0  # over its own card
    (tmp_path / "README.md").write_text("# Notes\n")
    told = run("simulate", "minifab", "--weeks", 0.1, "--series", tmp_path / "README.csv")
    assert told.code == 2 and "README.md is there, and flexstream simulate has not written it" in told.err
    assert (tmp_path / "README.md").read_text() == "# Notes\n" and not (tmp_path / "README.csv").exists()


def test_parameters_can_be_printed_changed_and_read(run, write):
    text = run("simulate", "minifab", "--parameters", "--set", "process_time.S6=12").text
    assert "S6 = 12.0" in text
    assert "# processing, unattended [min] (K)" in text
    path = write("factory.toml", text)
    assert run("simulate", "minifab", "--parameters", "--config", path).text == text


def test_a_file_appears_whole(run, tmp_path):
    assert run("simulate", "minifab", "--weeks", 1, "-o", tmp_path / "x.jsonl").code == 0
    assert (tmp_path / "x.jsonl").read_bytes() == run("simulate", "minifab", "--weeks", 1).out
    assert [path.name for path in tmp_path.iterdir()] == ["x.jsonl"]


def test_a_jam_is_an_error_of_the_data(run):
    result = run("simulate", "minifab", "--weeks", 20, "--profile", "deadlock", "--seed", 3)
    assert (result.code, len(result.errors)) == (1, 1)
    assert "deadlock at day" in result.errors[0]
    assert result.out.count(b"\n") > 500  # what came before it


@pytest.mark.parametrize(
    "options",
    [
        ["--weeks", 0],
        ["--profile", "nothing"],
        ["--set", "shift=0"],
        ["--set", "nothing=1"],
        ["--set", "shift"],
        ["--inject", "slow"],
        ["--only", "Mx", "--by", "machine"],
        ["--only", "Mx", "--by", "all"],
        ["--only", "Mc", "--by", "lot"],
        ["--by", "operator", "--profile", "no-people"],
        ["--inject", "slow:Mc:2@4w"],
        ["--inject", "breakdowns:all:2@1w", "--profile", "no-failures"],
        ["--weeks", "nan"],
        ["--weeks", "inf", "--series", "x.csv"],
        ["--speed", "nan"],
        ["--speed", -1],
        ["--by", "wafer"],
        ["--per", "life"],
        ["--by", "carrier", "--per", "life"],
        ["--by", "machine", "--only", "Ma", "--per", "life"],
        ["--by", "machine", "--per", "life", "--profile", "no-failures"],
        ["--by", "all", "--per", "life", "--profile", "no-failures"],
    ],
)
def test_what_makes_no_sense_is_refused(run, options):
    result = run("simulate", "minifab", *options)
    assert (result.code, len(result.errors), result.out) == (2, 1, b"")


def test_everything_of_a_class_or_a_machine(run):
    lines = {
        only: run("simulate", "minifab", "--weeks", 0.5, "--by", "all", "--only", only).text.splitlines()
        for only in ("Mc", "Md", "implant")
    }
    assert lines["Mc"]
    order = sorted(lines["Mc"] + lines["Md"], key=lambda line: json.loads(line)["seq"])
    assert order == lines["implant"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disc_is_named(run, tmp_path):
    for options in (["-o", "/dev/full"], ["--series", "/dev/full", "--weeks", 0.1], ["--truth", "/dev/full"]):
        result = run("simulate", "minifab", *options)
        assert (result.code, len(result.errors)) == (1, 1)
        assert "/dev/full: cannot be " in result.errors[0]


@pytest.mark.parametrize("name", ["no/x", "x" * 300])
def test_where_nothing_can_be_written(run, tmp_path, name):
    for options in (["-o", tmp_path / name], ["--series", tmp_path / name], ["--truth", os.devnull]):
        result = run("simulate", "minifab", *options)
        assert (result.code, len(result.errors), result.out) == (1, 1, b"")
        assert ": cannot be " in result.errors[0] or "there is no folder" in result.errors[0]
        assert "(expected: a " in result.errors[0]
    assert list(tmp_path.iterdir()) == []


def test_a_place_in_the_folder_of_truth_is_found_before_the_work(run, tmp_path):
    (tmp_path / "lot.json").mkdir()
    result = run("simulate", "minifab", "--weeks", 500, "--truth", tmp_path)
    assert (result.code, len(result.errors)) == (1, 1)
    assert "lot.json: is a directory" in result.errors[0]


def test_the_stream_does_not_go_over_its_truth(run, tmp_path):
    result = run("simulate", "minifab", "--weeks", 500, "--truth", tmp_path, "-o", tmp_path / "states.jsonl")
    assert (result.code, len(result.errors)) == (2, 1)
    assert "states.jsonl is given for two outputs" in result.errors[0]


def test_a_jam_leaves_the_stream_and_its_truth_up_to_then(run, tmp_path):
    jam = ("--weeks", 20, "--profile", "deadlock", "--seed", 3, "--by", "all")
    result = run("simulate", "minifab", *jam, "-o", tmp_path / "x.jsonl", "--truth", tmp_path / "truth")
    assert result.code == 1
    events = (tmp_path / "x.jsonl").read_text().splitlines()
    states = (tmp_path / "truth" / "states.jsonl").read_text().splitlines()
    assert len(events) == len(states) > 500
    assert json.loads((tmp_path / "truth" / "run.json").read_text())["minutes"] > json.loads(events[-1])["time"] / 61


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_leaves_what_there_is(start, tmp_path, sign):
    program = start("simulate", "minifab", "--weeks", "inf", "-o", tmp_path / "x.jsonl", "--truth", tmp_path / "truth")
    while sum(path.stat().st_size for path in tmp_path.glob(".*.tmp")) < 100_000:
        assert program.poll() is None
        time.sleep(0.05)
    assert not (tmp_path / "x.jsonl").exists()
    program.send_signal(sign)
    assert program.wait(60) == 128 + sign
    assert all(json.loads(line) for line in (tmp_path / "x.jsonl").read_text().splitlines())
    assert {"states.jsonl", "lot.json", "run.json"} <= {path.name for path in (tmp_path / "truth").iterdir()}
    assert not list(tmp_path.rglob("*.tmp"))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc here")
def test_stdout_by_its_name_is_added_to(start, tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text("before\n")
    with path.open("ab") as out:
        assert start("simulate", "minifab", "--weeks", 1, "-o", "/dev/stdout", stdout=out).wait(60) == 0
    lines = path.read_text().splitlines()
    assert lines[0] == "before"
    assert len(lines) > 300
    assert all(json.loads(line)["seq"] >= 0 for line in lines[1:])


def test_a_pipe_by_its_name_whose_reader_leaves(start, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    program = start("simulate", "minifab", "--weeks", "inf", "-o", tmp_path / "pipe")
    with (tmp_path / "pipe").open() as pipe:
        assert json.loads(pipe.readline())["case"]
    assert program.wait(60) == 141
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_disc_that_fills_up_with_truth(run, tmp_path):
    (tmp_path / "states.jsonl").symlink_to("/dev/full")
    result = run("simulate", "minifab", "--weeks", 500, "--truth", tmp_path, "-o", tmp_path / "x.jsonl")
    assert (result.code, len(result.err.splitlines())) == (1, 1)
    assert "states.jsonl: cannot be written: No space left on device (expected: a disc" in result.err


def test_missing_files_are_named(run, tmp_path):
    result = run("simulate", "minifab", "--config", tmp_path / "none.toml")
    assert (result.code, len(result.errors)) == (1, 1)
    assert run("simulate", "minifab", "-o", tmp_path / "no" / "x").code == 1


def test_help_names_the_kinds(run):
    assert "minifab" in run("simulate", "--help").text
    assert run("simulate", "nothing").code == 2
    text = run("simulate", "minifab", "--help").text
    assert "--inject" in text
    for name, (about, _) in PROFILES.items():
        (line,) = re.findall(rf"^ +{name}  +(.+)$", text, re.MULTILINE)
        assert about.startswith(line) or name == "deadlock"


def test_a_horizon_at_infinity(start):
    program = start("simulate", "minifab", "--weeks", "inf")
    assert [json.loads(program.stdout.readline())["case"] for _ in range(3)]
    program.stdout.close()
    assert program.wait(30) == 141


def test_live_events_come_one_by_one(start):
    """At a speed the stream is written as it happens, whole cases or not."""
    program = start("simulate", "minifab", "--speed", 60_000, "--by", "all", "--weeks", 1)
    began = time.monotonic()
    first = [json.loads(program.stdout.readline()) for _ in range(60)]
    assert time.monotonic() - began >= (first[-1]["time"] - first[0]["time"]) / 60_000 * 0.9
    program.stdout.close()
    assert program.wait(30) != 0  # the reader has gone, long before the week is over
