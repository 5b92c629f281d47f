"""One way to write what was measured: ``benchmarks/results/FOLDER/NAME.json`` is written by nothing else.

A result says by which script, when, with which versions and arguments it came about, how long that took, and, under
``measured``, what was found.  Figures in the documentation are taken from there (``benchmarks/figures.py``).
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shared.tables import Table

BENCHMARKS = Path(__file__).resolve().parents[1]
PACKAGES = ("flexstream", "numpy", "aalpy", "statsmodels", "scikit-learn", "river")
OUTPUTS = ("json", "markdown", "plot")
Result = dict[str, Any]
Tables = Callable[[Result], dict[str, Table]]
"""What a script offers to print and to the documentation: from a result to tables by their names."""
STARTED, LOAD = time.time(), os.getloadavg()


def parser_of(words: str | None, plot: bool = False) -> argparse.ArgumentParser:
    """Return a parser with a script's docstring as its help and the options that all scripts have."""
    parser = argparse.ArgumentParser(description=words, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the result there")
    parser.add_argument("--markdown", type=Path, metavar="OUT", help="write the tables there")
    if plot:
        parser.add_argument("--plot", type=Path, metavar="OUT", help="draw it into this file")
    return parser


def versions() -> dict[str, str]:
    """Return with what something was measured."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _plain(value: object) -> object:
    """Return an argument as it is kept: of a path only the name, for where data lie is nobody's business."""
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.name if isinstance(value, Path) else value


def command(script: str, words: list[str]) -> str:
    """Return a command line as others would type it: no outputs, of paths only the name.

    >>> command("quality/quality.py", ["data/pautomac", "--problems", "6", "--json", "out.json"])
    'python benchmarks/quality/quality.py pautomac --problems 6'
    """
    kept: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in [f"--{name}" for name in OUTPUTS]:
            next(rest, None)
        elif not word.startswith(tuple(f"--{name}=" for name in OUTPUTS)):
            kept.append(Path(word).name if "/" in word and " " not in word else word)
    return shlex.join(["python", f"benchmarks/{script}", *kept])


def result_of(script: str, args: argparse.Namespace, measured: object) -> Result:
    """Return a result; ``script`` is the script's own ``__file__``."""
    name = Path(script).resolve().relative_to(BENCHMARKS).as_posix()
    result = {
        "benchmark": name,
        "command": command(name, sys.argv[1:]),
        "date": datetime.date.today().isoformat(),
        "cores": os.cpu_count(),
        "load": [round(LOAD[0], 1), round(os.getloadavg()[1], 1)],  # of one minute before, of five at the end
        "seconds": round(time.time() - STARTED, 1),
        "versions": versions(),
        "arguments": {key: _plain(value) for key, value in vars(args).items() if key not in OUTPUTS},
        "measured": measured,
    }
    found: Result = json.loads(json.dumps(result, allow_nan=False))  # as it will be read again
    return found


def write_json(path: Path | None, result: Result) -> None:
    """Write a result, if somebody asked for it."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")


def finish(script: str, args: argparse.Namespace, measured: object, tables: Tables) -> Result:
    """Print the tables of what was measured, write what was asked for, and return the result."""
    result = result_of(script, args, measured)
    found = tables(result)
    for name, one in found.items():
        print(f"\n{name}:\n{one.text()}", end="", flush=True)
    write_json(args.json, result)
    if args.markdown:
        args.markdown.write_text("\n".join(one.markdown() for one in found.values()))
    return result
