"""A difference in words, for people."""

from __future__ import annotations

from collections.abc import Iterator

from ..automata.pdfa import PDFA
from ..stream.durations import in_words
from ..visible import visible
from ..writers.labels import counted, percent, short_labels, significant
from .alignment import Group, was_counted
from .changes import Change
from .difference import Difference
from .pace import Pace
from .places import Places


def text(difference: Difference, names: tuple[str, str] = ("the first", "the second")) -> str:
    """Return what has changed, as lines of text.

    Examples
    --------
    >>> from flexstream.difference import diff
    >>> from flexstream.targets import from_rows
    >>> old = from_rows({0: {"load": (900, 1), "setup": (100, 0)}, 1: {None: (900, 0)}})
    >>> new = from_rows({0: {"load": (700, 1), "setup": (300, 0)}, 1: {None: (700, 0)}})
    >>> print("\\n".join(text(diff(old, new)).splitlines()[3:7]))
    <BLANKLINE>
    at the start (q0; 1,000 -> 1,000 visits):
      load    90 % -> 70 %
      setup   10 % -> 30 %
    """
    one, other = map(visible, names)
    return "\n".join(_lines(difference, (one, other))) + "\n"


def headline(difference: Difference) -> str:
    """Return in one line whether the models differ, and how sure that is."""
    risk = f"at a risk of {percent(difference.error)} for any"
    what = "outcomes and durations" if difference.timed else "outcome" + "s" * (difference.compared != 1)
    compared = f"{difference.compared:,} {what} compared"
    if not difference.same:
        return (
            f"{counted(len(difference.changes) + len(difference.paces), 'change')} beyond chance ({compared}, {risk})"
        )
    if difference.visible >= 1:
        return f"the same, as far as can be told: too few traces to see any change ({compared}, {risk})"
    points = f"{100 * difference.visible:.2g} percentage points"
    would = f"by {points} in the state seen most would have shown in 19 of 20 cases"
    return f"the same, as far as can be told: a change {would} ({compared}, {risk})"


def _lines(difference: Difference, names: tuple[str, str]) -> Iterator[str]:
    for sign, name, automaton in zip("-+", names, (difference.one, difference.other), strict=True):
        yield f"{sign} {name}: {_size(automaton)}"
    yield headline(difference)
    labels = short_labels(dict.fromkeys([*difference.one.symbols, *difference.other.symbols]))
    places = Places(labels, difference.one, difference.other)
    yield from _times(difference, places, labels)
    groups: dict[int, list[Change]] = {}
    for change in difference.changes:
        groups.setdefault(id(change.group), []).append(change)
    for found in groups.values():
        yield ""
        yield from _place(found, places, labels, was_counted(difference.one) and was_counted(difference.other))
    yield ""
    for word, states in (("gone", difference.vanished), ("new", difference.appeared)):
        if states:
            yield f"states that are {word}: {', '.join(f'q{state}' for state in states)}"
    if difference.telling is not None:
        trace, one, other = difference.telling
        steps = " ".join(labels[symbol] for symbol in trace) or "(the empty trace)"
        yield f"tells them apart: {steps} ({_probability(one)} -> {_probability(other)})"
    there, back = difference.divergence
    yield (
        f"divergence in bits a symbol: {_bits(*there)} from {names[0]}'s traces, {_bits(*back)} from {names[1]}'s "
        "(2,000 drawn from each)"
    )


def _times(difference: Difference, places: Places, labels: dict[str, str]) -> Iterator[str]:
    """Yield what takes longer, or less long, the most certain first."""
    for pace in difference.paces:
        one, other = (",".join(f"q{state}" for state in side.states) for side in (pace.group.one, pace.group.other))
        states = one if one == other else f"{one} -> {other}"
        if pace is difference.paces[0]:
            yield ""
        yield f"{_where(pace.group, places)} ({states}):"
        first, second = map(percent, pace.shares)
        yield (
            f"  {labels[pace.symbol]}   takes {'longer' if pace.slower else 'less long'}: "
            f"within {in_words(pace.within)} come {first} -> {second} ({_quantiles(pace)}){_mostly(pace, labels)}"
        )


def _quantiles(pace: Pace) -> str:
    """Return which quantiles are others than before: where the usual ones are not, that which is most."""
    usual = ("median", pace.one.median, pace.other.median), ("99 % at most", pace.one.tail, pace.other.tail)
    told = [(name, in_words(one), in_words(other)) for name, one, other in usual]
    if all(one == other for _, one, other in told):
        one, other = map(in_words, pace.reached)
        told = [(f"{percent(sum(pace.shares) / 2)} at most", one, other), *told[:1]]
    return ", ".join(
        f"{name} {one} -> {other}" if one != other else f"{name} {one} as before" for name, one, other in told
    )


def _mostly(pace: Pace, labels: dict[str, str]) -> str:
    """Return after which earlier event it shows most, and the quantile that is another there; nothing for none."""
    found = pace.mostly
    if found is None:
        return ""
    for name, pair in (("median", found.medians), ("99 % at most", found.tails)):
        one, other = map(in_words, pair)
        if one != other:
            return f"; most after {labels[found.symbol]}: {name} {one} -> {other}"
    return ""


def _size(automaton: PDFA) -> str:
    traces = automaton.provenance.get("traces")
    learned = f", learned from {counted(traces, 'trace')}" if isinstance(traces, int) else ""
    return f"{counted(len(automaton), 'state')}, {counted(len(automaton.targets), 'transition')}{learned}"


def _place(found: list[Change], places: Places, labels: dict[str, str], counts: bool) -> Iterator[str]:
    """Yield what has changed in one group, with its visits where both automata were counted."""
    group = found[0].group
    one, other = (",".join(f"q{state}" for state in side.states) for side in (group.one, group.other))
    states = one if one == other else f"{one} -> {other}"
    visits = group.one.visits, group.other.visits
    seen = f"; {visits[0]:,.0f} -> {visits[1]:,.0f} visits" if counts else ""
    yield f"{_where(group, places)} ({states}{seen}):"
    rows = [(_outcome(change.symbol, labels), change) for change in found]
    width = max(len(name) for name, _ in rows)
    for name, change in rows:
        note = {"appeared": "   new", "vanished": "   gone", "changed": ""}[change.kind]
        yield f"  {name:<{width}}   {percent(change.one)} -> {percent(change.other)}{note}"


def _where(group: Group, places: Places) -> str:
    return places.where(group.path, group.one.states, group.other.states)


def _outcome(symbol: str | None, labels: dict[str, str]) -> str:
    return "the end" if symbol is None else labels[symbol]


def _probability(bits: float) -> str:
    """Return a probability whose base-2 logarithm is given."""
    return "impossible" if bits == float("-inf") else significant(2.0**bits)


def _bits(bits: float, error: float) -> str:
    return "infinite" if bits == float("inf") else f"{max(bits, 0.0):.4f} ± {2 * error:.4f}"
