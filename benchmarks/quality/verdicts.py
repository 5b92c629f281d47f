"""Claim: no verdict cries wolf, and what is wrong is named: 100 streams of known sources, and faults made of them.

    python benchmarks/quality/verdicts.py [--traces 5000] [--weeks 13] [--json OUT] [--markdown OUT]

First are streams in which nothing is wrong, read as any file is, with default options: random automata of the three
kinds in four sizes, two grammars, and views of the simulated fab.  There is nothing to say of any of them.  Then the
same sources are spoiled in ways in which real files are: the verdict has to name the fault first.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import ReadOptions, StreamLearner, Verdict, judge
from flexstream.automata.sampling import texts
from flexstream.fab.log.output import stream
from flexstream.fab.parameters import WEEK
from flexstream.fab.plant import Plant
from flexstream.fab.profiles import load_parameters
from flexstream.readers.reading import Reading
from flexstream.targets import PFA, Problem, Recipe, reber, reentrant_line

SIZES = ((10, 6), (20, 8), (40, 12), (100, 20))
SEEDS = range(5)
VIEWS: tuple[dict[str, Any], ...] = (
    {"by": "lot"},
    {"by": "lot", "timed": True},
    {"by": "machine"},
    {"by": "machine", "per": "shift"},
    {"by": "operator"},
    {"by": "technician"},
    {"by": "carrier"},
    {"by": "all"},
)
PROFILES = ("default", "no-failures", "fifo", "valente")
Stream = tuple[str, Callable[[], bytes]]


def targets(traces: int) -> Iterator[Stream]:
    """Yield 68 streams of automata: one trace a line."""
    for kind in ("pdfa", "pfa", "hmm"):
        for states, symbols in SIZES:
            for seed in SEEDS:
                recipe = Recipe(states=states, symbols=symbols)
                yield f"{kind} {states} {seed}", lambda k=kind, r=recipe, s=seed: lines(Problem.random(k, r, s), traces)
    for name, grammar in (("reber", reber()), ("line", reentrant_line())):
        for seed in range(4):
            yield f"{name} {seed}", lambda g=grammar, s=seed: lines(Problem.of(PFA.from_pdfa(g), s), traces)


def lines(problem: Problem, traces: int) -> bytes:
    """Return traces of a problem, one a line."""
    lots = texts(problem.traces().batch(traces), problem.target.symbols)
    return "".join(" ".join(lot) + "\n" for lot in lots).encode()


def fab(weeks: float) -> Iterator[Stream]:
    """Yield 32 streams of the fab: one event a line, as JSON."""
    for profile in PROFILES:
        for view in VIEWS:
            yield f"fab {profile} {' '.join(map(str, view.values()))}", lambda p=profile, v=view: events(p, v, weeks)


def events(profile: str, view: dict[str, Any], weeks: float, seed: int = 1) -> bytes:
    """Return the events of a view of the fab."""
    parameters = load_parameters(profile)
    plant = Plant(parameters, seed)
    return "".join(line + "\n" for _, line in stream(plant.events(weeks * WEEK), parameters, **view)).encode()


def verdicts(data: bytes, **options: Any) -> list[Verdict]:
    """Learn from what a file holds; return the verdicts."""
    learner = StreamLearner()
    reading = Reading(io.BytesIO(data), learner.alphabet.copy(), ReadOptions(**options))
    for batch in reading:
        learner.learn_many(batch, reading.alphabet)
    return judge(learner, reading)


# --- Faults


def too_few(data: bytes) -> bytes:
    """Keep three traces."""
    return b"".join(data.splitlines(keepends=True)[:3])


def in_one_line(data: bytes) -> bytes:
    """Make one trace of all."""
    return data.replace(b"\n", b" ")[:200_000].rpartition(b" ")[0] + b"\n"


def shuffled(data: bytes) -> bytes:
    """Let nothing hang on what came before: the events in an order of their own."""
    words = data.split()
    luck = random.Random(1)
    luck.shuffle(words)
    return b"".join(word + luck.choice((b"\n", *[b" "] * 7)) for word in words)


def numbered(data: bytes) -> bytes:
    """Give every event a number of its own."""
    words = (
        b" ".join(word + b"#%d" % (97 * row + place) for place, word in enumerate(line.split()))
        for row, line in enumerate(data.splitlines()[:2000])
    )
    return b"\n".join(words) + b"\n"


def case_an_event(data: bytes) -> bytes:
    """Name the wrong column the case: one with a value of its own for each event."""
    words = data.split()[:20_000]
    return b"case,event\n" + b"".join(b"%d,%s\n" % row for row in enumerate(words))


FAULTS: dict[str, tuple[Callable[[bytes], bytes], tuple[str, ...]]] = {
    "three traces": (too_few, ("too_few_traces",)),
    "all in one line": (in_one_line, ("few_long_traces",)),
    "events in any order": (shuffled, ("one_state",)),
    "a number in every symbol": (numbered, ("words_as_symbols", "symbols_as_events")),
    "a case for every event": (case_an_event, ("one_event_a_case",)),
}


def spoiled(traces: int) -> list[dict[str, Any]]:
    """Return of how many spoiled streams the fault is named first."""
    rows = []
    sources = [(name, make) for name, make in targets(min(traces, 5000)) if name.split()[-1] == "1"]
    for fault, (spoil, codes) in FAULTS.items():
        first = [[verdict.code for verdict in verdicts(spoil(make()))][:1] for _, make in sources]
        named = sum(bool(found) and found[0] in codes for found in first)
        rows.append({"fault": fault, "streams": len(sources), "named": named})
        print(f"{fault}: {named} of {len(sources)}", flush=True)
    return rows


def quiet(streams: Iterator[Stream]) -> dict[str, Any]:
    """Return of which of the streams something was said, and what."""
    number, said = 0, {}
    for name, make in streams:
        number += 1
        found = verdicts(make())
        if found:
            said[name] = [verdict.code for verdict in found]
            print(f"{name}: {found[0].text}", flush=True)
    return {"streams": number, "said": said}


def tables(result: Result) -> dict[str, Table]:
    """Return ``quiet`` and ``faults``."""
    found = result["measured"]
    well = [[name, str(found[name]["streams"]), str(len(found[name]["said"]))] for name in ("automata", "fab")]
    named = [[row["fault"], str(row["streams"]), str(row["named"])] for row in found["faults"]]
    return {
        "quiet": Table(("streams in which nothing is wrong", "streams", "with a verdict"), well),
        "faults": Table(("fault", "streams", "named first"), named),
    }


def measured(args: argparse.Namespace) -> dict[str, Any]:
    """Return all that is measured."""
    return {
        "automata": quiet(targets(args.traces)),
        "fab": quiet(fab(args.weeks)),
        "faults": spoiled(args.traces),
    }


def main() -> None:
    """Print the tables."""
    parser = parser_of(__doc__)
    parser.add_argument("--traces", type=int, default=5_000, help="of an automaton")
    parser.add_argument("--weeks", type=float, default=13, help="of the fab")
    args = parser.parse_args()
    finish(__file__, args, measured(args), tables)


if __name__ == "__main__":
    main()
