"""How kernels are compiled and kept."""

import pytest
from numba import types
from numba.core.caching import CacheImpl

from flexstream._kernels import jit

SIGNATURE = types.int64(types.int64)


def twice(number):
    return 2 * number


@pytest.fixture
def kept_in(tmp_path, monkeypatch):
    monkeypatch.setattr("numba.core.config.CACHE_DIR", str(tmp_path))
    return tmp_path


def compiled_anew():
    dispatcher = jit.kernel_of(SIGNATURE)(twice)
    assert dispatcher(21) == 42
    return sum(dispatcher.stats.cache_misses.values())


def test_a_kernel_is_compiled_once(kept_in):
    assert compiled_anew() == 1
    assert list(kept_in.rglob("*.nbc"))
    assert compiled_anew() == 0


def test_a_kernel_is_compiled_again_where_any_kernel_has_changed(kept_in, monkeypatch):
    assert compiled_anew() == 1
    monkeypatch.setattr(jit, "_digest", lambda: "another version")
    assert compiled_anew() == 1


def test_without_a_place_kernels_are_compiled_and_a_warning_says_so(monkeypatch):
    monkeypatch.setattr(CacheImpl, "_locator_classes", [])
    jit._warn_once.cache_clear()
    with pytest.warns(RuntimeWarning, match="NUMBA_CACHE_DIR"):
        assert jit.kernel_of(SIGNATURE)(twice)(21) == 42
