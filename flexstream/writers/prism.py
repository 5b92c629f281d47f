"""A PRISM model: the automaton as a Markov chain, to check properties of it."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Sequence

from ..automata.pdfa import PDFA, Transition
from .view import View, ViewOptions
from .writer import Writer

_HEAD = """\
// A probabilistic deterministic finite automaton learned by FlexStream.
// State q of the automaton is q={first}..{last}; q={end} is reached when a trace has ended.
// Probabilities are observed frequencies without smoothing, scaled to sum to 1 in each state;
// a state without any observation ends.
"""


def prism(automaton: PDFA, options: ViewOptions) -> str:
    r"""Return the automaton as a PRISM ``dtmc``.

    One module holds the state ``q``; an extra absorbing state stands for the end. Symbols appear in comments,
    as JSON strings. The label ``"end"`` marks the end, and the rewards ``"events"`` count events, so that
    ``R{"events"}=? [F "end"]`` is the mean length of a trace.

    Examples
    --------
    >>> text = prism(PDFA(["a", "b"], [4], [1], [0, 2], [0, 1], [0, 0], [1, 2]), ViewOptions())
    >>> print(text.split("\n\n")[3])
      [] q=0 -> 0.25 : (q'=0) // "a"
        + 0.5 : (q'=0) // "b"
        + 0.25 : (q'=1); // end
    """
    view, end = View.of(automaton, options), len(automaton)
    rows: dict[int, list[Transition]] = defaultdict(list)
    for transition in view.transitions:
        rows[transition.source].append(transition)
    outcomes = [(state, _outcomes(automaton, state, rows[state])) for state in view.states]
    head = _HEAD.format(first=0, last=end - 1, end=end)
    if view.caption:
        head += f"// {view.caption}: probabilities are those among what is shown.\n"
    commands = [_command(state, parts) for state, parts in outcomes]
    module = [
        f"module pdfa\n  q : [0..{end}] init 0;",
        *commands,
        f"  [] q={end} -> 1 : (q'={end});\nendmodule",
    ]
    rewards = "".join(f"  q={state} : {_going_on(parts)!r};\n" for state, parts in outcomes if _going_on(parts))
    tail = [f'label "end" = q={end};', f'rewards "events"\n{rewards}endrewards\n']
    return "\n\n".join([head + "\ndtmc", *module, *tail])


_Outcome = tuple[float, int, str]


def _outcomes(automaton: PDFA, state: int, rows: Sequence[Transition]) -> list[_Outcome]:
    """Return probability, next state and comment of all that can happen in a state; the end stands last."""
    stop = float(automaton.stops[state])
    total = math.fsum([stop, *(row.weight for row in rows)])
    if not total:
        return [(1.0, len(automaton), "end")]
    # ASCII JSON holds no newline, so a symbol cannot leave its comment.
    parts = [(row.weight / total, row.target, json.dumps(row.symbol)) for row in rows]
    return [part for part in [*parts, (stop / total, len(automaton), "end")] if part[0] > 0]


def _command(state: int, parts: Sequence[_Outcome]) -> str:
    updates = [f"{chance!r} : (q'={target})" for chance, target, _ in parts]
    closed = [*updates[:-1], updates[-1] + ";"]
    lines = [f"{update} // {comment}" for update, (_, _, comment) in zip(closed, parts, strict=True)]
    return f"  [] q={state} -> " + "\n    + ".join(lines)


def _going_on(parts: Sequence[_Outcome]) -> float:
    """Return the probability that an event follows: the mean number of events of one step."""
    return math.fsum(chance for chance, _, comment in parts if comment != "end")


PRISM = Writer(prism, (".prism", ".pm"))
