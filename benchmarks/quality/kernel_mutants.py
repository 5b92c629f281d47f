"""Do the tests of the kernels catch off-by-ones planted at random in the C source of each?

    python benchmarks/quality/kernel_mutants.py [--each 3] [--seed 1] [--kernels count_batch,...] [--minutes 60]
                                                [--json OUT] [--markdown OUT]

In a copy of the project one place at a time is changed: an index is one more, a bound of a loop includes what it left
out or leaves out what it included, a ``+ 1`` or ``- 1`` is gone.  A kernel's places are those of its body and of the
helpers of its file that it calls.  The checked library is built from the changed source, and the tests of
``tests/_kernels`` run on it.  A fault is caught if a test fails or does not end.  Each kernel gets its first fault
before any gets its second, so that a run that the minutes end has seen as many kernels as there was time for.
"""

from __future__ import annotations

import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.tables import Table

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "flexstream" / "_kernels" / "c"
COPIED = ("flexstream", "cli", "tests", "build_backend", "datasets", "pyproject.toml", "docs", "benchmarks")
SECONDS = 120
# That a test fails is enough: the search for the smallest example would take minutes.
UNSHRUNK = """
from hypothesis import Phase  # noqa: E402

settings.register_profile("mutants", deadline=None, database=None, phases=(Phase.explicit, Phase.generate))
settings.load_profile("mutants")
"""
BYTES = 8 << 30  # a fault may ask for any amount of memory
START = re.compile(r"^(?:(?:KERNEL|JUDGE)\((\w+)|(?:HOT|COLD|static)\b[^;={()]*?(\w+)\()", re.MULTILINE)
ACCESS = re.compile(r"\b(?:KEY_AT|AT[23]?)\(")
HEADER = re.compile(r"\b(?:for|while) \(")
COMPARED = re.compile(r" (<=|>=|<|>) ")
TWISTED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
BY_ONE = re.compile(r" [+-] 1\b(?![.x])")


class Function(NamedTuple):
    """A function of a C file: its name, and where its body begins and ends."""

    name: str
    kernel: bool
    start: int
    stop: int


class Fault(NamedTuple):
    """A text in a file that takes another's place."""

    file: str
    function: str
    start: int
    stop: int
    text: str


def closing(text: str, opening: int) -> int:
    """Return where the bracket that opens at a place is closed.

    >>> closing("f(a, (b))", 1)
    8
    """
    depth = 0
    for place in range(opening, len(text)):
        depth += (text[place] in "([{") - (text[place] in ")]}")
        if not depth:
            return place
    raise ValueError(f"a bracket at {opening} is not closed")


def blanked(text: str) -> str:
    """Return a source of the same length without its comments."""
    return re.sub(r"/\*.*?\*/", lambda found: re.sub(r"[^\n]", " ", found[0]), text, flags=re.DOTALL)


def functions(text: str) -> Iterator[Function]:
    """Yield the functions of a source."""
    for found in START.finditer(text):
        kernel, helper = found.groups()
        after = closing(text, text.index("(", found.start())) + 1
        rest = text[after:].lstrip()
        if rest.startswith("{"):
            body = text.index("{", after)
            yield Function(kernel or helper, bool(kernel), body, closing(text, body))


def faults(file: str, text: str, function: Function) -> Iterator[Fault]:
    """Yield the faults that can be planted in a function."""
    body = text[function.start : function.stop]

    def fault(start: int, stop: int, twisted: str) -> Fault:
        return Fault(file, function.name, function.start + start, function.start + stop, twisted)

    for found in ACCESS.finditer(body):
        end = closing(body, found.end() - 1)
        yield fault(end, end, " + 1")
    for found in HEADER.finditer(body):
        for compared in COMPARED.finditer(body, found.end(), closing(body, found.end() - 1)):
            yield fault(compared.start(1), compared.end(1), TWISTED[compared[1]])
    for found in BY_ONE.finditer(body):
        yield fault(found.start(), found.end(), "")


def by_kernel() -> dict[str, list[Fault]]:
    """Return for each kernel the faults of its body and of the helpers of its file that it calls."""
    found = {}
    for path in sorted(SOURCES.glob("*.c")):
        text = blanked(path.read_text())
        known = {function.name: function for function in functions(text)}
        for function in known.values():
            if function.kernel:
                reached = _reached(text, known, function.name)
                found[function.name] = [one for name in reached for one in faults(path.name, text, known[name])]
    return found


def _reached(text: str, known: dict[str, Function], name: str) -> list[str]:
    reached, asked = [name], [name]
    while asked:
        function = known[asked.pop()]
        called = re.findall(r"\b(\w+)\(", text[function.start : function.stop])
        fresh = [other for other in dict.fromkeys(called) if other in known and other not in reached]
        reached += fresh
        asked += fresh
    return reached


def copy_to(folder: Path) -> None:
    """Copy what the tests need."""
    ignored = shutil.ignore_patterns("__pycache__", "*.so", "results")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder / name)
    (folder / "flexstream_cli").symlink_to("cli")
    with (folder / "tests" / "conftest.py").open("a") as file:
        file.write(UNSHRUNK)


def caught_by(folder: Path, fault: Fault | None) -> str:
    """Plant a fault; return the test that catches it, or what else ended the tests; nothing if it lives."""
    if fault is not None:
        path = folder / "flexstream" / "_kernels" / "c" / fault.file
        text = (SOURCES / fault.file).read_text()
        path.write_text(text[: fault.start] + fault.text + text[fault.stop :])
    try:
        build = [sys.executable, str(folder / "build_backend" / "flexstream_build.py"), "checked"]
        if subprocess.run(build, capture_output=True, check=False).returncode:
            return "the compiler"
        return _tested(folder, fault.file.removesuffix(".c") if fault else "")
    finally:
        if fault is not None:
            path.write_text(text)


def _tests(folder: Path, module: str) -> list[str]:
    """Return the tests of the kernels: what sees most indices first, then what names the module."""
    texts = {str(path): path.read_text() for path in sorted((folder / "tests" / "_kernels").glob("test_*.py"))}
    near = re.compile(rf"""_kernels\.{module} |"{module}\.""")
    return sorted(texts, key=lambda path: (Path(path).name != "test_bounds.py", near.search(texts[path]) is None))


def _tested(folder: Path, module: str) -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--tb=no", "--hypothesis-seed=0", "-p", "no:cacheprovider"]
    kernels = {"FLEXSTREAM_KERNELS": "checked", "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": ""}
    try:
        done = subprocess.run(
            [*command, *_tests(folder, module)],
            cwd=folder,
            env=os.environ | kernels,
            timeout=SECONDS,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES)),  # no threads here
        )
    except subprocess.TimeoutExpired:
        return "time"
    if not done.returncode:
        return ""
    named = re.search(r"^(?:FAILED|ERROR) \S*?tests/_kernels/(\S+)", done.stdout, re.MULTILINE)
    return named[1] if named else f"exit {done.returncode}"


def drawn(each: int, seed: int, only: list[str]) -> list[tuple[str, Fault]]:
    """Return kernels and faults in the order in which they are tried."""
    places, rows = by_kernel(), []
    for kernel in only or sorted(places):
        chance = random.Random(f"{seed} {kernel}")
        chosen = chance.sample(places[kernel], min(each, len(places[kernel])))
        rows += [(turn, chance.random(), kernel, fault) for turn, fault in enumerate(chosen)]
    return [(kernel, fault) for _, _, kernel, fault in sorted(rows)]


def measure(tries: list[tuple[str, Fault]], minutes: float) -> dict[str, list[dict[str, str | int]]]:
    """Return for each kernel the faults tried and what caught them."""
    known: dict[Fault, str] = {}
    found: dict[str, list[dict[str, str | int]]] = {}
    end = time.monotonic() + 60 * minutes
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_to(folder)
        problem = caught_by(folder, None)
        if problem:
            sys.exit(f"the tests fail without a fault: {problem}")
        for kernel, fault in tries:
            if time.monotonic() > end:
                break
            if fault not in known:
                known[fault] = caught_by(folder, fault)
            found.setdefault(kernel, []).append(_told(fault, known[fault]))
            print(kernel, *found[kernel][-1].values(), flush=True)
    return dict(sorted(found.items()))


def _told(fault: Fault, caught: str) -> dict[str, str | int]:
    text = (SOURCES / fault.file).read_text()
    line = text.count("\n", 0, fault.start)
    start = text.rfind("\n", 0, fault.start) + 1
    changed = text[start : fault.start] + fault.text + text[fault.stop : text.find("\n", fault.stop)]
    return {"file": fault.file, "line": line + 1, "changed": changed.strip(), "caught": caught}


def tables(result: Result) -> dict[str, Table]:
    """Return the share that was caught by kernel, and what lived."""
    kernels = result["measured"]["kernels"]
    rows = [
        [f"`{name}`", str(len(tried)), f"{sum(bool(one['caught']) for one in tried)}"]
        for name, tried in kernels.items()
    ]
    rows.append(["all", str(result["measured"]["tried"]), str(result["measured"]["caught"])])
    lived = [
        [f"{one['file']}:{one['line']}", f"`{one['changed']}`"]
        for one in {str(one): one for tried in kernels.values() for one in tried if not one["caught"]}.values()
    ]
    return {"kernels": Table(["kernel", "planted", "caught"], rows), "lived": Table(["where", "what"], lived, "ll")}


def main() -> None:
    """Plant faults and count."""
    parser = parser_of(__doc__)
    parser.add_argument("--each", type=int, default=3, help="faults a kernel")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kernels", default="", help="only these")
    parser.add_argument("--minutes", type=float, default=60.0, help="begin no other fault after so many")
    args = parser.parse_args()
    only = [name for name in args.kernels.split(",") if name]
    kernels = measure(drawn(args.each, args.seed, only), args.minutes)
    tried = [one for found in kernels.values() for one in found]
    measured = {"kernels": kernels, "tried": len(tried), "caught": sum(bool(one["caught"]) for one in tried)}
    measured["share"] = measured["caught"] / max(1, len(tried))
    finish(__file__, args, measured, tables)


if __name__ == "__main__":
    main()
