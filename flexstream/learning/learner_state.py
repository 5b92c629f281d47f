"""The state of a learner: the summary, which adds up, and the decisions, which are its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ..budget import Budget
from ..container import Kind, read
from ..errors import FlexStreamError, UsageError, parameter
from ..saved import MOST, Saved, StateError
from ..stream.alphabet import Alphabet
from ..summary.timed import TimedTraces
from ..summary.tree_state import cut_from, cut_state
from ..summary.tree_state import restore as restore_tree
from ..summary.tree_state import state_of as tree_state
from ..version import __version__
from .again import Again
from .journal_chain import Chain

if TYPE_CHECKING:
    from .keeping import Kept
    from .learner import StreamLearner

    Learner = TypeVar("Learner", bound=Kept)

LEARNER = Kind("learner", 1, "0.1.0", "a file that the save of a learner wrote; load_model reads models")
_COUNTS = "events", "other_events", "closed_early"


def state_of(learner: StreamLearner) -> dict[str, Any]:
    """Return the state of a learner after which nothing is due."""
    return {
        "flexstream": __version__,
        "made": learner._saved_with(),
        "summary": summary_of(learner),
        "decisions": _decisions_of(learner),
        "forgotten": learner.forgotten,
        "drift": learner.drift,
        "observers": {seen.name: seen.state() for seen in learner._observers if seen.name is not None},
    }


def summary_of(learner: StreamLearner) -> dict[str, Any]:
    """Return the state of all that adds up: what was counted, of which nothing was decided by the learner."""
    return {
        "alphabet": learner.alphabet.state(),
        "tree": tree_state(learner.tree),
        "timed": learner.timed.state(),
        "drawn": learner.drawn.state(),
        "repeats": learner.repeats.state(),
        "reading": None if learner.reading is None else dict(learner.reading),
        **{name: getattr(learner, name) for name in _COUNTS},
    }


def _decisions_of(learner: StreamLearner) -> dict[str, Any]:
    answer = learner._answer
    again = learner._again if answer is None else Again.of(answer, learner)
    return {
        "members": [member.state() for member in learner._members],
        "credit": learner._credit.state(),
        "schedule": learner.schedule.state(),
        "cut": None if learner._cut is None else cut_state(learner._cut),
        "again": None if again is None else again.state(),
        "chain": learner.chain.state(),
        "due": learner._due or learner._left_out,
        "refinements": learner.refinements,
        "states": learner.states,
    }


# --- back ------------------------------------------------------------------------------------------------------


def loaded(kind: type[Learner], path: str | Path) -> Learner:
    """Return a learner of some class that was saved in a file."""
    state = read(path, LEARNER)
    try:
        made = Saved(state).part("made")
        try:
            learner = kind._made_from(made)
        except (FlexStreamError, TypeError) as error:
            made.wrong(f"no {kind.__name__} can be made with what it says: {error}")
        learner.restore(state)
        return learner
    except StateError as error:
        raise StateError(str(path), None, error.problem.marked, error.expected.marked) from None


def restore(learner: StreamLearner, state: Any) -> None:
    """Let a learner be one that was saved; see `Kept.restore`."""
    saved = Saved(state)
    _check_parameters(learner.settings.to_dict(), saved.part("made").raw("parameters", dict))
    observers = {seen.name: seen for seen in learner._observers if seen.name is not None}
    theirs = saved.part("observers")
    if set(saved.raw("observers")) != set(observers):
        named = ", ".join(sorted(saved.raw("observers"))) or "none"
        raise UsageError(f"what was saved had other observers (expected: these, with a state: {named})")
    before = dict(learner.__dict__)
    try:
        learner._begin()
        restore_summary(learner, saved.part("summary"))
        _restore_decisions(learner, saved.part("decisions"))
        learner.forgotten = saved.whole("forgotten")
        learner.drift = noticed(saved)
        for name, seen in observers.items():
            seen.restore(theirs.part(name), learner)
        _keep_alphabet(learner, before["alphabet"])
    except BaseException:
        learner.__dict__.update(before)
        raise


def _keep_alphabet(learner: StreamLearner, own: Alphabet) -> None:
    """Let the learner have the alphabet that it had, with the symbols of the one restored: others may hold it, too."""
    read = learner.alphabet
    own.texts, own.ids, own.left, own.other = read.texts, read.ids, read.left, read.other
    learner.alphabet = learner.timed._alphabet = own


def _check_parameters(own: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Raise UsageError that names the first parameter in which two learners differ."""
    for name, value in own.items():
        other = theirs.get(name)
        if not (Budget(value).total == _bytes(other) if name == "memory" else _equal(value, other)):
            raise UsageError(
                f"{parameter(name)} is {value!r}, but was {other!r} in what was saved "
                f"(expected: the same, or to begin anew)"
            )


def _equal(one: Any, other: Any) -> bool:
    """Tell whether two parameters are the same; what is read may be anything."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(value, other[name]) for name, value in one.items())
    return type(one) is type(other) and bool(one == other)


def _bytes(memory: Any) -> int:
    try:
        return Budget(memory).total
    except UsageError:
        return -1


def restore_summary(learner: StreamLearner, saved: Saved) -> None:
    """Let a learner have counted what another had that was saved; raises StateError if none can have."""
    learner.alphabet = Alphabet()
    learner.alphabet.restore(saved.part("alphabet"))
    symbols, learner._codes = len(learner.alphabet), np.empty(0, np.uint64)
    learner.timed = TimedTraces(learner.budget.share("durations"), learner.alphabet)
    restore_tree(learner.tree, saved.part("tree"), symbols)
    learner.timed.restore(saved.part("timed"))
    learner.drawn.restore(saved.part("drawn"), symbols)
    learner.repeats.restore(saved.part("repeats"), symbols)
    learner.reading = saved.raw("reading", dict, type(None))
    for name in _COUNTS:
        setattr(learner, name, saved.whole(name))


def _restore_decisions(learner: StreamLearner, saved: Saved) -> None:
    nodes, members = len(learner.tree), learner._members
    for member, part in zip(members, saved.parts("members", len(members)), strict=True):
        member.restore(part, nodes)
    learner._credit.restore(saved.part("credit"), learner)
    learner.schedule.restore(saved.part("schedule"))
    learner.refinements, learner._states = saved.whole("refinements"), saved.whole("states", 0, MOST)
    learner.chain = Chain.saved(saved.part("chain"))
    learner._due = saved.flag("due")
    if saved.raw("cut") is not None:
        learner._cut = cut_from(saved.part("cut"), nodes, len(learner.alphabet))
    if saved.raw("again") is not None:
        learner._again = Again.saved(saved.part("again"), len(members), nodes)


def noticed(saved: Saved) -> dict[str, Any] | None:
    """Return what was noticed of changes of the source; raises StateError if nothing can have been so."""
    found: dict[str, Any] | None = saved.raw("drift", dict, type(None))
    if found is not None:
        saved.part("drift").text("on_drift")
        for change in saved.part("drift").parts("changes"):
            change.whole("since")
            change.number("before")
            change.number("after")
    return found
