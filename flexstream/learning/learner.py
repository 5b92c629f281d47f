"""StreamLearner: events in, automaton out, at any moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import __version__
from ..automata.mixture import Ensemble
from ..automata.pdfa import PDFA
from ..budget import SYMBOL_SHARE, TREE_SHARE, parse_memory
from ..errors import UsageError
from ..merging.heuristics import make
from ..merging.journal import Entry, Journal, Kind, Stage
from ..merging.search import STRENGTH, Refinement, Strategy
from ..stream.alphabet import Alphabet
from ..stream.batch import TraceBatch
from ..summary.sketch import symbol_code
from ..summary.tree import PrefixTree
from .members import Credit, Member

FIRST_REFINEMENT = 1000
SPARSE = 1 << 3
"""Times the first refinement's traces after which the second comes, the third being that of LONG, while nothing hangs
on those between: while each starts afresh and memory holds all that was seen."""
EACH = 1000
"""Traces for each state known, less of which make no stream long: searching costs more the more states there are."""
LONG = 128_000
"""Traces after which, once a scheduled refinement finds no new states, the tree is kept near those that are known."""


class StreamLearner:
    """Learn a PDFA from a stream of traces, each seen once.

    Only counts flow into the learner's prefix tree; every decision about states lives in its journal and is asked
    again at each refinement.  The same traces in the same order give the same automaton, whatever the batches.

    Parameters
    ----------
    heuristic : str
        Name of the merge heuristic, see :mod:`flexstream.merging.heuristics`.
    options : mapping of str to number, optional
        Options of the heuristic.
    strategy : {"replay", "fresh", "final"}, optional
        What a refinement does with the decisions of the last one; None: what suits the heuristic best.
    grow_at : int
        Visits a node of the prefix tree needs before it gets children.
    reach : int or None
        Levels below a state of the last refinement at which the tree stops growing; None: no limit, unless the
        heuristic has one.
    memory : str or int
        Budget for tree and refinement, for example ``"64MiB"``; symbols may take a quarter of it beside, and those
        that come once it is full count as one, see :class:`~flexstream.stream.alphabet.Alphabet`.
    nodes : int or None
        Most nodes of the tree; None: as many as the memory holds.
    tails : bool
        Whether what goes further than the tree is kept as long as there is room.
    every : int or None
        Refine every so many traces; 0: only when asked; None: after 1,000, 8,000 and 128,000 traces (more with more
        than 128 states), then whenever their number has doubled, so that refining costs the same share of the time
        however long the stream.  Where more
        hangs on it (an ensemble, another strategy than ``fresh``, a tree that is not whole) it is after each doubling
        from the beginning.
    ensemble : int
        How many automata to fold from the one tree, each with another variant of the heuristic, and to mix; see
        :class:`~flexstream.automata.mixture.Ensemble`.
    smoothing : float
        Observations that each state shares out over all outcomes, see
        :class:`~flexstream.automata.smoothing.Smoothing`.
    seed : int
        Of the hash functions of the sketches.

    Examples
    --------
    >>> learner = StreamLearner()
    >>> learner.learn_many([["a", "b"], ["a"]] * 50)
    >>> learner.automaton
    PDFA(3 states, 2 transitions, 2 symbols)
    >>> learner.traces, learner.events
    (100, 150)
    """

    def __init__(
        self,
        *,
        heuristic: str = "evidence",
        options: Mapping[str, float] | None = None,
        strategy: str | None = None,
        grow_at: int = 2,
        reach: int | None = None,
        memory: str | int = "256MiB",
        nodes: int | None = None,
        tails: bool = True,
        every: int | None = None,
        ensemble: int = 1,
        smoothing: float = STRENGTH,
        seed: int = 0,
    ) -> None:
        if strategy is not None and strategy not in tuple(Strategy):
            raise UsageError(f"no strategy {strategy!r} (expected: one of {', '.join(Strategy)})")
        if (every is not None and every < 0) or not smoothing > 0:
            raise UsageError("every must not be negative, smoothing must be above 0")
        if ensemble < 1:
            raise UsageError(f"an ensemble of {ensemble} (expected: at least one member)")
        self._params: dict[str, Any] = {
            "heuristic": heuristic,
            "options": dict(options or {}),
            "strategy": None if strategy is None else str(strategy),
            "grow_at": grow_at,
            "reach": reach,
            "memory": memory,
            "nodes": nodes,
            "tails": tails,
            "every": every,
            "ensemble": ensemble,
            "smoothing": smoothing,
            "seed": seed,
        }
        self.heuristic = make(heuristic, **self._params["options"])
        self.strategy = Strategy(strategy or self.heuristic.strategy)
        if not self.heuristic.undoable and self.strategy is not Strategy.FINAL:
            raise UsageError(
                f"heuristic {heuristic} cannot take a merge back, which strategy {strategy} may ask for "
                f"(expected: strategy final)"
            )
        reach = self.heuristic.reach if reach is None else reach
        self.every, self.smoothing, self.seed = every, smoothing, seed
        self.alphabet = Alphabet(room=parse_memory(memory) // SYMBOL_SHARE)
        room = parse_memory(memory) // TREE_SHARE
        shape = self.heuristic.sketch_shape()
        self.tree = PrefixTree(shape, grow_at, reach, room, nodes, tails)
        self._free = self._params["reach"] is None and nodes is None and tails and not shape.bytes_per_node
        self.events = 0
        self.other_events = 0  # of symbols that found no room in the alphabet
        self.closed_early = 0  # cases that the readers of events could not hold open; theirs to set
        self.refinements = 0
        self._states = 0
        self._states_before = 0  # at the last scheduled refinement
        self._settled = False
        self._codes = np.empty(0, np.uint64)
        self._members = [Member(self.heuristic.variant(number), self.strategy) for number in range(ensemble)]
        self._credit = Credit(ensemble)
        self._model: Ensemble | None = None

    def __repr__(self) -> str:
        changed = [f"{key}={value!r}" for key, value in self._params.items() if value != _DEFAULTS[key]]
        return f"StreamLearner({', '.join(changed)})"

    def get_params(self) -> dict[str, Any]:
        """Return the parameters the learner was made with."""
        return {**self._params, "options": dict(self._params["options"])}

    def clone(self) -> StreamLearner:
        """Return a learner with the same parameters that has seen nothing."""
        return StreamLearner(**self.get_params())

    @property
    def traces(self) -> int:
        """Number of traces seen."""
        return self.tree.traces

    @property
    def states(self) -> int:
        """Number of states found by the last refinement, 0 before the first."""
        return self._states

    @property
    def journal(self) -> Journal:
        """The decisions of the last refinement, of the best member if there are several."""
        return self._best.journal

    @property
    def _best(self) -> Member:
        return self._members[int(np.argmax(self._credit.weights))]

    # --- learning ----------------------------------------------------------------------------------------------

    def learn_one(self, trace: Sequence[str | int]) -> None:
        """Learn one trace, a sequence of symbols; it may be empty."""
        if isinstance(trace, str):
            raise TypeError(f"a trace is a sequence of symbols, not the text {trace[:40]!r}; split it first")
        self.learn_many([trace])

    def learn_many(self, traces: TraceBatch | Iterable[Sequence[str | int]], alphabet: Alphabet | None = None) -> None:
        """Learn many traces.

        Parameters
        ----------
        traces : TraceBatch, or iterable of sequences of symbols
            A batch is encoded with this learner's ``alphabet`` or with the one given.
        alphabet : Alphabet, optional
            A copy of this learner's that may have grown since: its new symbols are taken over as they occur, so that
            no refinement hangs on how far ahead somebody reads.
        """
        given = traces if isinstance(traces, TraceBatch) else list(traces)
        start = 0
        while start < len(given):
            stop = min(len(given), start + self._until_refinement())
            self._count(self._encoded(given, start, stop, alphabet))
            if self._due():
                self._refine_now()
            start = stop

    def _encoded(
        self, traces: TraceBatch | list[Sequence[str | int]], start: int, stop: int, ahead: Alphabet | None
    ) -> TraceBatch:
        """Return some of the traces as a batch; the alphabet then has the symbols that occur by then, and no more."""
        if not isinstance(traces, TraceBatch):
            return TraceBatch.from_traces(traces[start:stop], self.alphabet)
        part = traces if (start, stop) == (0, len(traces)) else traces.part(start, stop)
        if ahead is not None and len(ahead) > len(self.alphabet):
            self.alphabet.follow(ahead, 1 + int(part.symbols.max(initial=-1)))
        return part

    def _refine_now(self) -> None:
        self.refine()
        self._settled = self._free and self.traces >= LONG and self._states <= self._states_before
        self._states_before = self._states
        if len(self._members) > 1:
            self._credit.watch([self._freeze(member) for member in self._members])

    def _count(self, batch: TraceBatch) -> None:
        self._forget()
        if self._settled:
            self._renumber(self.tree.keep_near())
            self._settled = False
        self._credit.see(batch)
        self.events += batch.events
        if self.alphabet.other is not None:
            self.other_events += int(np.count_nonzero(batch.symbols == self.alphabet.other))
        for renumbering in self.tree.count(batch, self._symbol_codes()):
            self._renumber(renumbering)

    def _forget(self) -> None:
        """Drop what was made of a tree that now changes."""
        self._model = None
        for member in self._members:
            member.forget()

    def _renumber(self, renumbering: NDArray[np.int64]) -> None:
        for member in self._members:
            member.renumber(renumbering)

    def _symbol_codes(self) -> NDArray[np.uint64]:
        """Return the hash of each symbol, as far as the sketches need it."""
        known, size = len(self._codes), len(self.alphabet)
        if self.tree.sketch.bytes_per_node and size > known:
            fresh = [symbol_code(text, self.seed) for text in self.alphabet.texts[known:]]
            self._codes = np.concatenate([self._codes, np.array(fresh, np.uint64)])
        return self._codes

    def _until_refinement(self) -> int:
        """Return after how many more traces the next refinement may be due; at least 1."""
        if self.every is not None:
            return self.every - self.traces % self.every if self.every else np.iinfo(np.int64).max
        return (FIRST_REFINEMENT << (self.traces // FIRST_REFINEMENT).bit_length()) - self.traces

    def _due(self) -> bool:
        """Tell whether the trace counted last was one after which to refine."""
        if self.every is not None:
            return bool(self.every) and self.traces % self.every == 0
        times, rest = divmod(self.traces, FIRST_REFINEMENT)
        doubled = not rest and times.bit_count() == 1
        enough = max(LONG, EACH * self._states_before)
        return doubled and (times in (1, SPARSE) or self.traces >= enough or not self._sparse)

    @property
    def _sparse(self) -> bool:
        """Whether nothing hangs on a refinement but where the tree grows."""
        alone = len(self._members) == 1 and self.strategy is Strategy.FRESH
        return alone and self._free and not self.tree.given_up_nodes and not self.tree.given_up_tails

    # --- asking ------------------------------------------------------------------------------------------------

    def refine(self) -> Refinement:
        """Search for the automaton behind all that was seen; the journal then says what was decided and why.

        With an ensemble all members search, the best last, so that the tree grows near its states.
        """
        best = self._best
        if best.refinement is None:
            codes = self._symbol_codes()
            self.tree.grow_near(self.heuristic.near, codes)
            for member in [*(member for member in self._members if member is not best), best]:
                member.refine(self.tree, self.alphabet, codes)
            self.refinements += 1
        refinement = best.refine(self.tree, self.alphabet, self._symbol_codes())
        self._states = len(refinement.reds)
        return refinement

    def explain(self) -> Iterator[str]:
        """Yield the decisions of the last refinement in words, one line each, in the order in which they were taken.

        Examples
        --------
        >>> learner = StreamLearner()
        >>> learner.learn_many([["a", "b"], ["c", "b"]] * 50)
        >>> print(*learner.explain(), sep="\\n")
        state 0: the start
        state 1: after c (50 visits); with state 0: two states 10^35.5 times likelier
        merged into state 1: after a (50 visits): one state 10^6.7 times likelier
        state 2: after c b (100 visits); with state 0: two states 10^53.5 times likelier
        """
        refinement = self.refine()
        number = {int(node): state for state, node in enumerate(refinement.reds)}
        for entry in self.journal:
            yield self._in_words(entry, number)

    def _in_words(self, entry: Entry, number: Mapping[int, int]) -> str:
        path = " ".join(self.alphabet.text(symbol) for symbol in self.tree.path(entry.node))
        where = f"after {path} ({entry.visits:,} visits)" if path else "the start"
        words = self.heuristic.words(entry.score)
        if entry.stage is Stage.DROPPED:
            return f"taken back: {entry.kind.name.lower()} {where}; now {words}"
        if entry.kind is Kind.PROMOTE:
            against = f"; with state {number[entry.into]}: {words}" if entry.into in number else ""
            return f"state {number[entry.node]}: {where}{against}"
        light = entry.visits < self.heuristic.light
        forced = f"; {'too light to be a state' if light else 'for the time being'}"
        forced = forced if entry.stage is Stage.FORCED else ""
        return f"merged into state {number[entry.into]}: {where}: {words}{forced}"

    @property
    def automaton(self) -> PDFA:
        """The automaton of all that was seen so far, refined now if traces came since the last time.

        Of an ensemble it is the member that foresaw the stream best.
        """
        return self._freeze(self._best)

    @property
    def model(self) -> PDFA | Ensemble:
        """What to score with: the automaton, or the ensemble of all members' automata if there are several."""
        if len(self._members) == 1:
            return self.automaton
        if self._model is None:
            self._model = Ensemble(
                [self._freeze(member) for member in self._members], self._credit.weights, self.provenance()
            )
        return self._model

    def _freeze(self, member: Member) -> PDFA:
        self.refine()
        return member.freeze(self.tree, self.alphabet, self.smoothing, self.provenance())

    def provenance(self) -> dict[str, Any]:
        """Return how the automaton came to be: version, parameters, amounts of data and what was given up."""
        return {
            "flexstream": __version__,
            "parameters": self.get_params(),
            "traces": self.traces,
            "events": self.events,
            "alphabet": {
                "symbols": len(self.alphabet),
                "other": None if self.alphabet.other is None else self.alphabet.text(self.alphabet.other),
                "given_up_events": self.other_events,
            },
            "cases_closed_early": self.closed_early,
            "tree": {
                "nodes": len(self.tree),
                "edges": self.tree.edges,
                "given_up_nodes": self.tree.given_up_nodes,
                "given_up_edges": self.tree.given_up_edges,
                "given_up_tails": self.tree.given_up_tails,
                "given_up_events": self.tree.given_up_events,
                "too_long_tails": self.tree.too_long_tails,
                "too_long_events": self.tree.too_long_events,
                "grow_at": self.tree.rules.grow_at,
            },
        }

    def merge(self, other: StreamLearner) -> None:
        """Add all that another learner has seen; its decisions are not taken over.

        Where the symbols of both do not fit together, those of the other that find no room count as one from here on.

        Raises
        ------
        UsageError
            If the two keep sketches of different shape or seed.
        """
        if other.tree.sketch.bytes_per_node and other.seed != self.seed:
            raise UsageError(f"sketches with seeds {self.seed} and {other.seed} cannot be added")
        symbol_map = self.alphabet.adopt(other.alphabet)
        self.other_events += other.other_events + self._lost_to(symbol_map, other)
        self.closed_early += other.closed_early
        renumbering = self.tree.add(other.tree, symbol_map, self._symbol_codes())
        self._forget()
        self.events += other.events
        if renumbering is not None:
            self._renumber(renumbering)

    def _lost_to(self, symbol_map: NDArray[np.int32], other: StreamLearner) -> int:
        """Return how many events, as far as the tree of another learner holds them, lose their symbol here."""
        if self.alphabet.other is None:
            return 0
        lost = symbol_map == self.alphabet.other
        if other.alphabet.other is not None:
            lost[other.alphabet.other] = False  # they had lost theirs before
        return int(other.tree.occurrences(len(lost))[lost].sum())


_DEFAULTS: dict[str, Any] = {**(StreamLearner.__init__.__kwdefaults__ or {}), "options": {}}
