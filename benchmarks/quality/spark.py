"""Claim: on Spark each event counts once, whichever of worker, executor and driver is killed, and whenever.

    python benchmarks/quality/spark.py [--events 2000000] [--kills 12] [--minutes 10] [--seed 0] [--form parquet]
                                       [--json OUT] [--markdown OUT]

A log is generated and learned by ``flexstream learn --engine spark`` on a standalone cluster of two workers, which this
script starts and stops on 127.0.0.1.  Runs are killed at moments drawn at random (SIGKILL): a worker, which comes back,
an executor, or the driver, which goes on with ``--resume``.  Each run must end with exactly the traces and events of
the log, and, byte for byte, in the model of a run that nobody disturbed; else this ends with 1.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.runs import FLEXSTREAM, run
from shared.tables import Table

from flexstream import PDFA
from flexstream.targets import reentrant_line

HOST = "127.0.0.1"
VICTIMS = ("worker", "executor", "driver")
TITLES = {"parquet": "log in Parquet", "jsonl": "log in JSON lines"}
MOST_KILLS = 4
"""Kills within one run."""
FILES = 8
SHORTEST_MEAN = 8
"""Events of a trace of the line, on average, or more."""
COLUMNS = ("--case", "lot", "--event", "step", "--time", "at", "--no-repeats")
START = 1_700_000_000
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.executor.memory": "1g",
    "spark.task.maxFailures": "20",
    "spark.stage.maxConsecutiveAttempts": "20",
}


def write_log(folder: Path, events: int, form: str) -> tuple[int, int]:
    """Write so many events, cases side by side, into some files; return how many traces and events those are."""
    folder.mkdir()
    lots, total = [], 0
    for lot in reentrant_line().sample(events // SHORTEST_MEAN + 1, seed=1):
        lots.append(lot)
        total += len(lot)
        if total >= events:
            break
    share = -(-len(lots) // FILES)
    for number in range(FILES):
        mine = lots[number * share : (number + 1) * share]
        rows = [
            (f"lot {number * share + at}", step, START + number * share + at + 5 * place)
            for at, lot in enumerate(mine)
            for place, step in enumerate(lot)
        ]
        random.Random(number).shuffle(rows)
        path = folder / f"{number}.{form}"
        if form == "parquet":
            import pyarrow
            import pyarrow.parquet

            columns = dict(zip(("lot", "step", "at"), map(list, zip(*rows, strict=True)), strict=True))
            pyarrow.parquet.write_table(pyarrow.table(columns), path)
        else:
            with path.open("w") as file:
                file.writelines(json.dumps({"lot": lot, "step": step, "at": at}) + "\n" for lot, step, at in rows)
    return len(lots), total


class Cluster:
    """A master and two workers of one core each, processes of this machine that end with the script."""

    def __init__(self, folder: Path) -> None:
        import pyspark

        self._class = Path(pyspark.__file__).parent / "bin" / "spark-class"
        with socket.socket() as free:
            free.bind((HOST, 0))
            port = free.getsockname()[1]
        self.master, self._folder = f"spark://{HOST}:{port}", folder
        self.environment = {
            **os.environ,
            "SPARK_LOCAL_IP": HOST,
            "PYSPARK_PYTHON": sys.executable,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(Path(__file__).resolve().parents[2]), *sys.path])),
            "PYSPARK_SUBMIT_ARGS": " ".join(f"--conf {key}={value}" for key, value in SETTINGS.items())
            + " pyspark-shell",
        }
        self._processes = [self._started("master.Master", "--host", HOST, "--port", str(port))]
        self._wait_for(port)
        self.workers = [self._worker(number) for number in range(2)]

    def _started(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        command = [str(self._class), f"org.apache.spark.deploy.{name}", *words, "--webui-port", "0"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(command, env=self.environment, cwd=self._folder, start_new_session=True, **quiet)  # type: ignore[call-overload,no-any-return]

    def _worker(self, number: int) -> subprocess.Popen[bytes]:
        words = "--host", HOST, "--cores", "1", "--memory", "2g", "--work-dir", str(self._folder / f"worker{number}")
        return self._started("worker.Worker", *words, self.master)

    def _wait_for(self, port: int) -> None:
        for _ in range(600):
            with socket.socket() as trial:
                if trial.connect_ex((HOST, port)) == 0:
                    return
            time.sleep(0.1)
        raise SystemExit("the master does not answer")

    def kill_worker(self, number: int) -> bool:
        """Kill a worker; another takes its place."""
        self.workers[number].kill()
        self.workers[number].wait()
        self.workers[number] = self._worker(number)
        return True

    def kill_executor(self, number: int) -> bool:
        """Kill an executor of a worker; return whether it had any."""
        found = children(self.workers[number].pid)
        for pid in found:
            os.kill(pid, 9)
        return bool(found)

    def close(self) -> None:
        """End all that was started."""
        for process in [*self.workers, *self._processes]:
            for pid in children(process.pid):
                os.kill(pid, 9)
            process.kill()
            process.wait()


def children(parent: int) -> list[int]:
    """Return the processes that a process has started."""
    try:
        found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        tasks = Path(f"/proc/{parent}/task").iterdir()
        found += [pid for task in tasks for pid in (task / "children").read_text().split()]
    except OSError:
        return []
    return sorted(set(map(int, found)))


def learn(cluster: Cluster, log: Path, model: Path, kept: Path) -> subprocess.Popen[str]:
    """Start a driver."""
    command = [FLEXSTREAM, "learn", "--engine", "spark", "--master", cluster.master, *COLUMNS, "--jobs", "4"]
    command += [*map(str, sorted(log.iterdir())), "-o", str(model), "--checkpoint", str(kept), "--resume"]
    return subprocess.Popen(command, env=cluster.environment, stderr=subprocess.PIPE, text=True)


def disturbed(cluster: Cluster, log: Path, folder: Path, kills: list[tuple[str, float]]) -> dict[str, Any]:
    """Run to the end while some are killed, each so many seconds after the one before; return what came of it."""
    done: Counter[str] = Counter()
    left, luck = list(kills), random.Random(str(kills))
    driver, began = learn(cluster, log, folder / "model.json", folder / "kept"), time.monotonic()
    due = began + left[0][1] if left else 0.0
    while driver.poll() is None:
        time.sleep(0.05)
        if not left or time.monotonic() < due:
            continue
        victim = left.pop(0)[0]
        if victim == "driver":
            driver.kill()
            driver.communicate()
            done[victim] += 1
            driver = learn(cluster, log, folder / "model.json", folder / "kept")
        else:
            kill = cluster.kill_worker if victim == "worker" else cluster.kill_executor
            done[victim] += kill(luck.randrange(2))
        due = time.monotonic() + left[0][1] if left else 0.0
    told = driver.communicate()[1]
    shutil.rmtree(folder / "kept", ignore_errors=True)
    found = re.search(r"([\d,]+) traces?, ([\d,]+) events?", told)
    if driver.returncode or found is None:
        raise SystemExit(f"the run has failed: {told[-2000:]}")
    traces, events = (int(number.replace(",", "")) for number in found.groups())
    seconds = time.monotonic() - began
    return {"traces": traces, "events": events, "kills": dict(done), "seconds": round(seconds, 1)}


def measure(events: int, kills: int, minutes: float, seed: int, form: str) -> dict[str, Any]:
    """Kill runs at random until there were so many kills, or so much time has gone."""
    luck, until, done, runs = random.Random(seed), time.monotonic() + 60 * minutes, Counter[str](), []
    with tempfile.TemporaryDirectory() as name, ExitStack() as ending:
        folder, log = Path(name), Path(name) / "log"
        traces, total = write_log(log, events, form)
        files = [*map(str, sorted(log.iterdir())), "-o", str(folder / "one.json")]
        one = run([FLEXSTREAM, "learn", *COLUMNS, *files])
        cluster = Cluster(folder)
        ending.callback(cluster.close)
        first = disturbed(cluster, log, folder, [])
        expected = (folder / "model.json").read_bytes()
        victims = itertools.cycle(luck.sample(VICTIMS, 3))
        while sum(done.values()) < kills and time.monotonic() < until:
            many = min(luck.randint(2, MOST_KILLS), kills - sum(done.values()))
            plan = [(next(victims), luck.uniform(0.15, 0.4) * first["seconds"]) for _ in range(many)]
            found = disturbed(cluster, log, folder, plan)
            exact = (found["traces"], found["events"]) == (traces, total)
            runs.append({**found, "exact": exact, "equal": (folder / "model.json").read_bytes() == expected})
            done.update(found["kills"])
            print(runs[-1], flush=True)
        states = [len(PDFA.from_json(text)) for text in (expected.decode(), (folder / "one.json").read_text())]
    return {
        "traces": traces,
        "events": total,
        "undisturbed": first,
        "one_process_seconds": round(one.seconds, 1),
        "states": states[0],
        "one_process_states": states[1],
        "kills": dict(done),
        "runs": runs,
        "exact": sum(one["exact"] for one in runs),
        "equal": sum(one["equal"] for one in runs),
    }


def tables(result: Result) -> dict[str, Table]:
    """Return what is printed, and stands in the documentation."""
    found, title = result["measured"], TITLES[result["arguments"]["form"]]
    slower = found["undisturbed"]["seconds"] / found["one_process_seconds"]
    rows = [
        ("events of the log", f"{found['events']:,}"),
        ("killed: workers, executors, drivers", ", ".join(str(found["kills"].get(name, 0)) for name in VICTIMS)),
        ("runs", f"{len(found['runs'])}"),
        (f"of these with exactly the traces and events of the {title}", f"{found['exact']}"),
        (
            f"of these with the model of a run over the {title} that nobody disturbed, byte for byte",
            f"{found['equal']}",
        ),
        ("states; in one process", f"{found['states']}; {found['one_process_states']}"),
        ("time of a run that nobody disturbed, of that of one process", f"{slower:.0f} ×"),
    ]
    return {"kills": Table(["what", "measured"], rows)}


def main() -> None:
    """Run the benchmark."""
    parser = parser_of(__doc__)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--minutes", type=float, default=10.0, help="begin no run after so many")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--form", choices=list(TITLES), default="parquet")
    args = parser.parse_args()
    found = measure(args.events, args.kills, args.minutes, args.seed, args.form)
    finish(__file__, args, found, tables)
    if min(found["exact"], found["equal"]) < len(found["runs"]):
        sys.exit(1)


if __name__ == "__main__":
    main()
