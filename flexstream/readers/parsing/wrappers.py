"""What wraps records: an object with a list of them, a list, or several lines for each; known from the first bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..options import ReadOptions
from ..source.text import Head
from .fields import plain, recognise
from .guessing import EVENTS, MESSAGES
from .json_paths import EACH, at_path, flat
from .json_values import parsed

# Keys that lead from a document to its records, through objects (a dot) and lists of lists; compared in lower case.
KNOWN = (
    ("resourceSpans", "scopeSpans", "spans"),
    ("resourceSpans", "instrumentationLibrarySpans", "spans"),
    ("resourceLogs", "scopeLogs", "logRecords"),
    ("resourceLogs", "instrumentationLibraryLogs", "logRecords"),
    ("batches", "scopeSpans", "spans"),
    ("data", "spans"),
    ("hits.hits",),
    *((name,) for name in ("records", "logs", "logEvents", "logRecords", "spans", "traceEvents", "items", "events")),
    *((name,) for name in ("value", "entries", "results", "rows", "jobs", "data")),
)
# A record that is itself a list of such things says so by one of these.
_SAYS = frozenset({"message", "msg", "verb", "messages"})
EACH_CASE, EACH_KEY = "{case}", "{key}"
"""Steps to each member of an object, of which the key is the name of a case, or any."""
_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s"{}\[\],:]+)', re.DOTALL)
_FEWEST_CASES, _FEWEST_TRACES = 2, 3
_DEEPEST = 500  # brackets that are open: no record is as deep
_MORE = re.compile(r"\s*[{\[]")
_ON_THE_WAY = re.compile(r"[{\[,]\s*\Z")

Steps = tuple[str, ...]
"""Keys that lead to the records, and `EACH` for each element of a list; none where every value is a record."""


def steps_of(head: Head, options: ReadOptions) -> Steps | None:
    """Return how the records of a source are wrapped; None where each line holds one.

    Parameters
    ----------
    head : Head
        The first lines; if the first of them does not end a value, as many as there are.
    options : ReadOptions
        A field that the user named is looked for.

    Examples
    --------
    >>> steps_of(Head(b'{"Records": [\\n {"eventName": "ConsoleLogin"},\\n'), ReadOptions())
    ('Records', '[]')
    >>> steps_of(Head(b'{\\n "event": "login"\\n}\\n'), ReadOptions())
    ()
    >>> steps_of(Head(b'{"event": "login"}\\n'), ReadOptions()) is None
    True
    """
    text = head.text.lstrip()
    if text[:1] not in {"{", "["}:
        return None
    first = head.filled[0] if head.filled else text
    alone = _parsed_or_none(first)
    if alone is None and _deep(first):
        return None
    value, stop = (alone, len(first)) if alone is not None else outline(text)
    if alone is None and head.filled and not _goes_on(first, stop):
        return None  # a line that is broken
    single = stop >= 0 and head.ended and not text[stop:].strip()
    steps = _of_list(value) if isinstance(value, list) else _of_object(value, options, stop >= 0, single)
    return steps or (None if alone is not None else ())


def without(steps: Steps, path: str) -> str:
    """Return a path from a record on, of one from the document on.

    >>> without(("Records", "[]"), "Records[].eventName"), without(("[]",), "eventName")
    ('eventName', 'eventName')
    """
    leading = ["".join(part if part == EACH else f".{part}" for part in steps[:n]) for n in range(len(steps), 0, -1)]
    found = next((way for way in leading if way.endswith(EACH) and path.startswith(way.lstrip(".") + ".")), "")
    return path[len(found.lstrip(".")) :].removeprefix(".") if found else path


def goes_on(head: Head) -> bool:
    """Tell whether the value that the first line begins may go on below, so that it takes more lines to know it."""
    return bool(head.filled) and _goes_on(head.filled[0], -1)


def _goes_on(line: str, stop: int) -> bool:
    """Tell whether a value may go on below a line, or another begins on it, behind where one stops."""
    more = 0 <= stop < len(line) and _MORE.match(line.lstrip(), stop)
    return bool(more or _ON_THE_WAY.search(line))


def _parsed_or_none(text: str) -> Any:
    try:
        return parsed(text)
    except ValueError:
        return None


def _deep(text: str) -> bool:
    """Tell whether so many brackets are open that no parser gets to the bottom."""
    return sum(text.count(sign) for sign in "[{") - sum(text.count(sign) for sign in "]}") > _DEEPEST


def _of_list(value: list[Any]) -> Steps | None:
    """Return the steps to the records of a list: its elements, or theirs; none if it is a trace by itself."""
    if not value or not isinstance(value[0], dict | list):
        return None
    inner = value[0]
    return (EACH, EACH) if isinstance(inner, list) and inner and isinstance(inner[0], dict) else (EACH,)


def _of_object(value: Any, options: ReadOptions, whole: bool, single: bool) -> Steps | None:
    """Return the steps to the records that an object holds, None if it is one itself."""
    if not isinstance(value, dict) or _is_record(value, options):
        return None
    for names in KNOWN:
        keys = _known_keys(value, names)
        if keys is not None:
            return tuple(step for key in keys for step in (*key.split("."), EACH))
    if _by_case(value):
        first = next((inner[0] for inner in value.values() if _holds_objects(inner)), None)
        own = first is not None and recognise("case", flat(first)) is not None
        return (EACH_KEY if own else EACH_CASE, *(() if first is None else (EACH,)))
    if (rows := next((key for key, inner in value.items() if _holds_rows(inner)), None)) is not None:
        return (rows, EACH)
    lists = {key: inner[0] for key, inner in value.items() if _holds_objects(inner)}
    event = options.event
    if event is None:
        found = (key for key, inner in lists.items() if (single or not whole) and _says_what(inner))
    else:
        first = event.split("+")[0]
        found = (
            key
            for key, inner in lists.items()
            if at_path(inner, first) is not None or (not whole and first.startswith(key + EACH))
        )
    return next(((key, EACH) for key in found), None)


def _by_case(value: dict[str, Any]) -> bool:
    """Tell whether each member of an object is the events of a case: a list of objects alike, or of plain values.

    >>> _by_case({"L7": [{"do": "load"}, {"do": "run"}], "L8": [{"do": "load"}]})
    True
    >>> _by_case({"L7": ["load", "run"], "L8": [], "L9": ["load"]})
    True
    >>> _by_case({"lots": [{"id": 7}], "tools": [{"name": "T1"}]}), _by_case({"columns": ["lot"], "rows": [["L7"]]})
    (False, False)
    """
    if len(value) < _FEWEST_CASES or not all(isinstance(inner, list) for inner in value.values()):
        return False
    first = [inner[0] for inner in value.values() if inner]
    objects = [one for one in first if isinstance(one, dict)]
    if objects:
        common = set.intersection(*({*one} for one in objects[:-1] or objects))
        like = bool(common & {*objects[-1]})  # the last may be cut off
        return like and len(objects) == len(first) and all(2 * len(common) >= len(one) for one in objects)
    return bool(first) and not any(isinstance(one, list) for one in first) and len(value) >= _FEWEST_TRACES


def _says_what(value: dict[str, Any]) -> bool:
    """Tell whether an object has a field that may be an event, by its name."""
    names = flat(value)
    return recognise("event", names) is not None or not {*map(plain, names)}.isdisjoint((*EVENTS, *MESSAGES))


def _is_record(value: dict[str, Any], options: ReadOptions) -> bool:
    """Tell whether an object is an event or a trace itself."""
    fields = flat(value)
    if options.event is not None:
        return EACH not in options.event and at_path(value, options.event.split("+")[0]) is not None
    plain = [name for name, part in fields.items() if not isinstance(part, list)]
    lists = [name for name, part in fields.items() if isinstance(part, list) and not _holds_objects(part)]
    return bool(
        options.sequence is not None
        or recognise("event", plain)
        or recognise("sequence", lists)
        or _SAYS & {name.lower() for name in value}
    )


def _holds_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _holds_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], list) and len(value[0]) > 1


def names_beside(head: Head, steps: Steps) -> list[str]:
    """Return what a document calls the columns of the rows that it holds as lists; none if it does not.

    >>> text = b'{"columns": [{"name": "lot"}, {"name": "step"}], "rows": [["L7", "load"], ["L7", "run"]]}'
    >>> names_beside(Head(text), ("rows", "[]"))
    ['lot', 'step']
    """
    value, _ = outline(head.text.lstrip())
    rows: Any = value.get(steps[0]) if isinstance(value, dict) and len(steps) > 1 else None
    for inner in value.values() if _holds_rows(rows) else ():
        given = [one.get("name") if isinstance(one, dict) else one for one in inner] if isinstance(inner, list) else []
        names = [name for name in given if isinstance(name, str)]
        if len(names) == len(rows[0]):
            return names
    return []


def _known_keys(value: dict[str, Any], names: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the keys under which an object has lists of these names, one in the elements of the other."""
    found: list[str] = []
    inner: Any = value
    for name in names:
        key = _key(inner, name)
        part = None if key is None else at_path(inner, key)
        if key is None or not isinstance(part, list):
            return None
        found.append(key)
        if not part:  # nothing yet, or nothing at all
            return tuple(found) if len(found) == len(names) else None
        inner = part[0]
        if not isinstance(inner, dict):
            return None
    return tuple(found)


def _key(value: dict[str, Any], name: str) -> str | None:
    """Return how an object spells a dotted name, None if it does not have it."""
    spelt = []
    for part in name.lower().split("."):
        key = next((key for key in value if key.lower() == part), None) if isinstance(value, dict) else None
        if key is None:
            return None
        spelt.append(key)
        value = value[key]
    return ".".join(spelt)


def outline(text: str) -> tuple[Any, int]:
    """Return the first value of a text, as far as it goes, and where it ends, -1 where it does not.

    Examples
    --------
    >>> outline('{"Records": [{"eventName": "ConsoleLogin", "eventTi')
    ({'Records': [{'eventName': 'ConsoleLogin'}]}, -1)
    """
    stack: list[Any] = []
    keys: list[str | None] = []
    top: Any = None
    for token, stop in _tokens(text):
        if token in {"}", "]"}:
            if stack:
                stack.pop()
                keys.pop()
            if not stack:
                return top, stop
        elif token not in {",", ":"}:
            value: Any = {} if token == "{" else [] if token == "[" else token.strip('"')
            if isinstance(value, str) and stack and isinstance(stack[-1], dict) and keys[-1] is None:
                keys[-1] = value
                continue
            if stack and not _put(stack, keys, value):
                break
            top = stack[0] if stack else value
            if not isinstance(value, str):
                stack.append(value)
                keys.append(None)
    return top, -1


def _put(stack: list[Any], keys: list[str | None], value: Any) -> bool:
    """Put a value into the container that is open; return whether it has a place there."""
    if isinstance(stack[-1], list):
        stack[-1].append(value)
        return True
    key, keys[-1] = keys[-1], None
    if key is not None:
        stack[-1].setdefault(key, value)
    return key is not None


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """Yield the tokens of a text, and where each ends."""
    position = 0
    while found := _TOKEN.match(text, position):
        if found.end() == len(text) and found[1][0] not in '{}[],:"':
            return  # cut off
        yield found[1], found.end()
        position = found.end()
