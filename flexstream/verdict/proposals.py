"""Proposals: other ways to cut the events of a source into traces, each tried on its first rows."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

from ..errors import FlexStreamError
from ..learning.learner import StreamLearner
from ..readers.parsing.blank import is_no_case
from ..readers.parsing.code_length import WORTH
from ..readers.parsing.profile import Candidate, Profile
from ..readers.parsing.records import Records
from ..readers.reading import Reading
from ..readers.source.cursor import Cursor
from ..stream.batch import TraceBatch
from .first_rows import FirstRows, first_bytes, first_rows
from .foresight import foresight
from .log_cases import log_cases
from .trials import WINDOWS, Proposal, Proposals
from .verdict import Value

PART = 0.4
"""Share of the bits that windows save, which a case has to save at least: it may be that of a few rows only."""
NEARLY = 0.9
FEW_LACK = 0.1
"""Share of the rows that may have no case, as those have none that tell of a start or of a trace of calls."""
FEW_VALUES, SURE = 8, 0.4
"""Values below which a column hardly tells cases apart, but kinds of events, and what it has to save all the same."""
MOST_TRIED = 5
"""Cases that are tried, the most promising first."""
FEWEST = 20
"""Traces below which a trial tells nothing."""


Tried = tuple[list[Proposal | None], list[Proposal | None]]
"""Cases and windows."""


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
    if rows is None:
        return Proposals()
    tried = _of_log(rows, learner) if rows.profile is None else _of_columns(rows.profile, reading, learner)
    window = _longest(tried[1])
    better = [one for one in tried[0] if one and (window is None or _says_more(one, window))]
    return Proposals(_best(better), window, any(tried[0] + tried[1]))


def _of_log(rows: FirstRows, learner: StreamLearner) -> Tried:
    """Return what becomes of the lines of a log, whose messages are masked once."""
    symbols = rows.symbols([])

    def tried(traces: list[list[str]], proposal: Proposal) -> Proposal | None:
        blank = learner.clone()
        return _weighed(proposal, TraceBatch.from_texts(traces, blank.alphabet), blank)

    records, cases = Records(Cursor()), []
    begin = sum(not records.goes_on(line) for line in rows.lines)
    for found in log_cases(rows.lines, symbols)[:MOST_TRIED]:
        options: dict[str, Value] = {"pattern": found.pattern, "on_error": "skip"}
        proposal = Proposal(options, "", found.example, found.values, found.lines, of=max(found.lines, begin))
        cases.append(tried(_by_case(symbols, found.cases), proposal))
    windows = [tried(_by_window(symbols, size), Proposal({"window": size})) for size in WINDOWS]
    return cases, windows


def _of_columns(profile: Profile, reading: Reading, learner: StreamLearner) -> Tried:
    """Return what becomes of rows with columns, read again, so that times put them in order."""
    data = first_bytes(reading)

    def tried(proposal: Proposal) -> Proposal | None:
        blank = learner.clone()
        wanted = replace(reading.options, follow=False, encoding=None, **proposal.options)  # type: ignore[arg-type]
        try:
            traces = TraceBatch.joined(Reading(io.BytesIO(data), blank.alphabet, wanted))
        except FlexStreamError:  # what cannot be read so is no proposal
            return None
        return _weighed(proposal, traces, blank)

    events = reading.columns.get("event", "").split("+")
    likely = profile.cases(events) if all(map(profile.column, events)) else []
    found = [one for one in likely if one.values >= FEW_VALUES or one.saved >= SURE][:MOST_TRIED]
    return [tried(of_column(profile, one)) for one in found], [tried(Proposal({"window": size})) for size in WINDOWS]


def of_column(profile: Profile, candidate: Candidate) -> Proposal:
    """Return a column of some rows as the case."""
    filled = [cell for cell in profile.cells[candidate.name] if not is_no_case(cell)]
    options: dict[str, Value] = {"case": candidate.name}
    if len(filled) < profile.rows:
        options["on_error"] = "skip"
    example = next(iter(filled), "")
    return Proposal(options, candidate.name, example, candidate.values, len(filled), of=profile.rows)


def _weighed(proposal: Proposal, traces: TraceBatch, blank: StreamLearner) -> Proposal | None:
    """Return a proposal with what it saves on every fifth trace, None if there are too few."""
    found = foresight(traces, blank) if len(traces) >= FEWEST else None
    if found is None:
        return None
    return proposal._replace(saved=found.saved, bits=(found.frequencies - found.model) * traces.events)


def _says_more(case: Proposal, window: Proposal) -> bool:
    """Tell whether a case says more than a window, and not of a few rows alone."""
    return case.saved > window.saved and case.bits >= PART * window.bits


def _best(tried: Sequence[Proposal | None]) -> Proposal | None:
    """Return what saves most; what nearly all rows have comes before what some have, whatever that says."""
    worth = (one for one in tried if one and one.saved >= WORTH)
    return max(worth, key=lambda one: (one.lacking <= FEW_LACK, one.saved), default=None)


def _longest(tried: Sequence[Proposal | None]) -> Proposal | None:
    """Return the longest window of those that save nearly as much as the best: it shows more of what follows what."""
    best = _best(tried)
    return best and next(one for one in reversed(tried) if one and one.saved >= NEARLY * best.saved)


def _by_case(symbols: Sequence[str], cases: Sequence[str | None]) -> list[list[str]]:
    traces: dict[str, list[str]] = {}
    for case, symbol in zip(cases, symbols, strict=True):
        if case is not None:
            traces.setdefault(case, []).append(symbol)
    return list(traces.values())


def _by_window(symbols: Sequence[str], size: int) -> list[list[str]]:
    return [list(symbols[start : start + size]) for start in range(0, len(symbols), size)]
