"""Claim: the names that `flexstream explain` gives to states say as much as those of the simulator.

    python benchmarks/fab/fab_names.py [--weeks 13] [--seed 1] [--per cycle …] [--json OUT] [--markdown OUT]

Learns an automaton for each class of one run, whose traces are cycles, shifts or days.  A name is a statement on what
came before and what follows ("after break", "between litho and implant"); it is taken at its word along the traces of
another run: of all moments of which it is true, the share at which the simulator is in the state meant (right), and of
all moments in that learned state the share of which it is true (found).  A state is named as well as the simulator
names it where both are 0.95 or more.  The state meant is the one, of equivalent ones those, in which the simulator is
in at least a twentieth of the moments.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path.append(str(Path(__file__).resolve().parents[1]))
sys.path.append(str(Path(__file__).resolve().parent))
from fab_truth import traces_of
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import PDFA, StreamLearner
from flexstream.explanation import state_names
from flexstream.fab.parameters import Parameters
from flexstream.fab.truth import designs

ENOUGH, SHARE = 0.95, 0.05


class Moment(NamedTuple):
    """A moment of a trace: the events before it, the next one (None: the end), and the two states."""

    before: Sequence[str]
    following: str | None
    learned: int
    true: str


class Named(NamedTuple):
    """A state's name, the simulator's for it, its share of all moments, and how far the name is right and found."""

    name: str
    true: tuple[str, ...]
    share: float
    right: float
    found: float

    @property
    def well(self) -> bool:
        """Whether whoever reads the name knows the state."""
        return min(self.right, self.found) >= ENOUGH


def says(name: str, before: Sequence[str], following: str | None) -> bool:
    """Tell whether a name is true of a moment; symbols of the fab have no blanks.

    >>> says("after load-S2 or load-S4", ["load-S4"], "process"), says("between a and b", ["b"], "a")
    (True, False)
    >>> [says("after a or b, then c", before, None) for before in (["b", "c"], ["b", "d", "c"])]
    [True, False]
    """
    if name.startswith("start"):
        return not before or before[-1] in name.removeprefix("start or after ").split(" or ")
    follows = "the end" if following is None else following
    if name == "end":
        return following is None
    if found := re.fullmatch(r"before (.*)", name):
        return follows in found[1].split(" or ")
    if found := re.fullmatch(r"between (.*) and (.*)", name):
        return bool(before) and before[-1] in found[1].split(" or ") and follows in found[2].split(" or ")
    return _came(name.removeprefix("end ").removeprefix("after "), before)


def _came(way: str, before: Sequence[str]) -> bool:
    """Tell whether events came as the rest of a name says it, behind its `after`."""
    if found := re.fullmatch(r"the first (\d+) events?", way):
        return len(before) == int(found[1])
    if found := re.fullmatch(r"(.*) and (\d+) more events?", way):
        return len(before) > int(found[2]) and before[-1 - int(found[2])] in found[1].split(" or ")
    for gap, places in ((" … ", slice(None, -1)), (", then ", slice(-2, -1))):
        firsts, then, lasts = way.partition(gap)
        if then:
            sides = (firsts, before[places]), (lasts, before[-1:])
            return not any(set(symbols.split(" or ")).isdisjoint(events) for symbols, events in sides)
    return before[-1:] != [] and (before[-1] in way.split(" or ") or _ends(before, way.split()))


def _ends(before: Sequence[str], way: Sequence[str]) -> bool:
    return list(before[-len(way) :]) == list(way)


def moments(automaton: PDFA, design: dict[str, dict[str, str]], traces: Sequence[Sequence[str]]) -> list[Moment]:
    """Return all moments of some traces, as far as they keep to the automaton."""
    found = []
    for trace in traces:
        state = next(iter(design))
        for place, learned in enumerate(automaton.surprises(trace)[1].tolist()):
            following = trace[place] if place < len(trace) else None
            found.append(Moment(trace[:place], following, learned, state))
            state = design[state].get(following, state) if following is not None else state
    return found


def judged(automaton: PDFA, met: Sequence[Moment]) -> list[Named]:
    """Return how well each state that is met is named."""
    found = []
    for state, name in enumerate(state_names(automaton)):
        here = [moment for moment in met if moment.learned == state]
        if not here:
            continue
        true = Counter(moment.true for moment in here)
        meant = tuple(kind for kind, count in true.items() if count >= SHARE * len(here))
        meets = [moment for moment in met if says(name, moment.before, moment.following)]
        right = sum(moment.true in meant for moment in meets) / max(1, len(meets))
        told = sum(says(name, moment.before, moment.following) for moment in here) / len(here)
        found.append(Named(name, meant, len(here) / len(met), right, told))
    return found


def of_class(name: str, per: str, weeks: float, seed: int) -> list[Named]:
    """Learn a class from one run, and judge the names along another."""
    automaton = StreamLearner().fit(traces_of(name, per, weeks, seed)).automaton
    design = designs(Parameters(), per)[name]
    return judged(automaton, moments(automaton, design, traces_of(name, per, weeks, seed + 1)))


def shares(*values: float) -> list[str]:
    """Return shares as they are printed."""
    return [f"{value:.3f}" for value in values]


def tables(result: Result) -> dict[str, Table]:
    """Return ``classes``, a row a class, and ``states``, a row a state."""
    measured = result["measured"]["classes"]
    classes = [
        [
            row["class"],
            row["per"],
            f"{sum(state['well'] for state in row['states'])} of {len(row['states'])}",
            *shares(*(min(state[key] for state in row["states"]) for key in ("right", "found"))),
        ]
        for row in measured
    ]
    states = [
        [
            row["class"],
            row["per"],
            state["name"],
            ", ".join(state["true"]),
            f"{state['right']:.3f}",
            f"{state['found']:.3f}",
        ]
        for row in measured
        for state in row["states"]
    ]
    return {
        "classes": Table(
            ("class", "a trace is a", "states named as well", "right, least", "found, least"), classes, "llrrr"
        ),
        "states": Table(("class", "a trace is a", "name", "simulator's", "right", "found"), states, "llllrr"),
    }


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("--weeks", type=float, default=13)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--per", nargs="+", default=["cycle", "shift", "day"])
    args = parser.parse_args()
    found: list[dict[str, Any]] = []
    for per in args.per:
        for name in designs(Parameters(), per):
            named = of_class(name, per, args.weeks, args.seed)
            states = [{**state._asdict(), "well": state.well} for state in named]
            found.append({"class": name, "per": per, "states": states})
            for state in named:
                print(name, per, *state, state.well, sep="  ", flush=True)
    finish(__file__, args, {"classes": found}, tables)


if __name__ == "__main__":
    main()
