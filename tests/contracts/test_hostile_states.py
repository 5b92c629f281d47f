"""States that nobody saved, with hashes that are right: refused in one line, or no kernel leaves its arrays."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

from flexstream import StreamLearner
from flexstream.container import decode, encode
from flexstream.errors import DataError, UsageError
from flexstream.monitoring.drift import Drift
from flexstream.saved import StateError
from flexstream.targets import reber, reentrant_line

from .test_states import timed

MUTATIONS = 60
WHOLE = (-(2**63), -(2**31), -2, -1, 0, 1, 2, 3, 5, 17, 1000, 2**31 - 1, 2**40, 2**53, 2**63 - 1)
OTHERS: tuple[Any, ...] = (None, "x", 1.5, True, [], {}, b"", float("nan"), -1, 2**70, np.zeros(3))


def made(kind: str) -> StreamLearner:
    learner = {
        "small": lambda: StreamLearner(memory="192KiB", every=150),
        "sketches": lambda: StreamLearner(heuristic="css", memory="2MiB", every=150),
        "prefixes": lambda: StreamLearner(heuristic="spacesaving", memory="2MiB", every=150),
        "ensemble": lambda: StreamLearner(ensemble=2, every=150),
        "final": lambda: StreamLearner(strategy="final", every=150),
    }[kind]()
    learner.observe(Drift("restart", tell=lambda line: None))
    return learner


KINDS = ("small", "sketches", "prefixes", "ensemble", "final")


@cache
def state(kind: str) -> bytes:
    learner = made(kind)
    words = reber().sample(400, seed=2)
    for traces in (words, words[:80], reentrant_line().sample(120, seed=2)):
        learner.learn_many(timed(traces, learner.alphabet))
    return encode(learner.state())


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the paths of all values in a state that are no mapping and no list of such."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, below in parts:
        yield from leaves(below, (*path, name))
    if path:
        yield path


def changed(value: Any, chance: random.Random) -> Any:
    """Return something else in place of a value, often of the same type."""
    if isinstance(value, np.ndarray) and value.size and chance.random() < 0.9:
        other = value.copy()
        with np.errstate(all="ignore"):
            for _ in range(chance.choice((1, 1, 3, other.size))):
                place = chance.randrange(other.size)
                known = other.flat[chance.randrange(other.size)]
                drawn = chance.choice((*WHOLE, int(known) if other.dtype.kind in "iu" else 1))
                other.flat[place] = np.array(drawn).astype(other.dtype)
        return other
    if isinstance(value, np.ndarray) and chance.random() < 0.7:
        return value[:-1] if chance.random() < 0.5 else np.concatenate([value, value[-1:]])
    if type(value) is int and chance.random() < 0.9:
        return chance.choice(WHOLE)
    if type(value) is list and value and chance.random() < 0.8:
        return value[:-1] if chance.random() < 0.5 else [*value, value[0]]
    return chance.choice(OTHERS)


def mutated(data: bytes, chance: random.Random) -> dict[str, Any]:
    """Return a state of which one value, or some, are others; or one is missing."""
    found = copy.deepcopy(decode(data))
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        path = chance.choice([path for path in leaves(found) if path[0] != "made"])
        owner = found
        for name in path[:-1]:
            owner = owner[name]
        if chance.random() < 0.05 and isinstance(owner, dict):
            del owner[path[-1]]
        else:
            owner[path[-1]] = changed(owner[path[-1]], chance)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_states_are_refused_or_harmless(kind: str) -> None:
    refused = 0
    for number in range(MUTATIONS):
        chance = random.Random(f"{kind} {number}")
        learner = made(kind)
        try:
            learner.restore(mutated(state(kind), chance))
        except (DataError, UsageError) as error:
            refused += 1
            assert "\n" not in str(error)
            continue
        learner.learn_many([["T", "X", "new", "S"], *reber().sample(200, seed=number)])
        assert learner.model.to_json() and list(learner.explain())
        assert encode(learner.state())
    assert refused > MUTATIONS // 2


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_refused_leaves_the_learner_as_it_was(kind: str) -> None:
    learner = made(kind)
    learner.restore(decode(state(kind)))
    wrong = decode(state(kind))
    wrong["decisions"]["refinements"] = -1
    with pytest.raises(StateError, match=r"state\.decisions: refinements is out of range"):
        learner.restore(wrong)
    assert encode(learner.state()) == state(kind)
