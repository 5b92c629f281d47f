"""Lines of words that are messages: of each some forms come again and again, and numbers in them vary."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...errors import parameter
from ..source.text import Head, Source
from ..texts import MASK
from .context import ReadContext
from .templates import template

LINES = 200
"""Lines that are looked at where the first ones look like that."""
_SIGNS = frozenset("([:=<")
_WORD = re.compile(r"[A-Za-z]{3}")
_MOST = 0.9  # share of the lines that are of a kind where all are
_FEWEST = 10  # lines that tell something
_AGAIN = 4  # lines of each form, at least


def told_as_log(source: Source, head: Head, context: ReadContext) -> bool:
    """Tell whether lines without a time are messages all the same, and say so; if they may be, more are looked at.

    Parameters
    ----------
    source : Source
        Of which nothing was taken.
    head : Head
        Its first lines.
    context : ReadContext
    """
    if not may_be_messages(_lines(head)) or not are_messages(_lines(source.head(LINES))):
        return False
    remedy = f"{parameter('format')} lines makes a trace of the words of each"
    context.note(f"{source.name}: lines are messages in which numbers vary; {remedy}")
    return True


def _lines(head: Head) -> list[str]:
    return [line for line in head.lines if line.strip() and not line.startswith("#")]


def may_be_messages(lines: Sequence[str]) -> bool:
    """Tell whether nearly all of some lines hold numbers, and signs that part messages, as traces of words do not.

    >>> may_be_messages(["I/Lots( 7): loaded in 3 s"] * 10), may_be_messages(["load run 7"] * 10)
    (True, False)
    """
    like = sum(any(map(str.isdecimal, line)) and not _SIGNS.isdisjoint(line) for line in lines)
    return len(lines) >= _FEWEST and like >= _MOST * len(lines)


def are_messages(lines: Sequence[str]) -> bool:
    """Tell whether lines are messages that differ in numbers: masked, they have few forms, and no trace has one.

    Examples
    --------
    >>> are_messages([f"I/Lots( {number}): {('in', 'out')[number % 2]} of tool {number % 7}" for number in range(40)])
    True
    >>> are_messages(["load(7) run(8) unload(9)", "load(1) run(3)"] * 20)
    False
    """
    forms = list(map(template, lines))
    distinct = len(set(lines))
    worded = sum(_says(form) for form in forms)
    few = _AGAIN * len(set(forms)) <= distinct and 2 * distinct >= len(lines)
    return few and worded >= _MOST * len(forms)


def _says(form: str) -> bool:
    """Tell whether a form has a mask, a word, and a part without a mask: all of a trace's symbols may have numbers."""
    return MASK in form and _WORD.search(form) is not None and any(MASK not in part for part in form.split())
