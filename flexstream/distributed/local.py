"""Local: the rounds of several processes on one machine, each of which reads and counts blocks of the sources."""

from __future__ import annotations

import json
import os
import stat
import subprocess  # jobs are this library's own module, without a shell  # nosec B404
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import FlexStreamError, Message, UsageError
from ..learning.additive import Summary
from ..readers.options import ReadOptions
from ..readers.prior import SEPARATOR
from ..readers.reading import Reading
from ..stream.alphabet import Alphabet
from .pipes import receive, send
from .rounds import Rounds
from .worker import DATA, LAST, USAGE

if TYPE_CHECKING:
    from ..learning.learner import StreamLearner

_MODULE = "flexstream.distributed.worker"


class Job:
    """A process that counts one part."""

    def __init__(self, task: Mapping[str, Any]) -> None:
        command = [sys.executable, "-m", _MODULE]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        # The command is this library's own.
        self._process = subprocess.Popen(command, env=environment, start_new_session=True, **pipes)  # type: ignore[call-overload]  # nosec B603
        self.ended = False
        self._send(json.dumps(task).encode())

    def _send(self, data: bytes) -> None:
        with suppress(BrokenPipeError):  # what went wrong is told where its answer is asked for
            send(self._process.stdin, data)

    def start(self, traces: int, begun: bytes) -> None:
        """Let it count so many traces from a skeleton on."""
        self._send(traces.to_bytes(8, "little") + begun)

    def result(self) -> bytes:
        """Return what it has added; raises FlexStreamError if something went wrong there."""
        answer = receive(self._process.stdout)
        if answer is None:
            how = f"signal {-code}" if (code := self._process.wait()) < 0 else f"exit code {code}"
            raise FlexStreamError(f"a job ended by {how} before its part was counted (expected: to run it again)")
        if answer[:1] in (DATA, USAGE):
            raise (UsageError if answer[:1] == USAGE else FlexStreamError)(answer[1:].decode())
        self.ended = answer[:1] == LAST
        return answer[1:]

    def close(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(BrokenPipeError):
                pipe.close()


def learn_in_jobs(
    learner: StreamLearner, sources: Sequence[str], options: Mapping[str, Any], jobs: int
) -> tuple[StreamLearner, list[Message]] | None:
    """Learn plain files of lines by several processes; return a learner that has seen all, and what there is to tell.

    The files are divided into blocks: no case or window goes on from one to the next.  Of others None is returned.
    Each process takes as much memory as a learner.

    Parameters
    ----------
    learner : StreamLearner
        Its parameters are used; it has learned nothing.
    sources : sequence of str
        Files.
    options : mapping
        Fields of `ReadOptions`.
    jobs : int
        Processes, >= 1.

    Raises
    ------
    FlexStreamError
        If they cannot be read, or a process has ended.
    """
    found = _blocks_of(learner, sources, options)
    if found is None:
        return None
    memory = learner.settings.to_dict()["memory"]
    task = {"sources": list(sources), "options": found[0], "parts": jobs, "memory": memory}
    rounds = Rounds(learner)
    with ExitStack() as ending:
        running = []
        for number in range(jobs):
            running.append(Job({**task, "number": number}))
            ending.callback(running[-1].close)
        while running:
            begun, traces = rounds.begin(), -(-rounds.due() // jobs)
            for job in running:
                job.start(traces, begun)
            total: Summary | None = None
            for job in running:
                part = Summary.from_bytes(job.result())
                total = part if total is None else total.add(part)
            rounds.add(rounds.batch, total)
            running = [job for job in running if not job.ended]
    return rounds.learner(), found[1]


def _blocks_of(
    learner: StreamLearner, sources: Sequence[str], options: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Message]] | None:
    """Return the options by which blocks of files are read, and what was guessed of these; None if they have none."""
    budget = learner.budget
    reading = Reading(list(sources), Alphabet(), ReadOptions(**options), budget.share("cases"), budget.share("line"))
    next(iter(reading), None)
    reading.stop()
    if reading.format != "lines" or "encoding" in reading.manner or not all(map(_is_plain, sources)):
        return None
    apart = reading.manner.get(SEPARATOR)
    return {**options, "format": "lines", **({} if apart is None else {"delimiter": apart})}, list(reading.notes)


def _is_plain(path: str) -> bool:
    """Tell whether a file holds lines as they are, not compressed."""
    if not stat.S_ISREG(Path(path).stat().st_mode):
        return False
    with Path(path).open("rb") as file:
        head = file.read(4)
    return not head.startswith((b"\x1f\x8b", b"\xfe\xff", b"\xff\xfe", b"BZh", b"\xfd7zX", b"\x28\xb5\x2f\xfd"))
