"""Mutations of JSON documents that keep them JSON: what an attacker would write into a model, a plan or a list."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

Place = tuple[Any, ...]
NUMBERS = (
    *(-1, 0, 1, 2, 3, 7, 64, 127, 32767, 32768, 10**6, 2**31 - 1, 2**31, -(2**31) - 1, 2**53 - 1, 2**53, 2**53 + 2),
    *(2**63 - 1, 2**63, 2**64, 10**25, 10**400, -0.0, 0.5, 1.0, -0.5, 1e-320, 1e-9, 1e16, 1e199, 1e200, 1e300, 1.7e308),
    *(float("nan"), float("inf"), float("-inf")),
)
TEXTS = (
    *(
        "",
        "a",
        "1",
        "nan",
        " ",
        "<other>",
        "\x1b[2J\x1b]0;owned\x07",
        "\x9b31m",
        "a\nb",
        "\r",
        "\0",
        "\ud800",
        "\u2028",
    ),
    *("\u202egnp.exe", "\ufeff", "=cmd()|'/c calc'!A1", "<script>alert(1)</script>", "</svg>", "]]>", '";}', "%s%n"),
    *("{0}", "](javascript:x)", "`rm`", "#", "x" * 5000, "🦊" * 400, "q0", "END", "../../etc/passwd", "%%{init}%%"),
)
OTHERS: tuple[Any, ...] = (None, True, False, [], {}, [[]], [0], {"a": 1}, [None], "[]")

KINDS: tuple[tuple[Any, ...], ...] = (NUMBERS, NUMBERS, TEXTS, OTHERS)


def places(value: Any, path: Place = ()) -> list[Place]:
    """Return the paths to all parts of a document but the whole.

    >>> places({"a": [1, {"b": 2}]})
    [('a',), ('a', 0), ('a', 1), ('a', 1, 'b')]
    """
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, part in parts for found in ((*path, key), *places(part, (*path, key)))]


def _odd(luck: random.Random) -> Any:
    return copy.deepcopy(luck.choice(luck.choice(KINDS)))


def _like(value: Any, luck: random.Random) -> Any:
    """Return a value of the same kind, likely to be taken: what is refused at once tries nothing."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return luck.choice((value + 1, max(0, value - 1), 0, value * 2, luck.choice(NUMBERS[:17])))
    if isinstance(value, float):
        return luck.choice((0.0, 1.0, value / 2, luck.choice(NUMBERS[20:34])))
    if isinstance(value, str):
        return luck.choice(TEXTS)
    return _odd(luck)


def replaced(part: Any, key: Any, luck: random.Random) -> None:
    """Put something else there."""
    part[key] = _odd(luck)


def alike(part: Any, key: Any, luck: random.Random) -> None:
    """Put something else of the same kind there."""
    part[key] = _like(part[key], luck)


def gone(part: Any, key: Any, luck: random.Random) -> None:
    """Leave it out."""
    del part[key]


def doubled(part: Any, key: Any, luck: random.Random) -> None:
    """Have it twice, or under another name."""
    if isinstance(part, list):
        part.insert(key, copy.deepcopy(part[key]))
    else:
        part[luck.choice(TEXTS)] = copy.deepcopy(part[key])


def swapped(part: Any, key: Any, luck: random.Random) -> None:
    """Let it change its place with a neighbour."""
    other = luck.choice(list(part) if isinstance(part, dict) else range(len(part)))
    part[key], part[other] = part[other], part[key]


def uniform(part: Any, key: Any, luck: random.Random) -> None:
    """Make all of a list the same, or all of an object."""
    value, inside = _odd(luck), part[key]
    if isinstance(inside, list):
        part[key] = [copy.deepcopy(value) for _ in inside]
    elif isinstance(inside, dict):
        part[key] = {name: copy.deepcopy(value) for name in inside}
    else:
        part[key] = value


def deep(part: Any, key: Any, luck: random.Random) -> None:
    """Wrap it into many lists or objects."""
    for _ in range(luck.choice((1, 40, 400))):
        part[key] = [part[key]] if luck.random() < 0.5 else {"a": part[key]}


CHANGES: dict[str, Callable[[Any, Any, random.Random], None]] = {
    one.__name__: one for one in (replaced, alike, gone, doubled, swapped, uniform, deep)
}
_OFTEN = ("replaced", "alike", "alike", "alike", "swapped")


def tampered(document: Any, luck: random.Random, most: int = 3) -> tuple[Any, list[str]]:
    """Return a copy of a document with one to three parts changed, and what was done.

    Columns are long and names few: a place is drawn by going down, so that each name is as likely as its siblings.
    """
    found, done = copy.deepcopy(document), list[str]()
    for _ in range(luck.choice((1, 1, most))):
        part: Any = found
        while part:
            key = luck.choice(list(part) if isinstance(part, dict) else range(len(part)))
            if not isinstance(part[key], dict | list) or not part[key] or luck.random() < 0.15:
                name = luck.choice(_OFTEN if luck.random() < 0.7 else tuple(CHANGES))
                CHANGES[name](part, key, luck)
                done.append(f"{name} {key}"[:60])
                break
            part = part[key]
    return found, done


def text_of(document: Any, luck: random.Random) -> str:
    """Return a document as JSON; a few times in a hundred with a name that stands twice."""
    text = json.dumps(document)
    if luck.random() < 0.03 and isinstance(document, dict) and document:
        name = luck.choice(list(document))
        return text[:-1] + f", {json.dumps(name)}: {json.dumps(_odd(luck))}" + "}"
    return text
