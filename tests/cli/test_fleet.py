"""``--per`` on the command line: one file, read by all commands, by member and as a whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flexstream import load_fleet, load_model

Run = Callable[..., Any]
FIXES = {"web": 0.1, "db": 0.1, "odd": 0.8}


def rows(seed: int, count: int = 300) -> str:
    random, lines = np.random.default_rng(seed), ["host,case,event"]
    for case in range(count):
        for host, fix in FIXES.items():
            events = ["load", *(["fix"] if random.random() < fix else []), "run"]
            lines += [f"{host},{case},{event}" for event in events]
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fleet") / "log.csv"
    path.write_text(rows(1))
    return path


@pytest.fixture
def fleet(run: Run, log: Path, tmp_path: Path) -> Path:
    path = tmp_path / "fleet.json"
    done = run("learn", log, "--per", "host", "-o", path)
    assert done.code == 0
    assert "a fleet of 3 members by host: " in done.err
    return path


def test_show_lists_the_members_the_oddest_first(run: Run, fleet: Path) -> None:
    lines = run("show", fleet).text.splitlines()
    assert lines[0].startswith("a fleet of 3 members by host: ")
    assert [line.split()[0] for line in lines[3:6]] == [
        "odd",
        *sorted(["web", "db"], key=lambda n: -load_fleet(fleet)[n].gain),
    ]
    assert "all together:" in lines
    assert "... and 2 more (--max-members)" in run("show", fleet, "--max-members", "1").text
    assert "learned from 300 traces" in run("show", fleet, "--member", "odd").text


def test_without_outputs_the_same_table_is_printed(run: Run, log: Path, fleet: Path) -> None:
    assert run("learn", log, "--per", "host").text == run("show", fleet).text


def test_score_judges_each_trace_by_its_member(run: Run, fleet: Path, log: Path) -> None:
    done = run("score", fleet, log)
    found, known = [json.loads(line) for line in done.text.splitlines()], load_fleet(fleet)
    assert len(found) == 900 and {one["member"] for one in found} == set(FIXES)
    for one in found[:20]:
        assert one["by"] == known[one["member"]].kind
    usual = {(one["member"], one["length"]): one["log2_prob"] for one in found}
    assert usual["odd", 3] > -1 > usual["web", 3]
    assert usual["web", 2] == known.log2_prob(["load", "run"], "web")
    own = run("score", fleet, log, "--member", "odd").text.splitlines()
    assert (
        json.loads(own[0])["log2_prob"] == load_model(fleet, member="odd").log2_prob(["load", "run"]) or len(own) == 900
    )


def test_members_that_are_not_there_are_the_pools_and_that_is_said(run: Run, fleet: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("host,case,event\nnew,1,load\nnew,1,run\nweb,2,load\nweb,2,run\n")
    for command in ("score", "predict"):
        done = run(command, fleet, other)
        assert done.code == 0
        assert "1 trace of members that are not in the fleet ('new'), judged by the pool's model" in done.err
    first = json.loads(run("score", fleet, other).text.splitlines()[0])
    assert (first["member"], first["by"]) == ("new", "pooled")
    assert first["log2_prob"] == load_model(fleet).log2_prob(["load", "run"])
    assert "('new')" in run("alarm", fleet, other, "--rate", "0.05").err


def test_alarms_come_at_a_rate_of_each_member(run: Run, fleet: Path, tmp_path: Path) -> None:
    fresh, swapped = tmp_path / "fresh.csv", tmp_path / "swapped.csv"
    fresh.write_text(rows(2))
    swapped.write_text(rows(2).replace("odd,", "new,").replace("web,", "odd,").replace("new,", "web,"))
    few = run("alarm", fleet, fresh, "--rate", "0.05", "--ungrouped")
    assert few.code == 0 and len(few.text.splitlines()) < 0.08 * 900
    broken = tmp_path / "broken.csv"
    broken.write_text("host,case,event\nodd,1,run\nodd,1,load\n")
    done = run("alarm", fleet, broken, "--rate", "0.05", "--ungrouped", "--fail-above", "0")
    assert done.code == 3
    found = json.loads(done.text)
    assert (found["member"], found["trace"], found["line"]) == ("odd", "odd: 1", 2)
    assert "alarms by host: 'odd' 1" in done.err
    assert "odd: 1" in run("alarm", fleet, broken, "--rate", "0.05").text


def test_predict_foretells_by_the_member(run: Run, fleet: Path, tmp_path: Path) -> None:
    running = tmp_path / "running.csv"
    running.write_text("host,case,event\nodd,1,load\nweb,1,load\n")
    odd, web = (json.loads(line)["next"][0] for line in run("predict", fleet, running).text.splitlines())
    assert odd["event"] == "fix" and web["event"] == "run"
    assert "fix" in run("predict", fleet, "--after", "load", "--member", "odd").text.splitlines()[2]


def test_diff_names_the_odd_member(run: Run, fleet: Path, tmp_path: Path) -> None:
    done = run("diff", fleet, "--json", tmp_path / "odd.json", "--exit-code")
    assert done.code == 3
    assert done.text.splitlines()[2].startswith("odd: 300 traces, ")
    assert json.loads((tmp_path / "odd.json").read_text())[0]["name"] == "odd"
    assert run("diff", fleet, "--member", "odd").text.splitlines()[2].startswith("odd: ")
    against = run("diff", fleet, fleet, "--member", "odd")
    assert against.code == 0 and "0.0000 ± 0.0000" in against.text
    one = tmp_path / "one.json"
    load_model(fleet).save(one)
    assert "holds one model" in run("diff", one).err and run("diff", one).code == 2


def test_commands_that_take_one_model_take_the_pool_or_a_member(run: Run, fleet: Path) -> None:
    done = run("explain", fleet)
    assert done.code == 0 and "the pool of a fleet of 3 members by host (--member names one)" in done.err
    assert "'odd' has the states of all 3 members together, with probab" in run("explain", fleet, "--member", "odd").err
    assert "no member 'nobody' in the fleet" in run("explain", fleet, "--member", "nobody").err
    assert run("sample", fleet, "-n", "3").code == 0
    assert run("export", fleet, "--to", "dot", "-o", "-").text.startswith("digraph")


def test_a_member_like_all_others_has_the_pools_model_and_that_is_said(run: Run, log: Path, tmp_path: Path) -> None:
    path = tmp_path / "alike.json"
    lines = "".join(line for line in log.read_text().splitlines(True) if not line.startswith("odd"))
    assert run("learn", "-", "--per", "host", "-o", path, input=lines.encode()).code == 0
    for command in ("show", "explain"):
        told = run(command, path, "--member", "web").err
        assert "'web' has the pool's model: states, visits and probabilities are those of all 2 members" in told


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--on-drift", "restart"], "--per and --on-drift restart"),
        (["--memory", "128KiB"], "of a fleet is"),
        (["--per", ""], "--per names what tells"),
    ],
)
def test_what_does_not_go_together_is_refused(run: Run, log: Path, more: list[str], words: str) -> None:
    done = run("learn", log, "--per", "host", *more)
    assert done.code == 2 and words in done.err


def test_a_damaged_fleet_is_refused_in_one_line(run: Run, fleet: Path, tmp_path: Path) -> None:
    whole = json.loads(fleet.read_text())
    damages: dict[str, Any] = {
        "version": {"version": 9},
        "members": {"members": 7},
        "kind": {"members": [{**whole["members"][0], "kind": "none"}]},
        "twice": {"members": [whole["members"][0]] * 2},
        "counts": {"members": [{**whole["members"][0], "counts": {"one_in": 1, "outcomes": [10**6], "counts": [1]}}]},
        "none": {"members": [{**whole["members"][0], "traces": -1}]},
        "pool": {"pool": {}},
    }
    for name, damage in damages.items():
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps({**whole, **damage}))
        done = run("show", path)
        assert done.code == 1, name
        assert done.err.count("\n") == 1 and f"{name}.json: " in done.err, done.err


def test_pages_reports_and_evaluations_are_made_of_a_member(run: Run, fleet: Path, log: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert "(--member names one)" in run("view", fleet, "-o", page).err
    assert run("view", fleet, "-o", page, "--member", "odd").code == 0
    assert "<h1>fleet.json: odd</h1>" in page.read_text() and "300" in page.read_text()
    assert run("pac", "report", fleet, "--member", "odd").code == 0
    assert run("evaluate", fleet, log, "--member", "odd", "--label", "event", "--anomalous", "fix").code == 0
    for command in (("view", fleet), ("pac", "report", fleet), ("evaluate", fleet, log, "--label", "event")):
        assert "no member 'nobody' in the fleet" in run(*command, "--member", "nobody").err
