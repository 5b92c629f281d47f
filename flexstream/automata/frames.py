"""Automata as frames of pandas: the states, and the transitions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import MissingProgramError

if TYPE_CHECKING:
    from .pdfa import PDFA

_INSTALL = "to_pandas needs pandas, which is not installed: pip install pandas"


class Frames(NamedTuple):
    """What `to_pandas` returns; for an ensemble both have a first column ``member``.

    Attributes
    ----------
    states : pandas.DataFrame
        A row a state: ``state``, ``visits``, ``stops``, ``stop_probability``; with an n-gram also ``ngram_share``.
    transitions : pandas.DataFrame
        A row a transition, by state, then by symbol: the fields of `flexstream.automata.pdfa.Transition`; where the
        automaton knows durations also ``median_seconds``.
    """

    states: Any
    transitions: Any


def to_pandas(automaton: PDFA) -> Frames:
    """Return the states and the transitions of an automaton.

    Raises
    ------
    MissingProgramError
        If pandas is not installed.

    Examples
    --------
    >>> from flexstream import PDFA
    >>> frames = to_pandas(PDFA(["a", "b"], [4, 2], [1, 2], [0, 2, 2], [0, 1], [0, 1], [1, 2]))
    >>> frames.transitions[["source", "symbol", "target", "probability"]].values.tolist()
    [[0, 'a', 0, 0.25], [0, 'b', 1, 0.5]]
    >>> frames.states["stop_probability"].tolist()
    [0.25, 1.0]
    """
    pandas, times = _pandas(), automaton.durations
    states = {
        "state": range(len(automaton)),
        "visits": automaton.visits,
        "stops": automaton.stops,
        "stop_probability": automaton.stop_probabilities,
        **({} if automaton.ngram is None else {"ngram_share": automaton.ngram_shares}),
    }
    # Half of a pair of surrogates, which UTF-8 and so pandas cannot hold, is written out.
    symbols = [symbol.encode("utf-8", "backslashreplace").decode() for symbol in automaton.symbols]
    transitions = {
        "source": automaton.sources,
        "symbol": [symbols[symbol] for symbol in automaton.edge_symbols.tolist()],
        "target": automaton.targets,
        "probability": automaton.probabilities,
        "weight": automaton.weights,
        "guessed": automaton.guessed,
        **({} if times is None else {"median_seconds": times.medians()}),
    }
    made = (pandas.DataFrame({name: _own(column) for name, column in part.items()}) for part in (states, transitions))
    return Frames(*made)


def members_to_pandas(members: Sequence[PDFA]) -> Frames:
    """Return the frames of several automata, one below the other, with the number of each in ``member``."""
    pandas, parts = _pandas(), [to_pandas(member) for member in members]

    def stacked(frames: Sequence[Any]) -> Any:
        numbered = [frame.assign(member=number) for number, frame in enumerate(frames)]
        whole = pandas.concat(numbered, ignore_index=True)
        return whole[["member", *(name for name in whole.columns if name != "member")]]

    return Frames(stacked([part.states for part in parts]), stacked([part.transitions for part in parts]))


def _own(column: Any) -> Any:
    """Return a column that the frame may be changed in: an automaton's arrays are read-only."""
    return column.copy() if hasattr(column, "flags") else column


def _pandas() -> Any:
    try:
        import pandas
    except ImportError:
        raise MissingProgramError(_INSTALL) from None
    return pandas
