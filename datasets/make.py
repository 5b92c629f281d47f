"""Make the data sets of this folder anew: ``python datasets/make.py [FOLDER]``.

300 lots pass through the re-entrant line of ``flexstream.targets``, written down in four ways.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from flexstream.targets import reentrant_line

LOTS = 300
SEED = 1


def events(lots: list[list[str]], seed: int) -> Iterator[tuple[datetime, str, str]]:
    """Yield (time, lot, event) of lots that start every half hour and take about an hour a step."""
    random = np.random.default_rng(seed)
    start = datetime(2026, 1, 5)
    rows = []
    for number, lot in enumerate(lots):
        time = start + timedelta(minutes=30 * number)
        for event in lot:
            time += timedelta(seconds=int(random.integers(1800, 5400)))
            rows.append((time, f"L{number + 1:04d}", event))
    yield from sorted(rows)


def as_csv(rows: list[tuple[datetime, str, str]]) -> str:
    """Return interleaved events as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["timestamp", "case_id", "activity"])
    writer.writerows((time.isoformat(sep=" "), lot, event) for time, lot, event in rows)
    return text.getvalue()


def as_log(rows: list[tuple[datetime, str, str]], seed: int) -> str:
    """Return interleaved events as the log lines of a cell controller; numbers and ids vary, templates do not."""
    random = np.random.default_rng(seed)
    lines = [
        f"{time.isoformat(sep=' ')} INFO cell.controller [lot {lot}] {event} done in {random.uniform(20, 90):.1f} min "
        f"by operator {random.integers(100, 130)}"
        for time, lot, event in rows
    ]
    return "\n".join(lines) + "\n"


def main(folder: Path) -> None:
    """Write all data sets."""
    line = reentrant_line()
    lots = line.sample(LOTS, SEED)
    rows = list(events(lots, SEED))
    line.save(folder / "line.json")
    (folder / "lots.txt").write_text("".join(" ".join(lot) + "\n" for lot in lots))
    (folder / "events.csv").write_text(as_csv(rows))
    (folder / "events.log").write_text(as_log(rows, SEED))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
