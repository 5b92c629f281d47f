"""Masks of phrases: what varies by the words beside it, in a message whose words are masked already.

Names of who does something, dates in words, units, values that stand apart from their key, and lists of any length. A
phrase is only looked for where one of its words is, as most messages have none. Time is linear in the length of a
message: a phrase begins with a word of its own, and looks at a few words behind it.
"""

from __future__ import annotations

import re

from ...patterns import late
from . import MASK

_DAY = r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?[,.]?"
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)[,.]?"
)
_ZONE = r"(?:[AaPp]M|am|pm|UTC|GMT|[ECMP][SD]T|CES?T|BST|JST|IST)(?!\w)"
# Units that programs choose by the size of the number.
_UNIT = r"(?:[kKMGTP]i?B|B|ns|us|µs|ms|s|secs?|mins?|h|hrs?)(?!\w)"
_DATE_WORDS = late(rf"\b(?:{_DAY}|{_MONTH})[ ](?:{_MONTH}[ ])?(?=<\*>)")
_JOINED = late(rf"<\*>(?:[\s,;:/.|+&#~\\_-]*<\*>|[ ](?:{_DAY}|{_MONTH})(?=[ ]<\*>)|[ ]?(?:{_UNIT}|{_ZONE}))*")

_NAME = r"[^\s,;:()\[\]{}\"'<>]+"
# What is no name behind "user".
_NO_NAME = (
    r"(?!(?:is|was|has|had|not|no|names?|ids?|with|by|from|in|on|for|to|of|and|or|the|an?|unknown|does|did|do|can|cannot"
    r"|may|must|will|would|could|already|login|logout|requests?|sessions?|accounts?|data|agent|groups?|space|mode|process"
    r"|password|interface|input|authentication|permissions?|code|events?|task|error|interrupt|lists?|table|profiles?|settings"
    r"|home|directory|keys?|tokens?|context|class|type|roles?|limits?|count|cache|store|service|level|memory|programs?"
    r"|threads?|stack|commands?|actions?|query|messages?|jobs?|info|database)\b)"
)
# What follows a name that does something.
_DOING = (
    r"(?:from|by|at|on|has|was|is|logged|cannot|could|failed|does|did|not|added|removed|created|deleted|connected|disconnected"
    r"|joined|left|authenticated|requested)\b"
)
LIKE_NAME = late(_NO_NAME + r"\w")
"""What may be a name behind a word that says so."""
_USER = late(
    rf"(?P<sure>\b(?:(?:for|as|of|by|to|new)\ |[Ii]nvalid\ |[Ii]llegal\ |[Uu]nknown\ )[Uu]ser\ ){_NO_NAME}{_NAME}"
    rf"|(?P<likely>\b[Uu]ser\ ){_NO_NAME}(?!\w+(?:ed|ing)\b){_NAME}(?=\ (?:{_DOING}|\[|\(|<)|[,;:.]|$)"
)
_SAID = late(
    r"(?P<said>\b(?:[Uu]ser|[Uu]ser_?[Nn]ame|[Oo]wner|[Hh]ost|[Hh]ost_?[Nn]ame|[Cc]lient"
    r"|(?:[Uu]ser|[Aa]ccount|[Cc]lient|[Dd]omain|[Hh]ost|[Ww]orkstation)\ [Nn]ame):\ )"
    rf"{_NAME}(?=$|[,;)\]]|\ [\w.-]+[:=])"
)
# As the events of Windows name them, where the next key may be several words.
_ACCOUNT = late(
    r"(?P<account>\b(?:(?:Account|Logon\ Account|Workstation|Caller\ Computer)\ (?:Name|Domain)|Security\ ID):\s{1,8})"
    rf"{_NAME}(?=$|[,;)\]]|\s{{1,8}}(?:[\w.-]+\s{{1,8}}){{0,4}}[\w.-]+[:=])"
)
# As sudo, cron and PAM name them; what sudo says begins with the name where its own is a field beside the message.
_SYSTEM = late(
    rf"(?P<sudo>^sudo:\ ){_NAME}(?=\ :\ )|(?P<cron>(?:^|:\ )\(){_NAME}(?=\)\ CMD\b)|(?P<pam>\bby\ ){_NAME}(?=\(uid=)"
    rf"|(?P<terminal>(?:^|:\ )\ {{0,8}}){_NAME}(?=\ :\ (?:[^;=]{{1,80}};\ )?TTY=)"
)
_GRANTED = late(
    r"(?P<to>\b(?:[Aa]ccepted|[Ff]ailed|[Pp]ostponed|[Rr]ejected|[Dd]enied|[Gg]ranted|[Pp]artial)\ [\w/-]+\ for\ )"
    rf"(?!(?:(?:invalid|illegal|unknown)\ )?user\b){_NAME}(?=\ from\b)"
)
_VALUE = late(
    r"(?P<none>(?<=\w)=)(?=$|[,;]|\ [\w.-]+=)"  # a key without a value, which others have
    rf"|(?P<glued>(?<=\w)=)\ (?![\w.-]+=)(?:{_NAME}|<\*>)"
    rf"|(?P<apart>(?<=\w)\ =\ )(?![\w.-]+=){_NAME}"
)
_FLAG = late(r"(?P<flag>(?<=\w):\ )(?:[Tt]rue|[Ff]alse|null)(?=$|[,;)\]}]|\ [\w.-]+[:=])")
_EMPTY = late(r"(?<!\S)(\(|\[)(?=[)\]])")  # brackets around what others have

_MOST, _LONGEST = 1 << 13, 1 << 9


def masked_phrases(text: str) -> str:
    """Return a message with masked words with its phrases masked, and what masks are beside each other as one.

    Examples
    --------
    >>> masked_phrases("Failed password for root from <*> at Sun Jul <*> <*> <*>")
    'Failed password for <*> from <*> at <*>'
    >>> masked_phrases("session opened for user root by (uid=<*>) took <*> ms, state = idle")
    'session opened for user <*> by (uid=<*>) took <*>, state = <*>'
    """
    text = masked_users(text)
    if "alse" in text or "rue" in text or "null" in text:
        text = _FLAG.sub(_named, text)
    if "= " in text or "=," in text or "=;" in text or text.endswith("="):
        text = _VALUE.sub(_named, text)
    if "()" in text or "[]" in text:
        text = _EMPTY.sub(rf"\1{MASK}", text)
    if MASK not in text:
        return text
    return _JOINED.sub(MASK, _DATE_WORDS.sub("", text))


class Phrases(dict[str, str]):
    """`masked_phrases` of the messages met so far: few differ once words are masked; many and long ones are forgotten.

    >>> Phrases()["took <*> ms"]
    'took <*>'
    """

    def __missing__(self, text: str) -> str:
        found = masked_phrases(text)
        if len(text) <= _LONGEST:
            if len(self) >= _MOST:
                self.clear()
            self[text] = found
        return found


def masked_users(text: str) -> str:
    """Return a message without the names of users, where a word says that one follows.

    >>> masked_users("Accepted password for ann from gate"), masked_users("sudo: ann : command not allowed")
    ('Accepted password for <*> from gate', 'sudo: <*> : command not allowed')
    """
    if "ser " in text:
        text = _USER.sub(_named, text)
    if ": " in text:
        text = _SAID.sub(_named, text) if "ser" in text or "ame: " in text or "ost: " in text else text
    if "Account " in text or "Security ID" in text:
        text = _ACCOUNT.sub(_named, text)
    if "sudo: " in text or ") CMD" in text or "(uid=" in text or "TTY=" in text:
        text = _SYSTEM.sub(_named, text)
    if " for " in text:
        text = _GRANTED.sub(_named, text)
    return text


def _named(found: re.Match[str]) -> str:
    assert found.lastgroup is not None
    return found[found.lastgroup] + MASK
