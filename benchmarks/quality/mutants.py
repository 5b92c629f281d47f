"""Of faults planted at random in the library, how many do the tests catch?  Wanted: nine in ten, shown outside readers.

    python benchmarks/quality/mutants.py [--faults 300] [--seed 1] [--rooms stream,summary,...] [--workers 2]
                                         [--minutes 25] [--json OUT]

Kernels are left out (their twins are compared with them).  Each fault is planted in a copy of the project.  The
nearest tests run first: the doctests of the module and the tests of its name; then, if it lived, all tests of its room.
A fault is caught if a test fails or does not end.  What is known is kept in build/mutants, so that a run that was
broken off goes on where it was; faults that lived are tried again once a test of their room has changed.  Faults that
change nothing are named in harmless_faults.json, each with the reason.
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
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.faults import Fault, plant
from shared.results import Result, finish, parser_of
from shared.tables import Table

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "mutants"
HARMLESS = Path(__file__).with_name("harmless_faults.json")
ALSO = {
    "ground": ["tests/cli/test_usage.py", "tests/cli/test_bad_input.py", "tests/cli/test_learn.py"],
    "readers": ["tests/contracts/test_readers.py"],
    "merging": ["tests/contracts/test_heuristics.py"],
    "automata": ["tests/contracts/test_models.py"],
    "learning": ["tests/cli/test_ensembles.py"],
    "pac": ["tests/cli/test_pac.py"],
}
"""Tests of a room that stand elsewhere."""
COUNTED = ("tried", "nearest", "room", "time", "alive")
LEAST_SECONDS = 60.0
PYTEST = [
    *("-q", "-x", "--no-header", "--tb=no", "--hypothesis-seed=0", "-p", "no:cacheprovider"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # what was loaded before the fork is told otherwise
]


@dataclass(frozen=True)
class Verdict:
    """What became of a fault: ``nearest`` or ``room`` (who caught it), ``time`` (did not end), or ``alive``."""

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

    def passes(self, tests: list[str], limit: float) -> bool | None:
        """Tell whether some tests pass, None if they do not end in time."""
        shutil.rmtree(self.folder / ".hypothesis", ignore_errors=True)
        assert self._tests.stdin and self._tests.stdout
        self._tests.stdin.write(json.dumps({"arguments": [*PYTEST, *tests], "seconds": limit}) + "\n")
        self._tests.stdin.flush()
        code = json.loads(self._tests.stdout.readline())
        return None if code is None else code in (0, 5)  # 5: none of the files holds a test

    def try_fault(self, fault: Fault, limits: dict[str, float]) -> str:
        """Plant a fault, run the nearest tests, then those of its room; return who caught it."""
        path, room = self.folder / fault.path, room_of(fault.path)
        before, source = path.stat(), path.read_text(encoding="utf-8")
        path.write_text(fault.source, encoding="utf-8")
        try:
            for name, tests in (("nearest", nearest_tests(fault.path, self.folder)), ("room", room_tests(room))):
                if (passed := self.passes(tests, limits[room])) is not True:
                    return name if passed is False else "time"
        finally:
            path.write_text(source, encoding="utf-8")
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return "alive"


def room_of(path: str) -> str:
    """Return the folder below the package that a module stands in; ``ground`` for those beside the folders."""
    parts = path.split("/")
    return parts[1] if len(parts) > 2 else "ground"


def nearest_tests(path: str, root: Path = ROOT) -> list[str]:
    """Return the module itself, for its doctests, and the tests that bear its name or that of its folder.

    Those of a copy are looked for in the copy: a test that was written since is no test there.
    """
    module, room = Path(path), room_of(path)
    names = {f"test_{module.stem}*.py", f"test_{module.parent.name}*.py"}
    folder = "tests" if room == "ground" else f"tests/{room}/**"
    return [path, *sorted({str(p.relative_to(root)) for name in names for p in root.glob(f"{folder}/{name}")})]


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


def digest_of_tests(room: str) -> str:
    """Return a digest of the tests of a room, doctests included, and of what tests share."""
    places = [ROOT / place for place in room_tests(room)]
    shared = [*(ROOT / "tests").glob("*.py"), *(ROOT / "tests" / "naive").glob("*.py")]
    files = {path for place in places for path in (place.rglob("*.py") if place.is_dir() else [place])}
    digest = hashlib.sha256()
    for path in sorted(files.union(shared)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


class Run:
    """The faults of a run, what is known of them, and the workers that find out the rest."""

    def __init__(self, faults: list[Fault], minutes: float) -> None:
        self.faults = faults
        self.tests = {room: digest_of_tests(room) for room in {room_of(fault.path) for fault in faults}}
        self.known = {fault.digest: verdict for fault in faults if (verdict := self._recall(fault))}
        self.limits: dict[str, float] = {}
        self.failing: list[str] = []  # rooms whose tests fail without any fault: theirs are not tried
        self.until = time.monotonic() + 60 * minutes
        self.lock = threading.Lock()

    def _recall(self, fault: Fault) -> Verdict | None:
        path = BUILD / "known" / f"{fault.digest}.json"
        if not path.exists():
            return None
        verdict = Verdict(**json.loads(path.read_text()))
        return None if verdict.by == "alive" and verdict.tests != self.tests[room_of(fault.path)] else verdict

    def work(self, workers: int) -> None:
        """Try all faults of which nothing is known, until time is up."""
        open_faults = [fault for fault in self.faults if fault.digest not in self.known]
        if not open_faults:
            return
        (BUILD / "known").mkdir(parents=True, exist_ok=True)
        copies = [Copy(BUILD / f"copy-{number}") for number in range(workers)]
        self._pass_before(copies, sorted({room_of(fault.path) for fault in open_faults}))
        left: queue.SimpleQueue[Fault] = queue.SimpleQueue()
        for fault in open_faults:
            if room_of(fault.path) not in self.failing:
                left.put(fault)
        threads = [threading.Thread(target=self._empty, args=(copy, left)) for copy in copies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for copy in copies:
            copy.close()

    def _pass_before(self, copies: list[Copy], rooms: list[str]) -> None:
        """Check that the tests of some rooms pass without a fault, and see how long they take."""
        path = BUILD / "passed.json"  # digest of tests: seconds, of earlier runs
        known: dict[str, float] = json.loads(path.read_text()) if path.exists() else {}
        fresh = [room for room in rooms if self.tests[room] not in known]
        with ThreadPoolExecutor(len(copies)) as pool:
            for found in pool.map(self._check, copies, _shares(fresh, len(copies))):
                known |= {self.tests[room]: seconds for room, seconds in found.items()}
        path.write_text(json.dumps(known))
        passed = {room: known[self.tests[room]] for room in rooms if self.tests[room] in known}
        self.limits = {room: max(LEAST_SECONDS, 3 * seconds) for room, seconds in passed.items()}
        self.failing = [room for room in rooms if room not in passed]

    def _check(self, copy: Copy, rooms: list[str]) -> dict[str, float]:
        """Run the tests of some rooms; return how long those took that pass."""
        passed = {}
        for room in rooms:
            begin = time.monotonic()
            fine = copy.passes(room_tests(room), 1800)
            seconds = time.monotonic() - begin
            passed |= {room: seconds} if fine else {}
            print(f"tests of {room}: {seconds:.0f} s{'' if fine else ', FAIL'}", file=sys.stderr, flush=True)
        return passed

    def _empty(self, copy: Copy, left: queue.SimpleQueue[Fault]) -> None:
        while time.monotonic() < self.until:
            try:
                fault = left.get_nowait()
            except queue.Empty:
                return
            begin = time.monotonic()
            by = copy.try_fault(fault, self.limits)
            verdict = Verdict(by, round(time.monotonic() - begin, 1), self.tests[room_of(fault.path)])
            with self.lock:
                self.known[fault.digest] = verdict
                (BUILD / "known" / f"{fault.digest}.json").write_text(json.dumps(vars(verdict)))
                print(f"{len(self.known):4} {by:8}{verdict.seconds:6.1f} s  {fault.key}", file=sys.stderr, flush=True)

    def report(self) -> dict[str, object]:
        """Return what was found, room by room, and the faults that lived."""
        harmless: dict[str, str] = json.loads(HARMLESS.read_text()) if HARMLESS.exists() else {}
        tried = [(fault, self.known[fault.digest].by) for fault in self.faults if fault.digest in self.known]
        alive = [fault for fault, by in tried if by == "alive"]
        rooms = sorted({room_of(fault.path) for fault, _ in tried})
        return {
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


def _shares(rooms: list[str], number: int) -> list[list[str]]:
    """Return the rooms dealt out to so many workers."""
    return [rooms[first::number] for first in range(number)]


def _row(tried: list[tuple[Fault, str]], harmless: dict[str, str]) -> dict[str, float | int]:
    """Count verdicts; the share leaves out the faults that change nothing."""
    counts = {name: sum(by == name for _, by in tried) for name in ("nearest", "room", "time", "alive")}
    nothing = sum(by == "alive" and fault.key in harmless for fault, by in tried)
    real = len(tried) - nothing
    caught = len(tried) - counts["alive"]
    share = round(caught / real, 4) if real else 1.0
    return {"tried": len(tried), **counts, "changes_nothing": nothing, "share_caught": share}


def tables(result: Result) -> dict[str, Table]:
    """Return ``rooms`` and ``alive``."""
    measured = result["measured"]
    head = ("room", "planted", "caught by the nearest tests", "by the room's", "by not ending", "lived", "caught")
    rows = [
        [
            room,
            *(f"{row[name]}" for name in ("tried", "nearest", "room", "time", "alive")),
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
    parser.add_argument("--minutes", type=float, default=25.0, help="start no more faults after so many")
    given = parser.parse_args()
    faults = plant(ROOT, sources(filter(None, given.rooms.split(","))), given.faults, given.seed)
    run = Run(faults, given.minutes)
    run.work(given.workers)
    finish(__file__, given, run.report(), tables)
    if run.failing:
        print(f"tests of {', '.join(run.failing)} fail without any fault: first make them pass", file=sys.stderr)
    if left := len(faults) - len(run.known):
        print(f"{left} faults not tried yet: start again", file=sys.stderr)


if __name__ == "__main__":
    main()
