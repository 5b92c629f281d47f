"""Columns that say what starts or ends, where that of the event says only that something does."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from ..readers.parsing.blank import is_no_case
from ..readers.parsing.fields import plain
from ..readers.parsing.guessing import LASTING, THINGS

if TYPE_CHECKING:
    from ..readers.parsing.profile import Column, Profile

MOST_PHASES = 4
"""Values of an event that may be the phases of something: start and end, or come, acknowledged and gone."""
SURE = 0.95
"""Share of the events that the one before in the same group foretells."""
FEWEST = 40
"""Events that have one before them, below which nothing is said."""


def what_it_is(profile: Profile, event: str, case: str | None) -> str | None:
    """Return the column that says of what a column of phases tells, None if there is none.

    Within a case and a value of it the phases follow each other in their order, and within a case it varies.

    Parameters
    ----------
    profile : Profile
    event, case : str
        Names of columns.

    Examples
    --------
    >>> from flexstream.readers.parsing.profile import profile
    >>> rows = [("M1", ["setup", "run"][i // 2 % 2], ["start", "end"][i % 2]) for i in range(80)]
    >>> what_it_is(profile(["machine", "program", "event"], rows), "event", "machine")
    'program'
    """
    phases = profile.column(event)
    if phases is None or not 2 <= phases.distinct <= MOST_PHASES:
        return None
    found = [one for one in profile.columns if _may_be(profile, one, {event, case})]
    found = [one for one in found if _foretold(profile, event, case, one.name) and _varies(profile, case, one.name)]
    found.sort(key=lambda one: (one.kind == "integer", -one.distinct))
    return found[0].name if found else None


def _may_be(profile: Profile, column: Column, taken: set[str | None]) -> bool:
    known = column.name in taken or plain(column.name) in {*LASTING, *THINGS}
    many = 8 * column.distinct > column.filled or 2 * column.filled < profile.rows
    return not known and not many and column.distinct > 1 and column.kind in {"word", "text", "integer"}


def _foretold(profile: Profile, event: str, case: str | None, what: str) -> bool:
    """Tell whether each phase but the first of a case and a value foretells the next."""
    before: dict[tuple[str, str], str] = {}
    after: defaultdict[str, Counter[str]] = defaultdict(Counter)
    cases = profile.cells[case] if case in profile.cells else [""] * profile.rows
    for name, value, phase in zip(cases, profile.cells[what], profile.cells[event], strict=True):
        if (last := before.get((name, value))) is not None:
            after[last][phase] += 1
        before[name, value] = phase
    told = sum(map(Counter.total, after.values()))
    usual = sum(max(counts.values()) for counts in after.values())
    in_turn = len({counts.most_common(1)[0][0] for counts in after.values()}) == len(after) > 1
    return told >= FEWEST and usual >= SURE * told and in_turn


def _varies(profile: Profile, case: str | None, what: str) -> bool:
    """Tell whether most cases have several values."""
    if case not in profile.cells:
        return True
    values: defaultdict[str, set[str]] = defaultdict(set)
    for name, value in zip(profile.cells[case], profile.cells[what], strict=True):
        if not is_no_case(value):
            values[name].add(value)
    return 2 * sum(len(some) > 1 for some in values.values()) > len(values)
