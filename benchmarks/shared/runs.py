"""Commands in processes of their own, with their time and memory; problems and how a method learns one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package has its byte code
FLEXSTREAM = str(Path(sys.executable).with_name("flexstream"))
"""The command of the environment whose Python runs the benchmark."""


class Run(NamedTuple):
    """A finished command."""

    stdout: str
    stderr: str
    seconds: float
    peak_mib: float
    processor_seconds: float
    """Its own and its children's."""


def run(command: Sequence[str], stdin: object = subprocess.DEVNULL, limit: float | None = None) -> Run:
    """Run a command to its end.

    Raises
    ------
    RuntimeError
        With its last words if it fails.
    TimeoutError
        If it takes more than ``limit`` seconds of processor time; it is killed then.
    """
    import tempfile

    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, stdin=stdin)  # type: ignore[call-overload]
        ended = threading.Event()
        watcher = threading.Thread(target=_watch, args=(process, limit, ended), daemon=True)
        watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        ended.set()
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        out.seek(0)
        err.seek(0)
        texts = out.read(), err.read()
    used = usage.ru_utime + usage.ru_stime
    if process.returncode == -signal.SIGKILL and limit is not None and used >= limit:
        raise TimeoutError(f"{' '.join(command)} took more than {limit:g} s")
    if status:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {texts[1][-400:]}")
    return Run(*texts, seconds, usage.ru_maxrss / 1024, used)


def _watch(process: subprocess.Popen[bytes], limit: float | None, ended: threading.Event) -> None:
    """Kill a process that has used more processor time than it may; a busy machine takes nothing off its time."""
    while limit is not None and not ended.wait(0.05):
        try:
            fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return
        if (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") >= limit:
            os.kill(process.pid, signal.SIGKILL)


def solve(method: str, train: Path, limit: float | None, **files: Path) -> dict[str, Any]:
    """Learn a train file in a process of its own; return what solve.py prints, and the peak memory.

    Where it fails or takes too long the outcome is one entry, ``failed``.
    """
    options = [word for name, path in files.items() for word in (f"--{name}", str(path))]
    try:
        done = run(
            [sys.executable, str(Path(__file__).with_name("solve.py")), method, str(train), *options], limit=limit
        )
    except (RuntimeError, TimeoutError) as error:
        words = str(error).strip().splitlines()[-1][-200:]
        return {"failed": f"more than {limit:g} s" if isinstance(error, TimeoutError) else words}
    return {**json.loads(done.stdout), "peak_mib": done.peak_mib}


def problems(folder: Path, chosen: str = "") -> list[str]:
    """Return the names of the problems of a folder, numbers by their value, or those that are chosen."""
    names = [path.name.removesuffix(".pautomac.train") for path in folder.glob("*.pautomac.train")]
    names = [name for name in names if not chosen or name in chosen.split(",")]
    if not names:
        sys.exit(f"{folder}: no such problems (expected: files NAME.pautomac.train)")
    return sorted(names, key=lambda name: (not name.isdigit(), int(name) if name.isdigit() else 0, name))
