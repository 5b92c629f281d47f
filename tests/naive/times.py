"""The slow twin of what reads times: a regular expression for each form, and the standard library's calendar."""

from __future__ import annotations

import calendar
import datetime
import math
import re

from .registry import twin

_MONTHS = [name.lower() for name in calendar.month_name[1:]]
_DAYS = [name.lower() for name in calendar.day_name]
_ZONES = {"utc": 0, "gmt": 0, "z": 0, "ut": 0, "cest": 2, "cet": 1, "eest": 3, "eet": 2, "west": 1, "wet": 0, "edt": -4}
_ZONES |= {"est": -5, "cdt": -5, "cst": -6, "mdt": -6, "mst": -7, "pdt": -7, "pst": -8, "jst": 9, "kst": 9, "msk": 3}
_OFFSET = r"[+-]\d\d(?::?\d\d(?::?\d\d)?)?"
_ZONE = rf"(?P<zone>(?:(?:utc|gmt|z|ut|wet)(?=[+-]))?{_OFFSET}|{'|'.join(_ZONES)})(?: ?(?:\[[^\]]*\]|\([^)]*\)))?"
_FRACTION = r"[.,](?P<f>\d+)"
_PATTERNS = {
    "Y": r"(?P<Y>\d{4})",
    "y": r"(?P<y>\d\d)",
    "m": r"(?P<m>\d\d?)",
    "d": r"(?P<d>\d\d?)",
    "j": r"(?P<j>\d{1,3})",
    "H": r"(?P<H>\d\d?)",
    "I": r"(?P<I>\d\d?)",
    "M": r"(?P<M>\d\d?)",
    "S": r"(?P<S>\d\d?)",
    "f": r"(?P<f>\d{1,9})",
    "b": "(?P<b>" + "|".join([*_MONTHS, "sept", *(name[:3] for name in _MONTHS)]) + ")(?![a-z])",
    "a": "(?:" + "|".join([*_DAYS, *(name[:3] for name in _DAYS)]) + ")(?![a-z])",
    "p": r"(?P<p>[ap])(?:m|\.m\.)",
    "z": _ZONE + "(?![a-z])",
    "s": r"(?P<s>[+-]?\d{1,19}(?:\.\d*)?)",
    "_": r"(?:t|[ \t]+)",
    ":": rf"(?::(?P<S>\d\d)(?:{_FRACTION})?)?",
    ".": rf"(?:{_FRACTION})?",
    "?": rf"(?:[ \t]*{_ZONE})?",
    " ": r"[ \t]*",
    "2": r"(?P<f>\d\d)",
    "3": r"(?P<f>\d{3})",
    "6": r"(?P<f>\d{6})",
    "%": "%",
}


def pattern_of(form: str) -> str:
    """Return the regular expression of a form of times; numbers side by side have all their digits."""
    parts = re.findall(r"%.|.", form, re.DOTALL)
    numeric = {f"%{name}" for name in "YymdjHIMS"}
    found = []
    for place, part in enumerate(parts):
        beside = {*parts[max(place - 1, 0) : place], *parts[place + 1 : place + 2]} & (numeric | {"%2", "%3", "%6"})
        if len(part) == 2 and part in numeric and beside and part not in {"%Y", "%y"}:
            found.append(rf"(?P<{part[1]}>\d{{{3 if part == '%j' else 2}}})")
        elif len(part) == 2:
            found.append(_PATTERNS[part[1]])
        else:
            found.append(r"[ \t]+" if part == " " else re.escape(part))
    return "".join(found)


@twin("moments.tell_times")
def seconds(text: str, form: str) -> float:
    """Return the seconds since 1970 of a time of a form, NaN if it has not that form."""
    found = re.fullmatch(pattern_of(form), text.strip(" \t"), re.IGNORECASE | re.ASCII)
    if found is None:
        return math.nan
    parts = {name: value for name, value in found.groupdict().items() if value is not None}
    if "s" in parts:
        number = float(parts["s"])
        while abs(number) >= 1e11:
            number /= 1000.0
        return number
    try:
        return _of_calendar(parts)
    except ValueError:
        return math.nan


def _of_calendar(parts: dict[str, str]) -> float:
    year = int(parts.get("Y", 2000))
    if "y" in parts:
        year = int(parts["y"]) + (2000 if int(parts["y"]) < 69 else 1900)
    month = _MONTHS.index(next(m for m in _MONTHS if m.startswith(parts["b"].lower()[:3]))) + 1 if "b" in parts else 1
    day = datetime.date(year, int(parts.get("m", month)), int(parts.get("d", 1)))
    if "j" in parts:
        day = datetime.datetime.strptime(f"{year:04} {parts['j']}", "%Y %j").date()
    hour = int(parts.get("H", 0))
    if "I" in parts:
        if not 1 <= int(parts["I"]) <= 12:
            raise ValueError("hour")
        hour = int(parts["I"]) % 12 + 12 * (parts.get("p", "a").lower() == "p")
    second = int(parts.get("S", 0))
    if second > 60:
        raise ValueError("second")
    moment = datetime.datetime.combine(day, datetime.time(hour, int(parts.get("M", 0))))
    micro = int(parts.get("f", "0").ljust(6, "0")[:6])
    whole = (moment - datetime.datetime(1970, 1, 1)) // datetime.timedelta(seconds=1) + second - _ahead(parts)
    return whole + micro / 1e6 if abs(whole) >= 1 << 33 else (whole * 1_000_000 + micro) / 1_000_000


def _ahead(parts: dict[str, str]) -> int:
    zone = parts.get("zone", "z").lower()
    if zone in _ZONES:
        return 3600 * _ZONES[zone]
    sign, *digits = re.sub(r"^[a-z]+|:", "", zone)
    numbers = [int("".join(pair)) for pair in zip(digits[::2], digits[1::2], strict=True)]
    if numbers[0] > 23 or max(numbers[1:], default=0) > 59:
        raise ValueError("zone")
    ahead = sum(number * unit for number, unit in zip(numbers, (3600, 60, 1), strict=False))
    return ahead if sign == "+" else -ahead
