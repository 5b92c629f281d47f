"""Records of several lines whose first lines are all alike: what happens stands on the lines below, to be joined."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..readers.parsing.records import Records, indented
from ..readers.parsing.templates import message, template
from ..readers.source.cursor import Cursor

_BEGINNING = re.compile(r"\W*+(?:\d[\d\W]*|[^\W\d]+[^\w\[]*)")
FEWEST = 20
"""Records that tell how they begin."""
AGAIN = 4
"""Times that each form of a record comes, on average, at least."""
SHORTEST, LONGEST = 3, 16
"""Characters by which the first line of a record is known."""


def joining(lines: Sequence[str]) -> str | None:
    """Return what joins the lines of each record to one, where its first line alone says nothing; None elsewhere.

    Examples
    --------
    >>> lines = [text for n in range(40) for text in (f"# Time: 10:00:{n:02}", f"Id: {n}", ("read", "write")[n % 2])]
    >>> print(joining(lines))
    awk '/^# Time: /{if(n++)print l;l=$0;next}{l=l" "$0}END{print l}'
    >>> joining(["10:00:00 load", "10:00:01 run"] * 40) is None
    True
    """
    found = _records(lines)
    several = [record for record in found if len(record) > 1]
    if len(several) < max(FEWEST, 0.9 * len(found)):
        return None
    below = [line for record in found for line in record[1:]]
    shape = _common([_shape(record[0]) for record in several])
    forms = {template(message(" ".join(record))) for record in several}
    if len(shape) < SHORTEST or any(_shape(line).startswith(shape) for line in below):
        return None
    if not 2 <= len(forms) <= len(several) / AGAIN:
        return None
    return f"awk '/^{_awk(shape)}/{{if(n++)print l;l=$0;next}}{{l=l\" \"$0}}END{{print l}}'"


def _records(lines: Sequence[str]) -> list[list[str]]:
    """Return the records of some lines, the last left out, as it may go on."""
    records, found = Records(Cursor(), indented(lines)), list[list[str]]()
    for line in lines:
        if found and records.goes_on(line):
            found[-1].append(line)
        else:
            if not found:
                records.goes_on(line)
            found.append([line])
    return found[:-1]


def _common(shapes: Sequence[str]) -> str:
    """Return how all of some shapes begin: with numbers, or a word and the signs behind it, as names of months go on.

    >>> _common(["# Time: 0000-00", "# Time: 0000-00"]), _common(["0000-00-00T00", "0000-00-00T00"])
    ('# Time: ', '0000-00-00')
    """
    lowest, highest = min(shapes), max(shapes)
    same = next((at for at, (one, other) in enumerate(zip(lowest, highest, strict=False)) if one != other), len(lowest))
    found = _BEGINNING.match(lowest[:same])
    return re.split(r"['\\]", found[0])[0][:LONGEST] if found is not None else ""


def _shape(line: str) -> str:
    return re.sub(r"\d", "0", line)


def _awk(shape: str) -> str:
    """Return a regular expression of awk for a shape.

    >>> _awk("0000-00 [a]/")
    '[0-9][0-9][0-9][0-9]-[0-9][0-9] [[]a[]][/]'
    """
    return "".join(
        "[0-9]" if sign == "0" else sign if sign.isalnum() or sign in "-_ :,#=@<>" else f"[{sign}]"
        for sign in shape
        if sign != "^"
    )
