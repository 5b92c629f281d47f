"""Lines of words that are messages: of each some forms come again and again, and numbers in them vary."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...errors import parameter
from ..texts import MASK
from .context import ReadContext
from .templates import template

_WORD = re.compile(r"[A-Za-z]{3}")
_MOST = 0.9  # share of the lines that are of a kind where all are
_AGAIN = 4  # lines of each form, at least


def told_as_log(source: str, lines: Sequence[str], context: ReadContext) -> bool:
    """Tell whether the first lines of a source are messages without a time, and say so."""
    if not are_messages(lines):
        return False
    remedy = f"{parameter('format')} lines makes a trace of the words of each"
    context.note(f"{source}: lines are messages in which numbers vary; {remedy}")
    return True


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
