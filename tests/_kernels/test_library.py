"""How compiled kernels are found, checked against their declarations, and called."""

from __future__ import annotations

import copy
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from flexstream import PDFA, StreamLearner
from flexstream._kernels import library, sources
from flexstream._kernels.columns import declaration, held, record, slots_of
from flexstream._kernels.folding import enter_children
from flexstream._kernels.gamma import log_gammas
from flexstream._kernels.growth import GrowthRules, relink
from flexstream._kernels.hints import Given
from flexstream._kernels.library import KERNELS, Kernel, KernelError, all_kernels
from flexstream._kernels.shortlist import add_shares
from flexstream._kernels.table import rebuild
from flexstream.merging.fold import open_fold
from flexstream.summary.tree import PrefixTree

from ..strategies import count

KERNEL = re.compile(r"^KERNEL\((\w+),", re.MULTILINE)
HERE = Path(__file__).resolve().parents[2]


@record
class Pair(NamedTuple):
    """A record for the tests."""

    numbers: Given[np.float64]
    least: int


def test_every_kernel_is_declared_alike_in_c_and_python() -> None:
    for kernel in all_kernels().values():
        kernel.check()


def test_every_kernel_of_the_sources_is_declared() -> None:
    defined = {name for path in sources.FOLDER.glob("*.c") for name in KERNEL.findall(path.read_text())}
    assert defined == set(all_kernels())


@pytest.fixture
def doubtful(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Sources that are newer than the library, so that it is compared with them."""
    monkeypatch.setattr(library, "_known_to_fit", lambda: False)
    library.library.cache_clear()
    yield
    library.library.cache_clear()


def test_a_library_is_compared_where_a_source_is_newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, built = tmp_path / "c", tmp_path / "library.so"
    folder.mkdir()
    monkeypatch.setattr(sources, "FOLDER", folder)
    paths = [folder / "one.c", folder / "two.h", tmp_path / "declared.py"]
    for number, path in enumerate([*paths, built]):
        path.touch()
        os.utime(path, ns=(number, 10 * number))
    assert sources.is_newest(built)
    for path in paths:
        before = path.stat().st_mtime_ns
        os.utime(path, ns=(0, 31))
        assert not sources.is_newest(built)
        os.utime(path, ns=(0, before))
    monkeypatch.setattr(sources, "FOLDER", tmp_path / "none")
    assert sources.is_newest(built)


@pytest.mark.usefixtures("doubtful")
def test_a_kernel_that_c_declares_otherwise_is_refused() -> None:
    def log_gammas(numbers: NDArray[np.int64], logs: NDArray[np.float64]) -> None:
        """Declare the first argument wrongly."""

    with pytest.raises(KernelError, match=r"kernel log_gammas: C takes .*F64 numbers.*hands over .*I64 numbers"):
        Kernel(log_gammas)(np.zeros(1, np.int64), np.zeros(1))


def test_what_is_only_read_may_be_of_another_type_or_in_pieces() -> None:
    logs = np.empty(3)
    log_gammas(np.arange(1, 7, dtype=np.int32)[::2], logs)
    assert logs == pytest.approx(np.log([1.0, 2.0, 24.0]), abs=1e-9)


@pytest.mark.parametrize(
    "logs",
    [np.empty(3, np.float32), np.empty(6)[::2], np.empty((3, 1)), np.frombuffer(bytes(24))],
    ids=["of another type", "in pieces", "of another shape", "read-only"],
)
def test_what_is_filled_must_fit(logs: np.ndarray) -> None:
    with pytest.raises(TypeError, match=r"logs: an array of shape .*expected"):
        log_gammas(np.ones(3), logs)


def test_what_is_read_is_converted_only_where_nothing_is_lost() -> None:
    with pytest.raises(TypeError, match="same_kind"):
        log_gammas(np.ones(3, complex), np.empty(3))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"keys: .*expected: 1-dimensional int64"):
        rebuild(np.empty(8, np.int32), np.empty(2), 2)  # type: ignore[arg-type]


def test_a_wrong_number_of_arguments_is_refused() -> None:
    with pytest.raises((TypeError, ValueError)):
        log_gammas(np.ones(3))  # type: ignore[call-arg]


def test_rows_must_lie_side_by_side() -> None:
    columns = PrefixTree().columns
    with pytest.raises(TypeError, match=r"visits: an array of .*expected: a column of rows of 32 bytes"):
        relink(columns._replace(visits=columns.visits.copy()))


def test_a_record_is_laid_out_once_and_anew_where_it_is_copied() -> None:
    rules = GrowthRules(1, 2, 3, 4, 5)
    place = held(rules)
    assert held(rules) == place
    for twin in (copy.copy(rules), copy.deepcopy(rules), pickle.loads(pickle.dumps(rules)), rules._replace(hold=9)):
        assert type(twin) is GrowthRules
        assert held(twin) != place


def test_the_declaration_of_a_record() -> None:
    assert declaration(slots_of(Pair)) == "{ F64 numbers; int64_t least; }"


def test_a_copied_learner_goes_its_own_way() -> None:
    learner = StreamLearner(every=0)
    learner.learn_many([["a", "b"]] * 50)
    twin = copy.deepcopy(learner)
    twin.learn_many([["b"]] * 50)
    assert (learner.traces, twin.traces, learner.tree.traces) == (50, 100, 50)
    assert isinstance(twin.automaton, PDFA)


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process of its own."""
    known = os.environ | {"PYTHONPATH": str(HERE)} | environment
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=known, check=False)


def test_nothing_is_compiled_or_loaded_that_compiles() -> None:
    code = (
        "import sys; from flexstream import StreamLearner; learner = StreamLearner(); learner.learn_many([['a']] * 9);"
        "learner.automaton.log2_prob(['a']); print(sorted({'numba', 'llvmlite'} & set(sys.modules)))"
    )
    assert run(code).stdout == "[]\n"


def test_missing_kernels_say_what_to_do() -> None:
    found = run("from flexstream import StreamLearner; StreamLearner().learn_many([['a']])", FLEXSTREAM_KERNELS="none")
    assert "_flexstream-none.so: the compiled kernels are missing (expected: build them: `make`" in found.stderr


@pytest.mark.usefixtures("doubtful")
def test_kernels_older_than_their_sources_say_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "sources_digest", lambda: "another")
    with pytest.raises(KernelError, match=r"are not those of the sources beside them \(expected: build them: `make`"):
        library.library()


def test_without_sources_kernels_are_taken_as_they_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sources, "FOLDER", tmp_path)
    assert sources.sources_digest() is None


checked = pytest.mark.skipif(os.environ.get(library.CHOICE) != "checked", reason="needs the checked kernels")


@checked
def test_an_index_out_of_bounds_ends_a_checked_kernel_and_says_where() -> None:
    with pytest.raises(KernelError, match=r"kernel log_gammas .*: index 2 of in->logs, which has length 2"):
        log_gammas(np.ones(3), np.empty(2))
    with pytest.raises(KernelError, match=r"kernel add_shares .*: index 3 of in->shares, which has length 3"):
        add_shares(np.ones(4), np.empty(3))


@checked
def test_after_an_error_checked_kernels_go_on() -> None:
    tree, _ = count([["a"], ["b"]], grow_at=1)
    fold = open_fold(tree)
    fold.child[0] = 10**6
    with pytest.raises(KernelError, match=r"kernel enter_children .*: index 1000000 of fold->node"):
        enter_children(fold)
    logs = np.empty(1)
    log_gammas(np.ones(1), logs)
    assert logs[0] == pytest.approx(0.0, abs=1e-9)


def test_the_registry_names_each_kernel_once() -> None:
    assert all(name == kernel.name for name, kernel in KERNELS.items())
