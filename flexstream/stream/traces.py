"""What a trace is: the one place where texts given for traces, and other mistakes of that kind, are refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set, Sized
from operator import is_

import numpy as np

from ..errors import UsageError, WrongTypeError

_TEXT = (str, bytes, bytearray, memoryview)
_SHOWN = 40
EXAMPLE = 'for example ["load", "run"]'
_OF_TABLE = "`flexstream.read` makes traces of the rows of a table, `flexstream.learn` a model"


def as_text(symbol: str | int) -> str:
    """Return the text of a symbol; ints count as their decimal text, and kinds of str as plain ones.

    Raises
    ------
    WrongTypeError
        If the symbol is neither a str nor an int.

    Examples
    --------
    >>> as_text("load"), as_text(7)
    ('load', '7')
    """
    if isinstance(symbol, str):
        return symbol if type(symbol) is str else str.__str__(symbol)
    if isinstance(symbol, int | np.integer) and not isinstance(symbol, bool):
        return _digits(int(symbol))
    raise WrongTypeError(f"a symbol is a str or an int, not {_shown(symbol)}; convert it first, for example with str()")


def _digits(number: int) -> str:
    try:
        return str(number)
    except ValueError:  # Python writes out no more than some thousands, since that takes the square of their number
        raise UsageError("a symbol is an int of too many digits (expected: a str, or a smaller int)") from None


def as_trace(trace: Sequence[str | int]) -> list[str]:
    """Return the texts of the symbols of a trace.

    Raises
    ------
    WrongTypeError
        If it is no sequence of symbols: a text or bytes, what has no order or can be gone through only once, or what
        holds anything but str and int.

    Examples
    --------
    >>> as_trace(("load", 7))
    ['load', '7']
    >>> as_trace("load run")
    Traceback (most recent call last):
    flexstream.errors.WrongTypeError: a trace is a sequence of symbols, not the text 'load run'; split it first
    """
    _refuse_others(trace)
    return [symbol if type(symbol) is str else as_text(symbol) for symbol in trace]


def as_traces(traces: Iterable[Sequence[str | int]]) -> list[list[str]]:
    """Return the texts of the symbols of many traces, once all of them are known to be traces.

    Raises
    ------
    WrongTypeError
        If one of them is none; the message says which, counted from 0.

    Examples
    --------
    >>> as_traces([["load", "run"], []])
    [['load', 'run'], []]
    >>> as_traces([["load"], "run"])
    Traceback (most recent call last):
    flexstream.errors.WrongTypeError: traces[1]: a trace is a sequence of symbols, not the text 'run'; split it first
    """
    if isinstance(traces, (*_TEXT, Mapping)) or not isinstance(traces, Iterable) or hasattr(traces, "__dataframe__"):
        wrong = f"traces are sequences of symbols, {EXAMPLE}, one after the other, not {_kind(traces)}"
        raise WrongTypeError(wrong + (f"; {_OF_TABLE}" if hasattr(traces, "__dataframe__") else ""))
    found: list[list[str]] = []
    for trace in traces:
        try:
            found.append(as_trace(trace))
        except WrongTypeError as error:
            raise WrongTypeError(f"traces[{len(found)}]: {error.message.marked}") from None
    return found


def as_symbols(symbols: Iterable[str]) -> list[str]:
    """Return the texts of an alphabet; a text stands for its letters.

    Raises
    ------
    WrongTypeError
        If it is no collection of symbols.

    Examples
    --------
    >>> as_symbols(["load", "run"]), as_symbols("ab")
    (['load', 'run'], ['a', 'b'])
    """
    if isinstance(symbols, (*_TEXT[1:], Mapping)) or not isinstance(symbols, Iterable):
        raise WrongTypeError(f"an alphabet is a sequence of symbols, {EXAMPLE}, not {_kind(symbols)}")
    return [symbol if type(symbol) is str else as_text(symbol) for symbol in symbols]


def symbol_tuple(symbols: Iterable[str]) -> tuple[str, ...]:
    """Return symbols as a tuple, that which is given where it is one already; see `as_symbols`.

    >>> symbol_tuple(["load", "run"])
    ('load', 'run')
    """
    found = as_symbols(symbols)
    if type(symbols) is tuple and all(map(is_, symbols, found)):
        return symbols
    return tuple(found)


def _refuse_others(given: object) -> None:
    """Raise unless something can be a sequence of symbols."""
    if type(given) in (list, tuple):
        return
    whole = isinstance(given, Sized) and isinstance(given, Iterable) and getattr(given, "ndim", 1) == 1
    if isinstance(given, (*_TEXT, Mapping, Set)) or not whole:
        raise WrongTypeError(f"a trace is a sequence of symbols, not {_kind(given)}; {_remedy(given)}")


def _remedy(given: object) -> str:
    if isinstance(given, _TEXT):
        return "split it first"
    return "make a list of it first" if isinstance(given, Iterable) else f"put it into a list, {EXAMPLE}"


def _kind(given: object) -> str:
    """Say what was given instead."""
    if isinstance(given, str):
        return f"the text {_shown(given)}"
    if given is None or isinstance(given, bytes | int | float):
        return f"the {type(given).__name__} {_shown(given)}" if given is not None else "None"
    return f"a {type(given).__name__}"


def _shown(given: object) -> str:
    """Return something as it is written in a program, on one line, shortened."""
    if isinstance(given, str | bytes):
        return repr(given[:_SHOWN])
    text = " ".join(repr(given).split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
