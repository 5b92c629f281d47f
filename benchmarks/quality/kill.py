"""Claim: a run that is killed at any moment and goes on from its checkpoint ends in the model of one that was not.

    python benchmarks/quality/kill.py [--kills 200] [--seed 0] [--only INPUT] [--add JSON] [--json OUT]

Runs of ``flexstream learn --checkpoint`` over inputs of every kind are killed (SIGKILL) at a moment drawn at random,
some of them several times, and go on with ``--resume``; the model has to be, byte for byte, that of a run without
checkpoints that nobody disturbed, so that no trace is lost and none counted twice.  A file that is followed is written
meanwhile, also half a line at a time, and rotated by then and now, the file before its last line was whole, as whoever
writes it has it open still; such a run ends with SIGTERM once it has read everything.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.runs import FLEXSTREAM, run
from shared.tables import Table

from flexstream.targets.generate import Recipe, random_pdfa

EVERY = "500"
"""Traces between checkpoints."""
MOST_KILLS = 3
"""Kills before one run comes to its end."""
ROTATED = "app.log"
IDLE = 1.7
"""Seconds without a read after which all that was written is taken to be read, and cases that have ended to be learned:
they are handed on where a log pauses for a second, and what is stopped before learns them without refining between."""


class Input(NamedTuple):
    """What is learned: files, and the options to learn them with."""

    name: str
    write: Callable[[Path, list[list[str]]], list[Path]]
    options: tuple[str, ...] = ()
    share: float = 1.0
    """Of all traces, where reading them takes longer."""


def events_of(traces: list[list[str]], open_cases: int = 50) -> list[tuple[str, str, int]]:
    """Return case, event and second of the events of cases, of which so many run side by side."""
    luck, found, running, rest = random.Random(1), [], [], iter(enumerate(traces))
    while True:
        while len(running) < open_cases and (one := next(rest, None)) is not None:
            running.append((f"case {one[0]}", iter(one[1])))
        if not running:
            return found
        at = luck.randrange(len(running))
        name, events = running[at]
        event = next(events, None)
        if event is None:
            running[at] = running[-1]
            running.pop()
        else:
            found.append((name, event, 1_700_000_000 + len(found)))


def as_lines(traces: list[list[str]]) -> bytes:
    """Return one trace a line."""
    return "".join(" ".join(trace) + "\n" for trace in traces).encode()


def as_csv(traces: list[list[str]]) -> bytes:
    """Return one event a row."""
    return ("case,event,time\n" + "".join(f"{case},{event},{at}\n" for case, event, at in events_of(traces))).encode()


def as_rows(traces: list[list[str]]) -> bytes:
    """Return one trace a row."""
    return ("lot,steps\n" + "".join(f"{lot},{' '.join(trace)}\n" for lot, trace in enumerate(traces))).encode()


def as_fleet(traces: list[list[str]]) -> bytes:
    """Return one event a row, with the host that it is of; some hosts have more cases than others."""
    rows = ((min(int(case[5:]) % 11, 6), case, event) for case, event, _ in events_of(traces))
    return ("host,case,event\n" + "".join(f"host {host},{case},{event}\n" for host, case, event in rows)).encode()


def as_jsonl(traces: list[list[str]]) -> bytes:
    """Return one event an object."""
    rows = (json.dumps({"case": case, "event": event, "time": at}) for case, event, at in events_of(traces))
    return "".join(f"{row}\n" for row in rows).encode()


def as_xes(traces: list[list[str]]) -> bytes:
    """Return a log in XML."""
    event = '<event><string key="concept:name" value="{}"/></event>'
    body = ("<trace>" + "".join(event.format(symbol) for symbol in trace) + "</trace>\n" for trace in traces)
    return ("<log>" + "".join(body) + "</log>").encode()


def one_file(name: str, made: Callable[[list[list[str]]], bytes]) -> Callable[[Path, list[list[str]]], list[Path]]:
    """Return what writes traces into one file."""

    def write(folder: Path, traces: list[list[str]]) -> list[Path]:
        data = made(traces)
        (folder / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return [folder / name]

    return write


def several(folder: Path, traces: list[list[str]]) -> list[Path]:
    """Write traces into files of several formats."""
    third = len(traces) // 3
    parts = traces[:third], traces[third : third + third // 3], traces[third + third // 3 :]
    made = zip(("1.txt", "2.xes", "3.txt.gz"), (as_lines, as_xes, as_lines), parts, strict=True)
    return [path for name, form, part in made for path in one_file(name, form)(folder, part)]


LINES = one_file("traces.txt", as_lines)
INPUTS = (
    Input("plain lines", LINES),
    Input("plain, css", LINES, ("--heuristic", "css"), 0.3),
    Input("plain, alergia", LINES, ("--heuristic", "alergia")),
    Input("plain, ensemble of 4", LINES, ("--ensemble", "4"), 0.5),
    Input("plain, little memory", LINES, ("--memory", "2MiB")),
    Input("plain, emitted meanwhile", LINES, ("--emit-every", "5000"), 0.5),
    Input("windows", LINES, ("--window", "7", "--stride", "3"), 0.5),
    Input("gzip", one_file("traces.txt.gz", as_lines)),
    Input("CSV", one_file("events.csv", as_csv), ("--idle", "2000"), 0.5),
    Input("CSV, few open cases", one_file("events.csv", as_csv), ("--max-open-cases", "40"), 0.5),
    Input("CSV, a fleet", one_file("fleet.csv", as_fleet), ("--per", "host", "--memory", "4MiB"), 0.3),
    Input("JSON lines", one_file("events.jsonl", as_jsonl), ("--idle", "2000"), 0.3),
    Input("XES", one_file("log.xes", as_xes), (), 0.3),
    Input("several files", several, (), 0.5),
)
FOLLOWED: dict[str, tuple[Callable[[list[list[str]]], bytes], tuple[str, ...]]] = {
    "followed and rotated": (as_rows, ("--sequence", "steps")),
    "followed and rotated, ensemble of 4": (as_rows, ("--sequence", "steps", "--ensemble", "4")),
    "followed and rotated, cases": (as_csv, ("--idle", "2000")),
}
"""What is in a log that is followed, and the options of the runs, by what they are called."""


def learn(sources: list[Path], options: tuple[str, ...], model: Path, *more: str) -> list[str]:
    """Return the command."""
    return [FLEXSTREAM, "learn", *map(str, sources), *options, "-o", str(model), *more]


def kept(folder: Path) -> tuple[str, ...]:
    """Return the options by which checkpoints are written and gone on from."""
    return "--checkpoint", str(folder), "--checkpoint-every", EVERY, "--resume"


def killed(command: list[str], folder: Path, whole: float, luck: random.Random) -> bool:
    """Start a run and kill it at random; return whether it was still running.

    That is after a part of its time, or, one time in two, after it has written some checkpoints and a moment more: so
    that it is hit wherever it is, and in the middle of its work, however fast the machine is by then.
    """
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + luck.uniform(0, whole)
    wanted = newest(folder) + luck.randrange(1, 6) if luck.random() < 1 / 2 else 0
    while process.poll() is None:
        if newest(folder) >= wanted if wanted else time.monotonic() >= until:
            break
        time.sleep(0.002)
    time.sleep(luck.uniform(0, 0.03))
    ended = process.poll() is not None
    process.kill()
    process.wait()
    return not ended


def newest(folder: Path) -> int:
    """Return the number of the newest checkpoint in a folder, 0 if there is none."""
    return max((int(path.name.rpartition("-")[2]) for path in folder.glob("checkpoint-*")), default=0)


def trial(source: Input, files: list[Path], folder: Path, kills: int, whole: float, seed: str) -> int:
    """Kill a run so often at random and let it come to its end; return how often it was killed."""
    luck, done = random.Random(seed), 0
    command = learn(files, source.options, folder / "again.json", *kept(folder / "kept"))
    for _ in range(10 * kills):
        if done == kills:
            break
        if killed(command, folder / "kept", whole, luck):
            done += 1
        else:  # it was at its end before
            shutil.rmtree(folder / "kept")
    run(command)
    shutil.rmtree(folder / "kept")
    return done


def measure_input(source: Input, traces: list[list[str]], kills: int, seed: int) -> dict[str, Any]:
    """Kill runs over one input, until there are so many kills."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = source.write(folder, traces[: int(source.share * len(traces))])
        whole = run(learn(files, source.options, folder / "whole.json")).seconds
        return counted(
            folder,
            kills,
            lambda most, number: trial(source, files, folder, most, whole, f"{seed} {source.name} {number}"),
        )


def counted(folder: Path, kills: int, one: Callable[[int, int], int]) -> dict[str, Any]:
    """Make trials until there are so many kills; compare their models with the one that nobody disturbed."""
    expected, row = (folder / "whole.json").read_bytes(), {"runs": 0, "kills": 0, "equal": 0}
    while row["kills"] < kills:
        most = min(1 + row["runs"] % MOST_KILLS, kills - row["kills"])
        row["kills"] += one(most, row["runs"])
        row["runs"] += 1
        row["equal"] += (folder / "again.json").read_bytes() == expected
        (folder / "again.json").unlink()
    return row


# --- a file that is followed ---------------------------------------------------------------------------------------


class Writer:
    """Writes lines into a log, a part at a time, and rotates it now and then.

    Parameters
    ----------
    folder : Path
    data : bytes
        A header and lines.
    luck : random.Random
    """

    def __init__(self, folder: Path, data: bytes, luck: random.Random) -> None:
        self.log, self._luck, self._at = folder / ROTATED, luck, 0
        for old in folder.glob(f"{ROTATED}*"):
            old.unlink()
        self._header, _, self._rest = data.partition(b"\n")
        self.log.write_bytes(self._header + b"\n")

    def write(self) -> bool:
        """Write a part, perhaps rotate; return whether there is more."""
        stop = self._at + self._luck.randrange(2 + len(self._rest) // 6)
        with self.log.open("ab") as file:
            self._write_to(file, stop if self._luck.random() < 1 / 2 else self._end(stop))
        if self._at < len(self._rest) and self._luck.random() < 1 / 3:
            self._rotate()
        return self._at < len(self._rest)

    def _end(self, at: int) -> int:
        """Return where the line ends that is at a place."""
        stop = self._rest.find(b"\n", at)
        return len(self._rest) if stop < 0 else stop + 1

    def _write_to(self, file: BinaryIO, stop: int) -> None:
        file.write(self._rest[self._at : stop])
        self._at = min(stop, len(self._rest))

    def _rotate(self) -> None:
        olds = sorted(self.log.parent.glob(f"{ROTATED}.*"), key=lambda path: -int(path.suffix[1:]))
        for old in olds:
            old.rename(old.with_suffix(f".{int(old.suffix[1:]) + 1}"))
        with self.log.open("ab") as file:
            self.log.rename(self.log.with_name(f"{ROTATED}.1"))
            if self._at and self._rest[self._at - 1] != ord("\n"):
                self._write_to(file, self._end(self._at))
        self.log.write_bytes(self._header + b"\n")


def has_read(process: subprocess.Popen[bytes], log: Path) -> bool:
    """Tell whether a run stands at the end of a log."""
    folder = Path(f"/proc/{process.pid}/fd")
    for link in folder.iterdir():
        try:
            if link.samefile(log):
                position = int((folder.parent / "fdinfo" / link.name).read_text().split()[1])
                return position >= log.stat().st_size
        except (OSError, ValueError):
            continue
    return False


def read_to_its_end(command: list[str], log: Path) -> None:
    """Let a run read all that is there, and end it."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    calm = time.monotonic()
    while time.monotonic() - calm < IDLE and process.poll() is None:
        if not has_read(process, log):
            calm = time.monotonic()
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    process.wait()


def followed_trial(data: bytes, folder: Path, options: tuple[str, ...], kills: int, seconds: float, seed: str) -> int:
    """Follow a log that is written and rotated meanwhile; kill and go on so often."""
    luck, done = random.Random(seed), 0
    writer = Writer(folder, data, luck)
    command = [*learn([writer.log], ("--follow", *options), folder / "again.json"), *kept(folder / "kept")]
    more, begun = True, folder / "kept" / "checkpoint-1"
    for _ in range(kills):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not done and not (begun.exists() and has_read(process, writer.log)):
            time.sleep(0.01)  # what is rotated before anybody has opened it is of no stream
        until = time.monotonic() + luck.uniform(seconds / 2, 3 * seconds)
        while time.monotonic() < until:
            more = more and writer.write()
            time.sleep(luck.uniform(0, 0.2))
        process.kill()
        process.wait()
        done += 1
        for _ in range(luck.randrange(4)):  # while nobody reads
            more = more and writer.write()
    while more:
        more = writer.write()
    read_to_its_end(command, writer.log)
    shutil.rmtree(folder / "kept")
    return done


def measure_followed(name: str, traces: list[list[str]], kills: int, seed: int) -> dict[str, Any]:
    """Kill runs that follow a log."""
    form, options = FOLLOWED[name]
    traces = [trace for trace in traces if trace]  # of a case without an event there is no row
    data = form(traces)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / ROTATED).write_bytes(data)
        began = time.perf_counter()
        command = learn([folder / ROTATED], ("--follow", *options), folder / "whole.json")
        read_to_its_end(command, folder / ROTATED)
        learned = json.loads((folder / "whole.json").read_text())["provenance"]["traces"]
        if learned != len(traces):
            raise RuntimeError(f"the run that nobody disturbed has read {learned} of {len(traces)} traces")
        whole = time.perf_counter() - began
        return counted(
            folder,
            kills,
            lambda most, number: followed_trial(data, folder, options, most, whole, f"{seed} {name} {number}"),
        )


def measure(
    kills: int, seed: int, traces: int, only: list[str], before: dict[str, dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Kill so many runs, of each input the same number; what was measured before of others is kept."""
    texts = random_pdfa(Recipe(states=20, symbols=12), 7).sample(traces, seed=8)
    names = [name for name in (*(one.name for one in INPUTS), *FOLLOWED) if not only or name in only]
    rows = dict(before or {})
    for number, name in enumerate(names):
        share = kills * (number + 1) // len(names) - kills * number // len(names)
        known = {one.name: one for one in INPUTS}
        rows[name] = (
            measure_followed(name, texts[: len(texts) // 4], share, seed)
            if name in FOLLOWED
            else measure_input(known[name], texts, share, seed)
        )
        print(name, rows[name], file=sys.stderr, flush=True)
    return {
        "inputs": rows,
        "total": {key: sum(row[key] for row in rows.values()) for key in ("runs", "kills", "equal")},
    }


def tables(result: Result) -> dict[str, Table]:
    """Return the runs by input."""
    rows = [*result["measured"]["inputs"].items(), ("all", result["measured"]["total"])]
    cells = [(name, *(f"{row[key]:,}" for key in ("kills", "runs", "equal"))) for name, row in rows]
    return {"inputs": Table(("input", "kills", "runs", "equal models"), cells)}


def main() -> None:
    """Measure, and end with 1 where a model is another."""
    parser = parser_of(__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--traces", type=int, default=120_000)
    parser.add_argument("--only", action="append", default=[], metavar="INPUT")
    parser.add_argument("--add", type=Path, metavar="JSON", help="keep what an earlier result says of other inputs")
    args: argparse.Namespace = parser.parse_args()
    before = json.loads(args.add.read_text())["measured"]["inputs"] if args.add else None
    args.add = args.add and str(args.add)
    measured = measure(args.kills, args.seed, args.traces, args.only, before)
    finish(__file__, args, measured, tables)
    if measured["total"]["equal"] != measured["total"]["runs"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
