"""What the benchmarks share."""

from __future__ import annotations

import math
import os
import subprocess
import time
from collections.abc import Sequence
from typing import NamedTuple


class Run(NamedTuple):
    """A finished command."""

    stdout: str
    stderr: str
    seconds: float
    peak_mib: float


def run(command: Sequence[str], stdin: object = subprocess.DEVNULL) -> Run:
    """Run a command to its end; raises RuntimeError with its last words if it fails."""
    import tempfile

    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, stdin=stdin)  # type: ignore[call-overload]
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        out.seek(0)
        err.seek(0)
        texts = out.read(), err.read()
    if status:
        raise RuntimeError(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}: {texts[1][-400:]}")
    return Run(*texts, seconds, usage.ru_maxrss / 1024)


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
