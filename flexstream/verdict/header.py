"""The header of what was read: whether there are columns beside those that were taken for something."""

from __future__ import annotations

import json

from ..readers.reading import Reading

_LINES = 20


def has_more_columns(reading: Reading) -> bool:
    """Return whether the first row of a reading's first source has more columns, or fields, than were made use of.

    Examples
    --------
    >>> import io
    >>> from flexstream import Alphabet
    >>> sources = [io.BytesIO(text) for text in (b"case,event\\n1,load\\n", b"case,event,tool\\n1,load,A\\n")]
    >>> readings = [Reading(source, Alphabet()) for source in sources]
    >>> [len(list(reading)) for reading in readings], list(map(has_more_columns, readings))
    ([1, 1], [False, True])
    """
    used = sum(len(names.split("+")) for names in reading.columns.values())
    lines = [line for line in reading.sample.decode("utf-8", "replace").splitlines()[:_LINES] if line.strip()]
    if reading.format == "csv" and lines:
        from ..readers.parsing.table_top import find_top  # which is there where CSV was read

        return len(find_top(lines, tuple(reading.columns.values()), reading.options.delimiter).names) > used
    try:
        fields = json.loads(lines[0]) if lines else {}
    except ValueError:  # one of several lines, or no object
        return True
    return not isinstance(fields, dict) or len(fields) > used or any(isinstance(one, dict) for one in fields.values())
