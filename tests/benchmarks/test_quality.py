"""The benchmarks run from end to end on a small problem."""

from __future__ import annotations

import csv
import json
import runpy
import sys
from pathlib import Path

import pytest

from flexstream.targets import PFA, Problem, Recipe, reber, write_problem

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run a benchmark in this process and return what it prints."""

    def run(name: str, *args: object) -> str:
        (path,) = BENCHMARKS.glob(f"*/{name}.py")
        monkeypatch.syspath_prepend(str(path.parent))
        monkeypatch.setattr(sys, "argv", [name, *map(str, args)])
        runpy.run_path(str(path), run_name="__main__")
        return capsys.readouterr().out

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One deterministic problem, one that is not."""
    write_problem(Problem.of(PFA.from_pdfa(reber()), seed=1), tmp_path / "7", traces=2000)
    recipe = Recipe(states=5, symbols=3, transition_sparsity=0.5, mean_length=6)
    write_problem(Problem.random("hmm", recipe, seed=1), tmp_path / "hidden", traces=10)
    return tmp_path


def test_quality(run, folder: Path) -> None:
    out, markdown = folder / "q.json", folder / "q.md"
    files = ("--json", out, "--markdown", markdown)
    said = run("quality", folder, "--methods", "evidence,2-gram", "--problems", "7", *files)
    result = json.loads(out.read_text())
    assert result["benchmark"] == "quality/quality.py"
    assert result["arguments"] == {**result["arguments"], "folder": folder.name, "problems": "7"}
    assert str(folder) not in out.read_text()
    facts = result["measured"]
    assert facts["deterministic"] == ["7"]
    errors = {method: found["7"]["error"] for method, found in facts["outcomes"].items()}
    assert 0 < errors["evidence"] < errors["2-gram"] / 4
    assert facts["outcomes"]["evidence"]["7"]["states"] == 6
    assert facts["outcomes"]["evidence"]["7"]["processor_seconds"] > 0
    assert facts["outcomes"]["evidence"]["7"]["peak_mib"] > 10
    assert "7*" in said
    said_again = run("quality", folder, "--methods", "evidence,1-gram", "--problems", "7", *files, "--resume")
    assert json.loads(out.read_text())["measured"]["outcomes"]["evidence"] == facts["outcomes"]["evidence"]
    assert "1-gram" in said_again
    assert markdown.read_text().startswith("| method | solved | mean |")
    assert facts["summary"]["evidence"]["mean"] == errors["evidence"]


def test_rows_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS / "quality"))
    quality = runpy.run_path(str(BENCHMARKS / "quality" / "quality.py"))
    other = dict(states=4, seconds=1.0, peak_mib=100.0)
    outcomes = {
        "first": {name: dict(error=error, **other) for name, error in (("1", 0.1), ("2", 0.4), ("3", 0.7))},
        "second": {"1": dict(error=0.2, **other), "2": dict(error=0.3, **other), "3": dict(failed="more than 9 s")},
        "third": {name: dict(failed="no such heuristic") for name in "123"},
    }
    facts = {method: quality["summary"](method, outcomes, {"1"}, "first") for method in outcomes}
    rows = [dict(zip(quality["HEAD"], quality["row"](method, facts[method]), strict=False)) for method in outcomes]
    assert [row["solved"] for row in rows] == ["3/3", "2/3", "0/3"]
    assert (rows[0]["mean"], rows[0]["median"], rows[0]["max"], rows[0]["wins"]) == ("0.400", "0.400", "0.700", "")
    assert (rows[0]["deterministic"], rows[0]["others"]) == ("0.1000", "0.550")
    assert (rows[1]["mean"], rows[1]["wins"], rows[1]["peak MiB"]) == ("0.250", "1/2", "100")
    assert rows[2]["mean"] == ""
    assert facts["third"] == {"solved": 0, "problems": 3}


def test_plot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed: pip install 'flexstream[benchmarks]'")
    monkeypatch.syspath_prepend(str(BENCHMARKS / "quality"))
    quality = runpy.run_path(str(BENCHMARKS / "quality" / "quality.py"))
    quality["plot"](
        {"a": {"1": {"error": 0.0}, "2": {"failed": "no"}}, "b": {"1": {}, "2": {}}}, {"1"}, tmp_path / "p.png"
    )
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


def test_what_takes_too_long_is_said(run, folder: Path) -> None:
    said = run("quality", folder, "--methods", "1-gram", "--problems", "7", "--limit", 0.01)
    assert "more than 0.01 s" in said
    assert "0/1" in said


def test_identify(run, folder: Path) -> None:
    out = folder / "i.json"
    assert "isomorphic: 1 of 1" in run("identify", folder, "--json", out)
    (fact,) = json.loads(out.read_text())["measured"]["outcomes"]
    assert (fact["problem"], fact["matched"], fact["counted"], fact["isomorphic"]) == ("7", 6, 6, True)


def test_strategies(run, folder: Path) -> None:
    said = run("strategies", folder, "--problems", "7", "--heuristics", "evidence")
    assert said.count("`evidence`") == 6  # as they come, and in the table


def test_convergence(run, folder: Path) -> None:
    out = folder / "c.json"
    run("convergence", "--states", 8, "--symbols", 4, "--traces", 10_000, "--aalpy", "", "--json", out)
    few, many = json.loads(out.read_text())["measured"]["rows"]
    assert (few["traces"], many["traces"]) == (1000, 10_000)
    assert many["kl"] < few["kl"] < 1
    assert many["matched"] == many["counted"]


def test_wrong_usage(run, folder: Path) -> None:
    with pytest.raises(SystemExit):
        run("quality", folder, "--methods", "nope")
    with pytest.raises(SystemExit, match="no such problems"):
        run("identify", folder / "none")


def test_memory(run, tmp_path: Path) -> None:
    out = tmp_path / "memory.json"
    text = run("memory", "--traces", 200, "--symbols", 5000, "--memory", "128KiB", "--json", out)
    result = json.loads(out.read_text())["measured"]
    assert "symbols, 128KiB" in text
    assert list(result["ratios"]) == ["symbols, 128KiB", "cases, 128KiB", "length, 128KiB"]
    assert result["given_up"]["symbols, 128KiB"]["events_of_other_symbols"] > 1800
    assert result["given_up"]["cases, 128KiB"]["cases_closed_early"] > 1000
    assert result["given_up"]["length, 128KiB"]["too_long_events"] > 1900
    assert result["peak_mib"]["symbols, 128KiB"] > result["idle_mib"] * 0.9


@pytest.fixture
def structured(tmp_path: Path) -> Path:
    """A structured log of two templates, of which a word of one varies without showing it."""
    with (tmp_path / "Fab_2k_structured.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["LineId", "Content", "EventId"])
        rows.writerows([number, f"lot {number} loaded", "E1"] for number in range(6))
        rows.writerows([number, f"waits for {name}", "E2"] for number, name in enumerate(("tool", "crew")))
    return tmp_path


def test_masks(run, structured: Path) -> None:
    """Beside what takes the place of logparser3's Drain: it finds one group a first word."""
    drain = structured / "python"
    drain.write_text(
        f"#!{sys.executable}\nimport json, sys\n"
        "print(json.dumps([message.split()[0] for message in json.load(sys.stdin)['messages']]))\n"
    )
    drain.chmod(0o755)
    out = structured / "masks.json"
    assert "mean" in run("masks", structured, "--drain", drain, "--json", out)
    measured = json.loads(out.read_text())["measured"]
    assert [log["log"] for log in measured["logs"]] == ["Fab"]
    assert measured["means"]["masks"]["accuracy"] == 0.75
    assert measured["means"]["drain"]["accuracy"] == 1.0
    assert measured["behind"] == 0.25
    assert str(structured) not in out.read_text()


def test_masks_without_drain(run, structured: Path) -> None:
    python = structured / "python"
    python.write_text("#!/bin/sh\necho no logparser3 >&2\nexit 1\n")
    python.chmod(0o755)
    with pytest.raises(RuntimeError, match="no logparser3"):
        run("masks", structured, "--drain", python)
