"""Redaction: what tells of people and addresses is left out of a text.

Masks leave out what varies; this leaves out what nobody else should read, and nothing more: names of
people and users, addresses of mail, hosts and networks, what a URL tells of its user, queries, secrets, long numbers.
Where a text leaves it open, too much is left out rather than too little.  A name that no rule and no list knows stays.

Time is linear in the length of a text, as for masks.
"""

from __future__ import annotations

import re
import unicodedata

from . import MASK
from .given_names import NAMES, VERBS_TOO, WORDS_TOO
from .masks import host
from .phrases import LIKE_NAME, masked_users

# What a column, field or key is called that holds what is to be left out; in lower case, without what parts words.
_PERSONAL = (
    "user|users|username|userid|login|loginname|logname|ruser|account|accountname|accountid|owner|author|assignee|operator"
    "|firstname|lastname|fullname|givenname|surname|familyname|displayname|nickname|realname|middlename|contact|person"
    "|customer|customername|client|clientname|patient|patientname|employee|employeename|member|student|teacher|doctor"
    "|email|emailaddress|mail|mailto|sender|recipient|rcpt|replyto|cc|bcc|phone|phonenumber|telephone|tel|mobile|fax"
    "|address|addr|street|zip|zipcode|postcode|ip|ipaddress|ipaddr|clientip|clientaddr|remoteaddr|remoteaddress|remotehost"
    "|remoteip|remoteuser|rhost|host|hostname|srcip|dstip|sourceip|sourceipaddress|destinationip|peer|peername|forwardedfor"
    "|xforwardedfor|password|passwd|pwd|pass|secret|token|accesstoken|authtoken|apikey|accesskey|accesskeyid|cookie|auth"
    "|authorization|session|sessionid|ssn|iban|card|cardnumber|creditcard|birthday|birthdate|dateofbirth|dob|passport"
    "|org:resource|principal|principalid|subject|actor|identity|arn|useragent"
)
_PERSONAL_NAMES = frozenset(_PERSONAL.split("|"))
_KEY = re.compile(
    r"""(?P<key>(?<![\w.-])[A-Za-z][\w.-]*+)(?P<to>["']?\s?[=:]\s?)(?![\w.-]+=)(?P<value>"[^"]*"|'[^']*'|[^\s,;&(){}\[\]"'<>]+)"""
)
_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,63}://)(?P<host>(?:<\*>|[^\s/?#\"'<>])*)"
    r"(?P<path>(?:<\*>|[^\s?\"'<>])*)(?P<query>\?[^\s\"'<>]*(?:<\*>)?)?"
)
_SHAPES = re.compile(
    r"""
      (?P<before>^)\S++(?P<ident>[ ]\S++[ ])\S++(?=[ ]\[\d\d/[A-Z])           # who asks, in an access log
    | (?P<query>(?<=[\w/.])\?)[^\s"'<>]+                                     # query behind a path
    | (?P<home>(?:/home/|/Users/|/u/|\\Users\\))[^/\\\s"'<>]+                 # home of a user
    | (?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?:[:/]\d+)?(?!\d)                     # IPv4
    | (?<![\da-fA-F:])[\da-fA-F]{1,2}(?:[:-][\da-fA-F]{1,2}){5}(?![\w:])            # MAC
    | (?<![\da-fA-F:])(?:[\da-fA-F]{1,4}:){3,7}[\da-fA-F.]{1,15}(?![\w:])           # IPv6
    | (?<![\da-zA-Z:])(?:[\da-fA-F]{1,4}:){0,6}[\da-fA-F]{0,4}::[\da-fA-F:.]{0,39}(?=[\s,;\])/%]|$)
    | (?<![\da-fA-F-])[\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12}(?![\w-])    # UUID
    | (?P<title>\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau|Sir|Mme|Mlle|Sra?)\.?[ ])
      [^\W\d_a-z][\w'-]*(?:[ ][^\W\d_a-z][\w'-]*)?
    | (?P<agent>\b(?:by|[Aa]ssigned\ to|behalf\ of|cc)[ ])(?:[^\W\d_a-z][\w'-]*\.?[ ]){1,2}[^\W\d_a-z][\w'-]+
    | (?<![\w.])[^\W\d_a-z]\.[ ]?[^\W\d_a-z][a-z][\w'-]*                     # an initial, and a family name
    | (?P<greeting>\b(?:[Dd]ear|[Hh]i|[Hh]ello|[Hh]ey)[ ](?:(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.?[ ])?)
      (?!(?:Mr|Mrs|Ms|Miss|Dr|Prof)\b)[^\W\d_a-z][\w'-]*(?:[ ][^\W\d_a-z][\w'-]*)?
    | (?P<plus>\+)?(?<![\w.])\d(?:[ .()/-]{0,2}\d){6,}                                  # telephone, card, long number
    """,
    re.VERBOSE,
)
_LETTERS = re.compile(r"[^\W\d_]+")
_RUN = re.compile(r"[\w.@%+'-]++")
_HEX = re.compile(r"(?=[a-fA-F]*\d)[\da-fA-F]{8,}\Z")
_DIGITS = re.compile(r"\d{6,}")
# None begins behind a backslash: of many that do each would be followed to the end of the text.
_QUOTED = re.compile(r"(?<!\\)(?:'(?:[^'\\]|\\.)*+'|\"(?:[^\"\\]|\\.)*+\")")
_LEADING = frozenset({"by", "from", "to", "for", "with", "of", "and", "cc", "user"})
_SHORTEST = 4  # with its quotes, what is quoted and may tell something: a comma does not
_AGAIN = re.compile(r"<\*>(?:[ @]<\*>)+")


_SEGMENTS = re.compile(r"[_.\- ]|(?<=[a-z])(?=[A-Z])")


def personal(name: str) -> bool:
    """Whether a column or a field is called like one of which nothing is to be read.

    Examples
    --------
    >>> [personal(name) for name in ("User_Name", "userIdentity.arn", "sourceIp", "action")]
    [True, True, True, False]
    """
    bare = name.strip()
    known = [bare, bare.rpartition(".")[2], _SEGMENTS.split(bare)[-1]]
    return any(_SEGMENTS.sub("", one).lower() in _PERSONAL_NAMES for one in known)


def redacted(text: str) -> str:
    """Return a text without what tells of people and addresses.

    Examples
    --------
    >>> redacted("mail from ann@example.com for lot 7 sent to 10.0.0.1")
    'mail from <*> for lot 7 sent to <*>'
    >>> redacted("GET https://ann:pw@fab.example.com/lots?id=7")
    'GET https://<*>/lots?<*>'
    >>> redacted("checked by Alice Smith, tel. +49 89 1234567")
    'checked by <*>, tel. <*>'
    """
    if text.isascii() and text.islower() and text.isalpha():
        return MASK if text in NAMES else text
    text = _URL.sub(_url, text) if "://" in text else text
    text = masked_users(_SHAPES.sub(_shape, text))
    text = _KEY.sub(_value, text) if "=" in text or ":" in text else text
    text = _names(_RUN.sub(_run, text))
    return _AGAIN.sub(MASK, text) if f"{MASK} {MASK}" in text or f"{MASK}@" in text else text


def redacted_message(text: str) -> str:
    """Return a message for the user without what it quotes of the data, and what else tells of people.

    Examples
    --------
    >>> redacted_message("'x for Ann' is no number in column lot")
    '<*> is no number in column lot'
    """
    return redacted(_QUOTED.sub(lambda found: found[0] if len(found[0]) < _SHORTEST else MASK, text))


def _url(found: re.Match[str]) -> str:
    return f"{found['scheme']}{MASK}{found['path']}{'?' + MASK if found['query'] else ''}"


def _value(found: re.Match[str]) -> str:
    """Return a key with its value left out, if it is one of those."""
    key, value = found["key"], found["value"]
    apart = found["to"].strip("\"' ") == ":" and value[0] not in "\"'" and found["to"].endswith(" ")
    if not personal(key) or (apart and not LIKE_NAME.match(value)):
        return found[0]
    quote = value[0] if value[0] in "\"'" else ""
    return f"{key}{found['to']}{quote}{MASK}{quote}"


def _shape(found: re.Match[str]) -> str:
    kind = found.lastgroup
    if kind == "ident":
        return f"{MASK}{found['ident']}{MASK}"
    return MASK if kind in {None, "plus"} else f"{found[str(kind)]}{MASK}"


def _run(found: re.Match[str]) -> str:
    """Return a run of characters of names and numbers, masked if it is an address, a host or a long number."""
    run = found[0]
    bare = run.rstrip(".'-")
    if "@" in bare.strip("@") or ("." in bare and host(bare.lower())) or _HEX.match(bare):
        return MASK + run[len(bare) :]
    return _DIGITS.sub(MASK, run)


def _names(text: str) -> str:
    """Return a text without the names of people that are known, and the family names beside them."""
    letters = {_bare(word) for word in _LETTERS.findall(text)}
    if all(map(letters.isdisjoint, (NAMES, WORDS_TOO, VERBS_TOO))):
        return text
    words = text.split(" ")
    for place, word in enumerate(words):
        before, behind = words[place - 1] if place else "", words[place + 1] if place + 1 < len(words) else ""
        if not _is_name(word, before, behind):
            continue
        if before.endswith(",") and before[:1].isupper():
            words[place - 1] = MASK
        if behind[:1].isupper() and not word.endswith((",", ";", ":", ".")):
            words[place + 1] = _RUN.sub(MASK, behind)
        words[place] = _RUN.sub(_named, word)
    return " ".join(words)


def _bare(word: str) -> str:
    """Return a word in lower case without accents, with which and without names are written."""
    word = word.lower()
    if word.isascii() or word in NAMES:
        return word
    return "".join(one for one in unicodedata.normalize("NFD", word) if not unicodedata.combining(one))


def _is_name(word: str, before: str, behind: str) -> bool:
    parts = _LETTERS.findall(word)
    if any(_bare(part) in NAMES and (part.islower() or part[:1].isupper()) for part in parts):
        return True
    if len(parts) != 1 or not parts[0].istitle() or not behind[:1].isupper():
        return False
    return parts[0].lower() in WORDS_TOO or (parts[0].lower() in VERBS_TOO and before.lower() in _LEADING)


def _named(found: re.Match[str]) -> str:
    parts = list(map(_bare, _LETTERS.findall(found[0])))
    return MASK if any(part in names for part in parts for names in (NAMES, WORDS_TOO, VERBS_TOO)) else found[0]
