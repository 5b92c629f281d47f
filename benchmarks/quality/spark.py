"""Claim: on Spark each event counts once, whichever of worker, executor and driver is killed, and whenever.

    python benchmarks/quality/spark.py [--form parquet] [--events 2000000] [--runs 3] [--minutes 60] [--seed 0]
                                       [--kept FOLDER] [--json OUT] [--markdown OUT]

A log is generated and learned by ``flexstream learn --engine spark``, or by structured streaming, on a standalone
cluster of two workers, which this script starts and stops on 127.0.0.1.  Runs are killed at moments drawn at random
(SIGKILL): a worker, which comes back, an executor, or the driver, which is started again and goes on with what it has
kept.  Each run must end with exactly the traces and events of the log, and, byte for byte, in the model of a run that
nobody disturbed; else this ends with 1.  How good that model is, is said by the bits that it takes more than the source
for traces of it, beside a model of one process that is given the traces as they are.

Log and runs are kept in a folder: what is there is not made again, and runs come to those that are there.
"""

from __future__ import annotations

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
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared import spark_log
from shared.results import Result, finish, parser_of
from shared.runs import FLEXSTREAM
from shared.spark_log import COLUMNS, batches, write_log
from shared.tables import Table

from flexstream import PDFA, Alphabet, StreamLearner, TraceBatch
from flexstream.automata.sampling import sample_batch
from flexstream.targets import reentrant_line

HOST = "127.0.0.1"
VICTIMS = ("worker", "executor", "driver")
TITLES = {"parquet": "in Parquet", "jsonl": "in JSON lines", "stream": "by structured streaming"}
MOST_KILLS = 3
"""Kills within one run."""
PARTS = 16
WORDS = (*(word for name, column in COLUMNS.items() for word in (f"--{name}", column)), "--no-repeats")
HELD_OUT = 100_000
"""Traces of the source by which models are compared with it."""
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.executor.memory": "2g",
    "spark.task.maxFailures": "20",
    "spark.stage.maxConsecutiveAttempts": "20",
}


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
            "SPARK_LOCAL_DIRS": str(folder / "local"),  # what is killed leaves there what it has moved
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
        words = "--host", HOST, "--cores", "1", "--memory", "3g", "--work-dir", str(self._folder / f"worker{number}")
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


class Runs:
    """Runs over one log, which are kept with it in a folder.

    Parameters
    ----------
    folder : Path
    form : str
        Of `TITLES`.
    events : int
    seed : int
        Of the kills.
    """

    def __init__(self, folder: Path, form: str, events: int, seed: int) -> None:
        self._form, self._events, self._seed = form, events, seed
        files = "jsonl" if form == "jsonl" else "parquet"
        self._log, self._records = folder / f"{files}-{events}", folder / f"{form}-{events}-{seed}.jsonl"
        self._model = self._records.with_suffix(".model")
        if not (done := self._log.with_suffix(".json")).exists():
            shutil.rmtree(self._log, ignore_errors=True)
            done.write_text(json.dumps(write_log(self._log, events, files)))
        self.expected = tuple(json.loads(done.read_text()))

    @property
    def known(self) -> list[dict[str, Any]]:
        """What is kept: the run that nobody disturbed, then the others."""
        return list(map(json.loads, self._records.read_text().splitlines())) if self._records.exists() else []

    def add(self) -> dict[str, Any]:
        """Run once more, the first time without a kill; keep and return what came of it."""
        known = self.known
        kills = drawn(self._seed, len(known), known[0]["seconds"]) if known else []
        with tempfile.TemporaryDirectory() as name:
            cluster = Cluster(Path(name))
            try:
                found, model = self._disturbed(cluster, Path(name), kills)
            finally:
                cluster.close()
        if not known:
            self._model.write_bytes(model)
        exact, equal = (found["traces"], found["events"]) == self.expected, model == self._model.read_bytes()
        found = {**found, "exact": exact, "equal": equal}
        with self._records.open("a") as file:
            file.write(json.dumps(found) + "\n")
        return found

    def _driver(self, cluster: Cluster, folder: Path) -> subprocess.Popen[str]:
        """Start a driver, which goes on with what another has kept."""
        model, kept = str(folder / "model.json"), str(folder / "kept")
        if self._form == "stream":
            given = {"log": str(self._log), "model": model, "kept": kept, "master": cluster.master, "parts": PARTS}
            command = [sys.executable, spark_log.__file__, json.dumps(given)]
        else:
            command = [FLEXSTREAM, "learn", "--engine", "spark", "--master", cluster.master, *WORDS]
            command += ["--jobs", str(PARTS), *map(str, sorted(self._log.iterdir())), "-o", model]
            command += ["--checkpoint", kept, "--resume"]
        return subprocess.Popen(command, env=cluster.environment, stderr=subprocess.PIPE, text=True)

    def _disturbed(
        self, cluster: Cluster, folder: Path, kills: list[tuple[str, float]]
    ) -> tuple[dict[str, Any], bytes]:
        """Run to the end while some are killed, each so many seconds after the one before; return what came of it."""
        done: Counter[str] = Counter()
        left, luck = list(kills), random.Random(str(kills))
        driver, began = self._driver(cluster, folder), time.monotonic()
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
                driver = self._driver(cluster, folder)
            else:
                kill = cluster.kill_worker if victim == "worker" else cluster.kill_executor
                done[victim] += kill(luck.randrange(2))
            due = time.monotonic() + left[0][1] if left else 0.0
        told = driver.communicate()[1]
        found = re.search(r"([\d,]+) traces?, ([\d,]+) events?", told)
        if driver.returncode or found is None:
            raise SystemExit(f"the run has failed: {told[-2000:]}")
        traces, events = (int(number.replace(",", "")) for number in found.groups())
        seconds = round(time.monotonic() - began, 1)
        return {"traces": traces, "events": events, "kills": dict(done), "seconds": seconds}, (
            folder / "model.json"
        ).read_bytes()

    def compared(self) -> dict[str, Any]:
        """Return how good the model is, and that of one process; the latter is learned once."""
        if not (kept := self._log.with_suffix(".one")).exists():
            learner = StreamLearner(repeats=False)
            learner.alphabet = Alphabet(reentrant_line().symbols)
            for batch in batches(self._events):
                learner.learn_many(batch)
            kept.write_text(learner.automaton.to_json())
        models = [PDFA.from_json(path.read_text()) for path in (self._model, kept)]
        return {
            "states": [len(model) for model in models],
            "bits above the source": [bits_above(model) for model in models],
        }


def drawn(seed: int, run: int, seconds: float) -> list[tuple[str, float]]:
    """Return who is killed in a run, and how many seconds after the one before; all come by turns."""
    luck = random.Random(f"{seed} {run}")
    victims = luck.sample(VICTIMS, luck.randint(1, MOST_KILLS))
    victims[0] = VICTIMS[run % len(VICTIMS)]
    return [(victim, luck.uniform(0.15, 0.6) * seconds) for victim in victims]


def bits_above(model: PDFA) -> float:
    """Return how many bits a trace of the source takes a model more than the source."""
    line = reentrant_line()
    batch = sample_batch(line, HELD_OUT, 1_000_003, 10_000)
    ids = np.array([model.symbols.index(text) for text in line.symbols], np.int32)
    there = TraceBatch(ids[batch.symbols], batch.offsets)
    return float((line.score_batch(batch)[0] - model.score_batch(there)[0]).mean())


def measure(folder: Path, form: str, events: int, most: int, minutes: float, seed: int) -> dict[str, Any]:
    """Kill runs at random until there are so many, or so much time has gone."""
    until, runs = time.monotonic() + 60 * minutes, Runs(folder, form, events, seed)
    while len(runs.known) <= most and time.monotonic() < until:
        print(runs.add(), flush=True)
    first, *others = runs.known
    done = sum((Counter(one["kills"]) for one in others), Counter[str]())
    return {
        "traces": runs.expected[0],
        "events": runs.expected[1],
        "undisturbed": first,
        **runs.compared(),
        "kills": dict(done),
        "runs": others,
        "exact": sum(one["exact"] for one in others),
        "equal": sum(one["equal"] for one in others),
    }


def tables(result: Result) -> dict[str, Table]:
    """Return what is printed, and stands in the documentation."""
    found, title = result["measured"], TITLES[result["arguments"]["form"]]
    seconds = [one["seconds"] for one in found["runs"]] or [found["undisturbed"]["seconds"]]
    slower = sum(seconds) / len(seconds) / found["undisturbed"]["seconds"]
    states, bits = found["states"], found["bits above the source"]
    rows = [
        (f"events of the log, {title}", f"{found['events']:,}"),
        (
            f"killed, {title}: workers, executors, drivers",
            ", ".join(str(found["kills"].get(one, 0)) for one in VICTIMS),
        ),
        (f"runs, {title}", f"{len(found['runs'])}"),
        (f"of these with exactly the traces and events of the log, {title}", f"{found['exact']}"),
        (f"of these with the model of a run that nobody disturbed, byte for byte, {title}", f"{found['equal']}"),
        (f"states, {title}; in one process", f"{states[0]}; {states[1]}"),
        (f"bits a trace above the source, {title}; in one process", f"{bits[0]:.1e}; {bits[1]:.1e}"),
        (f"time of a run with kills, of that of one without, {title}", f"{slower:.1f} ×"),
    ]
    return {"kills": Table(["what", "measured"], rows)}


def main() -> None:
    """Run the benchmark."""
    parser = parser_of(__doc__)
    parser.add_argument("--form", choices=list(TITLES), default="parquet")
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--runs", type=int, default=3, help="with kills, those that are kept among them")
    parser.add_argument("--minutes", type=float, default=60.0, help="begin no run after so many")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kept", type=Path, default=Path("build/spark"))
    args = parser.parse_args()
    found = measure(args.kept, args.form, args.events, args.runs, args.minutes, args.seed)
    finish(__file__, args, found, tables)
    if min(found["exact"], found["equal"]) < len(found["runs"]) or not found["undisturbed"]["exact"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
