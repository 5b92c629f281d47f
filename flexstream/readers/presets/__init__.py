"""Presets: how logs that many people have are read, each a few lines of data in a file of this folder.

A preset has a line ``about`` it, a table ``[read]`` of options, and a table ``[shape]`` by which it is suggested:
``lines`` are regular expressions of which each fits most of the first lines, ``text`` some of which each is found among
them.  One of the user's own is named by its path.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import DataError, UsageError, parameter
from ...tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = {
    "sshd": "sshd",
    "nginx": "HTTP/",
    "journald": "__REALTIME_TIMESTAMP",
    "docker": "stream",
    "k8s-audit": "auditID",
    "k8s-events": "involvedObject",
    "cloudtrail": "eventSource",
    "otel": "spanId",
    "github-actions": "steps",
    "semi-e10": "equipment",
    "agents": "tool_calls",
}
"""The presets there are, a file of this folder each, in the order in which they are tried, and what a log has to hold
to look like one: most logs hold none of it, and nothing has to be loaded to know that."""
ENDING = ".toml"
_KEYS = frozenset({"about", "read", "shape"})


class Preset(NamedTuple):
    """How logs of one kind are read.

    Attributes
    ----------
    about : str
        What they are, in a few words.
    read : dict
        Options by their names in `ReadOptions`.
    lines, text : tuple of re.Pattern
        What they look like.
    """

    about: str
    read: dict[str, Any]
    lines: tuple[re.Pattern[str], ...] = ()
    text: tuple[re.Pattern[str], ...] = ()

    def fits(self, lines: Sequence[str]) -> bool:
        """Tell whether lines look like such a log.

        >>> preset("sshd").fits(["Dec 10 06:55:46 host sshd[24200]: Connection closed by 192.0.2.7 [preauth]"])
        True
        """
        if not lines or not (self.lines or self.text):
            return False
        most = all(2 * sum(map(bool, map(shape.search, lines))) > len(lines) for shape in self.lines)
        return most and all(any(map(shape.search, lines)) for shape in self.text)


def source(name: str) -> str:
    """Return the text of a preset by its name, or by the path of its file.

    Raises
    ------
    UsageError
        If there is none of this name.
    DataError
        If its file cannot be read.
    """
    if name in NAMES:
        from importlib import resources

        return (resources.files(__name__) / f"{name}{ENDING}").read_text("utf-8")
    if not name.endswith(ENDING) and "/" not in name:
        raise UsageError(
            f"no {parameter('preset')} {name!r} (expected: one of {', '.join(NAMES)}, or the path of a {ENDING} file)"
        )
    try:
        return Path(name).read_text("utf-8")
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or "no text in UTF-8"
        raise DataError(name, None, f"no preset can be read from it: {problem}", f"a {ENDING} file") from None


def preset(name: str, known: Collection[str] | None = None) -> Preset:
    """Return a preset by its name, or by the path of its file.

    Parameters
    ----------
    name : str
    known : collection of str, optional
        The names of options that a preset may set.

    Raises
    ------
    UsageError
        If there is none of this name, or it has an option that there is not.
    DataError
        If its file cannot be read, or is no preset.

    Examples
    --------
    >>> preset("semi-e10").read["event"]
    'state'
    >>> preset("telnet")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    flexstream.errors.UsageError: no `preset` 'telnet' (expected: one of sshd, nginx, ...
    """
    import tomllib

    try:
        found = tomllib.loads(source(name))
    except (ValueError, RecursionError) as error:  # a number of very many digits is no TOMLDecodeError
        raise DataError(name, None, f"no TOML: {error}", "a preset, such as flexstream presets sshd shows") from None
    _check(name, found, known)
    shape = found.get("shape", {})
    lines, text = (_compiled(name, shape.get(kind, [])) for kind in ("lines", "text"))
    return Preset(found.get("about", ""), found.get("read", {}), lines, text)


def _check(name: str, found: dict[str, Any], known: Collection[str] | None) -> None:
    wrong = sorted(found.keys() - _KEYS)
    if wrong:
        raise DataError(name, None, f"a preset has no {wrong[0]!r}", "about, [read] and [shape]")
    shape = found.get("shape", {})
    tables = isinstance(found.get("read", {}), dict) and isinstance(shape, dict)
    if not tables or not isinstance(found.get("about", ""), str) or not shape.keys() <= {"lines", "text"}:
        raise DataError(name, None, "no preset", "a text about, a table [read] of options, and a table [shape]")
    unknown = sorted(set(found.get("read", {})) - set(known)) if known is not None else []
    if unknown:
        expected = ", ".join(sorted(known or ()))
        raise UsageError(f"{name}: a preset sets no {unknown[0]!r} (expected: one of {expected})")


def _compiled(name: str, shapes: Any) -> tuple[re.Pattern[str], ...]:
    if not isinstance(shapes, list) or not all(isinstance(shape, str) for shape in shapes):
        raise DataError(name, None, "its shape is no list of regular expressions", 'such as lines = ["sshd"]')
    try:
        return tuple(map(re.compile, shapes))
    except (re.error, ValueError, OverflowError, RecursionError) as error:
        raise DataError(name, None, f"its shape is no regular expression: {error}", "one as Python has them") from None


def suggested(lines: Sequence[str]) -> str | None:
    """Return the preset that the first lines of a source look like; None for what looks like none.

    >>> suggested(['{"traceId": "a1", "spanId": "b2", "name": "GET /cart"}']), suggested(["load run"])
    ('otel', None)
    """
    first = "\n".join(lines)
    return next((name for name, word in NAMES.items() if word in first and preset(name).fits(lines)), None)
