"""What a run of pytest can be told: to note which test runs which line, or to run some tests only, in an order.

Loaded in the process that runs the tests (``forked_tests.py``).
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import json
import pkgutil
import signal
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import coverage
import pytest

PACKAGE = "flexstream"
SHARED = ""
"""Stands for whatever test in the place of its name: lines that run on import, or in a fixture that tests share."""
LOADING = 120.0
"""Seconds in which all modules and tests are loaded, though the machine be busy."""
_STARTS = {"subprocess.Popen", "os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.system"}


class Only:
    """Runs some tests only, in the order in which they are given.

    One that takes too many seconds ends the process, and so does loading them all.
    """

    def __init__(self, limits: dict[str, float]) -> None:
        self.limits = limits
        signal.setitimer(signal.ITIMER_REAL, LOADING)
        self.rank = {test: rank for rank, test in enumerate(limits)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out all others."""
        items[:] = sorted((item for item in items if item.nodeid in self.rank), key=lambda item: self.rank[item.nodeid])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Let nobody wait for a test that does not end."""
        signal.setitimer(signal.ITIMER_REAL, self.limits[item.nodeid])
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


class Tracer:
    """Notes which lines of the package each test runs, how long it takes, and whether it starts other processes.

    A test must run by itself all that it rests on.  So all modules are imported before the first test, what functions
    keep of earlier calls is thrown away before each, and what runs in a fixture that tests share counts for all.
    """

    def __init__(self, root: Path, out: Path) -> None:
        self.root, self.out = root, out
        self.coverage = coverage.Coverage(data_file=None, config_file=False, include=[f"{root}/{PACKAGE}/*"])
        self.seconds: dict[str, float] = {}
        self.elsewhere: set[str] = set()
        self.failed: set[str] = set()
        self.test = SHARED
        self.caches: list[Any] = []
        self.coverage.start()
        sys.addaudithook(self._heard)

    def _heard(self, event: str, _: object) -> None:
        if event in _STARTS and self.test:
            self.elsewhere.add(self.test)

    def pytest_collection_finish(self) -> None:
        """Import everything."""
        package = importlib.import_module(PACKAGE)
        for module in pkgutil.walk_packages(package.__path__, f"{PACKAGE}."):
            if not module.name.endswith("__main__"):
                with contextlib.suppress(ImportError):  # of extras
                    importlib.import_module(module.name)
        # Caches of kernels hold what was compiled, and no faults are planted there.
        self.caches = [
            found
            for found in gc.get_objects()
            if isinstance(found, functools._lru_cache_wrapper)
            and found.__module__.startswith((PACKAGE, "tests"))
            and not found.__module__.startswith(f"{PACKAGE}._kernels")
        ]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Note what one test does."""
        for cache in self.caches:
            cache.cache_clear()
        self._turn_to(item.nodeid)
        begin = time.perf_counter()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = round(time.perf_counter() - begin, 4)
            self._turn_to(SHARED)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note which tests fail."""
        if report.failed:
            self.failed.add(report.nodeid)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        """Note what a shared fixture does under no test's name."""
        if fixturedef.scope == "function":
            return (yield)
        test = self.test
        self._turn_to(SHARED)
        try:
            return (yield)
        finally:
            self._turn_to(test)

    def _turn_to(self, test: str) -> None:
        self.test = test
        self.coverage.switch_context(test)

    def pytest_sessionfinish(self) -> None:
        """Write it all, lines by the numbers of the tests that run them."""
        self.coverage.stop()
        data = self.coverage.get_data()
        number = {test: place for place, test in enumerate(self.seconds)} | {SHARED: -1}
        lines = {
            str(Path(path).relative_to(self.root)): {
                line: sorted(number[test] for test in found) for line, found in data.contexts_by_lineno(path).items()
            }
            for path in data.measured_files()
        }
        found = {
            "seconds": self.seconds,
            "elsewhere": sorted(self.elsewhere),
            "failed": sorted(self.failed),
            "lines": lines,
        }
        self.out.write_text(json.dumps(found))
