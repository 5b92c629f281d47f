"""Proposals: other ways to cut the events of a source into traces, each tried on its first rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..learning.learner import StreamLearner
from ..readers.reading import Reading
from ..stream.batch import TraceBatch
from .first_rows import FirstRows, first_rows
from .foresight import foresight
from .log_cases import log_cases
from .verdict import Value

WORTH = 0.05
"""Share of the bits of an event that a model has to save to be called one."""
WINDOWS = (5, 10, 20, 50)
"""Events of the pieces that are tried."""
NEARLY = 0.9
MOST_TRIED = 5
"""Cases that are tried, the most promising first."""
FEWEST = 20
"""Traces below which a trial tells nothing."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A way to cut events into traces.

    Attributes
    ----------
    options : mapping
        Fields of `ReadOptions`.
    saved : float
        Share of the bits that a model of the first rows saves on traces held out.
    name, example : str
        Of a column, and the first case; of lines the name is empty.
    values, rows : int
        Cases among the first rows, and rows that have one.
    """

    options: Mapping[str, Value]
    saved: float
    name: str = ""
    example: str = ""
    values: int = 0
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Proposals:
    """The best case and the best window, as far as there are any that are worth it."""

    case: Proposal | None
    window: Proposal | None


def proposals(reading: Reading, learner: StreamLearner) -> Proposals:
    """Return what does best on the first rows of a reading whose events have no cases.

    Parameters
    ----------
    reading : Reading
        At its end.
    learner : StreamLearner
        What it was made with is taken for the trials.
    """
    rows = first_rows(reading)
    events = reading.columns.get("event", "").split("+")
    if rows is None or (rows.profile is not None and not all(map(rows.profile.column, events))):
        return Proposals(None, None)
    symbols = rows.symbols(events)
    cases = [
        _tried(_by_case(symbols, values), learner, options, *told)
        for values, options, told in _cases(rows, events, symbols)
    ]
    windows = [_tried(_by_window(symbols, size), learner, {"window": size}) for size in WINDOWS]
    case, window = _best(cases), _longest(windows)
    if case is not None and window is not None and case.saved <= window.saved:
        case = None
    return Proposals(case, window)


def _best(tried: Sequence[Proposal | None]) -> Proposal | None:
    return max((one for one in tried if one and one.saved >= WORTH), key=lambda one: one.saved, default=None)


def _longest(tried: Sequence[Proposal | None]) -> Proposal | None:
    """Return the longest window of those that save nearly as much as the best: it shows more of what follows what."""
    best = _best(tried)
    return best and next(one for one in reversed(tried) if one and one.saved >= NEARLY * best.saved)


def _cases(
    rows: FirstRows, events: Sequence[str], symbols: Sequence[str]
) -> Iterator[tuple[Sequence[str | None], dict[str, Value], tuple[str, str, int, int]]]:
    """Yield the cases of the rows, the options that take them, and what is told of them: name, example, amounts."""
    options: dict[str, Value]
    if rows.profile is None:
        for found in log_cases(rows.lines, symbols)[:MOST_TRIED]:
            options = {"pattern": found.pattern, "on_error": "skip"}
            yield found.cases, options, ("", found.example, found.values, found.lines)
        return
    for candidate in rows.profile.cases(events)[:MOST_TRIED]:
        cells = rows.profile.cells[candidate.name]
        filled = [cell or None for cell in cells]
        example = next((cell for cell in cells if cell), "")
        options = {"case": candidate.name, **({"on_error": "skip"} if None in filled else {})}
        yield filled, options, (candidate.name, example, candidate.values, len(filled) - filled.count(None))


def _by_case(symbols: Sequence[str], cases: Sequence[str | None]) -> list[list[str]]:
    traces: dict[str, list[str]] = {}
    for case, symbol in zip(cases, symbols, strict=True):
        if case is not None:
            traces.setdefault(case, []).append(symbol)
    return list(traces.values())


def _by_window(symbols: Sequence[str], size: int) -> list[list[str]]:
    return [list(symbols[start : start + size]) for start in range(0, len(symbols), size)]


def _tried(
    traces: list[list[str]],
    learner: StreamLearner,
    options: Mapping[str, Value],
    name: str = "",
    example: str = "",
    values: int = 0,
    rows: int = 0,
) -> Proposal | None:
    """Return a proposal with what it saves on every fifth trace, None if there are too few."""
    if len(traces) < FEWEST:
        return None
    blank = learner.clone()
    found = foresight(TraceBatch.from_texts(traces, blank.alphabet), blank)
    return None if found is None else Proposal(options, found.saved, name, example, values, rows)
