"""How fast is a text file turned into a model?  Ratios, measured side by side in one run.

    python benchmarks/throughput.py [--events 5000000] [--runs 3] [--json OUT]

The file is sampled from the re-entrant line.  ``flexstream learn`` is compared, as a whole process and in turns, with
``wc -w`` and with a plain Python loop that counts words.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from common import run

from flexstream.targets import reentrant_line

COUNTER = "import sys, collections; c = collections.Counter()\nfor line in open(sys.argv[1]): c.update(line.split())"


def write_traces(path: Path, events: int) -> int:
    """Write traces with about so many events; return how many there are exactly."""
    lots = reentrant_line().sample(20_000, seed=1)
    text, size = "".join(" ".join(lot) + "\n" for lot in lots), sum(map(len, lots))
    copies = max(1, round(events / size))
    with path.open("w") as file:
        for _ in range(copies):
            file.write(text)
    return copies * size


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path, model = Path(folder) / "traces.txt", Path(folder) / "model.json"
        events = write_traces(path, args.events)
        commands = {
            "flexstream learn": ["flexstream", "learn", str(path), "-o", str(model)],
            "wc -w": ["wc", "-w", str(path)],
            "python Counter": [sys.executable, "-c", COUNTER, str(path)],
        }
        run(commands["flexstream learn"])  # compiles the kernels
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(args.runs):
            for name, command in commands.items():
                seconds[name].append(run(command).seconds)
    ours = seconds["flexstream learn"]
    print(f"{events:,} events, {args.runs} runs in turns, whole processes")
    result: dict[str, object] = {"events": events, "events_per_second": events / statistics.median(ours)}
    for name, times in seconds.items():
        ratio = statistics.median(mine / other for mine, other in zip(ours, times, strict=True))
        result[name] = {"seconds": times, "flexstream_takes": ratio}
        rate = events / statistics.median(times)
        print(f"{name:18s} {statistics.median(times):7.2f} s  {rate:12,.0f} events/s  flexstream takes {ratio:6.2f} x")
    if args.json:
        args.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
