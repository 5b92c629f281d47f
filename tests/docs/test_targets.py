"""What docs/targets.md and docs/benchmarks.md show works."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TARGETS = (ROOT / "docs" / "targets.md").read_text()
BENCHMARKS = (ROOT / "docs" / "benchmarks.md").read_text()


def test_python() -> None:
    names: dict[str, Any] = {}
    for code in re.findall(r"```python\n(.*?)```", TARGETS, re.DOTALL):
        exec(code, names)
    assert names["target"].mean_length() == pytest.approx(12.0, abs=1e-4)
    assert len(names["truth"]) == 30
    normal, wrong = names["normal"], names["wrong"]
    assert (len(normal), len(wrong)) == (200, 100)
    assert all(390 <= len(trace) <= 1_000 for trace in [*normal, *wrong])  # of 400 to 1,000 events ten may be missing
    assert len({symbol for trace in normal for symbol in trace}) <= 150


@pytest.mark.parametrize("line", re.findall(r"^flexstream simulate (.*)$", TARGETS, re.MULTILINE))
def test_commands(line: str) -> None:
    from flexstream_cli.simulate import simulate

    kind, *options = shlex.split(line.partition("|")[0])
    command = simulate.get_command(simulate.make_context("simulate", [], resilient_parsing=True), kind)
    assert command is not None
    command.make_context(kind, options)  # raises where an option does not exist


def test_scripts_and_methods_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    from shared.methods import METHODS

    for script in re.findall(r"benchmarks/[a-z_/]+\.py", BENCHMARKS):
        assert (ROOT / script).is_file()
    for names in re.findall(r"--methods ([\w,-]+)", BENCHMARKS):
        assert set(names.split(",")) <= set(METHODS)
