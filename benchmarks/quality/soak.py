"""Claim: a followed stream goes on for as long as it likes, whatever happens around it, in memory that does not grow.

    python benchmarks/quality/soak.py [--seconds 600] [--rate 20000] [--memory 64MiB] [--seed 0] [--json OUT]

``flexstream learn --follow --emit-every`` reads a log that is written all the time.  At random moments the log is
renamed and replaced, or emptied and filled again beyond its old size before anybody looks; the folder of the outputs
goes away for a while.  At the end comes SIGTERM.  Counted are the lines written and learned (none is lost, none counted
twice), the models found whole, the warnings, one for each time the folder was away, and the memory.

A file is emptied once the reader has come to its end, for what is written and wiped out before anybody reads it is lost
whoever reads.  Needs Linux: where the reader is, and what it holds, is read from ``/proc``.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.runs import FLEXSTREAM
from shared.tables import Table

from flexstream.targets.generate import Recipe, random_pdfa

TICK = 0.1
"""Seconds between two pieces of the log."""
EMIT_EVERY = 10_000
AWAY = 30
"""Ticks for which the outputs' folder is away."""
WARM = 1 / 3
"""Share of the time after which memory is expected to grow no more."""
PATIENCE = 60.0
"""Seconds that the reader may take to come to the end of what is written."""


class Log:
    """A log that is written, rotated and emptied; it counts its lines."""

    def __init__(self, folder: Path, lines: list[str], luck: random.Random) -> None:
        self.path, self._lines, self._luck = folder / "app.log", lines, luck
        self.written = self._size = self.rotations = self.truncations = 0
        self.path.touch()

    def _text(self, number: int) -> bytes:
        self.written += number
        return "".join(self._luck.choices(self._lines, k=number)).encode()

    def write(self, number: int) -> None:
        """Write so many lines, in two parts: the reader may see half of one."""
        text = self._text(number)
        cut = self._luck.randrange(len(text))
        with self.path.open("ab", buffering=0) as file:
            for part in (text[:cut], text[cut:]):
                file.write(part)
        self._size += len(text)

    def rotate(self, number: int) -> None:
        """Write so many lines and let another file take the name; the last three are kept."""
        self.write(number)
        names = [self.path.with_name(f"app.log.{age}") for age in (3, 2, 1)]
        for old, new in zip((*names[1:], self.path), names, strict=True):
            if old.exists():
                old.replace(new)
        self.path.touch()
        self._size = 0
        self.rotations += 1

    def empty(self) -> None:
        """Empty the file and fill it beyond its old size, at once."""
        text = b""
        while len(text) <= self._size:
            text += self._text(1000)
        with self.path.open("r+b", buffering=0) as file:
            file.truncate(0)
            file.write(text)
        self._size = len(text)
        self.truncations += 1

    @property
    def small(self) -> bool:
        """Whether filling it once more beyond its size is no work for minutes."""
        return self._size < 20_000_000


def reader_is_at(pid: int, path: Path) -> int | None:
    """Return the offset up to which a process has read a file; None if it has it not open."""
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            if descriptor.readlink() == path:
                info = Path(f"/proc/{pid}/fdinfo/{descriptor.name}").read_text()
                return int(info.split()[1])
        except OSError:  # closed meanwhile
            continue
    return None


def catch_up(process: subprocess.Popen[bytes], log: Log) -> None:
    """Wait until the reader has come to the end of a log."""
    until = time.monotonic() + PATIENCE
    while reader_is_at(process.pid, log.path) != log.path.stat().st_size:
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError("the reader does not come to the end of the log")
        time.sleep(TICK / 5)


def resident_mib(pid: int) -> float:
    """Return the memory that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


class Outputs:
    """The folder of the outputs, which goes away and comes back; its model is looked at all the time."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._hidden = folder / "out", folder / "away"
        self.folder.mkdir()
        self.times_away = self.whole = self.broken = self._ticks = 0
        self._seen = 0

    def go(self) -> None:
        """Let it go away, for a while."""
        if not self._ticks:
            self.folder.rename(self._hidden)
            self.times_away, self._ticks = self.times_away + 1, AWAY

    def tick(self) -> None:
        """Let some time pass."""
        if self._ticks:
            self._ticks -= 1
            if not self._ticks:
                self.come()
        self.look()

    def come(self) -> None:
        """Let it come back."""
        self._ticks = 0
        if self._hidden.exists():
            self._hidden.rename(self.folder)

    def look(self) -> None:
        """See whether the model is whole, where there is a new one."""
        path = self.folder / "m.json"
        try:
            seen, text = path.stat().st_ino, path.read_text()
        except FileNotFoundError:
            return
        if seen == self._seen:
            return
        self._seen = seen
        try:
            json.loads(text)
            self.whole += 1
        except ValueError:
            self.broken += 1


def learning(log: Log, outputs: Outputs, memory: str, err: Path) -> subprocess.Popen[bytes]:
    """Start the reader."""
    told = outputs.folder
    command = [FLEXSTREAM, "learn", str(log.path), "--follow", "--format", "lines", "--memory", memory]
    command += ["--emit-every", str(EMIT_EVERY), "-o", str(told / "m.json"), "--dot", str(told / "m.dot")]
    with err.open("wb") as file:
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=file)


def soak(
    seconds: float, rate: int, memory: str, seed: int, chance: Callable[[], float] | None = None
) -> dict[str, Any]:
    """Return what happened to a stream of so many seconds and lines a second; ``chance`` says what happens when."""
    luck = random.Random(seed)
    target = random_pdfa(Recipe(states=20, symbols=10), seed=seed)
    lines = [" ".join(trace) + "\n" for trace in target.sample(20_000, seed=seed) if trace]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        log, outputs = Log(folder, lines, luck), Outputs(folder)
        log.write(1000)
        process = learning(log, outputs, memory, folder / "err")
        try:
            held = stirred(process, log, outputs, seconds, round(rate * TICK), chance or random.Random(-seed).random)
            return measured(process, log, outputs, held, folder / "err")
        finally:
            process.kill()
            process.wait()


def stirred(
    process: subprocess.Popen[bytes],
    log: Log,
    outputs: Outputs,
    seconds: float,
    number: int,
    chance: Callable[[], float],
) -> list[tuple[float, float]]:
    """Write and let things happen for so many seconds; return moments and the memory held at them."""
    held = []
    catch_up(process, log)
    began = time.monotonic()
    while (now := time.monotonic() - began) < seconds:
        if process.poll() is not None:
            raise RuntimeError("the reader has ended")
        draw = chance()
        if draw < 0.03:
            log.rotate(number)
        elif draw < 0.05 and log.small:
            log.write(number)
            catch_up(process, log)
            log.empty()
        else:
            log.write(number)
        if chance() < 0.02:
            outputs.go()
        outputs.tick()
        held.append((now, resident_mib(process.pid)))
        time.sleep(TICK)
    return held


def measured(
    process: subprocess.Popen[bytes], log: Log, outputs: Outputs, held: list[tuple[float, float]], err: Path
) -> dict[str, Any]:
    """Stop the reader, and return what came of it."""
    outputs.come()
    catch_up(process, log)
    time.sleep(2 * TICK + 1)  # what was read is handed on
    sent = time.monotonic()
    process.send_signal(signal.SIGTERM)
    code = process.wait(PATIENCE)
    stopped = time.monotonic() - sent
    outputs.look()
    told = json.loads((outputs.folder / "m.json").read_text())["provenance"]
    said = err.read_text().splitlines()
    learned = next(line for line in said if " events, " in line and "->" in line).split()[1]
    warm = [mib for at, mib in held if at >= WARM * held[-1][0]]
    return {
        "lines": log.written,
        "learned": int(learned.replace(",", "")),
        "in_the_model": told["traces"],
        "events": told["events"],
        "rotations": log.rotations,
        "truncations": log.truncations,
        "outputs_away": outputs.times_away,
        "warnings": sum("warning: " in line for line in said),
        "models_whole": outputs.whole,
        "models_broken": outputs.broken,
        "temporaries_left": len(list(outputs.folder.glob(".flexstream-*"))),
        "code": code,
        "stop_seconds": round(stopped, 2),
        "mib_after_warm_up": round(warm[0], 1),
        "mib_most": round(max(mib for _, mib in held), 1),
        "mib_growth": round(max(warm) - warm[0], 1),
    }


def tables(result: Result) -> dict[str, Table]:
    """Return what there is to show."""
    found = result["measured"]
    rows = [[name.replace("_", " "), f"{value:,}"] for name, value in found.items()]
    return {"soak": Table(["what", "measured"], rows)}


def main(words: list[str] | None = None) -> None:
    """Soak, and say what came of it."""
    parser: argparse.ArgumentParser = parser_of(__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--rate", type=int, default=20_000, help="lines a second")
    parser.add_argument("--memory", default="64MiB")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(words)
    if not Path("/proc/self/fdinfo").is_dir():
        parser.error("needs /proc")
    finish(__file__, args, soak(args.seconds, args.rate, args.memory, args.seed), tables)


if __name__ == "__main__":
    main()
