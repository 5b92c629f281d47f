"""``flexstream evaluate``: how well alarms tell traces that are labelled as wrong from others."""

from __future__ import annotations

import gzip
import json
import os

import pytest

USUAL, ODD = "load run unload", "load unload"


@pytest.fixture
def learned(run, tmp_path):
    path = tmp_path / "learned.json"
    lots = tmp_path / "usual.txt"
    lots.write_text(f"{USUAL}\n" * 600)
    assert run("learn", lots, "-o", path).code == 0
    return path


@pytest.fixture
def sessions(tmp_path):
    """A trace a row; one in ten is odd, one of those has no label that says so."""
    path = tmp_path / "sessions.csv"
    rows = [f"{ODD if row % 10 == 3 else USUAL},{int(row % 10 == 3 and row != 3)}" for row in range(100)]
    path.write_text("sequence,label\n" + "\n".join(rows) + "\n")
    return path


def test_figures_by_rule(run, learned, sessions):
    result = run("evaluate", learned, sessions, "--label", "label", "--json")
    assert result.code == 0
    found = json.loads(result.text)
    assert (found["rate"], found["traces"], found["wrong"]) == (0.01, 100, 9)
    assert list(found["rules"]) == ["all", "worst", "bits", "counts"]
    rule = found["rules"]["all"]
    assert (rule["alarms"], rule["right"]) == (10, 9)
    assert (rule["precision"], rule["recall"]) == (0.9, 1.0)
    assert rule["f1"] == pytest.approx(18 / 19, abs=1e-6)
    assert rule["false_alarm_rate"] == pytest.approx(1 / 91, abs=1e-6)
    assert rule["auc"] == pytest.approx(1 - 0.5 / 91, abs=1e-6)
    assert "9 of 100 traces went wrong (labels '1'), the others did not ('0')" in result.err


def test_the_table_says_the_same(run, learned, sessions):
    lines = run("evaluate", learned, sessions, "--label", "label").text.splitlines()
    assert lines[0].split() == ["rule", "alarms", "right", "precision", "recall", "F1", "false", "alarms", "AUC"]
    assert lines[1].split()[:5] == ["all", "10", "9", "0.9000", "1.0000"]
    assert len({len(line) for line in lines}) == 1


def _verdict(trace, event):
    return "bad" if len(trace) == 2 and event == "unload" else "fine"


def test_labels_of_events_count_for_their_case_in_every_format(run, learned, tmp_path):
    cases = [(f"c{row}", (ODD if row % 5 == 0 else USUAL).split()) for row in range(50)]
    events = [
        (case, event, "bad" if len(trace) == 2 and event == "unload" else "fine")
        for case, trace in cases
        for event in trace
    ]
    table = "case,event,verdict\n" + "".join(f"{','.join(row)}\n" for row in events)
    (tmp_path / "events.csv.gz").write_bytes(gzip.compress(table.encode()))
    objects = [json.dumps(dict(zip(("case", "event", "verdict"), row, strict=True))) for row in events]
    (tmp_path / "events.jsonl").write_text("\n".join(objects) + "\n")
    found = []
    for name in ("events.csv.gz", "events.jsonl"):
        result = run("evaluate", learned, tmp_path / name, "--label", "verdict", "--anomalous", "bad", "--json")
        assert result.code == 0, result.err
        found.append(json.loads(result.text))
    assert found[0] == found[1]
    assert found[0]["wrong"] == found[0]["rules"]["all"]["right"] == found[0]["rules"]["all"]["alarms"] == 10


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--label", "nope"], 1, "no column 'nope' (expected: one of sequence, label; --label names it)"),
        (["--label", "label", "--anomalous", "7"], 1, "none of 100 traces went wrong by their labels ('0', '1')"),
        (["--label", "label", "--start", "load"], 2, "--start does not go with labels"),
        (
            ["--label", "label", "--rate", "0.001"],
            1,
            "a rate of 0.001 takes 2,999 traces, the model is",
        ),
        ([], 2, "--label"),
    ],
)
def test_what_cannot_be_judged_is_said_in_a_line(run, learned, sessions, options, code, said):
    result = run("evaluate", learned, sessions, *options)
    assert result.code == code
    assert said in result.err
    assert not result.text


def test_labels_cannot_come_from_a_pipe_or_from_lines(run, learned, tmp_path):
    piped = run("evaluate", learned, "-", "--label", "label", input=b"sequence,label\nload,0\n")
    assert (piped.code, "read once" in piped.err) == (2, True)
    (tmp_path / "plain.txt").write_text("load run unload\n")
    plain = run("evaluate", learned, tmp_path / "plain.txt", "--label", "label")
    assert (plain.code, "no columns" in plain.err) == (2, True)


@pytest.mark.skipif(os.name != "posix", reason="there are no named pipes")
def test_what_is_no_file_is_told_for_what_it_is(run, learned, tmp_path):
    """A pipe, as a shell makes one of <(…), or a topic: read once it would be empty."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, "kafka://host/topic"):
        told = run("evaluate", learned, path, "--label", "label")
        assert (told.code, told.text) == (2, "")
        assert f"labels cannot come from {path}, which is read once" in told.err


@pytest.mark.parametrize("good", ["PASS", "passed", "Good", "success"])
def test_usual_words_for_what_went_well(run, learned, tmp_path, good):
    path = tmp_path / "sessions.csv"
    path.write_text("sequence,label\n" + f"{USUAL},{good}\n" * 9 + f"{ODD},FAIL\n")
    told = run("evaluate", learned, path, "--label", "label")
    assert f"1 of 10 traces went wrong (labels 'FAIL'), the others did not ('{good}')" in told.err


def test_failures_that_were_learned_from_are_said_to_be(run, tmp_path):
    rows = [f"{ODD if row % 25 == 3 else USUAL},{'FAIL' if row % 25 == 3 else 'PASS'}" for row in range(1000)]
    path, model = tmp_path / "all.csv", tmp_path / "all.json"
    path.write_text("sequence,result\n" + "\n".join(rows) + "\n")
    assert run("learn", path, "--sequence", "sequence", "-o", model).code == 0
    told = run("evaluate", model, path, "--label", "result")
    assert "40 of 40 traces that went wrong do not alarm at a rate of 0.01, though they are stranger" in told.err
    rate = told.err.rsplit("--rate ", 1)[1].split(")")[0]
    raised = run("evaluate", model, path, "--label", "result", "--rate", rate, "--json")
    assert json.loads(raised.text)["rules"]["all"]["right"] >= 36
    assert "do not alarm" not in raised.err


def test_nothing_is_said_of_rates_where_alarms_tell_or_cannot(run, learned, sessions):
    assert "do not alarm" not in run("evaluate", learned, sessions, "--label", "label").err
