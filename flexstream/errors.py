"""The errors FlexStream raises on purpose; every message says what, where, and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable

from .patterns import late
from .visible import visible

# Noncharacters: Unicode sets them aside for use inside a program, so that no honest text holds them.
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
_MENTION = late(f"{_OPEN}([^{_OPEN}{_CLOSE}]*){_CLOSE}")
_MENTIONS = late(f"({_OPEN}[^{_OPEN}{_CLOSE}]*{_CLOSE})")


def parameter(name: str) -> str:
    """Return the mention of a parameter, for the text of an error or a `Message`; ``no_mask`` is ``mask=False``.

    Whoever shows the text may call the parameter what its user calls it, as the command line does: ``window`` is
    ``--window`` there.

    >>> str(UsageError(f"{parameter('window')} must be at least 1, not 0"))
    '`window` must be at least 1, not 0'
    """
    return f"{_OPEN}{visible(name)}{_CLOSE}"  # names of a damaged file come here as well


class Message(str):
    """One line for the user that knows which of its words name parameters; as a str it has them in backquotes.

    It may tell what a hostile file is called or holds: what would break the line or move the cursor is written out.

    Attributes
    ----------
    marked : str
        The text with its mentions of parameters as `parameter` made them, for use in another text.

    Examples
    --------
    >>> message = Message(f"{parameter('stride')} needs {parameter('window')}")
    >>> print(message)
    `stride` needs `window`
    >>> message.naming(lambda name: f"--{name}")
    '--stride needs --window'
    >>> print(Message(f"no column 'a\\nb' in {chr(27)}[2Jx"))
    no column 'a\\nb' in \\x1b[2Jx
    """

    marked: str

    def __new__(cls, text: str) -> Message:
        """Take a text, or another message as it is."""
        marked = text.marked if isinstance(text, Message) else _one_line(text)
        message = super().__new__(cls, _MENTION.sub(_in_python, marked))
        message.marked = marked
        return message

    def naming(self, name_of: Callable[[str], str]) -> str:
        """Return the text with each parameter named by a function."""
        return _MENTION.sub(lambda found: name_of(found[1]), self.marked)


def _one_line(text: str) -> str:
    """Return a text with all but its mentions made visible."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(part if part.startswith(_OPEN) else visible(part) for part in _MENTIONS.split(text))


def _in_python(found: re.Match[str]) -> str:
    """Return the mention of a parameter as Python writes it, which has no options that begin with ``no``."""
    name = found[1]
    return f"`{name[3:]}=False`" if name.startswith("no_") else f"`{name}`"


class FlexStreamError(Exception):
    """Base of every error a user can cause; its text is one line fit for the screen.

    Attributes
    ----------
    message : Message
        The text, which may mention parameters.
    """

    def __init__(self, text: str = "") -> None:
        self.message = Message(text)
        super().__init__(self.message)


class DataError(FlexStreamError):
    """Input that cannot be read as what it claims to be.

    Parameters
    ----------
    source : str
        Name of the file, or ``<stdin>``.
    line : int or None
        Line number, counted from 1; None where lines make no sense.
    problem : str
        What is wrong, in a few words.
    expected : str
        What should have been there, or what to do.

    Examples
    --------
    >>> print(DataError("log.csv", 3, "no column 'case'", f"name it with {parameter('case')}"))
    log.csv:3: no column 'case' (expected: name it with `case`)
    """

    def __init__(self, source: str, line: int | None, problem: str, expected: str = "") -> None:
        self.source, self.line = source, line
        self.problem, self.expected = Message(problem), Message(expected)
        where = source if line is None else f"{source}:{line}"
        tail = f" (expected: {self.expected.marked})" if expected else ""
        super().__init__(f"{where}: {self.problem.marked}{tail}")
        # All of them: pickle, and SimPy where a watcher raises, make the error anew from its arguments.
        self.args = (source, line, self.problem, self.expected)

    def __str__(self) -> str:
        return str(self.message)


class ChangedSourceError(DataError):
    """A source that is to be read on and is not the one that was read before."""


class FencedError(ChangedSourceError):
    """A topic whose partitions others have read meanwhile: what was counted of them since the last commit is theirs."""


class PostponedError(DataError):
    """A commit that a group takes once it has divided its partitions anew."""


class UnopenedError(DataError):
    """A source that cannot be opened, of which nothing was read: others may be."""


class ModelError(FlexStreamError):
    """A model file that cannot be read, or a model asked for something it does not hold."""


class MissingProgramError(FlexStreamError):
    """A program outside Python that is not installed; the text says how to install it."""


class UsageError(FlexStreamError):
    """Parameters that do not go together; the command line ends with exit code 2."""


class NotFittedError(UsageError):
    """A learner that was asked for a judgement on traces, or its frontier, before it has learned anything."""


class WrongTypeError(UsageError, TypeError):
    """A value of a type that cannot be meant, such as a text where a trace was expected.

    Whoever expects Python's TypeError catches it, and so does whoever catches all errors of this library.
    """
