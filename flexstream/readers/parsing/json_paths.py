"""Paths into nested objects: ``user.name``, ``messages[].tool_calls[].function.name``.

A dot leads into an object, ``[]`` to each element of a list, ``.0`` to its first.  A key that contains dots itself
comes before a path.  Lists of keys and values, as OpenTelemetry has them for attributes, and texts that hold JSON are
taken for objects where a path leads into them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .json_values import parsed

DEEPEST = 16
"""Levels of nested objects whose fields get names; a path may lead further down."""
EACH = "[]"
_MISSING = object()
# What an agent's conversation calls its tools, as the two common interfaces write it.
_CALLS = ("messages[].tool_calls[].function.name", "messages[].content[].name")
_KEYS, _VALUES = ("key", "Key", "name", "Name"), ("value", "Value", "#text")


def flat(value: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an object, those of nested objects under dotted names, the outer before the inner.

    Of two fields with one name the one further out counts: a key that contains dots comes before a path.

    Examples
    --------
    >>> flat({"user": {"name": "ada", "id": 7}, "event": "login"})
    {'event': 'login', 'user.name': 'ada', 'user.id': 7}
    >>> flat({"user": {"name": "ada"}, "user.name": "eve"})
    {'user.name': 'eve'}
    """
    if dict not in map(type, value.values()):
        return value
    found: dict[str, Any] = {}
    level = [("", value)]
    for _ in range(DEEPEST):
        inner = []
        for prefix, fields in level:
            for key, part in fields.items():
                if type(part) is dict:
                    inner.append((f"{prefix}{key}.", part))
                else:
                    found.setdefault(prefix + key, part)
        level = inner
        if not level:
            break
    return found


def keys_to(value: dict[str, Any], name: str) -> tuple[str, ...] | None:
    """Return the keys that lead to a field which `flat` gives a name; None if another path leads there.

    >>> keys_to({"a": {"b.c": 1}}, "a.b.c"), keys_to({"a": [1]}, "a.0")
    (('a', 'b.c'), None)
    """
    level: list[tuple[tuple[str, ...], str, dict[str, Any]]] = [((), name, value)]
    for _ in range(DEEPEST):
        for keys, rest, fields in level:
            if rest in fields and type(fields[rest]) is not dict:
                return (*keys, rest)
        level = [
            ((*keys, key), rest[len(key) + 1 :], part)
            for keys, rest, fields in level
            for key, part in fields.items()
            if type(part) is dict and rest.startswith(f"{key}.")
        ]
    return None


def at_path(value: Any, path: str) -> Any:
    """Return what stands at a path without ``[]``, None if there is nothing.

    Examples
    --------
    >>> at_path({"attributes": [{"key": "http.route", "value": {"stringValue": "/lots"}}]}, "attributes.http.route")
    '/lots'
    >>> at_path({"log": '{"msg": "started"}'}, "log.msg"), at_path({"calls": [{"name": "grep"}]}, "calls.0.name")
    ('started', 'grep')
    """
    found = _at(value, path)
    return None if found is _MISSING else _plain(found)


def _at(value: Any, path: str) -> Any:
    if not path:
        return value
    fields = _fields(value)
    if path in fields:
        return fields[path]
    dot = path.rfind(".")
    while dot > 0:
        if path[:dot] in fields:
            found = _at(fields[path[:dot]], path[dot + 1 :])
            if found is not _MISSING:
                return found
        dot = path.rfind(".", 0, dot)
    return _MISSING


def _fields(value: Any) -> Mapping[str, Any]:
    """Return what a value holds by names: that of an object, a list of keys and values, any list, or a text of JSON."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return _pairs(value) or {str(place): part for place, part in enumerate(value)}
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            return _fields(parsed(value))
        except ValueError:
            return {}
    return {}


def _pairs(values: list[Any]) -> dict[str, Any]:
    """Return the fields of a list of keys and values, none if it is another list."""
    found: dict[str, Any] = {}
    for pair in values:
        if not isinstance(pair, dict):
            return {}
        key = next((pair[name] for name in _KEYS if name in pair), None)
        name = next((name for name in _VALUES if name in pair), None)
        if not isinstance(key, str) or name is None:
            return {}
        found.setdefault(key, pair[name])
    return found


def _plain(value: Any) -> Any:
    """Return a value without the type that OpenTelemetry wraps around it, as in ``{"intValue": "7"}``."""
    if isinstance(value, dict) and len(value) == 1:
        (name, inner), *_ = value.items()
        if name.endswith("Value") and not isinstance(inner, list | dict):
            return inner
    return value


class Spread:
    """Takes an object apart along the lists that a path goes through: a row for each innermost element.

    Parameters
    ----------
    leading : sequence of str
        Paths of the event; the one through most lists says what a row is.  Rows without any of them are left out.
    others : sequence of str
        Other paths, which lead through some of the same lists, or none.

    Examples
    --------
    >>> spread = Spread(["steps[].call.name"], ["id", "steps[].at"])
    >>> list(spread.rows({"id": "c7", "steps": [{"call": {"name": "grep"}, "at": "5"}, {"note": "done"}]}))
    [{'steps[].call.name': 'grep', 'id': 'c7', 'steps[].at': '5'}]
    """

    def __init__(self, leading: Sequence[str], others: Sequence[str] = ()) -> None:
        self._lists = max((_steps(path)[:-1] for path in leading), key=len)
        self._leading = tuple(leading)
        self._places = {path: self._place(path) for path in (*leading, *others)}

    @property
    def first(self) -> str:
        """The field of the outermost list."""
        return self._lists[0]

    def _place(self, path: str) -> tuple[int, str]:
        """Return from which element on the way, and by which path, a value is reached."""
        *lists, rest = _steps(path)
        shared = 0
        while shared < min(len(lists), len(self._lists)) and lists[shared] == self._lists[shared]:
            shared += 1
        return shared, ".".join([*(f"{one}.0" for one in lists[shared:]), rest])

    def rows(self, value: Any) -> Iterator[dict[str, Any]]:
        """Yield what the paths lead to, for each innermost element; what is not there is left out."""
        for chain in self._chains((value,)):
            row = {}
            for path, (depth, rest) in self._places.items():
                found = at_path(chain[depth], rest)
                if found is not None:
                    row[path] = found
            if any(path in row for path in self._leading):
                yield row

    def _chains(self, chain: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        if len(chain) > len(self._lists):
            yield chain
            return
        elements = at_path(chain[-1], self._lists[len(chain) - 1])
        for element in elements if isinstance(elements, list) else ():
            yield from self._chains((*chain, element))


def calls(first: Sequence[dict[str, Any]]) -> str | None:
    """Return the path of an agent's tool calls, if most of the first objects have some."""
    for path in _CALLS:
        spread = Spread([path])
        if first and 2 * sum(any(spread.rows(value)) for value in first) > len(first):
            return path
    return None


def _steps(path: str) -> list[str]:
    """Return the parts of a path between its lists.

    >>> _steps("messages[].tool_calls[].function.name")
    ['messages', 'tool_calls', 'function.name']
    """
    return [part.strip(".") for part in path.split(EACH)]


def named_paths(*names: str | None) -> list[str]:
    """Return the names that may be paths."""
    return [part for name in names if name for part in (name.split("+") if "+" in name else [name]) if _is_path(part)]


def _is_path(name: str) -> bool:
    return "." in name or EACH in name
