"""Of faults planted at random in the library, how many do the tests catch?  Wanted: nine in ten of all 300.

    python benchmarks/quality/mutants.py [--faults 300] [--seed 1] [--rooms stream,summary,...] [--workers 2]
                                         [--minutes 25] [--json OUT]

Kernels are left out (their twins are compared with them).  Each fault is planted in a copy of the project, and the
tests of its room, doctests included, have to catch it: one fails or does not end.  Of these tests only those run that
run the line of the fault, the quickest first; one that never runs it does the same without the fault, so the verdict
is that of all (``shared/traces.py``).  For that, each test is traced once; one that fails then catches nothing.

What is known is kept in build/mutants, so that a run that was broken off goes on where it was: traces until a source or
the file of the test changes, faults that were caught until their module changes, faults that lived until a test of
their room does.  Faults that change nothing are named in harmless_faults.json, each with the reason; once they have
lived they are not tried again.
"""

from __future__ import annotations

import hashlib
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.faults import Fault, plant
from shared.results import Result, finish, parser_of
from shared.tables import Table
from shared.traces import Traces, split

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "mutants"
HARMLESS = Path(__file__).with_name("harmless_faults.json")
ALSO = {
    "ground": ["tests/cli/test_usage.py", "tests/cli/test_bad_input.py", "tests/cli/test_learn.py"],
    "readers": ["tests/contracts/test_readers.py"],
    "verdict": ["tests/cli/test_inspect.py", "tests/cli/test_verdict.py"],
    "merging": ["tests/contracts/test_heuristics.py"],
    "automata": ["tests/contracts/test_models.py"],
    "learning": ["tests/cli/test_ensembles.py"],
    "pac": ["tests/cli/test_pac.py"],
}
"""Tests of a room that stand elsewhere."""
COUNTED = ("tried", "test", "time", "alive")
LEAST_SECONDS = 30.0
TRACED_AT_ONCE = 30  # files of tests: what a run that is broken off loses
PYTEST = [
    *("-q", "--no-header", "--tb=no", "--hypothesis-seed=0", "-p", "no:cacheprovider"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # what was loaded before the fork is told otherwise
]


@dataclass(frozen=True)
class Verdict:
    """What became of a fault: ``test`` (one caught it), ``time`` (one did not end), or ``alive``."""

    by: str
    seconds: float
    tests: str  # digest of the tests that said so


class Copy:
    """A copy of the project to plant faults in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        skip = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "node_modules")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(ROOT, folder, ignore=skip, symlinks=True)
        # In an installed package the folder cli has another name.
        (folder / "paths").mkdir()
        (folder / "paths" / "flexstream_cli").symlink_to(folder / "cli")

        paths = os.pathsep.join([str(folder), str(folder / "paths")])
        surroundings = {**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
        self._tests = subprocess.Popen(
            [sys.executable, str(ROOT / "benchmarks" / "shared" / "forked_tests.py")],
            cwd=folder,
            env=surroundings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        """End the process that runs the tests."""
        self._tests.communicate()

    def run(self, tests: Iterable[str], seconds: float, *options: str, **further: object) -> int | None:
        """Run some files of tests; return pytest's exit code, None if they do not end in time."""
        shutil.rmtree(self.folder / ".hypothesis", ignore_errors=True)
        assert self._tests.stdin and self._tests.stdout
        request = {"arguments": [*PYTEST, *options, *tests], "seconds": seconds, **further}
        self._tests.stdin.write(json.dumps(request) + "\n")
        self._tests.stdin.flush()
        code: int | None = json.loads(self._tests.stdout.readline())
        return code

    def try_fault(self, fault: Fault, traces: Traces) -> str:
        """Plant a fault, run the tests that could catch it; return what became of it."""
        path = self.folder / fault.path
        before, source = path.stat(), path.read_text(encoding="utf-8")
        tests = traces.tests_for(fault.path, source, fault.line)
        if not tests:
            return "alive"
        limits = {test: max(LEAST_SECONDS, 10 * traces.seconds[test]) for test in tests}
        path.write_text(fault.source, encoding="utf-8")
        try:
            code = self.run(sorted({test.split("::")[0] for test in tests}), sum(limits.values()), "-x", only=limits)
        finally:
            path.write_text(source, encoding="utf-8")
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return "time" if code is None else "test" if code else "alive"

    def trace(self, units: list[str]) -> dict[str, dict[str, object]]:
        """Run some files of tests; return of each what its tests run."""
        out = BUILD / f"{self.folder.name}.json"
        out.unlink(missing_ok=True)
        begin = time.monotonic()
        self.run(units, 3600, trace=str(out))
        if not out.exists():
            raise SystemExit(f"some of these tests do not end or cannot be read: {' '.join(units)}")
        parts = split(out, units)
        failed = json.loads(out.read_text())["failed"]
        print(f"traced {len(units)} files of tests in {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
        for test in failed:
            print(f"fails without any fault: {test}", file=sys.stderr, flush=True)
        return parts


def room_of(path: str) -> str:
    """Return the folder below the package that a module stands in; ``ground`` for those beside the folders."""
    parts = path.split("/")
    return parts[1] if len(parts) > 2 else "ground"


def nearest_tests(path: str) -> list[str]:
    """Return a module itself, for its doctests, and the tests that bear its name or that of its folder."""
    module, room = Path(path), room_of(path)
    names = {f"test_{module.stem}*.py", f"test_{module.parent.name}*.py"}
    folder = "tests" if room == "ground" else f"tests/{room}/**"
    return [path, *sorted({str(p.relative_to(ROOT)) for name in names for p in ROOT.glob(f"{folder}/{name}")})]


def room_tests(room: str) -> list[str]:
    """Return all tests of a room and its doctests."""
    places = [f"flexstream/{room}", f"tests/{room}"]
    if room == "ground":  # what stands beside the rooms
        modules = sorted((ROOT / "flexstream").glob("*.py"))
        places = [place for path in modules for place in nearest_tests(str(path.relative_to(ROOT)))]
    return [place for place in [*places, *ALSO.get(room, [])] if (ROOT / place).exists()]


def sources(rooms: Iterable[str]) -> list[str]:
    """Return the modules of some rooms, of all if none is named, but for kernels."""
    wanted = set(rooms)
    paths = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "flexstream").rglob("*.py"))
    return [path for path in paths if "/_kernels/" not in path and (not wanted or room_of(path) in wanted)]


def units(room: str) -> list[str]:
    """Return the files that hold tests of a room, modules with doctests included."""
    places = [ROOT / place for place in room_tests(room)]
    files = {path for place in places for path in (place.rglob("*.py") if place.is_dir() else [place])}
    tests = [path for path in files if path.name.startswith("test_") or ROOT / "flexstream" in path.parents]
    return sorted(str(path.relative_to(ROOT)) for path in tests)


def shared_by_tests() -> list[Path]:
    """Return what stands in the folder of tests and is none."""
    return sorted(path for path in (ROOT / "tests").rglob("*.py") if not path.name.startswith("test_"))


def digest(paths: Iterable[Path], *more: str) -> str:
    """Return a digest of some files and words."""
    found = hashlib.sha256("\0".join(more).encode())
    for path in paths:
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def digest_of_tests(room: str) -> str:
    """Return a digest of the tests of a room, doctests included, and of what tests share."""
    return digest([*(ROOT / unit for unit in units(room)), *shared_by_tests()])


class Run:
    """The faults of a run, what is known of them, and the workers that find out the rest."""

    def __init__(self, faults: list[Fault], minutes: float) -> None:
        self.faults = faults
        self.harmless: dict[str, str] = json.loads(HARMLESS.read_text()) if HARMLESS.exists() else {}
        self.tests = {room: digest_of_tests(room) for room in {room_of(fault.path) for fault in faults}}
        self.known = {fault.digest: verdict for fault in faults if (verdict := self._recall(fault))}
        self.traces: dict[str, Traces] = {}
        self.until = time.monotonic() + 60 * minutes
        self.lock = threading.Lock()

    def _recall(self, fault: Fault) -> Verdict | None:
        path = BUILD / "known" / f"{fault.digest}.json"
        return Verdict(**json.loads(path.read_text())) if path.exists() else None

    def _is_open(self, fault: Fault) -> bool:
        """Tell whether a fault is to be tried: for the first time, or once more, now that there are other tests."""
        verdict = self.known.get(fault.digest)
        if verdict is None or verdict.by != "alive":
            return verdict is None
        return verdict.tests != self.tests[room_of(fault.path)] and fault.key not in self.harmless

    def work(self, workers: int) -> None:
        """Try all faults of which nothing is known, until time is up."""
        open_faults = [fault for fault in self.faults if self._is_open(fault)]
        if not open_faults or time.monotonic() >= self.until:
            return
        (BUILD / "known").mkdir(parents=True, exist_ok=True)
        copies = [Copy(BUILD / f"copy-{number}") for number in range(workers)]
        rooms = sorted({room_of(fault.path) for fault in open_faults})
        self._trace(copies, rooms)
        left: queue.SimpleQueue[Fault] = queue.SimpleQueue()
        for fault in open_faults:
            left.put(fault)
        each(copies, lambda copy: self._empty(copy, left))
        for copy in copies:
            copy.close()

    def _trace(self, copies: list[Copy], rooms: list[str]) -> None:
        """Find out what the tests of some rooms run, as far as it is not known."""
        (BUILD / "traces").mkdir(parents=True, exist_ok=True)
        tested = sorted((ROOT / "flexstream").rglob("*.py")) + sorted(
            (ROOT / "flexstream" / "_kernels").rglob("*.[ch]")
        )
        state = digest([*tested, *shared_by_tests()])
        kept = {
            unit: BUILD / "traces" / f"{digest([ROOT / unit], state, unit)}.json"
            for room in rooms
            for unit in units(room)
        }
        left: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
        fresh = [unit for unit, path in kept.items() if not path.exists()]
        for first in range(0, len(fresh), TRACED_AT_ONCE):
            left.put(fresh[first : first + TRACED_AT_ONCE])

        def empty(copy: Copy) -> None:
            for some in taken(left):
                for unit, part in copy.trace(some).items():
                    kept[unit].write_text(json.dumps(part))

        each(copies, empty)
        self.traces = {room: Traces((kept[unit] for unit in units(room)), ROOT) for room in rooms}

    def _empty(self, copy: Copy, left: queue.SimpleQueue[Fault]) -> None:
        for fault in taken(left):
            if time.monotonic() >= self.until:
                return
            begin = time.monotonic()
            by = copy.try_fault(fault, self.traces[room_of(fault.path)])
            verdict = Verdict(by, round(time.monotonic() - begin, 1), self.tests[room_of(fault.path)])
            with self.lock:
                self.known[fault.digest] = verdict
                (BUILD / "known" / f"{fault.digest}.json").write_text(json.dumps(vars(verdict)))
                print(f"{len(self.known):4} {by:8}{verdict.seconds:6.1f} s  {fault.key}", file=sys.stderr, flush=True)

    def report(self) -> dict[str, object]:
        """Return what was found, room by room, and the faults that lived."""
        harmless = self.harmless
        tried = [(fault, self.known[fault.digest].by) for fault in self.faults if fault.digest in self.known]
        alive = [fault for fault, by in tried if by == "alive"]
        rooms = sorted({room_of(fault.path) for fault, _ in tried})
        return {
            "sources": _commit_of("flexstream"),
            "planted": len(self.faults),
            "all": _row(tried, harmless),
            "rooms": {room: _row([(f, by) for f, by in tried if room_of(f.path) == room], harmless) for room in rooms},
            "alive": [
                {
                    "where": f"{fault.path}:{fault.line}",
                    "before": fault.before,
                    "after": fault.after,
                    "changes_nothing": harmless.get(fault.key),
                }
                for fault in alive
            ],
        }


def _commit_of(path: str) -> str | None:
    """Return the last commit that changed something there, None where there is none."""
    command = ["git", "log", "-1", "--format=%h", "--", path]
    asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return asked.stdout.strip() or None


def taken(left: queue.SimpleQueue[Any]) -> Iterator[Any]:
    """Take from a queue until it is empty."""
    while True:
        try:
            yield left.get_nowait()
        except queue.Empty:
            return


def each(copies: list[Copy], work: Callable[[Copy], None]) -> None:
    """Let all copies work at the same time; what goes wrong in one goes wrong here."""
    with ThreadPoolExecutor(len(copies)) as pool:
        list(pool.map(work, copies))


def _row(tried: list[tuple[Fault, str]], harmless: dict[str, str]) -> dict[str, float | int]:
    """Count verdicts; the share leaves out the faults that change nothing."""
    counts = {name: sum(by == name for _, by in tried) for name in COUNTED[1:]}
    nothing = sum(by == "alive" and fault.key in harmless for fault, by in tried)
    real = len(tried) - nothing
    caught = len(tried) - counts["alive"]
    share = round(caught / real, 4) if real else 1.0
    return {"tried": len(tried), **counts, "changes_nothing": nothing, "share_caught": share}


def tables(result: Result) -> dict[str, Table]:
    """Return ``rooms`` and ``alive``."""
    measured = result["measured"]
    head = ("room", "planted", "caught by a test", "by not ending", "lived", "caught")
    rows = [
        [
            room,
            *(f"{row[name]}" for name in COUNTED),
            f"{row['share_caught']:.1%}",
        ]
        for room, row in [*measured["rooms"].items(), ("all", measured["all"])]
    ]
    alive = [
        [f"`{one['where']}`", f"`{one['before']}` → `{one['after']}`", one["changes_nothing"] or "a hole"]
        for one in measured["alive"]
    ]
    return {
        "rooms": Table(head, rows),
        "alive": Table(("where", "fault", "changes nothing, since"), alive, "lll"),
    }


def main() -> None:
    """Plant, run, report."""
    parser = parser_of(__doc__)
    parser.add_argument("--faults", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rooms", default="", help="only these, separated by commas (default: all)")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument(
        "--minutes", type=float, default=25.0, help="start no more faults after so many; 0: tell what is known"
    )
    given = parser.parse_args()
    faults = plant(ROOT, sources(filter(None, given.rooms.split(","))), given.faults, given.seed)
    run = Run(faults, given.minutes)
    run.work(given.workers)
    finish(__file__, given, run.report(), tables)
    if left := len(faults) - len(run.known):
        print(f"{left} faults not tried yet: start again", file=sys.stderr)


if __name__ == "__main__":
    main()
