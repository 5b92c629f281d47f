"""The files of the PAutomaC competition: models, strings, solutions.

A model file lists initial probabilities I, final ones F, those of a symbol given the state and that the trace goes
on S, and those of the next state given state and symbol T: the joint probability of a symbol in state q is
S(q, a)·(1 - F(q)).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..arguments import fitting_path
from ..errors import DataError, ModelError
from ..stream.batch import TraceBatch
from .pfa import PFA

Table = dict[tuple[int, ...], float]

WIDTHS = {"I": 1, "F": 1, "S": 2, "T": 3}
_ENTRY = re.compile(r"\(\s*(\d{1,9}(?:\s*,\s*\d{1,9})*)\s*\)\s+(\S+)")


def read_model(path: str | Path) -> PFA:
    """Read a model file.

    Raises
    ------
    DataError
        If the file is none, with the line; the alphabet ends with the largest symbol of the file.
    """
    try:
        text = fitting_path(path, expected="a model file").read_text("utf-8", "replace")
    except OSError as error:
        raise DataError(str(path), None, f"cannot be read: {error.strerror}", "a model file") from None
    tables = _tables(str(path), text)
    try:
        return _automaton(**tables)
    except (ModelError, KeyError) as error:
        raise DataError(
            str(path), None, f"is no model: {error}", "probabilities I, F, S and T that belong together"
        ) from None


def _tables(source: str, text: str) -> dict[str, Table]:
    tables: dict[str, Table] = {name: {} for name in WIDTHS}
    name = None
    for number, line in enumerate(text.splitlines(), 1):
        if line[:1] in WIDTHS and line[1:2] == ":":
            name = line[0]
        elif line.strip():
            key, value = _entry(source, number, line.strip(), name)
            tables[name or "I"][key] = value
    return tables


def _entry(source: str, number: int, line: str, name: str | None) -> tuple[tuple[int, ...], float]:
    if name is None:
        raise DataError(source, number, "a probability before the first heading", "a line 'I: (state)'")
    found = _ENTRY.fullmatch(line)
    key = tuple(int(part) for part in found[1].split(",")) if found else ()
    expected = f"({', '.join(('state', 'symbol', 'state')[: WIDTHS[name]])}) probability"
    try:
        value = float(found[2]) if found else np.nan
    except ValueError:
        value = np.nan
    if len(key) != WIDTHS[name] or not 0 <= value <= 1 + 1e-9:
        raise DataError(source, number, f"{line[:60]!r} is no entry of {name}", expected)
    return key, value


def _automaton(I: Table, F: Table, S: Table, T: Table) -> PFA:  # noqa: E741, N803 -- the names of the file
    states = 1 + max((state for table in (I, F, S) for state, *_ in table), default=-1)
    states = max([states, *(1 + max(source, target) for source, _, target in T)])
    initial, stops = np.zeros(states), np.zeros(states)
    for table, array in ((I, initial), (F, stops)):
        array[[key[0] for key in table]] = list(table.values())
    if not S.keys() <= {key[:2] for key in T}:
        raise ModelError("a symbol of S has no next state in T")
    sources, symbols, targets = np.array(sorted(T), np.int64).reshape(-1, 3).T
    joint = [T[key] * S.get(key[:2], 0.0) * (1.0 - stops[key[0]]) for key in sorted(T)]
    stops[np.setdiff1d(np.arange(states), [key[0] for key in S])] = 1.0  # states of which the file says nothing
    names = [str(symbol) for symbol in range(1 + max((symbol for _, symbol in S), default=-1))]
    return PFA.from_edges(names, initial, stops, sources, symbols, targets, joint)


def model_text(target: PFA) -> str:
    """Return the text of a model file; symbols are written as their ids.

    Examples
    --------
    >>> coin = PFA.from_edges(["h"], [1.0], [0.5], [0], [0], [0], [0.5])
    >>> print(model_text(coin).expandtabs(2), end="")
    I: (state)
      (0) 1.0
    F: (state)
      (0) 0.5
    S: (state,symbol)
      (0,0) 1.0
    T: (state,symbol,state)
      (0,0,0) 1.0
    """
    emitted: dict[tuple[int, int], float] = defaultdict(float)
    columns = target.sources.tolist(), target.edge_symbols.tolist(), target.targets.tolist()
    rows = list(zip(*columns, strict=True))
    for (source, symbol, _), probability in zip(rows, target.probabilities.tolist(), strict=True):
        emitted[source, symbol] += probability
    going = (1.0 - target.stops).tolist()
    tables: list[tuple[str, Iterable[tuple[tuple[int, ...], float]]]] = [
        ("I: (state)", (((state,), p) for state, p in enumerate(target.initial.tolist()))),
        ("F: (state)", (((state,), p) for state, p in enumerate(target.stops.tolist()))),
        ("S: (state,symbol)", ((key, p / going[key[0]]) for key, p in emitted.items())),
        (
            "T: (state,symbol,state)",
            ((row, p / emitted[row[:2]]) for row, p in zip(rows, target.probabilities.tolist(), strict=True)),
        ),
    ]
    lines = []
    for heading, entries in tables:
        lines.append(heading)
        lines += [f"\t({','.join(map(str, key))}) {min(p, 1.0)!r}" for key, p in entries if p > 0]
    return "\n".join(lines) + "\n"


def strings_text(batch: TraceBatch, alphabet: int) -> str:
    """Return the text of a train or test file.

    >>> print(strings_text(TraceBatch(np.array([2, 0], np.int32), np.array([0, 2, 2])), alphabet=3), end="")
    2 3
    2 2 0
    0
    """
    lines = (f"{len(trace)} {' '.join(map(str, trace.tolist()))}".rstrip() for trace in batch)
    return "\n".join([f"{len(batch)} {alphabet}", *lines]) + "\n"


def solution_text(log2_probs: NDArray[np.float64]) -> str:
    """Return the text of a solution file: the probabilities of the test strings, scaled to sum to 1.

    >>> print(solution_text(np.array([-1.0, -3.0])), end="")
    2
    0.8
    0.2
    """
    shares = 2.0 ** (log2_probs - log2_probs.max(initial=-np.inf)) if len(log2_probs) else log2_probs
    return "\n".join([str(len(shares)), *(f"{share:.12g}" for share in (shares / shares.sum()).tolist())]) + "\n"
