"""Distinct values and quantiles are those of NumPy, and no start needs masked arrays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.ordered import distinct, quantile

numbers = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40)


@given(st.lists(st.integers(-9, 9)))
def test_distinct_values(values: list[int]) -> None:
    given_values = np.array(values, np.int64)
    assert distinct(given_values).tolist() == np.unique(given_values).tolist()


@given(numbers, st.floats(0, 1))
def test_quantiles(values: list[float], share: float) -> None:
    given_values = np.array(values)
    assert quantile(given_values, share) == pytest.approx(float(np.quantile(given_values, share)), rel=1e-12, abs=1e-9)


def test_learning_imports_no_masked_arrays(tmp_path: Path) -> None:
    rows = []
    for case in range(180):  # how long a case runs hangs on how it begins
        kind, long, start = ("large", 300, 1000 * case) if case % 2 else ("small", 5, 1000 * case)
        rows += [f"c{case},{kind},{start}", f"c{case},run,{start + long}", f"c{case},unload,{start + 2 * long}"]
    (tmp_path / "events.csv").write_text("case,event,time\n" + "\n".join(rows) + "\n")
    lines = (
        "import sys",
        "from flexstream_cli.main import main",
        "sys.argv = ['flexstream', 'learn', 'events.csv', '-o', 'model.json']",
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code",
        "sys.exit('numpy.ma' in sys.modules)",
    )
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], cwd=tmp_path, check=False)
    assert done.returncode == 0 and "contexts" in (tmp_path / "model.json").read_text()
