"""Claim: what is installed takes at most 55 % of the bytes of the version whose kernels were compiled at run time.

    python benchmarks/speed/installed.py [--other 3a1a14d] [--json OUT] [--markdown OUT]

Both versions, this commit and another, are checked out and installed by ``pip`` into empty environments, with what they
need at run time and nothing else, from the index that ``pip`` is set to use.  Counted are the bytes of all files that
were not there before, byte code included, package by package.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import BENCHMARKS, Result, finish, parser_of
from shared.tables import Table

MIB = 1 << 20
SHOWN = 7
"""Packages of each version that are shown, the largest."""


def checked_out(commit: str, folder: Path) -> Path:
    """Write the files of a commit into a folder."""
    folder.mkdir()
    packed = subprocess.run(["git", "archive", commit], cwd=BENCHMARKS.parent, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", str(folder)], input=packed, check=True)
    return folder


def sizes(packages: Path) -> Counter[str]:
    """Return the bytes of all files below a folder, by the name of what lies in it."""
    found: Counter[str] = Counter()
    for path in packages.rglob("*"):
        if path.is_file() and not path.is_symlink():
            found[owner(path.relative_to(packages).parts[0])] += path.stat().st_size
    return found


def owner(name: str) -> str:
    """Return the package that a file or folder belongs to.

    >>> owner("numpy.libs"), owner("networkx-3.4.dist-info"), owner("click")
    ('numpy', 'networkx', 'click')
    """
    return name.removesuffix(".libs").removesuffix(".py").split("-")[0].lower()


def installed(source: Path, environment: Path) -> dict[str, int]:
    """Return the bytes that each package takes which comes with a version."""
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    packages = next(environment.glob("lib/python*/site-packages"))
    before = sizes(packages)
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    python = environment / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", str(source)], check=True, env=plain)
    return dict((sizes(packages) - before).most_common())


def measure(commits: dict[str, str]) -> dict[str, dict[str, int]]:
    """Return the bytes of each package of each version."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return {
            version: installed(checked_out(commit, folder / version), folder / f"{version}-environment")
            for version, commit in commits.items()
        }


def tables(result: Result) -> dict[str, Table]:
    """Return ``installed``: the whole, and the largest packages of each version."""
    found = result["measured"]["bytes"]
    here, other = found["here"], found["other"]
    names = {*list(here)[:SHOWN], *list(other)[:SHOWN]}
    largest = sorted(names, key=lambda name: -max(here.get(name, 0), other.get(name, 0)))
    rows = [["all", f"{sum(other.values()) / MIB:.0f}", f"{sum(here.values()) / MIB:.0f}"]]
    rows += [[name, *(f"{one.get(name, 0) / MIB:.1f}" for one in (other, here))] for name in largest]
    return {"installed": Table(("MiB", "before", "now"), rows)}


def main() -> None:
    """Measure and print."""
    parser = parser_of(__doc__)
    parser.add_argument("--other", default="3a1a14d", help="the commit to compare with")
    args = parser.parse_args()
    found = measure({"here": "HEAD", "other": args.other})
    ratio = sum(found["here"].values()) / sum(found["other"].values())
    finish(__file__, args, {"bytes": found, "ratios": {"installed / before": ratio}}, tables)


if __name__ == "__main__":
    main()
