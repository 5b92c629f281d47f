"""Fleet: one model for each host, tool or tenant, which share what few data cannot tell them apart by.

Each member has one of three models, from the least of its own to the most: that of all members together (*pooled*),
the states of all with its own probabilities (*partial*), or states of its own (*own*); which it is, and why, see
:mod:`flexstream.learning.pooling`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..arguments import expect, fitting
from ..errors import ModelError, UsageError
from ..ordered import distinct
from ..stream.alphabet import Alphabet
from ..stream.batch import TraceBatch
from .calibration import Calibration, check_calibration
from .mixture import Ensemble
from .partial import MemberCounts, partially_pooled
from .pdfa import PDFA, Outcome
from .timing import Durations, check_durations

if TYPE_CHECKING:
    from .score import Score

POOLED, PARTIAL, OWN = "pooled", "partial", "own"
KINDS = (POOLED, PARTIAL, OWN)


@dataclass(frozen=True, eq=False)
class FleetMember:
    """One member of a fleet: what it did, and which model it has.

    Attributes
    ----------
    name : str
    traces, events : int
        That came of it.
    kind : str
        ``"pooled"``, ``"partial"`` or ``"own"``.
    counts : MemberCounts
        Along the pool's automaton.
    gain : float
        Bits that a trace takes less where the member's own probabilities are used than where it counts as any other
        does, each outcome foretold from those before it.
    bits : mapping of str to float
        Bits of a trace that was held out, by each kind of model that was tried on some; empty where none was.
    concentration : float
        Visits of each state for which the rest of the fleet counts; infinite for a pooled member.
    own : PDFA or None
        The automaton learned from its traces alone, where it has that.
    calibration : Calibration or None
        By which its alarms are judged; None: by the pool's.
    durations : Durations or None
        How long transitions of the pool take it, where it has probabilities of its own; None: as long as all.
    """

    name: str
    traces: int
    events: int
    kind: str
    counts: MemberCounts
    gain: float = 0.0
    bits: Mapping[str, float] = field(default_factory=dict)
    concentration: float = float("inf")
    own: PDFA | None = None
    calibration: Calibration | None = None
    durations: Durations | None = None

    def __post_init__(self) -> None:
        fits = self.kind in KINDS and (self.own is not None) == (self.kind == OWN)
        known = self.traces >= 0 and self.events >= 0 and self.concentration > 0
        timed = self.durations is None or self.kind == PARTIAL
        if not (fits and known and timed) or (self.kind == PARTIAL and not np.isfinite(self.concentration)):
            raise ModelError(f"the member {self.name!r} of the fleet is not valid: its kind and its parts do not fit")


@dataclass(frozen=True, eq=False)
class Fleet:
    """Models of the members of a fleet, over one alphabet, and the pool's for all others.

    Parameters
    ----------
    pool : PDFA or Ensemble
        Of all members together.
    members : sequence of FleetMember
        Each name once.
    by : str
        What tells the members apart, such as the name of a column.
    unlisted : int
        Traces of members that found no room.

    Raises
    ------
    ModelError
        If they do not fit together.

    Examples
    --------
    >>> from flexstream import FleetLearner
    >>> learner = FleetLearner()
    >>> for host, fix in (("a", 1), ("b", 1), ("c", 150)):
    ...     traces = [["load", "fix", "run"]] * fix + [["load", "run"]] * (200 - fix)
    ...     learner.learn_many(traces, members=[host] * 200)
    >>> fleet = learner.fleet()
    >>> {name: fleet[name].kind for name in fleet}
    {'a': 'partial', 'b': 'partial', 'c': 'partial'}
    >>> [round(fleet.model(name).predict_proba_one(["load"])["fix"], 2) for name in ("a", "c", "unknown")]
    [0.01, 0.75, 0.25]
    """

    pool: PDFA | Ensemble
    members: Sequence[FleetMember]
    by: str = "member"
    unlisted: int = 0

    def __post_init__(self) -> None:
        fitting("pool", self.pool, PDFA | Ensemble)
        members = tuple(sorted(self.members, key=lambda member: member.name))
        object.__setattr__(self, "members", members)
        if len(self._places) < len(members):
            raise ModelError("the fleet is not valid: two members have one name")
        for member in members:
            member.counts.check(self.base)
            check_durations(member.durations, len(self.base.targets))
            if member.own is not None and member.own.symbols != self.pool.symbols:
                raise ModelError(f"the fleet is not valid: the member {member.name!r} has other symbols than the pool")
            if member.calibration is not None:
                check_calibration(member.calibration, len(self.symbols), len(member.own or self.base))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {member.name: place for place, member in enumerate(self.members)}

    @cached_property
    def _models(self) -> dict[str, PDFA | Ensemble]:
        return {}

    def __len__(self) -> int:
        """Return the number of members."""
        return len(self.members)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return (member.name for member in self.members)

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __getitem__(self, name: str) -> FleetMember:
        """Return a member.

        Raises
        ------
        UsageError
            If there is none of this name.
        """
        place = self._places.get(name)
        if place is None:
            raise UsageError(f"no member {name!r} in the fleet (expected: {self._some_names()})")
        return self.members[place]

    def __repr__(self) -> str:
        kinds = ", ".join(f"{sum(one.kind == kind for one in self.members)} {kind}" for kind in KINDS)
        return f"Fleet({len(self)} members by {self.by}: {kinds}; pool: {self.pool!r})"

    def _some_names(self) -> str:
        shown = [member.name for member in self.members[:5]]
        more = f", … ({len(self):,} in all)" if len(self) > len(shown) else ""
        return f"one of {', '.join(shown)}{more}" if shown else "a fleet with members"

    @property
    def base(self) -> PDFA:
        """The pool's automaton, of an ensemble the best."""
        return self.pool.best if isinstance(self.pool, Ensemble) else self.pool

    @property
    def symbols(self) -> Sequence[str]:
        """The alphabet; a symbol's id is its position."""
        return self.pool.symbols

    @property
    def provenance(self) -> Mapping[str, Any]:
        """How the pool came to be."""
        return self.pool.provenance

    def alphabet(self) -> Alphabet:
        """Return a fresh alphabet with the symbols under their ids."""
        return self.pool.alphabet()

    def kind(self, name: str | None) -> str:
        """Return which kind of model traces of a member are judged by; those of none by the pool's."""
        place = None if name is None else self._places.get(name)
        return POOLED if place is None else self.members[place].kind

    def model(self, name: str | None) -> PDFA | Ensemble:
        """Return the model of a member; for a name that is none, and for None, the pool's."""
        place = None if name is None else self._places.get(name)
        if place is None or name is None:
            return self.pool
        if name not in self._models:
            self._models[name] = self._made(self.members[place])
        return self._models[name]

    def _made(self, member: FleetMember) -> PDFA | Ensemble:
        told = {"traces": member.traces, "events": member.events, "member": member.name}
        if member.own is not None:
            provenance = {**member.own.provenance, **told}
            return replace(member.own, calibration=member.calibration, provenance=provenance)
        if member.kind == PARTIAL:
            made = partially_pooled(self.base, member.counts, member.concentration, member.durations)
            return replace(made, calibration=member.calibration, provenance={**self.provenance, **told})
        if member.calibration is None or isinstance(self.pool, Ensemble):
            return self.pool
        return replace(self.pool, calibration=member.calibration)

    def score_one(self, trace: Sequence[str | int], member: str | None = None) -> Score:
        """Return probability and least expected event of a trace of a member, see :meth:`PDFA.score_one`."""
        return self.model(member).score_one(trace)

    def log2_prob(self, trace: Sequence[str | int], member: str | None = None) -> float:
        """Return the base-2 logarithm of the probability of a trace of a member."""
        return self.model(member).log2_prob(trace)

    def predict_proba_one(self, prefix: Sequence[str | int], member: str | None = None) -> dict[str | Outcome, float]:
        """Return the probability of each outcome after the beginning of a trace of a member; they sum to 1."""
        return self.model(member).predict_proba_one(prefix)

    def groups(self, batch: TraceBatch) -> Iterator[tuple[str | None, NDArray[np.int64], TraceBatch]]:
        """Yield the traces of a batch by the model that they are judged by.

        Yields
        ------
        name : str or None
            Of a member; None for traces of no member that there is, or of none at all, which are the pool's.
        rows : int64 array
            Which traces they are.
        batch : TraceBatch
            These.
        """
        if batch.members is None:
            yield None, np.arange(len(batch)), batch
            return
        places = np.array([self._places.get(name, -1) for name in batch.members], np.int64)
        for place in distinct(places).tolist():
            rows = np.flatnonzero(places == place)
            whole = len(rows) == len(batch)
            yield None if place < 0 else self.members[place].name, rows, batch if whole else batch.chosen(rows)

    def score_batch(
        self, batch: TraceBatch
    ) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
        """Score traces, each by the model of its member, see :meth:`PDFA.score_batch`."""
        count = len(expect("batch", batch, TraceBatch))
        found = np.empty(count), np.empty(count, np.int64), np.empty(count), np.empty(count, np.int64)
        for name, rows, part in self.groups(batch):
            for into, column in zip(found, self.model(name).score_batch(part), strict=True):
                into[rows] = column
        return found

    def to_json(self) -> str:
        """Return the text of the fleet file."""
        from .fleet_document import fleet_text

        return fleet_text(self)

    def save(self, path: str | Path) -> None:
        """Write the fleet file, first under a temporary name; :func:`flexstream.load_fleet` reads it."""
        from ..endings import write_model

        write_model(path, self.to_json())
