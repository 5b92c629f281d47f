"""Masks of words: what varies in a word of a log message, whatever stands beside it.

The mask of a word hangs on the word alone, so that words are remembered. Words may be long and hostile: every pattern
here takes time linear in their length, as each run of characters is taken as a whole by the first alternative that
begins there, or looked through for a bounded length.
"""

from __future__ import annotations

import re

from ...patterns import late
from . import MASK

# A run of characters of names, numbers and ids; what ends a sentence or a list is none.
_RUN = r"[\w.@%+$~*-]"
_SEGMENT = r"/{1,3}[\w.@%+$~*:-]+"
_VALUE = r"[^\s,;()\[\]{}\"'<>]"
_PART = late(
    rf"""
      <\*>                                                                # masked before
    | (?P<whole>(?<!\S)[<>]=?[+-]?\d[\w.%]*+(?![>-])                        # less than, or more
    | [A-Za-z][A-Za-z0-9+.-]{{0,63}}://[^\s"'<>\])]*                      # URL
    | (?<![\w:])[\da-fA-F]{{1,2}}(?:[:-][\da-fA-F]{{1,2}}){{5}}(?![\w:])  # MAC
    | (?<![\w:])(?:[\da-fA-F]{{0,4}}:){{3,7}}[\da-fA-F.]{{0,15}}(?![\w:]) # IPv6, time of day
    | (?<![\w:])::[\da-fA-F]{{1,4}}(?![\w:])                              # IPv6, short
    | (?<![\w<>)\]])(?:~|\.{{1,2}})?(?:{_SEGMENT})+/?(?:[?\#][^\s"'<>]*)? # path, with a query
    | (?<![\w<>)\]])\w[\w.~-]*+(?:{_SEGMENT}){{2,}}/?(?:\?[^\s"'<>]*)?    # path from where one is
    | (?<![\w:])[A-Za-z]:\\[^\s"',;)]*                                    # path with a drive
    | \\\\[\w.$-]++(?:\\[\w.$-]+)+)                                       # path with a server
    | (?P<sign>(?<=[\w\])>])=(?!=))(?:{_VALUE}|<\*>)+(?:\([^()]*\)|\[[^][]*\]|\{{[^{{}}]*\}})?  # key=value
    | (?P<word>{_RUN}++)(?P<more>(?::{_RUN}+|,\d[\d.]*+)*+)(?P<call>\(\))?
    """,
    re.VERBOSE,
)
_DIGIT = late(r"\d")
_ENDS = ".,;:!?-"
# What happened, though it holds a number, or stands behind a key: messages of SECS, and the events, commands and
# alarms in them.
_SECS = late(r"S\d{1,2}F\d{1,2}")
_HAPPENED, _LONGEST_KEY = late(r"(?<![^\W_])(?:CEID|RCMD|ALID|ALCD|HCACK)\Z"), 9
# An id of eight or more hexadecimal digits that all happen to be letters.
_HEX_LETTERS, _FEWEST_LETTERS = late(r"(?<![^\W_])(?:[a-f]{8,64}|[A-F]{8,64})(?![^\W_])"), 8

# Domains at the top, without those that are also endings of files, units or names of things.
_GENERIC = late(r"com|net|org|edu|gov|mil|int|info|biz|arpa|local|localdomain|lan|internal|intranet|corp|home")
_COUNTRY = late(
    r"a[cdefgiloqrstuwxz]|b[abdefghijmnorstwyz]|c[adfghiklmnoruvwxyz]|d[ejkmoz]|e[cegrstu]|f[ijkmor]"
    r"|g[adefghilmnprstuwy]|h[kmnrtu]|i[elmnoqrst]|j[emop]|k[eghimnprwyz]|l[abcikrstuvy]|m[aceghklnopqrtuvwxyz]"
    r"|n[aefgilopruz]|o[m]|p[aefghkmnrtw]|q[a]|r[eouw]|s[abcdegiklmnrtuvxyz]|t[cdfghjklmnortvwz]|u[agksyz]"
    r"|v[aceginu]|w[fs]|y[et]|z[amw]"
)
# Names that begin so are read from the other end: packages, classes and services.
_REVERSED = frozenset({"com", "org", "net", "edu", "gov", "io", "java", "javax", "android", "sun"})

_MOST_WORDS = 1 << 15
_LONGEST_WORD = 128


def host(name: str) -> bool:
    """Whether a name is that of a host, by the domain at its end.

    Examples
    --------
    >>> [host(name) for name in ("ns.fab.example.com", "fab.co.uk", "org.fab.server", "fab.server.Worker", "a.b.c")]
    [True, True, False, False, False]
    """
    first, dot, rest = name.partition(".")
    if not dot or first in _REVERSED or name != name.lower():
        return False
    labels = rest.split(".")
    if not (first and all(labels)):
        return False
    top = labels[-1]
    return _GENERIC.fullmatch(top) is not None or (len(labels) > 1 and _COUNTRY.fullmatch(top) is not None)


def masked_word(word: str) -> str:
    """Return a word with its variable parts masked.

    Examples
    --------
    >>> [masked_word(word) for word in ("10.0.0.1:8080,", "uid=0", "[lot-7]", "sshd:auth", "jk2_init()")]
    ['<*>,', 'uid=<*>', '[<*>]', 'sshd:auth', 'jk2_init()']
    >>> [masked_word(word) for word in ("doc-deadbeef", "cabbages", "S6F11", "CEID=1003", "SYS=91B7")]
    ['<*>', 'cabbages', 'S6F11', 'CEID=1003', 'SYS=<*>']
    """
    if word.isalpha() and (len(word) < _FEWEST_LETTERS or _HEX_LETTERS.fullmatch(word) is None):
        return word
    return _PART.sub(_part, word)


def _part(found: re.Match[str]) -> str:
    kind = found.lastgroup
    if kind == "whole":
        return MASK + _ending(found[0])
    if kind == "sign":
        key = found.string[max(0, found.start() - _LONGEST_KEY) : found.start()]
        return found[0] if _HAPPENED.search(key) else f"={MASK}"
    return found[0] if kind is None else _word(found)


def _ending(text: str) -> str:
    """Return what stands at the end of a text and ends a sentence or a part of it."""
    return text[len(text.rstrip(_ENDS)) :]


def _word(found: re.Match[str]) -> str:
    """Return the mask of a word and what follows its colons and commas."""
    word, text = found["word"], found[0]
    if "." in word and host(word.rstrip(".")):
        return MASK + _ending(text)
    if "@" in word.strip("@"):
        return MASK + _ending(text)
    digit = _DIGIT.search(text) or _HEX_LETTERS.search(text)
    if digit is None or found["call"] or (_SECS.fullmatch(word.rstrip(_ENDS)) and not found["more"]):
        return text
    place = digit.start()
    # What leads to a number, and is none of it: a key, or dots that fill a line.
    start = max(text.rfind(":", 0, place), text.rfind(",", 0, place), text.rfind("..", 0, place) + 1) + 1
    return text[: start if start > 1 or text[:1] in ":,." else 0] + MASK + _ending(text)


class Words(dict[str, str]):
    """The masks of the words met so far; many and long ones are forgotten.

    >>> words = Words()
    >>> " ".join(map(words.__getitem__, "lot 7 loaded".split()))
    'lot <*> loaded'
    """

    def __missing__(self, word: str) -> str:
        found = masked_word(word)
        if len(word) <= _LONGEST_WORD:
            if len(self) >= _MOST_WORDS:
                self.clear()
            self[word] = found
        return found
