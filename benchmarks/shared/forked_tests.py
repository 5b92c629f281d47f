"""Runs pytest again and again in forks of one process that has loaded what all tests need, but nothing of the project.

Reads lines of JSON from stdin, ``{"arguments": […], "seconds": 60}``, and answers each with a line: the exit code of
pytest, or ``null`` where it did not end in time.  ``"only": {…}`` names the tests to run, in their order, and how many
seconds each may take; ``"trace": "out.json"`` asks which lines each runs (``traced_tests.py``).
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any

LOADED_BEFORE = (
    "pytest",
    "hypothesis",
    "hypothesis.strategies",
    "numpy",
    "networkx",
    "simpy",
    "coverage",
    "click.testing",
)


MOST_BYTES = 8 << 30
"""Memory of a run: some faults make a loop that goes on and on, and keeps what it makes."""


def run(
    arguments: list[str], seconds: float, only: dict[str, float] | None = None, trace: str | None = None
) -> int | None:
    """Run pytest in a fork, which leads a group so that what it starts ends with it; return its exit code."""
    child = os.fork()
    if child == 0:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nothing, stream)
        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
        signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background ignores it, tests do not
        import pytest

        code = 3
        with contextlib.suppress(BaseException):
            code = int(pytest.main(arguments, plugins=_plugins(only, trace)))
        os._exit(code)
    code, until = None, time.monotonic() + seconds
    while code is None and time.monotonic() < until:
        found, status = os.waitpid(child, os.WNOHANG)
        code = os.waitstatus_to_exitcode(status) if found else None
        time.sleep(0 if found else 0.02)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # with what it has started
    if code is None:
        os.waitpid(child, 0)
    return None if code == -signal.SIGALRM else code


def _plugins(only: dict[str, float] | None, trace: str | None) -> list[Any]:
    from traced_tests import Only, Tracer

    given: list[Any] = [] if only is None else [Only(only)]
    return given if trace is None else [*given, Tracer(Path.cwd(), Path(trace))]


def main() -> None:
    """Answer until stdin ends."""
    for name in LOADED_BEFORE:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for line in sys.stdin:
        print(json.dumps(run(**json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
