"""The template of a log message: what stays when all that varies is masked."""

from __future__ import annotations

import re

from ...patterns import late
from ..texts import MASK
from ..texts.masks import Words
from ..texts.phrases import Phrases
from ..texts.secs import joined

# Lines may be long and hostile, so that no pattern here may take more than linear time: where a run of characters is
# looked through and found to lack something, that happens once for each run, or the look is a bounded one.
#
# Blanks are written [ ] because the patterns that use this one are verbose.
_HALF = r"(?:[ ]?[AaPp][Mm]\b)"
STAMP = (
    rf"(?:\d{{4}}[-/.]\d{{2}}[-/.]\d{{2}}[T _-]\d{{2}}[:.]\d{{2}}[:.]\d{{2}}(?:[.,]\d+)?{_HALF}?"
    r"(?:[ ]?(?:Z|[+-]\d{2}:?\d{2})\b)?"
    rf"|\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}},?[ T]\d{{1,2}}:\d{{2}}:\d{{2}}(?:[.,]\d+)?{_HALF}?"
    rf"|(?<!\d)(?:\d{{1,2}}/\d{{1,2}}/\d{{2,4}},?|[A-Z][a-z]{{2}}[ ]\d{{1,2}},[ ]\d{{4}})[ ]"
    rf"\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:[.,]\d+)?)?{_HALF}"
    r"|\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2}(?:[ ][+-]\d{4})?"
    r"|[A-Z][a-z]{2}[ ][ \d]\d[ ]\d{2}:\d{2}:\d{2}(?:[.,]\d+)?"
    r"|\b\d{6}[ ]\d{6}(?=[ ]\d+[ ][A-Z]{4})"
    r"|\b(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[T_ -]?(?:[01]\d|2[0-3])[0-5]\d"
    r"(?:[0-5]\d(?:\d{2,3})?)?\b"
    rf"|\d{{2}}:\d{{2}}:\d{{2}}(?:[.,]\d+)?{_HALF}?)"
)
LEVEL = (
    r"(?:TRACE|DEBUG|FINE|INFO|NOTICE|WARN(?:ING)?|ERR(?:OR)?|SEVERE|CRIT(?:ICAL)?|ALERT|EMERG(?:ENCY)?|FATAL"
    r"|[Tt]race|[Dd]ebug|[Ii]nfo|[Nn]otice|[Ww]arn(?:ing)?|[Ee]rror|[Cc]ritical|[Ff]atal)"
)

# The rest of a name that dots, slashes or dollars part; a dollar may also be part of what it parts.
_DOTTED = r"(?=[\w$]*(?:[./][\w$]|(?<=\$)[\w$]))[\w$]*+(?:[./][\w$]++)*+"

# An id is left out whole or not at all, whether all of its digits happen to be decimal or not: what is cut inside one
# makes as many events of a message as there are ids. In brackets it has a digit, and may be a number; what stands
# alone is a number or eight or more hexadecimal digits. Before the level, whatever is in brackets is the thread.
_HEX = r"(?:[\da-f]{8,64}|[\dA-F]{8,64})"
_IDS = rf"""(?:\s+ (?:\[(?:-|(?=[^\[\]\s:]*?\d)[^\[\]\s:]+|{_HEX})\](?::(?=\s|$))? | (?:\d+|{_HEX})(?=\s|$)))*"""
_NUMBERS = rf"(?:\s+ (?:\[(?:\d+|{_HEX})\](?::(?=\s|$))? | (?:\d+|{_HEX})(?=\s|$)))*"
_THREAD = r"\[(?:[\w.$-]+|[\w+/]+={1,2})\]"

# What comes before the message: a stamp near the start of the line, and behind it, each if it is there:
# numbers of processes and threads, the level, the component, and the ids of the request.
_PREFIX = late(
    rf"""
    (?:\S+\ ){{0,2}}? \[?(?P<stamp>{STAMP})\]?,?          # perhaps a file or host name, then the time
    (?:\s+ [-|])?
    {_IDS}                                      # process, thread, request
    (?:\s+ {_THREAD}(?=\s+ [\[(<]?{LEVEL}[\])>]? (?![\w/.])))?
    (?:\s+ [\[(<]?{LEVEL}[\])>]? (?![\w/.]):? (?:\s+ [-|])?
       {_NUMBERS}
       (?:\s+ {_THREAD}(?::(?=\s|$))?)?         # [thread]
       (?:\s+ [A-Za-z_]{_DOTTED}:?(?=\s|$) | \s+ \w[\w.$-]*:(?=\s))?   # component
       (?:\s+ \[(?:-|(?=[^\]:]*?\d)[^\]:]*)\](?::(?=\s|$))?)?     # [req-… ids], or none
       (?:\s+ [-|:](?=\s))?
    )?
    \s*
    """,
    re.VERBOSE,
)
# As syslog writes it, with the time of old or of RFC 3339; there what follows need not be a host, so that the program
# has the number of its process or is one that has none.
_SYSLOG = late(
    rf"""
    (?:(?P<stamp>[A-Z][a-z]{{2}}\ [ \d]\d\ \d{{2}}:\d{{2}}:\d{{2}})\ \S+[ ]
      |(?P<long>\d{{4}}-\d{{2}}-\d{{2}}T\d{{2}}:\d{{2}}:\d{{2}}(?:\.\d+)?(?:Z|[+-]\d{{2}}:\d{{2}}))
       \ (?!\[|{LEVEL}\b)\S+[ ]
       (?=[\w./()-]+\[\d+\]:\s|(?:kernel|sudo|su|systemd[\w-]*|login|passwd|(?:user|group)(?:add|mod|del)):\s))
    (?P<program>[\w./()-]+?)(?:\[\d+\])?:\s+(?P<message>.*)
    """,
    re.DOTALL | re.VERBOSE,
)
_LEVEL_FIRST = late(rf"\[?{LEVEL}\]?(?=[\s:])[:\s]\s*")

_QUOTED = late(
    r"""
      "(?P<method>GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS|CONNECT|TRACE)\ [^"]*"
    | "[^"]*"
    | (?<![\w])'[^']*'(?![\w])
    """,
    re.VERBOSE,
)
_words, _phrases = Words(), Phrases()
LONGEST = 1 << 16
"""Characters of a message that are looked at: what is longer is no message, but data."""


def message(line: str) -> str:
    """Return a log line without its time, level, component and ids, where their shape is a usual one.

    Examples
    --------
    >>> message("2026-01-31 23:59:00.008 25746 INFO fab.server [req-38 - -] lot 7 loaded")
    'lot 7 loaded'
    >>> message("Jan 31 23:59:00 host sshd[4711]: session opened")
    'sshd: session opened'
    >>> message("2026-01-31T23:59:00.125000+01:00 host sshd[4711]: session opened")
    'sshd: session opened'
    """
    return parted(line)[1]


def parted(line: str) -> tuple[str, str]:
    """Return the time in the usual prefix of a log line, empty where there is none, and its `message`.

    >>> parted("app.log.1.2026-01-30_00:00:00 2026-01-31 23:59:00.008 INFO lot 7 loaded")
    ('2026-01-31 23:59:00.008', 'lot 7 loaded')
    >>> parted("ERROR: lot 7 lost")
    ('', 'lot 7 lost')
    """
    syslog = _SYSLOG.match(line)
    if syslog:
        return syslog["stamp"] or syslog["long"], f"{syslog['program']}: {syslog['message']}"
    found = _PREFIX.match(line)
    if found:
        return found["stamp"], line[found.end() :]
    level = _LEVEL_FIRST.match(line)
    return "", line[level.end() :] if level else line


def template(text: str) -> str:
    """Return a message with its variable parts masked; neighbouring masks become one.

    Masked are numbers and words that hold one, UUIDs and other hexadecimal ids, network and hardware addresses, hosts,
    paths, URLs, values behind ``=``, dates, names of users behind words that say so, and whatever is quoted.  It hangs
    on the message alone, so that it is the same in every run, on every machine.

    Examples
    --------
    >>> template("Took 20.35 seconds to load /fab/lots/7 from 10.0.0.1:8080")
    'Took <*> seconds to load <*> from <*>'
    >>> template("Failed password for root from gate.example.com, uid=0")
    'Failed password for <*> from <*>, uid=<*>'
    >>> template('10.0.0.1 "GET /lots/7 HTTP/1.1" status: 200')
    '<*> "GET <*>" status: <*>'
    """
    text = joined(looked_at(text))
    if '"' in text or "'" in text:
        text = unquoted(text)
    return _phrases[" ".join(map(_words.__getitem__, text.split()))]


def looked_at(text: str) -> str:
    """Return what is looked at of a message.

    >>> looked_at("lot 7"), len(looked_at("7" * 100_000))
    ('lot 7', 65537)
    """
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def unquoted(text: str) -> str:
    """Return a message with what is quoted masked.

    >>> unquoted("lot 'a b' loaded")
    'lot <*> loaded'
    """
    return _QUOTED.sub(_quoted, text)


def _quoted(found: re.Match[str]) -> str:
    method = found["method"]
    return f'"{method} {MASK}"' if method else MASK
