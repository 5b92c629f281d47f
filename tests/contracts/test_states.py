"""Whatever has a state is resumed: saved anywhere and read back, a learner goes on as if nothing had happened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from flexstream import StreamLearner, TraceBatch
from flexstream._kernels import repeats as repeat_sizes
from flexstream._kernels.growth import EDGES, NODES, STORED, TAILS, TreeColumns
from flexstream._kernels.hints import EDGE, NODE, TAIL
from flexstream._kernels.repeats import RepeatColumns
from flexstream._kernels.rows import names_of
from flexstream.automata.pdfa import PDFA
from flexstream.budget import Budget
from flexstream.calls import Learned
from flexstream.container import decode, encode
from flexstream.errors import UsageError
from flexstream.learning.beginnings import Beginning
from flexstream.learning.learner_state import LEARNER
from flexstream.learning.members import Credit
from flexstream.learning.repetition import Repeats
from flexstream.learning.stoppable import Stoppable
from flexstream.merging.heuristics import HEURISTICS
from flexstream.merging.heuristics.css import CSS
from flexstream.monitoring.drift import FOLLOW, Drift
from flexstream.monitoring.recent import RecentTraces
from flexstream.pac.demand import Demand
from flexstream.pac.planning.plan import Plan
from flexstream.pac.planning.planned_learner import PlannedLearner
from flexstream.stream.alphabet import Alphabet
from flexstream.stream.durations import UNKNOWN
from flexstream.summary.drawn import DrawnTraces
from flexstream.summary.timed import TimedTraces
from flexstream.summary.tree import PrefixTree
from flexstream.targets import reber, reentrant_line


@cache
def plan() -> Plan:
    return Plan.make(Demand(states=2, symbols=6, mu=0.5, length=3, eps=0.5, delta=0.1))


MAKERS: dict[str, Callable[[], StreamLearner]] = {
    "plain": StreamLearner,
    **{name: lambda name=name: StreamLearner(heuristic=name, every=150) for name in HEURISTICS},  # type: ignore[misc]
    "replay": lambda: StreamLearner(strategy="replay", every=130),
    "fresh": lambda: StreamLearner(strategy="fresh", every=130),
    "final": lambda: StreamLearner(strategy="final", every=130),
    "ensemble": lambda: StreamLearner(ensemble=3, every=200),
    "evicting": lambda: StreamLearner(memory="192KiB", every=150, repeats=False),
    "few symbols": lambda: StreamLearner(memory="128KiB", every=400),
    "few nodes": lambda: StreamLearner(nodes=20, every=150),
    "no tails": lambda: StreamLearner(tails=False, grow_at=3, every=0),
    "late": lambda: StreamLearner(grow_at=60, reach=2),
    "sketched": lambda: StreamLearner(heuristic="css", options={"futures": 3}, nodes=30, every=150),
    "sized": lambda: StreamLearner(states=3, every=300),
    "one call": lambda: Learned(every=300),
    "planned": lambda: PlannedLearner(plan(), seed=4),
}
"""To add a kind of learner, add it here."""
REMADE = {
    StreamLearner: {"_answer", "_again", "_observers", "_codes", "_credit"},  # credit: compared where it is used
    Stoppable: {"_halt", "_began", "lasted", "last_automaton"},  # what a clock says, and what serves who is in a hurry
    PrefixTree: {"_codes", "_how", "repeated"},  # looked up again; set before each search
    TimedTraces: {"_codes", "_parts"},
    DrawnTraces: {"_ahead", "_known_to", "_next", "_parts"},  # worked out ahead
    Drift: {"_tell"},
    RecentTraces: {"_batches", "_bytes"},  # of how many batches they came is nobody's concern
    Beginning: {"_symbols", "_lengths"},
    Repeats: {"_expected", "_judged"},  # the columns of an automaton, and what is asked of one again
    CSS: {"alpha"},  # a parameter; under a plan that of the last look, and each search has its own
}
"""Attributes that need not come back as they were, or are compared by what they amount to."""


def fields_of(thing: object) -> dict[str, Any]:
    """Return all attributes of an object but those that are remade."""
    kept = {name for kind in type(thing).__mro__ for name in REMADE.get(kind, ())}
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    found = {**getattr(thing, "__dict__", {}), **{name: getattr(thing, name) for name in slots if hasattr(thing, name)}}
    return {name: value for name, value in found.items() if name not in kept}


def amounts_to(thing: Any) -> Any:
    """Return what stands for parts of a thing whose form does not matter."""
    if isinstance(thing, TimedTraces | DrawnTraces):
        held = thing.state()
        return {name: held[name] for name in sorted(held)}
    if isinstance(thing, RecentTraces):
        return [trace.tolist() for trace in thing.since(0)]
    if isinstance(thing, Beginning):
        return [trace.tolist() for trace in thing.batch()]
    return None


def in_use(columns: Any) -> dict[str, Any]:
    """Return the rows of columns that are in use, and how many there are; the slots of a table may be in any order."""
    size = columns.size
    if isinstance(columns, TreeColumns):
        rows = {name: int(size[NODES]) for name in (*names_of(TreeColumns, NODE), "sketch")}
        rows |= dict.fromkeys(names_of(TreeColumns, EDGE), int(size[EDGES]))
        rows |= dict.fromkeys(names_of(TreeColumns, TAIL), int(size[TAILS])) | {"store": int(size[STORED]), "slots": 0}
    else:
        used = int(size[repeat_sizes.HELD_ROWS])
        rows = {"held_start": used + 1, "held_count": used, "held_beyond": used}
        rows |= {"held_store": int(size[repeat_sizes.HELD_STORED]), "sample_hash": int(size[repeat_sizes.SAMPLED])}
        rows |= {"sample_start": int(size[repeat_sizes.SAMPLED]) + 1}
        rows |= {"sample_store": int(size[repeat_sizes.SAMPLE_STORED])}
    found = columns._asdict()
    return {name: (len(column), column[: rows.get(name, len(column))]) for name, column in found.items()}


def parts_of(thing: Any) -> dict[Any, Any] | None:
    """Return what a thing is made of, by name; None of one that is compared as a whole."""
    if isinstance(thing, TreeColumns | RepeatColumns):
        return in_use(thing)
    if isinstance(thing, dict):
        return thing
    if isinstance(thing, list | tuple):
        return dict(enumerate(thing))
    if type(thing).__module__.startswith("flexstream") and not isinstance(thing, Budget | PDFA):
        return {"what it amounts to": amounts_to(thing), **fields_of(thing)}
    return None


def whole_of(thing: Any) -> Any:
    """Return what a thing that has no parts is compared by."""
    if isinstance(thing, np.ndarray):
        return thing.dtype, thing.shape, thing.tobytes()
    return thing.to_json() if isinstance(thing, PDFA) else thing


def differences(one: Any, other: Any, place: str = "") -> Iterator[str]:
    """Yield where two things differ, all the way down."""
    parts, others = parts_of(one), parts_of(other)
    if type(one) is not type(other):
        yield f"{place}: {type(one).__name__}, not {type(other).__name__}"
    elif parts is None or others is None:
        if whole_of(one) != whole_of(other):
            yield f"{place}: {one!r}, not {other!r}"
    elif list(parts) != list(others):
        yield f"{place}: {list(parts)}, not {list(others)}"
    else:
        for name, value in parts.items():
            yield from differences(value, others[name], f"{place}.{name}")


def through_a_file(learner: StreamLearner, make: Callable[[], StreamLearner]) -> StreamLearner:
    """Return a learner made of what another one saved."""
    data = encode(learner.state(), LEARNER)
    again = make()
    again.restore(decode(data, LEARNER))
    found = list(differences(learner, again))
    assert not found, found[:5]
    assert encode(again.state(), LEARNER) == data
    return again


def told(learner: StreamLearner) -> tuple[Any, ...]:
    """Return all that can be asked of a learner."""
    journal = [tuple(entry) for entry in learner.journal]
    facts = learner.traces, learner.events, list(learner.alphabet), learner.states, learner.refinements
    asked = learner.model.to_json(), list(learner.explain()), learner.provenance()
    return facts, journal, asked, learner.refine().reds.tolist(), encode(learner.state(), LEARNER)


@cache
def stream() -> list[list[str]]:
    """A stream of two sources, with symbols that come once and a part that repeats what was there."""
    line, words = reentrant_line().sample(260, seed=3), reber().sample(400, seed=5)
    rare = [[f"s{number}", *trace] if number % 9 == 0 else trace for number, trace in enumerate(line)]
    return [*words[:200], *rare, *words, *words[:150]]


def timed(traces: Iterable[list[str]], alphabet: Alphabet) -> TraceBatch:
    """Return traces as a batch with durations."""
    batch = TraceBatch.from_traces(list(traces), alphabet)
    bins = (np.arange(batch.events) * 37 % 900).astype(np.int16)
    bins[batch.offsets[:-1][np.diff(batch.offsets) > 0]] = UNKNOWN
    return TraceBatch(batch.symbols, batch.offsets, durations=bins)


def learn(learner: StreamLearner, traces: list[list[str]], with_times: bool) -> None:
    learner.learn_many(timed(traces, learner.alphabet) if with_times else traces)


ASKED = {"count": lambda learner: None, "ask": lambda learner: learner.model, "refine": StreamLearner.refine}
CUTS = st.sets(st.integers(0, len(stream())), min_size=1, max_size=4).map(sorted)
STEPS = CUTS.flatmap(lambda cuts: st.tuples(st.just(cuts), st.lists(st.sampled_from([*ASKED]), min_size=5, max_size=5)))


@pytest.mark.parametrize("name", MAKERS)
@given(with_times=st.booleans(), steps=STEPS)
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.reuse, Phase.generate])
def test_every_learner_is_resumed_anywhere(name: str, with_times: bool, steps: tuple[list[int], list[str]]) -> None:
    cuts, asked = steps
    whole, resumed = MAKERS[name](), MAKERS[name]()
    for start, stop, what in zip([0, *cuts], [*cuts, len(stream())], asked, strict=False):
        for learner in (whole, resumed):
            learn(learner, stream()[start:stop], with_times)
            ASKED[what](learner)
        resumed = through_a_file(resumed, MAKERS[name])
    assert told(resumed) == told(whole)


def test_an_answer_is_the_same_after_it_was_saved() -> None:
    for name in ("ensemble", "replay", "sized", "planned", "css"):
        learner = MAKERS[name]()
        learner.learn_many(stream())
        _ = learner.model
        again = through_a_file(learner, MAKERS[name])
        assert again.model.to_json() == learner.model.to_json()
        assert again.refinements == learner.refinements


def test_a_tree_that_is_thinned_next_is_thinned_alike() -> None:
    whole = StreamLearner(repeats=False)
    whole.learn_many([["load", "run"], ["load", "fix", "run"], ["load"], ["test", "load"]] * 32_000)
    assert whole.schedule.settled
    resumed = through_a_file(whole, lambda: StreamLearner(repeats=False))
    for learner in (whole, resumed):
        learner.learn_many([["load", "fix"], ["run"]])
    assert whole.tree.cut.nodes.size and told(whole) == told(resumed)


def test_a_refinement_that_was_given_up_is_made_when_the_learner_goes_on() -> None:
    whole, stopped = StreamLearner(every=100), StreamLearner(every=100)
    whole.learn_many(stream()[:300])
    stopped.learn_many(stream()[:250])
    stopped.abandon()
    stopped.learn_many(stream()[250:300])
    assert stopped.refinements == 2
    resumed = StreamLearner(every=100)
    resumed.restore(decode(encode(stopped.state())))
    for learner in (whole, resumed):
        learner.learn_many(stream()[300:430])
    assert told(whole) == told(resumed)


def test_credit_comes_back() -> None:
    learner = MAKERS["ensemble"]()
    learner.learn_many(stream()[:500])
    again = through_a_file(learner, MAKERS["ensemble"])
    assert isinstance(again._credit, Credit) and again._credit is again._observers[0]
    assert again._credit._left and not list(differences(learner._credit, again._credit))


def drifting() -> list[list[str]]:
    """A stream whose source changes twice."""
    one, other = reber().sample(900, seed=1), reentrant_line().sample(500, seed=1)
    return [*one[:400], *other, *one[400:]]


DRIFTS = st.tuples(st.sampled_from(FOLLOW), st.sets(st.integers(0, 1400), min_size=1, max_size=4).map(sorted))


def watched(follow: str) -> tuple[StreamLearner, Drift, list[str]]:
    lines: list[str] = []
    learner, drift = StreamLearner(every=300), Drift(follow, tell=lines.append)
    learner.observe(drift)
    return learner, drift, lines


@given(how=DRIFTS, with_times=st.booleans())
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.reuse, Phase.generate])
def test_drift_is_watched_for_on_the_other_side(how: tuple[str, list[int]], with_times: bool) -> None:
    follow, cuts = how
    whole, drift, lines = watched(follow)
    resumed, resumed_drift, resumed_lines = watched(follow)
    for start, stop in zip([0, *cuts], [*cuts, 1400], strict=True):
        for learner in (whole, resumed):
            learn(learner, drifting()[start:stop], with_times)
        state, before = encode(resumed.state()), resumed_lines
        resumed, resumed_drift, resumed_lines = watched(follow)
        resumed.restore(decode(state))
        resumed_lines[:0] = before
        found = list(differences(drift, resumed_drift))
        assert encode(resumed.state()) == state and not found, found[:5]
    for learner, watching in ((whole, drift), (resumed, resumed_drift)):
        watching.settle(learner)
    assert lines == resumed_lines and lines
    assert told(whole) == told(resumed)


def test_observers_with_a_state_have_to_be_there() -> None:
    learner, _, _ = watched("report")
    learner.learn_many(stream()[:300])
    with pytest.raises(UsageError, match="these, with a state: drift"):
        StreamLearner(every=300).restore(learner.state())
    other, _, _ = watched("restart")
    with pytest.raises(UsageError, match="`on_drift` is 'restart', but was 'report'"):
        other.restore(learner.state())
    assert other.traces == 0


def test_save_and_load(tmp_path: Path) -> None:
    for name, kind in (("plain", StreamLearner), ("planned", PlannedLearner)):
        learner = MAKERS[name]()
        learner.learn_many(stream()[:300])
        learner.save(tmp_path / name)
        again = kind.load(tmp_path / name)
        assert type(again) is kind and again.get_params() == learner.get_params()
        for each in (learner, again):
            each.learn_many(stream()[300:])
        assert told(again) == told(learner)


@pytest.mark.parametrize(
    "changed", [{"grow_at": 5}, {"seed": 1}, {"memory": "1MiB"}, {"options": {"margin": 1.0}}, {"heuristic": "css"}]
)
def test_other_parameters_are_refused_and_named(changed: dict[str, Any]) -> None:
    learner = StreamLearner()
    learner.learn_many(stream()[:100])
    other = StreamLearner(**changed)
    other.learn_many(stream()[:50])
    before = encode(other.state())
    with pytest.raises(UsageError, match=f"`{next(iter(changed))}` is .* in what was saved"):
        other.restore(learner.state())
    assert encode(other.state()) == before


def test_memory_may_be_written_otherwise() -> None:
    learner = StreamLearner(memory="1MiB")
    StreamLearner(memory=1 << 20).restore(learner.state())
