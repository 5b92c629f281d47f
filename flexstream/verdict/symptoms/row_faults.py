"""Rows that stand twice."""

from __future__ import annotations

from itertools import pairwise

from ...errors import Message
from ...readers.parsing.fields import parts
from ..facts import Facts
from ..verdict import Verdict

FEWEST, SHARE = 5, 0.01
"""Rows that say the same as the row above, and their share, below which nothing is said of them."""
MOST_LINES = 2001
"""Lines that are looked at, a header among them."""
MOSTLY = 0.5
"""Of the rows with the time of the row above so many say the same: else times are coarse, and it may be chance."""
TABLES = frozenset({"csv", "jsonl", "logfmt", "cef", "logjson"})


def rows_twice(facts: Facts) -> Verdict | None:
    """Tell that rows are the same as the row above in every column, their time among these, as some transports make."""
    reading = facts.reading
    if not facts.last or reading is None or reading.format not in TABLES or "time" not in facts.columns:
        return None
    lines = [line for line in reading.sample.split(b"\n", MOST_LINES)[:MOST_LINES] if line.strip()]
    if sum(one == other for one, other in pairwise(lines)) < max(FEWEST, SHARE * len(lines)):
        return None
    from ..first_rows import first_rows  # with the profiles of columns, which others can do without

    found = first_rows(reading)
    if found is None or found.profile is None:
        return None
    rows = list(zip(*found.profile.cells.values(), strict=True))
    names = parts(facts.columns["time"], found.profile.cells)
    times = list(zip(*(found.profile.cells.get(name, []) for name in names), strict=False))
    twice = sum(one == other for one, other in pairwise(rows))
    if twice < max(FEWEST, SHARE * len(rows)) or twice < MOSTLY * sum(one == other for one, other in pairwise(times)):
        return None
    text = (
        f"rows that stand twice: {twice:,} of the first {len(rows):,} are the same as the row above in every column, "
        f"as where rows are delivered twice, and each counts as an event: uniq leaves them out before they are read"
    )
    return Verdict("rows_twice", Message(text), verb="inspect", through="uniq")
