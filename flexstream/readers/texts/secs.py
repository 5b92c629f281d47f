"""What messages of SECS and GEM say beside a key, such as the number of an event, in whichever way that is written."""

from __future__ import annotations

import re

from ...patterns import late

KEYS = ("CEID", "RCMD", "ALID", "ALCD", "HCACK")
"""Keys of what happened: events, commands and alarms, and what they are answered by."""
_KEY = "|".join(KEYS)
# Behind the key a sign, brackets or blanks, perhaps the type of an item of SML, and a number, a quoted word or one in
# capitals, as commands have.
_SAID = late(
    rf"""
    (?<![^\W_])(?P<key>{_KEY})
    (?: \s{{0,4}}[=:]\s{{0,4}} | \s{{0,4}}[\[(]\s{{0,4}} | \s{{1,4}} )
    (?: <?(?:[AUIFB]\d?|BOOLEAN)(?:\s?\[\d{{1,4}}\])?\s{{1,4}} )?
    (?: (?P<number>0x[\da-fA-F]{{1,16}}|\d{{1,20}})(?![\w.-])
      | (?P<quote>["'])(?P<word>[\w.+-]{{1,64}})(?P=quote)
      | (?P<command>[A-Z][A-Z\d]{{0,40}}(?:[_-][A-Z\d]{{1,40}}){{0,8}})(?![\w.<-]) )
    \s?[\])]?
    """,
    re.VERBOSE,
)


def joined(text: str) -> str:
    """Return a message in which what stands beside such a key is joined to it with ``=``, as most programs write it.

    Examples
    --------
    >>> [joined(text) for text in ("S6F11 W CEID[101]", "<U4 CEID 101>", "CEID: 7 sent", "RCMD 'START' HCACK 0")]
    ['S6F11 W CEID=101', '<U4 CEID=101>', 'CEID=7 sent', 'RCMD=START HCACK=0']
    >>> joined("CEID is unknown"), joined("CEID=101"), joined("no CEID")
    ('CEID is unknown', 'CEID=101', 'no CEID')
    """
    return _SAID.sub(_one, text) if tells(text) else text


def tells(text: str) -> bool:
    """Tell whether one of the keys is in a text.

    >>> tells("S6F11 W CEID[101]"), tells("lot 7 loaded")
    (True, False)
    """
    return "CEID" in text or "RCMD" in text or "ALID" in text or "ALCD" in text or "HCACK" in text


def _one(found: re.Match[str]) -> str:
    said = found["number"] or found["word"] or found["command"]
    closing = found[0][-1] if found[0][-1] in "])" and not re.search(r"[\[(]", found[0]) else ""
    blank = " " if not closing and found[0][-1].isspace() else ""
    return f"{found['key']}={said}{blank}{closing}"
