"""Claim: alarms alone take a third of the time of scores, start apart; a line in a pipe takes 2 ms of the processor.

    python benchmarks/speed/alarm_speed.py [--traces 200000] [--lines 400] [--runs 3] [--json OUT] [--markdown OUT]

Throughput: processor time of ``flexstream score`` and ``flexstream alarm`` with the same model and file, each a process
of its own, and of both with one trace, which is what starting takes.  Latency: events of cases are written into a pipe
line by line, at rest between two, and every third makes an open case alarm; from the writing of that line to the
reading of its alarm, which on a busy machine is mostly waiting for the processor.  The processor time that the process
takes for a line, those that alarm among them, stands beside it.
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.tables import Table

STATES, SEED, START, PAUSE = 20, 7, 1_770_000_000, 0.01
COMMAND = [sys.executable, "-m", "flexstream_cli.main"]


def run(*words: str) -> float:
    """Run a command; return its processor time in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*COMMAND, *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def throughput(folder: Path, traces: int, runs: int) -> dict[str, list[float]]:
    """Return the seconds of scores and of alarms, and of both of a single trace."""
    path, one, model = (str(folder / name) for name in ("many.txt", "one.txt", "model.json"))
    simulate = ["simulate", "pdfa", "--states", str(STATES), "--seed", str(SEED), "--traces", str(traces)]
    with Path(path).open("w") as out:
        subprocess.run([*COMMAND, *simulate], check=True, stdout=out, stderr=subprocess.DEVNULL)
    with Path(path).open() as lines:
        Path(one).write_text([next(lines), next(lines)][1])
    run("learn", path, "-o", model)
    ways = {
        "score": ("score", model, path),
        "alarm": ("alarm", model, path),
        "score, one trace": ("score", model, one),
        "alarm, one trace": ("alarm", model, one),
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, words in ways.items():
            found[name].append(run(*words))
    return found


def lots(count: int) -> str:
    """Return events of lots that run once or twice, a minute apart."""
    chance, rows = random.Random(SEED), ["case,event,time"]
    for lot in range(count):
        steps = ["load", "run", *(["run"] if chance.random() < 0.3 else []), "check", "unload"]
        rows += [f"lot {lot},{step},{START + 600 * lot + 60 * place}" for place, step in enumerate(steps)]
    return "\n".join(rows) + "\n"


def latency(folder: Path, lines: int) -> dict[str, object]:
    """Return the seconds from a line to its alarm, and the processor time of a line."""
    (folder / "lots.csv").write_text(lots(2000))
    model = str(folder / "lots.json")
    run("learn", str(folder / "lots.csv"), "-o", model)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([*COMMAND, "alarm", model, "-", "--ungrouped"], **pipes, bufsize=0)  # type: ignore[call-overload]
    process.stdin.write(lots(60).encode())
    taken = [alarm(process, f"odd {number}", START + 10**6 + 600 * number) for number in range(lines)]
    busy = _busy(process.pid)
    taken = [alarm(process, f"more {number}", START + 10**7 + 600 * number) for number in range(lines)]
    busy = _busy(process.pid) - busy
    process.stdin.close()
    process.stdout.read()
    process.wait()
    return {"seconds": taken, "processor": busy / (3 * lines)}


def alarm(process: subprocess.Popen[bytes], case: str, moment: int) -> float:
    """Let a case alarm; return how long that took."""
    assert process.stdin is not None
    assert process.stdout is not None
    for place, step in enumerate(("load", "run")):
        process.stdin.write(f"{case},{step},{moment + 60 * place}\n".encode())
        time.sleep(PAUSE)
    started = time.perf_counter()
    process.stdin.write(f"{case},unload,{moment + 120}\n".encode())
    while f'"{case}"'.encode() not in process.stdout.readline():
        pass
    taken = time.perf_counter() - started
    time.sleep(PAUSE)
    return taken


def _busy(process: int) -> float:
    """Return the processor time that a process has had."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def tables(result: Result) -> dict[str, Table]:
    """Return ``throughput`` and ``latency``."""
    measured = result["measured"]
    middle = {name: statistics.median(taken) for name, taken in measured["throughput"].items()}
    net = {name: middle[name] - middle[f"{name}, one trace"] for name in ("score", "alarm")}
    rows = [[name, f"{middle[name]:.2f}", f"{net[name]:.2f}"] for name in net]
    rows.append(["score / alarm", f"{middle['score'] / middle['alarm']:.1f}", f"{net['score'] / net['alarm']:.1f}"])
    taken = sorted(measured["latency"]["seconds"])
    delays = [f"{1e3 * taken[int(share * (len(taken) - 1))]:.1f}" for share in (0.5, 0.9, 0.99)]
    return {
        "throughput": Table(("", "s", "s without the start"), rows),
        "latency": Table(
            ("median, ms", "90 %", "99 %", "processor time a line, ms"),
            [[*delays, f"{1e3 * measured['latency']['processor']:.2f}"]],
            "rrrr",
        ),
    }


def main() -> None:
    """Run both."""
    parser = parser_of(__doc__)
    parser.add_argument("--traces", type=int, default=200_000)
    parser.add_argument("--lines", type=int, default=400, help="alarms that are waited for")
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = {
            "throughput": throughput(Path(name), args.traces, args.runs),
            "latency": latency(Path(name), args.lines),
        }
    finish(__file__, args, found, tables)


if __name__ == "__main__":
    main()
