"""What the benchmarks share: results, tables, limits; the examples in its docstrings run."""

from __future__ import annotations

import argparse
import doctest
import importlib
import json
import runpy
import sys
import time
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def _benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


@pytest.mark.parametrize(
    "name", ["results", "tables", "rates", "pages", "runs", "traces", "baselines.ngram", "grouping"]
)
def test_examples_in_docstrings(name: str) -> None:
    assert (
        doctest.testmod(importlib.import_module(f"shared.{name}"), optionflags=doctest.NORMALIZE_WHITESPACE).failed == 0
    )


def test_a_result_says_how_it_came_about_and_not_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from shared.results import result_of, write_json

    out = tmp_path / "new" / "out.json"
    words = [str(tmp_path / "problems"), "--methods", "a,b", "--json", str(out), f"--plot={out}"]
    monkeypatch.setattr(sys, "argv", ["quality.py", *words])
    args = argparse.Namespace(folder=tmp_path / "problems", methods="a,b", json=out, plot=out)
    result = result_of(str(BENCHMARKS / "quality" / "quality.py"), args, {"rows": (1, 2)})
    write_json(args.json, result)
    assert json.loads(out.read_text()) == result
    assert result["benchmark"] == "quality/quality.py"
    assert result["command"] == "python benchmarks/quality/quality.py problems --methods a,b"
    assert result["arguments"] == {"folder": "problems", "methods": "a,b"}
    assert result["measured"] == {"rows": [1, 2]}
    assert str(tmp_path) not in out.read_text()


def test_what_is_no_number_is_not_written(tmp_path: Path) -> None:
    from shared.results import result_of

    with pytest.raises(ValueError, match="JSON"):
        result_of(str(BENCHMARKS / "quality" / "quality.py"), argparse.Namespace(), {"kl": float("inf")})


def test_a_limit_is_processor_time() -> None:
    from shared.runs import run

    assert run([sys.executable, "-c", "import time; time.sleep(1)"], limit=0.9).seconds > 0.9  # asleep, not at work
    started = time.process_time()
    with pytest.raises(TimeoutError, match=r"more than 0.5 s"):
        run([sys.executable, "-c", "while True: pass"], limit=0.5)
    assert time.process_time() - started < 5


def test_tables_are_aligned() -> None:
    from shared.tables import Table

    assert Table(("a", "b"), [["long", "1"], ["x", "22"]]).text() == "a      b\nlong   1\nx     22\n"
    assert Table(("a", "b", "c"), [["1", "", "x"]], "rrl").markdown() == "| a | b | c |\n|--:|--:|---|\n| 1 | | x |\n"


@pytest.mark.parametrize(("new", "code"), [(1.2, 0), (1.3, 1)])
def test_ratios_that_grow_are_named(
    new: float, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("new", new), ("old", 1.0)):
        (tmp_path / name).write_text(json.dumps({"measured": {"ratios": {"file / wc -w": value}}}))
    monkeypatch.setattr(sys, "argv", ["regress", str(tmp_path / "new"), str(tmp_path / "old")])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(BENCHMARKS / "speed" / "regress.py"), run_name="__main__")
    assert ended.value.code == code
    assert ("worse" in capsys.readouterr().out) is bool(code)
