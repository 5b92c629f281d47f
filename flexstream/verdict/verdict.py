"""Verdict: what is wrong with a model, in one sentence, and the command that does better."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from ..classes import dataclass
from ..errors import Message
from ..files import is_topic
from ..readers.options import ReadOptions

Value = str | int | float | bool | None
STDIN = "-"
_NO_TEXT = (".parquet", ".arrow", ".feather", ".arrows", ".ipc")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a model is not what it could be, and what to do next.

    Attributes
    ----------
    code : str
        For machines; one of `flexstream.verdict.judge.CODES`.
    text : Message
        For people: one sentence without a full stop, which may mention parameters.
    options : mapping of str to str, number, bool or None
        Parameters of ``flexstream learn``, by their names in Python, that promise a better model, None for one that is
        to be left out; those that are fields of `ReadOptions` can be given to it as they are.
    verb : str
        The command that comes next: ``learn``, or ``inspect`` where nothing is known that would help.
    through : str
        A program that takes out of the sources what is wrong with them, where there is one: what it leaves is learned.

    Examples
    --------
    >>> verdict = Verdict("no_case", Message("column Pid looks like the case"), {"case": "Pid"})
    >>> print(quoted(verdict.command(["sshd log.csv"])))
    flexstream learn 'sshd log.csv' --case Pid
    """

    code: str
    text: Message
    options: Mapping[str, Value] = field(default_factory=dict)
    verb: str = "learn"
    through: str = ""

    def command(self, sources: Iterable[str], given: Mapping[str, Any] | None = None) -> list[str]:
        """Return the next command, word by word.

        Parameters
        ----------
        sources : iterable of str
            What is read.
        given : mapping, optional
            Options of the command before, which go on unless this verdict says otherwise.
        """
        names = list(sources)
        verb, names = ("learn", [STDIN]) if self._before(names) is not None else (self.verb, names)
        options = {**(given or {}), **self.options} if verb == "learn" else self.options
        return ["flexstream", verb, *map(_as_operand, names), *arguments(options)]

    def line(self, sources: Sequence[str], given: Mapping[str, Any] | None = None) -> str:
        """Return the next command as one types it, with the program that its sources go through.

        >>> print(Verdict("rows_twice", Message("rows stand twice"), verb="inspect", through="uniq").line(["a.csv"]))
        uniq a.csv | flexstream learn -
        """
        command, before = self.command(sources, given), self._before(sources)
        return typed(command) if before is None else f"{before}{quoted(command)}"

    def _before(self, sources: Sequence[str]) -> str | None:
        """Return what sends sources through the program; None where there is none, or they are no text for it."""
        if not self.through or (STDIN in sources and len(sources) > 1):
            return None
        if any(is_topic(name) or name.lower().endswith(_NO_TEXT) for name in sources):
            return None
        packed = [name.endswith(".gz") for name in sources]
        if any(packed) and not all(packed):
            return None
        if list(sources) == [STDIN]:
            return f"... | {self.through} | "
        names = quoted(map(_as_operand, sources))
        if len(sources) == 1 and not packed[0]:
            return f"{self.through} {names} | "
        return f"{'gunzip -c' if packed[0] else 'cat'} {names} | {self.through} | "

    def to_document(self, options: ReadOptions | None = None) -> dict[str, Any]:
        """Return the verdict as JSON values; the command reads stdin, so that no file is named.

        Parameters
        ----------
        options : ReadOptions, optional
            How it was read.
        """
        command = self.command([STDIN], {} if options is None else changed(options))
        through = {"through": self.through} if self.through else {}
        return {"code": self.code, "text": str(self.text), "options": dict(self.options), "command": command, **through}


def _as_operand(source: str) -> str:
    """Return the name of a source in a form that is not taken for an option."""
    return f"./{source}" if source.startswith("-") and source != STDIN else source


def changed(options: ReadOptions) -> dict[str, Any]:
    """Return the options that are not at their defaults.

    >>> changed(ReadOptions(case="lot", follow=True))
    {'case': 'lot', 'follow': True}
    """
    return {
        known.name: value
        for known in dataclasses.fields(ReadOptions)
        if (value := getattr(options, known.name)) != known.default
    }


def arguments(options: Mapping[str, Any]) -> Iterator[str]:
    """Yield options, by their names in Python, as they stand on the command line; one with a list several times.

    >>> list(arguments({"max_open_cases": 7, "follow": True, "thin": False, "window": None, "idle": 30.0}))
    ['--max-open-cases', '7', '--follow', '--no-thin', '--idle', '30']
    """
    for name, value in options.items():
        word = name.replace("_", "-")
        if isinstance(value, bool):
            yield f"--{word}" if value else f"--no-{word}"
            continue
        for one in value if isinstance(value, list) else [] if value is None else [value]:
            text = format(one, ".15g") if isinstance(one, float) else str(one)
            # A value that begins like an option has to be tied to its own.
            yield from [f"--{word}={text}"] if text.startswith("-") else [f"--{word}", text]


def typed(command: Sequence[str]) -> str:
    """Return a command as one types it, behind what writes to its stdin where it reads that.

    >>> typed(["flexstream", "learn", "-", "--case", "lot"])
    '... | flexstream learn - --case lot'
    """
    return f"{'... | ' if STDIN in command else ''}{quoted(command)}"


def quoted(command: Iterable[str]) -> str:
    r"""Return a command as it is typed into a shell; what is not printable stands there by its code, as bash reads it.

    >>> print(quoted(["flexstream", "learn", "my log", "--event", "\x1bx"]))
    flexstream learn 'my log' --event $'\x1bx'
    """
    import shlex

    return " ".join(shlex.quote(word) if word.isprintable() else _by_codes(word) for word in command)


def _by_codes(word: str) -> str:
    bare = word.replace("\\", "\\\\").replace("'", "\\'")
    return "$'" + "".join(one if one.isprintable() else _code(one) for one in bare) + "'"


def _code(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))
