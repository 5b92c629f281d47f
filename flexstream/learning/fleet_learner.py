"""FleetLearner: one model a host, tool or tenant, from one stream in one pass and one memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arguments import fitting
from ..automata.fleet import Fleet
from ..budget import LEAST, Budget, parse_memory
from ..defaults import MEMORY
from ..errors import UsageError, WrongTypeError, parameter
from ..stream.alphabet import Alphabet
from ..stream.batch import TraceBatch
from ..stream.traces import as_traces
from ..summary.member_traces import MemberTraces
from .learner import StreamLearner
from .observers import Observer
from .pooling import fleet_of

if TYPE_CHECKING:
    from ..automata.mixture import Ensemble
    from ..automata.pdfa import PDFA
    from ..saved import Saved

SHARE = 4
"""Of the memory one part in so many is for what the members have of their own."""
_CHECKED = 4096
"""Traces after which it is looked whether there is room for all: whatever the batches, after the same ones."""


def divided(memory: str | int | Budget) -> tuple[Budget, int]:
    """Return the budget of the pool, and the bytes for what the members of a fleet have of their own.

    Raises
    ------
    UsageError
        If the memory is too small to be divided.

    Examples
    --------
    >>> divided("64MiB")
    (Budget('48.0 MiB'), 16777216)
    """
    total = memory.total if isinstance(memory, Budget) else parse_memory(memory)
    own = total // SHARE
    if total - own < LEAST:
        raise UsageError(f"{parameter('memory')} of a fleet is {total} bytes (expected: 192KiB or more)")
    return Budget(total - own), own


class Members(Observer):
    """Keeps traces of each member of a fleet while a learner learns them all.

    Parameters
    ----------
    capacity : int
        Bytes.
    by : str
        What tells the members apart.

    Attributes
    ----------
    capacity : int
    kept : MemberTraces
    """

    name = "members"

    def __init__(self, capacity: int, by: str = "member") -> None:
        # Half of the room is for the traces, half for a member's automaton while it is learned, and those kept.
        self.capacity, self.by = capacity, by
        self.kept = MemberTraces(capacity // 2)
        self._counted = 0

    def until(self, traces: int) -> int:
        """Return after how many traces it is looked whether there is room for all."""
        return _CHECKED - self._counted % _CHECKED

    def counted(self, learner: StreamLearner, batch: TraceBatch) -> None:
        """Keep those of the traces that are drawn."""
        self._counted += len(batch)
        self.kept.add(batch, whole=self._counted % _CHECKED == 0)

    def state(self) -> dict[str, Any]:
        """Return the state that `restore` takes."""
        return {"counted": self._counted, "kept": self.kept.state()}

    def restore(self, saved: Saved, learner: StreamLearner) -> None:
        """Be what was saved; raises StateError if nothing can have been so."""
        self._counted = saved.whole("counted")
        self.kept.restore(saved.part("kept"), len(learner.alphabet))

    def fleet(self, learner: StreamLearner, pool: PDFA | Ensemble | None = None) -> Fleet:
        """Return the fleet of all that was learned; ``pool`` is the learner's model unless another is given."""
        given = self.kept, learner.alphabet, learner.settings, self.capacity // 2
        return fleet_of(learner.model if pool is None else pool, *given, self.by, learner._halt)

    def only_pooled(self, pool: PDFA | Ensemble) -> Fleet:
        """Return the fleet whose members there was no time to decide about: all are judged by the pool."""
        return Fleet(pool, (), self.by, self.kept.traces)


class FleetLearner:
    """Learn one model a member of a fleet, and one of all of them, from a stream of traces of which each is of one.

    All traces go into the pool, a `StreamLearner`; of each member's traces all are kept as long as there is room, then
    a sample.  What each member's model is, is decided when the fleet is asked for, see
    :mod:`flexstream.learning.pooling`: the pool's, the pool's states with its own probabilities, or states of its own.

    Parameters
    ----------
    by : str
        What tells the members apart, for those who read the model.
    memory : str, int or Budget
        What all of it may take, a quarter of it for what members have of their own.
    **params
        Those of `StreamLearner`.

    Attributes
    ----------
    pool : StreamLearner
        Learns all traces; the fleet of one member is its model.

    Examples
    --------
    >>> learner = FleetLearner(by="host")
    >>> learner.learn_many([["load", "run"]] * 200, members=["a", "b"] * 100)
    >>> learner.learn_one(["load", "run", "run"], "c")
    >>> fleet = learner.fleet()
    >>> fleet
    Fleet(3 members by host: 2 pooled, 1 partial, 0 own; pool: PDFA(3 states, 3 transitions, 2 symbols))
    >>> fleet["c"].traces, fleet.log2_prob(["load", "run"], "a") > -0.1
    (1, True)
    """

    def __init__(self, *, by: str = "member", memory: str | int | Budget = MEMORY, **params: Any) -> None:
        budget, own = divided(memory)
        self.pool = StreamLearner(memory=budget, **params)
        self._members = Members(own, fitting("by", by, str))
        self.pool.observe(self._members)

    @property
    def traces(self) -> int:
        """Number of traces seen."""
        return self.pool.traces

    @property
    def names(self) -> list[str]:
        """The members that came, in the order of their names."""
        return sorted(self._members.kept.names)

    def learn_one(self, trace: Sequence[str | int], member: str) -> None:
        """Learn a trace of a member.

        Raises
        ------
        WrongTypeError
            If it is no trace, or the member no text; then nothing is learned.
        """
        self.learn_many([trace], [member])

    def learn_many(
        self,
        traces: TraceBatch | Iterable[Sequence[str | int]],
        members: Iterable[str] | None = None,
        alphabet: Alphabet | None = None,
    ) -> None:
        """Learn traces, each of a member.

        Parameters
        ----------
        traces : TraceBatch, or iterable of sequences of symbols
            As for :meth:`StreamLearner.learn_many`.
        members : iterable of str, optional
            The member of each trace; of a batch that names them None.
        alphabet : Alphabet, optional
            As there.

        Raises
        ------
        WrongTypeError, UsageError
            If something is no trace, or a trace has no member; then nothing is learned.
        """
        names = None if members is None else _named(members)
        if not isinstance(traces, TraceBatch):
            texts = as_traces(traces)
            _fits(names, len(texts))
            batch = TraceBatch.from_texts(texts, alphabet := self.pool.alphabet.copy())
        else:
            batch = traces
        if names is not None:
            _fits(names, len(batch))
            batch = TraceBatch(
                batch.symbols, batch.offsets, batch.names, durations=batch.durations, manner=batch.manner, members=names
            )
        _fits(batch.members, len(batch))
        self.pool.learn_many(batch, alphabet)

    def merge(self, other: FleetLearner) -> None:
        """Add all that another has seen.

        Raises
        ------
        UsageError
            As :meth:`StreamLearner.merge`.
        """
        self.pool.merge(other.pool)
        symbol_map = np.array([self.pool.alphabet.id(text) for text in other.pool.alphabet], np.int32)
        self._members.kept.merge(other._members.kept, symbol_map)

    def fleet(self) -> Fleet:
        """Return the models of all members, as they follow from all that was seen."""
        return self._members.fleet(self.pool)


def _named(members: Iterable[str]) -> list[str]:
    if isinstance(members, str):
        raise WrongTypeError(f"{parameter('members')} is one text (expected: a name for each trace)")
    names = list(members)
    for name in names:
        if not isinstance(name, str):
            raise WrongTypeError(f"{parameter('members')} holds {name!r} (expected: the name of a member, a str)")
    return names


def _fits(names: Sequence[str] | None, traces: int) -> None:
    if names is None:
        raise UsageError(f"traces of no member (expected: {parameter('members')}, a name for each trace)")
    if len(names) != traces:
        raise UsageError(f"{parameter('members')} names {len(names)} members of {traces} traces (expected: one each)")
