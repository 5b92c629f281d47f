"""Judges of one's own: a plain Python function, or any compiled one, in place of those of the package."""

from __future__ import annotations

import ctypes
import logging
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from flexstream import StreamLearner
from flexstream._kernels import judges
from flexstream.merging.heuristics.alergia import Alergia
from flexstream.merging.heuristics.alergia import judge as alergia_judge
from flexstream.merging.heuristics.css import CSS
from flexstream.merging.heuristics.css import judge as css_judge
from flexstream.merging.heuristics.evidence import Evidence
from flexstream.merging.heuristics.evidence import judge as evidence_judge
from flexstream.merging.search import Strategy, refine
from flexstream.targets import reber

SOURCE = """
#include <stdint.h>
double judge(const int64_t *counts, const double *shares, int64_t outcomes, const int32_t *target,
             const int32_t *source, const int64_t *sketch_shape, const int32_t *futures, const int64_t *futures_shape,
             const void *parameters) {
    (void)shares, (void)target, (void)source, (void)sketch_shape, (void)futures, (void)futures_shape;
    double differences = 0.0, most = *(const double *)parameters;
    for (int64_t row = 0; row < outcomes; row++) differences += (counts[2 * row] > 0) != (counts[2 * row + 1] > 0);
    return most - differences;
}
"""


class Most(NamedTuple):
    """Parameters of the judges below."""

    most: float


def differences(counts: Any, shares: Any, target: Any, source: Any, futures: Any, parameters: Any) -> float:
    """Return the same as the C function above."""
    return float(parameters.most - sum((one > 0) != (other > 0) for one, other in counts.tolist()))


def learner() -> StreamLearner:
    """Return a learner that has counted traces of the Reber grammar."""
    made = StreamLearner(every=0)
    made.learn_many(reber().sample(800, seed=4))
    return made


def found_by(judge: Any, like: type[Any] = Alergia, **members: Any) -> tuple[list[int], list[tuple[Any, ...]]]:
    """Return the states and decisions of a search with a judge."""
    made = learner() if like is not CSS else None
    if made is None:
        made = StreamLearner(heuristic="css", every=0)
        made.learn_many(reber().sample(800, seed=4))
    kind = type("Own", (like,), {"judge": staticmethod(judge) if callable(judge) else judge, **members})
    result = refine(made.tree, len(made.alphabet), kind(), Strategy.FRESH, codes=made._symbol_codes())
    return result.reds.tolist(), [tuple(entry) for entry in result.journal]


def most_three(_: object) -> Most:
    """Return parameters."""
    return Most(1.5)


OWN: dict[str, Any] = {"parameters": most_three, "mean": False, "apart": True}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """Compile a judge as a user would."""
    compiler = next((found for name in ("cc", "gcc", "clang") if (found := shutil.which(name))), None)
    if compiler is None:
        pytest.skip("needs a C compiler")
    folder: Path = tmp_path_factory.mktemp("judge")
    (folder / "judge.c").write_text(SOURCE)
    command = [compiler, "-O2", "-shared", "-fPIC", str(folder / "judge.c"), "-o", str(folder / "judge.so")]
    subprocess.run(command, check=True)
    return ctypes.CDLL(str(folder / "judge.so"))


def test_python_and_c_judges_find_the_same(compiled: ctypes.CDLL) -> None:
    address = ctypes.cast(compiled.judge, ctypes.c_void_p).value
    states, decisions = found_by(address, **OWN)
    assert len(states) > 1
    assert found_by(differences, **OWN) == (states, decisions)


def test_what_has_an_address_is_a_judge(compiled: ctypes.CDLL) -> None:
    class Compiled:
        """As numba's cfunc."""

        address = ctypes.cast(compiled.judge, ctypes.c_void_p).value

    assert found_by(Compiled(), **OWN) == found_by(differences, **OWN)


@pytest.mark.parametrize(
    ("kind", "judge"),
    [(Alergia, alergia_judge), (CSS, css_judge), (Evidence, evidence_judge)],
    ids=["alergia", "css", "evidence"],
)
def test_a_python_judge_is_given_what_a_compiled_one_is(kind: type[Any], judge: Any) -> None:
    def asks(*asked: Any) -> float:
        return float(judge(*asked))

    assert found_by(asks, kind) == found_by(judge, kind)


def test_that_a_judge_is_slow_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    judges._say_slow.cache_clear()
    with caplog.at_level(logging.WARNING, "flexstream"):
        found_by(differences, **OWN)
        found_by(differences, **OWN)
    (line,) = caplog.messages
    assert "test_own_judges.differences is a Python function, some hundred times slower" in line


def test_what_a_judge_raises_is_raised_and_ends_the_search_at_once() -> None:
    asked = []

    def broken(*_: Any) -> float:
        asked.append(1)
        if len(asked) == 5:
            raise RuntimeError("no opinion")
        return 1.0

    with pytest.raises(RuntimeError, match="no opinion"):
        found_by(broken, **OWN)
    assert len(asked) == 5


def test_something_that_is_no_judge_is_refused() -> None:
    with pytest.raises(TypeError, match="a judge of type str"):
        judges.bound("evidence", Most(1.0), *[np.empty((1, 1))] * 4, np.zeros(1, np.int64))  # type: ignore[arg-type]
