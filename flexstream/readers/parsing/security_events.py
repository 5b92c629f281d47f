"""Lines of CEF and LEEF: a header parted by bars, and an extension of keys and values.

Sources: ArcSight Common Event Format, implementation standard, version 26; IBM QRadar LEEF, version 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..diagnostics import shown
from .records import stamp

_CEF = re.compile(r"(?:^|(?<=\s))CEF: ?\d+\|")
_LEEF = re.compile(r"(?:^|(?<=\s))LEEF: ?(\d)[\d.]*\|")
_BAR = re.compile(r"(?<!\\)\|")
_HEADER = ("vendor", "product", "version", "signature", "name", "severity")
# A value goes on up to the next key: blanks need no quotes, an equals sign in it has a backslash.
_KEY = re.compile(r"(?:(?<=\s)|(?<=^))([\w.\[\]-]++)=")
_ESCAPE = re.compile(r"\\(.)")
_SIGNS = {"n": "\n", "r": "\n"}
_TIMES = ("rt", "start", "deviceReceiptTime", "end", "devTime")
_EXPECTED = "CEF:0|vendor|product|version|signature|name|severity|key=value …"


def event_fields(line: str) -> dict[str, Any]:
    """Return the fields of a line of CEF or LEEF.

    Raises
    ------
    ValueError
        Of two texts, if it is none.

    Examples
    --------
    >>> found = event_fields(r"CEF:0|V|Wall|1.0|100|a \\| b|5|src=10.0.0.1 msg=wrong password cs1=a\\=b")
    >>> found["name"], found["severity"], found["src"], found["msg"], found["cs1"]
    ('a | b', '5', '10.0.0.1', 'wrong password', 'a=b')
    >>> event_fields("LEEF:2.0|V|Wall|1.0|Login|^|usrName=ada^src=10.0.0.1")["usrName"]
    'ada'
    """
    cef = _CEF.search(line)
    leef = None if cef else _LEEF.search(line)
    if cef is not None:
        fields, start = _cef(line, cef.end()), cef.start()
    elif leef is not None:
        fields, start = _leef(line, leef.end(), leef[1]), leef.start()
    else:
        raise ValueError(f"no header of CEF in {shown(line.strip())}", _EXPECTED)
    time = next((fields[name] for name in _TIMES if name in fields), None) or stamp(line[:start])
    return {**fields, "time": time} if time is not None and "time" not in fields else fields


def _parts(line: str, start: int, most: int) -> list[str]:
    """Return so many parts of a header, and the rest of the line."""
    parts = _BAR.split(line[start:], most)
    if len(parts) <= most:
        raise ValueError(f"{len(parts)} parts in the header of {shown(line.strip())}", _EXPECTED)
    return parts


def _cef(line: str, start: int) -> dict[str, Any]:
    *header, extension = _parts(line, start, len(_HEADER))
    fields = {name: _unescaped(text) for name, text in zip(_HEADER, header, strict=True)}
    return {**fields, **dict(_extension(extension))}


def _extension(text: str) -> Iterator[tuple[str, str]]:
    keys = list(_KEY.finditer(text))
    ends = [key.start() for key in keys[1:]] + [len(text)]
    for key, end in zip(keys, ends, strict=False):
        yield key[1], _unescaped(text[key.end() : end].rstrip())


def _leef(line: str, start: int, version: str) -> dict[str, Any]:
    vendor, product, number, name, rest = _parts(line, start, 4)
    sign = "\t"
    if version != "1" and (bar := rest.find("|")) >= 0:
        sign, rest = _sign(rest[:bar]), rest[bar + 1 :]
    pairs = (pair.partition("=") for pair in rest.split(sign))
    fields = {"vendor": vendor, "product": product, "version": number, "name": name}
    return {**fields, **{key.strip(): value.strip() for key, equals, value in pairs if equals}}


def _sign(text: str) -> str:
    """Return what parts the pairs of LEEF: a character, or its number as in ``x09``.

    >>> _sign("^"), _sign("0x09"), _sign("")
    ('^', '\\t', '\\t')
    """
    number = re.fullmatch(r"(?:0?x|\\u)([0-9a-fA-F]{1,4})", text)
    return chr(int(number[1], 16)) if number else text or "\t"


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: _SIGNS.get(found[1], found[1]), text) if "\\" in text else text
