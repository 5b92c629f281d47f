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
# By their places in messages of SML (SEMI E5, E30): the event of S6F11, the alarm of S5F1 and the command of S2F41.
_LIST_ITEM = "<L"
_LIST, _SIZE, _NUMBER = r"\s{0,40}<L\s?\[?\d{0,4}\]?\s{1,40}", r"(?:\s?\[\d{1,4}\])?\s{1,4}", r"\d{1,20}\s?>"
_ITEMS = late(
    rf"""S6F11\b[^<]{{0,200}}{_LIST}<[UI]\d{_SIZE}{_NUMBER}\s{{0,40}}<[UI]\d{_SIZE}(?P<CEID>\d{{1,20}})\s?>"""
    rf"""|S5F1\b[^<]{{0,200}}{_LIST}<B{_SIZE}\w{{1,8}}\s?>\s{{0,40}}<[UI]\d{_SIZE}(?P<ALID>\d{{1,20}})\s?>"""
    rf"""|S2F41\b[^<]{{0,200}}{_LIST}<A{_SIZE}["'](?P<RCMD>[\w.+-]{{1,64}})["']\s?>"""
)


def joined(text: str) -> str:
    """Return a message in which what stands beside such a key is joined to it with ``=``, as most programs write it.

    Examples
    --------
    >>> [joined(text) for text in ("S6F11 W CEID[101]", "<U4 CEID 101>", "CEID: 7 sent", "RCMD 'START' HCACK 0")]
    ['S6F11 W CEID=101', '<U4 CEID=101>', 'CEID=7 sent', 'RCMD=START HCACK=0']
    >>> joined('S6F11 W <L[3] <U4 7> <U4 101> <L[0]>>.'), joined('S2F41 W <L[2] <A[5] "START"> <L[0]>>.')
    ('S6F11 W <L[3] <U4 7> <U4 101> CEID=101 <L[0]>>.', 'S2F41 W <L[2] <A[5] "START"> RCMD=START <L[0]>>.')
    >>> joined("CEID is unknown"), joined("CEID=101"), joined("no CEID")
    ('CEID is unknown', 'CEID=101', 'no CEID')
    """
    if not tells(text):
        return text
    if _LIST_ITEM in text and (found := _ITEMS.search(text)) is not None:
        said = next((name, found[name]) for name in ("CEID", "ALID", "RCMD") if found[name])
        text = f"{text[: found.end()]} {'='.join(said)}{text[found.end() :]}"
    return _SAID.sub(_one, text)


def tells(text: str) -> bool:
    """Tell whether one of the keys, or a list of SML, is in a text.

    >>> tells("S6F11 W CEID[101]"), tells("lot 7 loaded")
    (True, False)
    """
    return "CEID" in text or "RCMD" in text or "ALID" in text or "ALCD" in text or "HCACK" in text or _LIST_ITEM in text


def _one(found: re.Match[str]) -> str:
    said = found["number"] or found["word"] or found["command"]
    closing = found[0][-1] if found[0][-1] in "])" and not re.search(r"[\[(]", found[0]) else ""
    blank = " " if not closing and found[0][-1].isspace() else ""
    return f"{found['key']}={said}{blank}{closing}"
