"""What is told of a column that is taken for something, or is not though it looks like it."""

from __future__ import annotations

from ...errors import parameter
from ...tuples import NamedTuple


class Guess(NamedTuple):
    """A column that is taken for something, and why.

    Attributes
    ----------
    kind : {"case", "event", "time"}
    name : str
    values : int
        Different values in the rows looked at.
    rows : int
    later : tuple of str
        Other columns that may be the time, which hardly ever are earlier.
    """

    kind: str
    name: str
    values: int
    rows: int
    later: tuple[str, ...] = ()

    def told(self) -> str:
        """Return the guess in words, with what overrules it.

        Examples
        --------
        >>> from flexstream.errors import Message
        >>> print(Message(Guess("case", "Pid", 88, 397).told()))
        column Pid is taken for the case (88 values in the first 397 rows); `case` names another, or '' for none
        """
        none = ", or '' for none" if self.kind == "case" else ""
        seen = f"{self.values:,} values in the first {self.rows:,} rows"
        taken = f"{_column(self.name)} is taken for the {self.kind} ({seen})"
        if self.later:
            option, others = parameter(self.kind), " and ".join(self.later)
            return f"{taken}, as it comes before {others}; {option} names another, as {option} {self.later[0]}"
        return f"{taken}; {parameter(self.kind)} names another{none}"


class Doubt(NamedTuple):
    """A column that would be taken for the time, if its times did not mean several.

    Attributes
    ----------
    name : str
    text, problem, expected : str
        The first that may mean several, what it may be, and what would tell.
    """

    name: str
    text: str
    problem: str
    expected: str

    @property
    def kind(self) -> str:
        """What it would be."""
        return "no time"

    def told(self) -> str:
        """Return in words why the column is not taken, with what helps.

        >>> Doubt("am", "05/06/2026", "may be one day or another", "a form").told()
        "column am looks like the time, but '05/06/2026' may be one day or another; events keep their place (a form)"
        """
        doubt = f"looks like the time, but {self.text!r} {self.problem}"
        return f"{_column(self.name)} {doubt}; events keep their place ({self.expected})"


class NoneFirst(NamedTuple):
    """Columns of times of which none can be told to be when things start."""

    names: tuple[str, ...]

    @property
    def kind(self) -> str:
        """What it would be."""
        return "no time"

    def told(self) -> str:
        """Return in words why none is taken, with what helps."""
        option, names = parameter("time"), " and ".join(self.names)
        return (
            f"columns {names} look like the time, and none comes before the others; events keep their place "
            f"({option} says which it is, as {option} {self.names[0]})"
        )


class InTurn(NamedTuple):
    """A column of numbers that may be seconds since 1970, and count on as ids do."""

    name: str

    @property
    def kind(self) -> str:
        """What it would be."""
        return "no time"

    def told(self) -> str:
        """Return in words why the column is not taken, with what helps.

        >>> from flexstream.errors import Message
        >>> print(Message(InTurn("nr").told()))
        column nr counts on from row to row, so it is taken for ids, not for times; `time` nr says that it holds them
        """
        taken = "counts on from row to row, so it is taken for ids, not for times"
        return f"{_column(self.name)} {taken}; {parameter('time')} {self.name} says that it holds them"


def _column(name: str) -> str:
    """Return what a column is called in a sentence; one without a name is called `column 3` as it is."""
    return name if name.startswith("column ") else f"column {name}"
