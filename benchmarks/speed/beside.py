"""Claim: no stage of learning is slower than in the version before the kernels were compiled ahead of time.

    python benchmarks/speed/beside.py PYTHON [--states 200,1000,2000,5000] [--symbols 20] [--per-state 1500] [--runs 3]
                                      [--json OUT] [--markdown OUT]

PYTHON is that of an environment with another version of FlexStream; ``git worktree`` and ``pip install`` make one of
any commit.  Traces of random automata are written to files.  Both versions take turns, each time in a new process:
reading a file, counting its traces, refining, freezing the automaton, and scoring what was read, in processor seconds,
each stage done once before on a small file, so that what is compiled or loaded then is not measured.  Stages are what
both versions do: of one that looks for what a stream repeats, asks how visits divide, and makes the n-gram and the
calibration of a model, these are left out there, and are in the seconds of ``whole``: reading to scoring of a model as
anybody gets it.  The ratios are the medians over the turns.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shared.results import Result
    from shared.tables import Table

STAGES = ("reading", "counting", "refining", "freezing", "scoring")
WHOLE = "whole"
LENGTH, FEW = 15, 2000
LEFT_OUT: tuple[dict[str, Any], ...] = ({"repeats": False, "options": {"division": math.inf}}, {"repeats": False}, {})
"""What says to a version to leave out what others do not do; the first that it knows."""


def stages(path: Path, bare: bool = True) -> tuple[dict[str, float], int]:
    """Return the seconds of each stage for a file, and how many states were found; any version can do it.

    ``bare`` leaves out what one version does and the other does not.
    """
    import flexstream

    for left_out in LEFT_OUT if bare else ({},):
        try:
            learner = flexstream.StreamLearner(every=0, **left_out)
            break
        except (TypeError, ValueError):  # a version that does not do it, and does not know how to leave it out
            continue
    marks = [time.process_time()]
    batches = list(flexstream.read_batches(str(path), learner.alphabet))
    marks.append(time.process_time())
    for batch in batches:
        learner.learn_many(batch)
    marks.append(time.process_time())
    learner.refine()
    marks.append(time.process_time())
    automaton = learner.answer().automaton_alone if bare and hasattr(learner, "answer") else learner.automaton
    marks.append(time.process_time())
    for batch in batches:
        automaton.score_batch(batch)
    marks.append(time.process_time())
    taken = [later - sooner for sooner, later in itertools.pairwise(marks)]
    return dict(zip(STAGES, taken, strict=True)), len(automaton)


def both(path: Path) -> tuple[dict[str, float], int]:
    """Return the seconds of the bare stages, those of all with all that a version does in them, and the states."""
    taken, states = stages(path)
    return taken | {WHOLE: sum(stages(path, bare=False)[0].values())}, states


def as_payload(paths: list[str]) -> None:
    """Print where the version is and the stages of files, as JSON, after a run of the first that is thrown away."""
    import flexstream

    both(Path(paths[0]))
    print(json.dumps([flexstream.__file__, [both(Path(path)) for path in paths[1:]]]))


def write_traces(folder: Path, name: str, states: int, args: argparse.Namespace, traces: int) -> Path:
    """Write traces of a random automaton, one a line."""
    from flexstream.targets import Recipe, random_pdfa

    recipe = Recipe(states, args.symbols, transition_sparsity=min(1.0, 6 / states + 0.01), mean_length=LENGTH)
    target = random_pdfa(recipe, args.seed)
    texts, batch = target.symbols, target.sampler(1).batch(traces)
    path = folder / f"{name}.txt"
    path.write_text("".join(" ".join([texts[symbol] for symbol in trace.tolist()]) + "\n" for trace in batch))
    return path


def measure(args: argparse.Namespace, sizes: list[int]) -> list[dict[str, Any]]:
    """Return for each size and version the seconds of each stage, turn by turn, and the states."""
    rows: list[dict[str, Any]] = [{"states": size, "here": [], "other": [], "learned": {}} for size in sizes]
    import flexstream

    # A thread of NumPy's for matrices waits busily while a process starts, as the program itself has it not do.
    ours = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = [write_traces(folder, "few", sizes[0], args, FEW)]
        for size in sizes:
            paths.append(write_traces(folder, str(size), size, args, size * args.per_state // LENGTH))
        for _ in range(args.runs):
            for version, python in (("here", sys.executable), ("other", str(args.python.absolute()))):
                command = [python, __file__, "--payload", *map(str, paths)]
                place = ours if version == "here" else {key: ours[key] for key in ours if key != "PYTHONPATH"}
                done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder, env=place)
                where, found = json.loads(done.stdout)
                if version == "other" and where == flexstream.__file__:
                    raise SystemExit(f"{args.python} runs the version that is here (expected: another environment)")
                for row, (taken, states) in zip(rows, found, strict=True):
                    row[version].append(taken)
                    row["learned"][version] = states
    return rows


def ratios(row: dict[str, Any]) -> dict[str, float]:
    """Return by how much each stage takes longer here, all of them together, and the whole with all that it does."""
    found = {}
    for stage in (*STAGES, "all", WHOLE):
        names = STAGES if stage == "all" else (stage,)
        here, other = ([sum(turn[name] for name in names) for turn in row[who]] for who in ("here", "other"))
        found[stage] = statistics.median(one / two for one, two in zip(here, other, strict=True))
    return found


def tables(result: Result) -> dict[str, Table]:
    """Return ``stages``."""
    from shared.tables import Table

    rows = []
    for row in result["measured"]:
        found = ratios(row)
        rows.append([str(row["states"]), *(f"{found[stage]:.2f}" for stage in (*STAGES, "all", WHOLE))])
    return {"stages": Table(("states", *STAGES, "all", WHOLE), rows)}


def main() -> None:
    """Measure both versions, or be what one of them runs."""
    if sys.argv[1:2] == ["--payload"]:
        as_payload(sys.argv[2:])
        return
    sys.path.append(str(Path(__file__).resolve().parents[1]))
    from shared.results import finish, parser_of

    parser = parser_of(__doc__)
    parser.add_argument("python", type=Path, help="Python of the other version's environment")
    parser.add_argument("--states", default="200,1000,2000,5000")
    parser.add_argument("--symbols", type=int, default=20)
    parser.add_argument("--per-state", type=int, default=1500, help="events for each state")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    finish(__file__, args, measure(args, [int(size) for size in args.states.split(",")]), tables)


if __name__ == "__main__":
    main()
