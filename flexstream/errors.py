"""The errors FlexStream raises on purpose; every message says what, where, and what to do."""

from __future__ import annotations


class FlexStreamError(Exception):
    """Base of every error a user can cause; its text is one line fit for the screen."""


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
    >>> print(DataError("log.csv", 3, "no column 'case'", "name it with --case"))
    log.csv:3: no column 'case' (expected: name it with --case)
    """

    def __init__(self, source: str, line: int | None, problem: str, expected: str = "") -> None:
        self.source, self.line, self.problem, self.expected = source, line, problem, expected
        where = source if line is None else f"{source}:{line}"
        tail = f" (expected: {expected})" if expected else ""
        super().__init__(f"{where}: {problem}{tail}")


class ModelError(FlexStreamError):
    """A model file that cannot be read, or a model asked for something it does not hold."""


class MissingProgramError(FlexStreamError):
    """A program outside Python that is not installed; the text says how to install it."""


class UsageError(FlexStreamError):
    """Options that do not go together; the command line ends with exit code 2."""
