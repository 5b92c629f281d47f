"""Claim: a model file of n bytes takes at most a stated multiple of n, whatever it holds.

    python benchmarks/speed/model_memory.py [--mib 4] [--json OUT]

Files of some MiB are written whose bytes are what costs most to hold: whole numbers, numbers with a point, objects
without anything in them, symbols of one letter, one symbol of all letters, letters that take four bytes each, n-grams
of very many contexts, ensembles of very many members.  Each is loaded, and used for one trace, in a process of its
own; what that took beyond a process that loads a model of a few bytes is divided by the length of the file.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
from shared.results import Result, finish, parser_of
from shared.tables import Table

COMMANDS = {"load": [], "score": ["score"], "show": ["show"]}
CHILD = """
import resource, sys
from flexstream import load_model
from flexstream.errors import FlexStreamError
if len(sys.argv) == 2:
    try:
        load_model(sys.argv[1])
    except FlexStreamError:
        pass
else:
    from flexstream_cli.main import main
    try:
        main([*sys.argv[2:], sys.argv[1], *(["-"] if sys.argv[2] == "score" else [])])
    except SystemExit:
        pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


def automaton(states: int, symbols: list[str], edges: list[tuple[int, int, int]], **more: Any) -> dict[str, Any]:
    """Return a document of an automaton; each of its edges is a state, a symbol and a state."""
    size = len(symbols)
    source, symbol, target = (list(column) for column in zip(*edges, strict=True)) if edges else ([], [], [])
    return {
        **{"format": "flexstream-pdfa", "version": 1, "provenance": {}, "symbols": symbols},
        "smoothing": {"strength": 2, "base": [1 / (size + 2)] * (size + 2), "fallback": [0] * size},
        "states": {"visits": [9 * size] * states, "stops": [1] * states},
        "transitions": {"source": source, "symbol": symbol, "target": target, "weight": [1] * len(edges)}
        | {"guessed": []},
        **more,
    }


def _many_states(length: int) -> Any:
    count = length // 14
    return automaton(count, ["a"], [(state, 0, 0) for state in range(count)])


def _many_symbols(length: int) -> Any:
    count = length // 45
    return automaton(1, [f"{number:x}" for number in range(count)], [])


def _points(length: int) -> Any:
    found = automaton(length // 10, ["a"], [])
    found["states"] = {name: [0.5] * (length // 10) for name in ("visits", "stops")}
    return found


def _nothings(length: int) -> Any:
    return automaton(1, ["a"], [], provenance={"parts": [{}] * (length // 4)})


def _numbers(length: int) -> Any:
    return automaton(1, ["a"], [], evidence={"version": 99, "rows": [1000] * (length // 6)})


def _contexts(length: int) -> Any:
    count = length // 24
    rows = {"context": list(range(count)), "symbol": [0] * count, "target": [0] * count, "count": [1] * count}
    ngram = {"start": 0, "contexts": {"parent": [0] * count, "discount": [0] * count}, "rows": rows}
    more = {"version": 2, "ngrams": [ngram], "mixed": {"ngram": 0, "shares": [0.5]}}
    return automaton(1, ["a"], [(0, 0, 0)], **more)


def _members(length: int) -> Any:
    one = automaton(1, ["a"], [(0, 0, 0)])
    member = {name: one[name] for name in ("smoothing", "states", "transitions")}
    count = length // len(json.dumps(member))
    head = {"format": "flexstream-ensemble", "version": 1, "provenance": {}, "symbols": ["a"]}
    return {**head, "weights": [1] * count, "members": [member] * count}


SHAPES: dict[str, Callable[[int], Any]] = {
    "states": _many_states,
    "symbols": _many_symbols,
    "numbers with a point": _points,
    "empty objects": _nothings,
    "whole numbers": _numbers,
    "one long symbol": lambda length: automaton(1, ["a" * length], [(0, 0, 0)]),
    "letters of four bytes": lambda length: automaton(1, ["🦊" * (length // 4)], [(0, 0, 0)]),
    "contexts of an n-gram": _contexts,
    "members": _members,
    "cut off": lambda length: "[1000," * (length // 6),
}


def peak(path: Path, command: list[str]) -> int:
    """Return the bytes that a process took at most."""
    words = [sys.executable, "-c", CHILD, str(path), *command]
    said = subprocess.run(words, input=b"a a\n", capture_output=True, check=True)
    return int(said.stderr.split()[-1]) * 1024


def measure(mib: float) -> Iterator[dict[str, Any]]:
    """Yield what each shape takes, by command, as multiples of the length of the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        path.write_text(json.dumps(automaton(1, ["a"], [(0, 0, 0)])))
        least = {name: peak(path, command) for name, command in COMMANDS.items()}
        for shape, make in SHAPES.items():
            made = make(int(mib * 2**20))
            text = made if isinstance(made, str) else json.dumps(made, ensure_ascii=False)
            path.write_text(text, encoding="utf-8")
            length = path.stat().st_size
            taken = {name: (peak(path, command) - least[name]) / length for name, command in COMMANDS.items()}
            yield {"shape": shape, "bytes": length, **{name: round(value, 1) for name, value in taken.items()}}


def tables(result: Result) -> dict[str, Table]:
    """Return what each shape takes."""
    rows = result["measured"]["shapes"]
    names = list(COMMANDS)
    return {
        "shapes": Table(
            ("file of", *(f"`{name}`" for name in names)),
            [(row["shape"], *(f"{row[name]:.1f}" for name in names)) for row in rows],
        )
    }


def main() -> None:
    """Measure all shapes."""
    parser = parser_of(__doc__)
    parser.add_argument("--mib", type=float, default=4.0, help="length of the files")
    args = parser.parse_args()
    rows = list(measure(args.mib))
    largest = max(row[name] for row in rows for name in COMMANDS)
    finish(__file__, args, {"shapes": rows, "largest": largest}, tables)


if __name__ == "__main__":
    main()
