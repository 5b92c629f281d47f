"""Logs of many events for engines, in files of Parquet or JSON lines, and a driver of structured streaming."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from flexstream import StreamLearner, TraceBatch
from flexstream.automata.sampling import sample_batch
from flexstream.targets import reentrant_line

FILES = 8
SHORTEST_MEAN = 8
"""Events of a trace of the line, on average, or more."""
START = 1_700_000_000
COLUMNS = {"case": "lot", "event": "step", "time": "at"}
_ROWS = 1 << 18
"""Rows that are written at a time as text."""


def batches(events: int) -> Iterator[TraceBatch]:
    """Yield the traces of each file, which have so many events together, or a few more."""
    total = 0
    for number in range(FILES):
        wanted = (number + 1) * events // FILES - total
        drawn = sample_batch(reentrant_line(), wanted // SHORTEST_MEAN + 1, 1 + number, 10_000)
        yield (batch := drawn.part(0, min(len(drawn), int(np.searchsorted(drawn.offsets, wanted)))))
        total += batch.events


def write_log(folder: Path, events: int, form: str) -> tuple[int, int]:
    """Write so many events, in no order, into some files; return how many traces and events those are."""
    import pyarrow
    import pyarrow.parquet

    folder.mkdir(parents=True, exist_ok=True)
    steps, traces, total = pyarrow.array(reentrant_line().symbols), 0, 0
    for number, batch in enumerate(batches(events)):
        lot = np.repeat(np.arange(len(batch)), np.diff(batch.offsets))
        at = START + traces + lot + 5 * (np.arange(batch.events) - batch.offsets[lot])
        order = np.random.default_rng(number).permutation(batch.events)
        names = pyarrow.array([f"lot {traces + lot}" for lot in range(len(batch))])
        columns = {
            "lot": names.take(pyarrow.array(lot[order])),
            "step": steps.take(pyarrow.array(batch.symbols[order])),
        }
        table = pyarrow.table({**columns, "at": at[order]})
        path = folder / f"{number}.{form}"
        if form == "parquet":
            pyarrow.parquet.write_table(table, path)
        else:
            _write_lines(path, table)
        traces, total = traces + len(batch), total + batch.events
    return traces, total


def _write_lines(path: Path, table: Any) -> None:
    with path.open("w") as file:
        for part in table.to_batches(_ROWS):
            rows = zip(*(part.column(name).to_pylist() for name in ("lot", "step", "at")), strict=True)
            file.writelines(f'{{"lot": "{lot}", "step": "{step}", "at": {at}}}\n' for lot, step, at in rows)


def main() -> None:
    """Learn what is in a folder by structured streaming, a file a micro-batch, going on behind what was learned."""
    from flexstream.distributed.spark import learn_stream_on_spark

    given = json.loads(sys.argv[1])
    learner = learn_stream_on_spark(
        StreamLearner(repeats=False), given["log"], COLUMNS, given["kept"], given["master"], given["parts"], files=1
    )
    Path(given["model"]).write_text(learner.automaton.to_json())
    print(f"{learner.traces:,} traces, {learner.events:,} events", file=sys.stderr)


if __name__ == "__main__":
    main()
