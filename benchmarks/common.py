"""What the benchmarks share."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import math
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package has its byte code
HERE = Path(__file__).resolve().parent


class Run(NamedTuple):
    """A finished command."""

    stdout: str
    stderr: str
    seconds: float
    peak_mib: float


def run(command: Sequence[str], stdin: object = subprocess.DEVNULL, limit: float | None = None) -> Run:
    """Run a command to its end.

    Raises
    ------
    RuntimeError
        With its last words if it fails.
    TimeoutError
        If it takes more than ``limit`` seconds; it is killed then.
    """
    import tempfile

    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, stdin=stdin)  # type: ignore[call-overload]
        timer = threading.Timer(limit or threading.TIMEOUT_MAX, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        out.seek(0)
        err.seek(0)
        texts = out.read(), err.read()
    if process.returncode == -signal.SIGKILL and limit is not None and seconds >= limit:
        raise TimeoutError(f"{' '.join(command)} took more than {limit:g} s")
    if status:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {texts[1][-400:]}")
    return Run(*texts, seconds, usage.ru_maxrss / 1024)


def solve(method: str, train: Path, limit: float | None, **files: Path) -> dict[str, Any]:
    """Learn a train file in a process of its own; return what solve.py prints, and the peak memory.

    Where it fails or takes too long the outcome is one entry, ``failed``.
    """
    options = [word for name, path in files.items() for word in (f"--{name}", str(path))]
    try:
        done = run([sys.executable, str(HERE / "solve.py"), method, str(train), *options], limit=limit)
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


def versions() -> dict[str, str]:
    """Return when and with what something was measured."""
    found = {"date": datetime.date.today().isoformat(), "python": platform.python_version()}
    for package in ("flexstream", "numpy", "aalpy"):
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def write_json(path: Path | None, document: object) -> None:
    """Write what was measured, if somebody asked for it."""
    if path is not None:
        path.write_text(json.dumps(document, indent=1) + "\n")


def pyplot() -> Any:
    """Return what draws plots into files, imported only where somebody asks for a plot."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as drawing

    return drawing


def table(head: Sequence[str], rows: Iterable[Sequence[str]], markdown: bool = False) -> str:
    """Return a table as aligned text or as Markdown; all columns but the first are numbers."""
    lines = [list(head), *map(list, rows)]
    if markdown:
        lines.insert(1, ["---", *["--:"] * (len(head) - 1)])
        return "".join(f"| {' | '.join(line)} |\n" for line in lines)
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    return "".join(
        "  ".join(cell.ljust(width) if at == 0 else cell.rjust(width) for at, (cell, width) in enumerate(pairs)) + "\n"
        for pairs in (list(zip(line, widths, strict=True)) for line in lines)
    )


def perplexity_error(log2_candidate: Sequence[float], target: Sequence[float]) -> float:
    """Return the perplexity of a candidate minus that of the target, both normalised over the test strings.

    This is the figure of the PAutomaC competition (Verwer, Eyraud & de la Higuera, Machine Learning 96, 2014).
    """
    top = max(log2_candidate)
    scores = [max(value - top, -660.0) for value in log2_candidate]
    norm, total = math.log2(sum(2.0**value for value in scores)), sum(target)
    shares = [value / total for value in target]
    cross = -sum(share * (score - norm) for share, score in zip(shares, scores, strict=True) if share > 0)
    own = -sum(share * math.log2(share) for share in shares if share > 0)
    return 2.0**cross - 2.0**own
