"""Has anything become slower or larger?  Compares ratios, never seconds, with those of an earlier run.

    python benchmarks/speed/regress.py NEW.json OLD.json [--more 0.25]

A tool that proves nothing of its own.  Both files are what a benchmark wrote with ``--json``; ``benchmarks/results``
holds those of the last release.  Ratios
are measured side by side in one run, so they hang little on the machine.  Ends with 1 if one has grown by more than a
quarter (or what ``--more`` says).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.tables import Table


def grown(new: dict[str, float], old: dict[str, float], more: float) -> list[str]:
    """Return the names of the ratios that have grown by more than a share."""
    return [name for name in old if name in new and new[name] > old[name] * (1 + more)]


def main() -> None:
    """Compare and say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("new", type=Path)
    parser.add_argument("old", type=Path)
    parser.add_argument("--more", type=float, default=0.25)
    args = parser.parse_args()
    new, old = (json.loads(path.read_text())["measured"]["ratios"] for path in (args.new, args.old))
    worse = grown(new, old, args.more)
    rows = [
        [name, f"{old[name]:.3g}", f"{new[name]:.3g}" if name in new else "-", "worse" if name in worse else ""]
        for name in old
    ]
    print(Table(["ratio", "before", "now", ""], rows, "lrrl").text())
    missing = [name for name in old if name not in new]
    if missing:
        print(f"not measured: {', '.join(missing)}")
    sys.exit(1 if worse or len(missing) == len(old) else 0)


if __name__ == "__main__":
    main()
