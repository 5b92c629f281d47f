"""``flexstream alarm``: only what is odd, with what was expected, where it stood, and how often."""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

STEPS = ["load", "run", "check", "unload"]
START = 1_770_000_000


def lots(count: int, seed: int, odd: dict[int, list[str]] | None = None, slow: dict[int, float] | None = None) -> str:
    """Return events of interleaved lots, one of which skips or repeats what it is told; a minute between two."""
    chance, rows = random.Random(seed), []
    for lot in range(count):
        steps = (odd or {}).get(lot, [*STEPS[:2], *(["run"] if chance.random() < 0.3 else []), *STEPS[2:]])
        moment = START + 40.0 * lot
        for place, step in enumerate(steps):
            moment += chance.uniform(50, 70) * (place > 0) * ((slow or {}).get(lot, 1.0) if place == 2 else 1.0)
            rows.append((moment, f"lot {lot}", step))
    rows.sort()
    return "case,event,time\n" + "".join(f"{case},{step},{moment:.3f}\n" for moment, case, step in rows)


@pytest.fixture(scope="module")
def line(run: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model of such lots."""
    folder = tmp_path_factory.mktemp("line")
    (folder / "lots.csv").write_text(lots(2000, 1))
    result = run("learn", folder / "lots.csv", "-o", folder / "line.json")
    assert result.code == 0
    return folder / "line.json"


SKIPPED = ["load", "run", "unload"]


def alarms(result: Any) -> list[dict[str, Any]]:
    return [json.loads(row) for row in result.text.splitlines()]


def test_an_alarm_has_all_that_is_asked_about_it(run, line, tmp_path):
    path = tmp_path / "today.csv"
    path.write_text(lots(200, 2, {17: SKIPPED}))
    result = run("alarm", line, path, "--ungrouped")
    found = [row for row in alarms(result) if row["trace"] == "lot 17"]
    assert result.code == 0
    assert len(found) == 1
    alarm = found[0]
    assert alarm["alarm"] == "event"
    assert alarm["symbol"] == "unload"
    assert alarm["position"] == 2
    assert alarm["name"] == "between run and check or run"
    assert alarm["p_value"] <= 0.01
    assert {one["symbol"] for one in alarm["expected"][:2]} == {"check", "run"}
    assert alarm["open"] is False
    assert alarm["source"] == str(path)
    rows = path.read_text().splitlines()
    assert rows[alarm["line"] - 1].startswith("lot 17,unload,")
    moment = float(rows[alarm["line"] - 1].split(",")[2])
    assert alarm["time"].startswith(time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)))


def test_equal_alarms_are_one_row_with_a_count(run, line, write):
    odd = dict.fromkeys(range(10, 60, 10), SKIPPED) | {7: ["run", "run", "check", "unload"]}
    result = run("alarm", line, write("today.csv", lots(400, 3, odd)))
    rows = result.text.splitlines()
    assert rows[0].split() == ["count", "alarm"]
    assert rows[1].lstrip().startswith("5  unload between run and check or run (q")
    assert "), expected check (" in rows[1]
    assert "first trace lot 10, " in rows[2]
    assert "last trace lot 50, " in rows[3]
    assert ":" in rows[2].split("today.csv")[1]
    assert "id " in rows[4]
    assert "6 alarms" in result.err or "7 alarms" in result.err or "8 alarms" in result.err


def test_of_usual_traces_few_alarm_and_nothing_is_said_against_the_stream(run, line, write):
    result = run("alarm", line, write("today.csv", lots(1000, 5)), "--ungrouped")
    assert len(alarms(result)) <= 22
    assert "warning" not in result.err
    assert "1,000 traces" in result.err


def test_of_another_stream_it_is_said_that_it_is_one(run, line, write):
    odd = dict.fromkeys(range(0, 400, 4), SKIPPED)
    result = run("alarm", line, write("today.csv", lots(400, 3, odd)))
    assert "warning: the stream is not what was learned" in result.err
    assert "flexstream diff" in result.err


@pytest.mark.parametrize(
    ("limit", "code"), [("0.05", 0), ("5%", 0), ("0.01", 3), ("1%", 3), ("0", 3), ("9", 3), ("40", 0), ("100%", 0)]
)
def test_fail_above_a_share_or_a_count(run, line, write, limit, code):
    odd = dict.fromkeys(range(0, 400, 40), SKIPPED)  # 10, and by chance up to 4 more
    assert run("alarm", line, write("today.csv", lots(400, 3, odd)), "--fail-above", limit).code == code


@pytest.mark.parametrize("limit", ["-1", "1.5", "many", "101%", "nan", ""])
def test_what_is_no_limit_is_refused(run, line, write, limit):
    result = run("alarm", line, write("today.csv", lots(4, 3)), "--fail-above", limit)
    assert result.code == 2
    assert "share" in result.err


def test_a_rate_that_the_calibration_cannot_keep_is_refused_with_what_it_takes(run, line, write):
    for command in (["alarm", "--rate"], ["score", "--alarm-rate"]):
        result = run(command[0], line, write("today.csv", lots(4, 3)), command[1], "0.00001")
        assert result.code != 0
        assert "traces" in result.errors[0]
    for rate in ("0", "1", "-0.5", "nan"):
        assert run("alarm", line, write("today.csv", lots(4, 3)), "--rate", rate).code == 2
        assert "--alarm-rate" in run("score", line, write("today.csv", lots(4, 3)), "--alarm-rate", rate).err


def test_score_says_which_traces_alarm(run, line, write):
    path = write("today.csv", lots(200, 2, {17: SKIPPED}))
    scores = alarms(run("score", line, path, "--alarm-rate", "0.01"))
    told = {row["trace"] for row in alarms(run("alarm", line, path, "--ungrouped"))}
    assert {row["trace"] for row in scores if row["alarm"]} == told
    assert all(row["alarm"] == (row["p_value"] <= 0.01) for row in scores)
    assert "p_value" not in alarms(run("score", line, path))[0]


def test_a_slow_step_alarms_by_its_time(run, line, write):
    result = run("alarm", line, write("today.csv", lots(200, 2, slow={30: 40.0})), "--ungrouped")
    found = next(row for row in alarms(result) if row["trace"] == "lot 30")
    assert found["alarm"] == "late"
    assert found["slow"]["seconds"] > 1900
    assert found["slow"]["usual"] < 100
    text = run("alarm", line, write("today.csv", lots(200, 2, slow={30: 40.0}))).text
    assert "99.9 % take at most" in text


def test_nothing_raw_reaches_a_terminal(run, line, write):
    odd = {3: ["load", "\x1b[31mrun\x9b", "unload\u202e"]}
    path = write("today.csv", lots(100, 2, odd))
    for text in (run("alarm", line, path).text, run("alarm", line, path, "--ungrouped").text):
        assert text
        assert all(character.isprintable() or character == "\n" for character in text)
        assert "\u202e" not in text


def test_whole_traces_and_empty_ones_have_their_line(run, model):
    text = b"load run unload\n" * 30 + b"\nload load load load\n"
    found = alarms(run("alarm", model, "-", "--ungrouped", "--rate", "0.1", input=text))
    assert [(row["trace"], row["line"]) for row in found] == [(31, 31), (32, 32)]
    assert found[0]["symbol"] is None


def test_accepted_alarms_do_not_come_again_and_survive_another_model(run, line, write, tmp_path):
    odd = dict.fromkeys(range(10, 60, 10), SKIPPED) | {7: ["check", "run", "check", "unload"]}
    path, accepted = write("today.csv", lots(400, 3, odd)), tmp_path / "accepted.json"
    before = alarms(run("alarm", line, path, "--ungrouped"))
    of_skipped = {row["id"] for row in before if row["trace"] == "lot 10"}
    assert len(of_skipped) == 1
    marked = run("alarm", line, path, "--accepted", accepted, "--accept", next(iter(of_skipped)))
    assert "1 alarm marked as false" in marked.err
    after = run("alarm", line, path, "--ungrouped", "--accepted", accepted)
    hidden = {f"lot {lot}" for lot in range(10, 60, 10)}
    assert {row["trace"] for row in alarms(after)} == {row["trace"] for row in before} - hidden
    assert "5 alarms accepted" in after.err
    (tmp_path / "more.csv").write_text(lots(3000, 77))
    assert run("learn", tmp_path / "more.csv", "-o", tmp_path / "again.json").code == 0
    again = alarms(run("alarm", tmp_path / "again.json", path, "--ungrouped", "--accepted", accepted))
    assert "lot 7" in {row["trace"] for row in again}
    assert not hidden & {row["trace"] for row in again}
    for _ in range(2):  # the next odd event of a trace is told as soon as the first one is accepted
        assert run("alarm", line, path, "--accepted", accepted, "--accept", "all").code == 0
    assert run("alarm", line, path, "--accepted", accepted).text == ""


def test_an_accepted_event_hides_no_other_of_its_trace(run, line, write, tmp_path):
    accepted = tmp_path / "accepted.json"
    one, both = {5: SKIPPED}, {5: ["load", "run", "unload", "load"]}
    path = write("one.csv", lots(100, 3, one))
    number = next(row["id"] for row in alarms(run("alarm", line, path, "--ungrouped")) if row["trace"] == "lot 5")
    run("alarm", line, path, "--accepted", accepted, "--accept", number)
    found = alarms(run("alarm", line, write("two.csv", lots(100, 3, both)), "--ungrouped", "--accepted", accepted))
    assert ("lot 5", "load") in {(row["trace"], row.get("symbol")) for row in found}


def test_mistakes_about_accepted_alarms(run, line, write, tmp_path):
    path = write("today.csv", lots(50, 3))
    assert run("alarm", line, path, "--accept", "all").code == 2
    assert run("alarm", line, path, "--accepted", tmp_path / "no.json").code == 1
    for text in ("", "{}", "[]", '{"format": "flexstream-accepted", "version": 9, "alarms": []}', "\xff"):
        result = run("alarm", line, path, "--accepted", write("bad.json", text))
        assert result.code == 1
        assert "no accepted alarms" in result.errors[0]
    result = run("alarm", line, path, "--accepted", tmp_path / "new.json", "--accept", "0123456789")
    assert result.code == 2
    assert not (tmp_path / "new.json").exists()


def test_metrics_are_written_whole_and_valid(run, line, write, tmp_path):
    odd = dict.fromkeys(range(10, 60, 10), SKIPPED)
    path, metrics = write("today.csv", lots(400, 3, odd) + "bad\n"), tmp_path / "watch.prom"
    result = run("alarm", line, path, "--metrics", metrics, "--on-error", "skip")
    assert result.code == 0
    values = {}
    lines = metrics.read_text().split("\n")
    assert lines[-2:] == ["# EOF", ""]
    for row in lines[:-2]:
        if not row.startswith("#"):
            name, value = row.split(" ")
            values[name] = float(value)
    assert values["flexstream_traces_total"] == 400
    assert values["flexstream_bad_lines_total"] == 1
    assert values["flexstream_alarms_total"] >= 5
    assert values["flexstream_bits_per_trace"] > 0
    assert values["flexstream_last_event_age_seconds"] >= 0


def loops(count: int, seed: int, longer: range = range(0)) -> str:
    """Return traces, one a line, that run as often as a coin comes up; of some four times, as one in 32 does."""
    chance = random.Random(seed)
    often = [4 if place in longer else int(-math.log2(1 - chance.random())) for place in range(count)]
    return "".join(" ".join(["load", *["run"] * times, "unload"]) + "\n" for times in often)


def test_traces_that_are_strange_together_are_told_once_though_none_alarms(run, write, tmp_path, monkeypatch):
    assert run("learn", write("usual.txt", loops(3000, 1)), "-o", tmp_path / "loops.json").code == 0
    monkeypatch.chdir(tmp_path)  # a long path would be told shortened
    write("today.txt", loops(400, 2, range(200, 240)))
    today = "today.txt"
    found = alarms(run("alarm", tmp_path / "loops.json", today, "--ungrouped"))
    assert not [row for row in found if row["alarm"] != "together" and 200 < row["trace"] <= 240]
    (told,) = [row for row in found if row["alarm"] == "together"]
    assert 204 <= told["trace"] < 230
    assert told["trace"] - 200 <= told["traces"] < 40
    assert told["statistic"] in ("bits", "counts", "worst")
    assert told["mean"] > told["level"] > 1
    assert told["line"] == told["trace"]
    grouped = run("alarm", tmp_path / "loops.json", today).text.splitlines()[-1]
    assert grouped.startswith(f"strange together, for {told['traces']} traces up to trace ")
    assert f"up to trace {told['trace']}, {today}:{told['line']}" in grouped


def test_usual_traces_are_not_strange_together(run, line, write):
    for seed in range(3, 8):
        result = run("alarm", line, write("today.csv", lots(600, seed)), "--ungrouped")
        assert not [row for row in alarms(result) if row["alarm"] == "together"]


def test_what_was_accepted_is_not_strange_together_either(run, line, write, tmp_path):
    today = write("today.csv", lots(400, 3, dict.fromkeys(range(200, 260), SKIPPED)))
    known = tmp_path / "known.json"
    first = run("alarm", line, today, "--accepted", known, "--accept", "all")
    assert "strange together" in first.text
    assert "strange together" not in run("alarm", line, today, "--accepted", known).text


def test_lots_that_are_late_together_are_no_change_of_the_stream(run, write, tmp_path):
    def waiting(seed: int) -> str:
        chance, rows, now, held = random.Random(seed), [], 0.0, 0.0
        for case in range(3000):
            now += 1
            held = max(0.0, held - 1) + (chance.expovariate(1 / 2) if chance.random() < 1 / 12 else 0)
            rows += [f"{case},load,{now:.3f}\n", f"{case},run,{now + 60 + held + chance.random():.3f}\n"]
        return "case,event,time\n" + "".join(rows)

    assert run("learn", write("usual.csv", waiting(2)), "-o", tmp_path / "line.json").code == 0
    result = run("alarm", tmp_path / "line.json", write("today.csv", waiting(5)))
    assert "strange traces came together where this was learned, so many at a time (late: " in result.err
    assert "95 of 100 stretches of 3,000 traces" in result.err
    assert "is not what was learned" not in result.err


# --- While cases are open


class Program:
    """The command as a program of its own, of whose output lines are waited for."""

    def __init__(self, *args: object) -> None:
        command = [sys.executable, "-m", "flexstream_cli.main", *map(str, args)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(command, **pipes, text=True, bufsize=1)
        self.rows: list[str] = []
        self.came = threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self) -> None:
        assert self.process.stdout is not None
        for row in self.process.stdout:
            with self.came:
                self.rows.append(row)
                self.came.notify_all()

    def write(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def wait_for(self, truth: Callable[[list[str]], bool], seconds: float = 30.0) -> None:
        with self.came:
            assert self.came.wait_for(lambda: truth(self.rows), seconds), self.rows

    def close(self) -> str:
        assert self.process.stdin is not None
        assert self.process.stderr is not None
        self.process.stdin.close()
        said = self.process.stderr.read()
        self.process.wait(30)
        self.reader.join(10)
        self.process.stderr.close()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return said


def test_an_open_case_alarms_with_the_event_and_once(line):
    program = Program("alarm", line, "-", "--ungrouped")
    program.write(lots(60, 2))
    program.write(f"x,load,{START + 5000}\nx,run,{START + 5060}\nx,unload,{START + 5120}\n")
    program.wait_for(lambda rows: any('"trace": "x"' in row for row in rows))
    found = [json.loads(row) for row in program.rows if '"trace": "x"' in row]
    said = program.close()
    assert len(found) == 1
    assert found[0]["open"] is True
    assert found[0]["symbol"] == "unload"
    assert found[0]["line"] == len(lots(60, 2).splitlines()) + 3
    assert [row for row in program.rows if '"trace": "x"' in row] == [json.dumps(found[0]) + "\n"]
    assert program.process.returncode == 0
    assert "61 traces" in said


def test_the_same_cases_alarm_by_name_and_through_a_pipe(run, line, write):
    """A step that comes first in its case is as late as it is among all of the case's steps, once that has ended."""
    slow = {number: 1.0 + number % 7 / 200 for number in range(0, 400, 3)}
    text = lots(400, 2, {17: SKIPPED, 40: SKIPPED}, slow)
    named = alarms(run("alarm", line, write("today.csv", text), "--rate", "0.1", "--ungrouped"))
    program = Program("alarm", line, "-", "--rate", "0.1", "--ungrouped")
    program.write(text)
    program.close()
    piped = [json.loads(row) for row in program.rows]
    assert any(row["open"] and row["alarm"] == "late" for row in piped)
    assert {row["trace"] for row in piped} == {row["trace"] for row in named}


def test_a_case_that_waits_too_long_by_event_time_alarms_once(line):
    program = Program("alarm", line, "-", "--ungrouped")
    program.write(lots(60, 2))
    program.write(f"x,load,{START + 5000}\n")
    later = START + 5000
    for step in range(40):
        program.write(f"y{step},load,{later + 300 * step}\ny{step},run,{later + 300 * step + 60}\n")
        time.sleep(0.1)
    program.wait_for(lambda rows: any('"silence"' in row and '"trace": "x"' in row for row in rows))
    program.close()
    found = [json.loads(row) for row in program.rows if '"trace": "x"' in row and '"silence"' in row]
    assert len(found) == 1
    assert found[0]["slow"]["seconds"] > 100
    assert found[0]["name"] == "after load"


def test_a_usual_case_that_is_open_does_not_alarm(line, tmp_path):
    program = Program("alarm", line, "-")
    program.write("case,event,time\n")
    for number in range(50):
        program.write(f"x{number},load,{START + number}\n")
    program.close()
    assert not any("load" in row.split("expected")[0] for row in program.rows if "open" in row)


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--on-error", "stop"), 1)])
def test_a_bad_line_does_not_end_a_pipe(line, options, code):
    program = Program("alarm", line, "-", "--ungrouped", *options)
    program.write(lots(60, 2))
    if code:
        program.write("no event\n")
    else:
        program.write("no event\n" + f"x,load,{START + 5000}\nx,run,{START + 5060}\nx,unload,{START + 5120}\n")
        program.wait_for(lambda rows: any('"trace": "x"' in row for row in rows))
    said = program.close()
    assert ("skipped 1 bad line" in said) == (not code)
    assert program.process.wait() == code


def test_bad_lines_are_skipped_while_following(line, tmp_path, run):
    path = tmp_path / "grows.csv"
    path.write_text(lots(60, 2))
    program = Program("alarm", line, path, "--follow", "--ungrouped")
    with path.open("a") as more:
        more.write("no event\n" + f"x,load,{START + 5000}\nx,run,{START + 5060}\nx,unload,{START + 5120}\n")
    program.wait_for(lambda rows: any('"trace": "x"' in row for row in rows))
    program.process.terminate()
    said = program.close()
    assert "skipped 1 bad line" in said
    assert program.process.returncode == 143


def test_cases_that_are_open_when_following_is_stopped_are_left_open(line, tmp_path):
    path = tmp_path / "grows.csv"
    events = lots(60, 2) + f"x,load,{START + 5000}\nx,run,{START + 5060}\n"
    path.write_text(events)
    program = Program("alarm", line, path, "--follow", "--ungrouped", "--idle", "500")
    with path.open("a") as more:
        more.write(f"y,unload,{START + 5070}\n")
    program.wait_for(lambda rows: any('"trace": "y"' in row for row in rows))
    program.process.terminate()
    said = program.close()
    ended = int(said.split(" traces,")[0].split()[-1])
    still = int(said.split(" cases left open")[0].split()[-1])
    assert ended + still == 62
    assert ended > 40
    assert still >= 2
    assert not [row for row in program.rows if '"trace": "x"' in row]
