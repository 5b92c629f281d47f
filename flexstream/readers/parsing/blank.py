"""What is no case and no event: a blank, and what programs write where a value is missing."""

from __future__ import annotations

from ...errors import parameter
from ..diagnostics import shown

NO_CASE = frozenset(
    {
        *("-", "--", "null", "Null", "NULL", "(null)", "<null>", "none", "None", "NONE", "nil", "<nil>"),
        *("nan", "NaN", "NAN", "n/a", "N/A", "#N/A", "NA", "<NA>", "\\N", "undefined"),
    }
)
"""Spellings of a value that is missing; events without a case are no case of their own."""

BLANKS = " \t\n\v\f\r"
LONGEST_CASE = 1 << 12
"""Characters of the name of a case: what is longer is no name, and many of them would fill the memory."""
LEFT_OUT = f"{parameter('on_error')} skip leaves out what has none"


def is_no_case(text: str) -> bool:
    """Tell whether a text stands for no case, or is too long for the name of one.

    Examples
    --------
    >>> is_no_case(" "), is_no_case("NULL"), is_no_case("0")
    (True, True, False)
    """
    return text in NO_CASE or len(text) > LONGEST_CASE or not text.strip(BLANKS)


def is_no_event(text: str) -> bool:
    """Tell whether a text stands for no event."""
    return not text.strip(BLANKS)


def no_case(text: str, where: str) -> tuple[str, str]:
    """Return what is wrong with a case that is none, and what was expected."""
    if len(text) > LONGEST_CASE:
        return f"a case of {len(text):,} characters in {where}", f"names of at most {LONGEST_CASE:,}"
    return _missing("case", text, where)


def no_event(text: str, where: str) -> tuple[str, str]:
    """Return what is wrong with an event that is none, and what was expected."""
    return _missing("event", text, where)


def _missing(kind: str, text: str, where: str) -> tuple[str, str]:
    found = f" ({shown(text)})" if text.strip() else ""
    return f"no {kind} in {where}{found}", f"one everywhere; {LEFT_OUT}"
