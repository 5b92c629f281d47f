"""StreamLearner: events in, automaton out, at any moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..arguments import expect
from ..budget import Budget
from ..defaults import GROW_AT, HEURISTIC, MEMORY
from ..errors import UsageError, parameter
from ..merging.evidence_kind import EvidenceKind
from ..merging.heuristics import make
from ..merging.journal import Journal
from ..merging.search import Refinement, Strategy
from ..stream.alphabet import Alphabet
from ..stream.batch import TraceBatch
from ..stream.hashing import symbol_code
from ..stream.manner import Manner, agreed
from ..stream.traces import as_trace
from ..summary.cut import WHOLE, Cut
from ..summary.drawn import DrawnTraces
from ..summary.timed import TimedTraces
from ..summary.tree import PrefixTree
from .adding import add, count_evidence, next_batch
from .answer import Answer
from .estimator import given_traces
from .giving_back import gave_back, with_given_back
from .journal_chain import Chain
from .keeping import Kept
from .members import Credit, Member
from .observers import Observer
from .provenance import provenance
from .repetition import Repeats
from .schedule import NEVER, Schedule
from .settings import Settings

if TYPE_CHECKING:
    from .again import Again


class StreamLearner(Kept):
    """Learn a PDFA from a stream of traces, each seen once.

    Only counts flow into the learner's prefix tree; every decision about states lives in its journal and is asked
    again at each refinement.  The same traces in the same order give the same automaton, whatever the batches.  It also
    answers to the names of scikit-learn and river, see :class:`~flexstream.learning.estimator.Estimator`.

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
        Levels below a state of the last refinement at which the tree stops growing; None: as the heuristic has it.
    memory : str, int or Budget
        What the learner may take, for example ``"64MiB"``, see :class:`~flexstream.budget.Budget`; symbols that come
        once their share is full count as one, see :class:`~flexstream.stream.alphabet.Alphabet`.
    nodes : int or None
        Most nodes of the tree; None: as many as the memory holds.
    tails : bool
        Whether what goes further than the tree is kept as long as there is room.
    every : int or None
        Refine every so many traces; 0: only when told to; None: so that refining costs the same share of the time
        however long the stream, see :class:`~flexstream.learning.schedule.Schedule`.
    thin : bool
        Whether the tree of a long stream is thinned to what lies near the states once no new ones are found: that is
        faster, and what lies further down says it once more.  A report is surer of a tree that is not thinned.
    ensemble : int
        How many automata to fold from the one tree, each with another variant of the heuristic, and to mix; see
        :class:`~flexstream.automata.mixture.Ensemble`.
    smoothing : float or None
        Observations each state shares out, see :class:`~flexstream.automata.smoothing.Smoothing`; None: by the stream.
    seed : int
        Of the hash functions of the sketches.
    states : int or None
        Most states of what is handed out, the best found with so many; None: as many as the data speak for.
    repeats : bool
        Whether to look for what the stream repeats; not so where traces are known to be an independent sample.

    Raises
    ------
    WrongTypeError
        If a parameter is of a type that cannot be meant, such as a text for a number.
    UsageError
        If one is out of range, or they do not go together.

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
        heuristic: str = HEURISTIC,
        options: Mapping[str, float] | None = None,
        strategy: str | None = None,
        grow_at: int = GROW_AT,
        reach: int | None = None,
        memory: str | int | Budget = MEMORY,
        nodes: int | None = None,
        tails: bool = True,
        every: int | None = None,
        thin: bool = True,
        ensemble: int = 1,
        smoothing: float | None = None,
        seed: int = 0,
        states: int | None = None,
        repeats: bool = True,
    ) -> None:
        values = (heuristic, options, strategy, grow_at, reach, memory, nodes, tails, every, thin, ensemble)
        given = self.settings = Settings(*values, smoothing, seed, states, repeats)
        self.heuristic = make(given.heuristic, **given.to_dict()["options"])
        self.strategy = Strategy(given.strategy or self.heuristic.strategy)
        if not self.heuristic.undoable and self.strategy is not Strategy.FINAL:
            raise UsageError(
                f"heuristic {given.heuristic} cannot take a merge back, which strategy {self.strategy} may ask for "
                f"(expected: {parameter('strategy')} final)"
            )
        self.every, self.smoothing, self.seed = given.every, given.smoothing, given.seed
        self.budget = given.memory if isinstance(given.memory, Budget) else Budget(given.memory)
        self.alphabet = Alphabet(capacity=self.budget.share("symbols"))
        self.reading: Manner | None = None  # how what was learned was read
        self.forgotten = 0  # traces that were learned and are not any more
        self.drift: dict[str, Any] | None = None  # what one who watches for changes of the source has found
        self._codes = np.empty(0, np.uint64)
        self._most = self._checked_states(given.states)
        self._observers: list[Observer] = []
        super().__init__()
        self._begin()
        self._watch()

    def _begin(self) -> None:
        """Have learned nothing, but for the symbols."""
        given = self.settings
        shape, reach = self.heuristic.sketch_shape(), self.heuristic.reach if given.reach is None else given.reach
        self.tree = PrefixTree(shape, given.grow_at, reach, self.budget.share("tree"), given.nodes, given.tails)
        free = given.reach is None and given.nodes is None and given.tails and not shape.bytes_per_node
        sparse = free and given.ensemble == 1 and self.strategy is Strategy.FRESH
        self.schedule = Schedule(given.every, sparse, given.thin and free)
        self.repeats = Repeats(self.budget.share("repeats"), given.repeats, not given.coarse)
        self.timed = TimedTraces(self.budget.share("durations"), self.alphabet)
        self.drawn = DrawnTraces(self.budget.share("calibration"))
        self.events = self.other_events = 0  # the others are of symbols that did not fit into the alphabet
        self.closed_early = 0  # cases that the readers of events could not hold open
        self.refinements = self._states = 0
        self._members = [Member(self.heuristic.variant(number), self.strategy) for number in range(given.ensemble)]
        self._observers = [seen for seen in self._observers if not isinstance(seen, Credit)]
        self._credit = Credit(given.ensemble)
        self._observers[:0] = [self._credit] if given.ensemble > 1 else []
        self.chain = Chain.begin(given.to_dict())  # what was decided
        self._answer: Answer | None = None
        self.last_automaton = None
        self._again: Again | None = None  # how the answer was made that whoever saved this learner had
        self._cut: Cut | None = None  # what is kept where the tree is thinned before more is counted
        self._due = self._left_out = False  # a refinement after the traces counted last; whether it was given up

    def _checked_states(self, states: int | None) -> int | None:
        if states is None:
            return None
        from .sizing import checked_states  # imported where a size is asked for only

        return checked_states(states, self.heuristic)

    def _watch(self) -> None:
        self.budget.watch("tree", self, lambda own: own.tree.nbytes)
        self.budget.watch("symbols", self, lambda own: own.budget.share("symbols") - own.alphabet.left)
        self.budget.watch("repeats", self, lambda own: own.repeats.nbytes)
        self.budget.watch("durations", self, lambda own: own.timed.nbytes)
        self.budget.watch("calibration", self, lambda own: own.drawn.nbytes)

    @property
    def traces(self) -> int:
        """Number of traces seen, those that only say once more what was said before among them."""
        return self.tree.traces + self.repeats.traces

    @property
    def states(self) -> int:
        """Number of states found by the last refinement, 0 before the first."""
        return self._states

    @property
    def journal(self) -> Journal:
        """The decisions of the last refinement, of the best member if there are several."""
        made = self._made()
        return self._members[self._best].journal if made is None else made.journals[self._best]

    @property
    def _best(self) -> int:
        return int(np.argmax(self._credit.weights))

    def observe(self, observer: Observer) -> None:
        """Let an observer be told of what the learner does from here on; a clone has none."""
        self._observers.append(expect("observer", observer, Observer))

    def learn_one(self, trace: Sequence[str | int]) -> None:
        """Learn one trace, a sequence of symbols; it may be empty.

        Raises
        ------
        WrongTypeError
            If it is no trace, see :func:`~flexstream.stream.traces.as_trace`; then nothing is learned.
        """
        self._learn([as_trace(trace)], None)

    def learn_many(self, traces: TraceBatch | Iterable[Sequence[str | int]], alphabet: Alphabet | None = None) -> None:
        """Learn many traces.

        Parameters
        ----------
        traces : TraceBatch, or iterable of sequences of symbols
            A batch is encoded with this learner's ``alphabet`` or with the one given.
        alphabet : Alphabet, optional
            A copy of this learner's that may have grown since: its new symbols are taken over as they occur, so that
            no refinement hangs on how far ahead somebody reads.

        Raises
        ------
        WrongTypeError
            If one of them is no trace, see :func:`~flexstream.stream.traces.as_traces`; then none is learned.
        UsageError
            If a batch has an id that the alphabet does not; then none is learned.
        """
        self._learn(given_traces(traces), alphabet)

    def _learn(self, given: TraceBatch | list[list[str]], alphabet: Alphabet | None) -> None:
        """Learn traces that are known to be some."""
        self._check_parameters()
        if isinstance(given, TraceBatch):
            given.check(self.alphabet if alphabet is None else expect("alphabet", alphabet, Alphabet))
        start = 0
        self._settle()
        while start < len(given):
            stop = min(len(given), start + self._until())
            batch = next_batch(self, self._observers, given, (start, stop), alphabet)
            self._count(batch)
            whole = not (self.tree.evicted_nodes or self.tree.evicted_tails)
            self._due = self.schedule.due(self.traces, whole)
            for observer in self._observers:
                with self._if_not_abandoned():
                    observer.counted(self, batch)
            self._settle()
            start += len(batch)

    def restart(self, traces: TraceBatch) -> None:
        """Forget all that was learned but the symbols, and learn these traces, the newest of those, once more.

        Observers are told nothing of that; ``forgotten`` says how many traces were learned before these.

        Raises
        ------
        UsageError
            If a trace has an id that the alphabet does not; then nothing is forgotten.
        """
        expect("traces", traces, TraceBatch).check(self.alphabet)
        seen = self.forgotten + self.traces
        self._begin()
        told, self._observers = self._observers, [seen for seen in self._observers if seen is self._credit]
        self._learn(traces, None)
        self._observers, self.forgotten = told, max(0, seen - self.traces)

    def _refine_on_schedule(self) -> None:
        self._due, self._left_out = False, True
        self.schedule.refined(self.traces, len((found := self._refined(None)).refinement.reds))
        self._left_out = False
        self._keep_if_slow(found)
        self._cut = found.cut() if self.schedule.settled else None
        if self.repeats.expects() and self.heuristic.evidence_kind is EvidenceKind.BAYES_FACTOR:
            self.repeats.expect(found.bare, self.tree.traces)

    def _until(self) -> int:
        """Return after how many more traces there is something to do but counting."""
        return min(self.schedule.until(self.traces), *(seen.until(self.traces) for seen in self._observers), NEVER)

    def _count(self, batch: TraceBatch) -> None:
        cut, self._cut, self._answer, self._again, self._left_out = self._cut, None, None, None, False
        if self.schedule.thins():
            self._renumber(self.tree.thin(WHOLE if cut is None else cut))
        self.events += batch.events
        self.closed_early += batch.closed_early
        self.reading = agreed(self.reading, batch.manner)
        if self.alphabet.other is not None:
            self.other_events += int(np.count_nonzero(batch.symbols == self.alphabet.other))
        for renumbering in count_evidence(self, batch, self._symbol_codes()):
            self._renumber(renumbering)

    def _renumber(self, renumbering: NDArray[np.int64]) -> None:
        for member in self._members:
            member.renumber(renumbering)
        for observer in self._observers:
            observer.evicted(self, renumbering)

    def _symbol_codes(self) -> NDArray[np.uint64]:
        """Return the hash of each symbol, as far as the sketches need it."""
        known, size = len(self._codes), len(self.alphabet)
        if self.tree.sketch.bytes_per_node and size > known:
            fresh = [symbol_code(text, self.seed) for text in self.alphabet.texts[known:]]
            self._codes = np.concatenate([self._codes, np.array(fresh, np.uint64)])
        return self._codes

    def refine(self) -> Refinement:
        """Search for the automaton behind all that was seen, and let later refinements build on what was found.

        The journal then says what was decided and why, and the tree grows near the states.  All else that can be asked
        (``automaton``, ``model``, ``explain``) leaves the learner as it is, so that the same traces give the same
        automaton whoever looks on.
        """
        return self._refined(self._most).refinement

    def _refined(self, most: int | None) -> Answer:
        """Refine, with at most so many states; let later refinements build on it."""
        known = made if (made := self._made()) is not None and made.most == most and not gave_back(made) else None
        if known is None or known.tree is not self.tree:
            self._answer = known = known or self._made_of(self.tree, most)
            self.tree.columns, known.tree = known.tree.columns, self.tree
            told = self._members if most is None else ()
            for member, journal in zip(told, known.journals, strict=most is None):
                member.journal = journal
            amounts = self.traces, self.events, self._states
            self.chain = self.chain.plus(amounts, self.tree.columns, known.journals)
            for observer in self._observers:  # who may ask for an answer with fewer states
                observer.refined(self, known.refinement)
        return known

    def answer(self) -> Answer:
        """Return what all that was seen so far amounts to: the tree, its refinement and the automata made of it.

        Where traces were counted since the last refinement it is made of a copy of the tree.
        """
        if self._answer is None and self._due:  # an observer asks ahead of a refinement that comes anyway
            self._refine_on_schedule()
        known = self._made()
        if known is None or known.most != self._most:
            known = self._made_of(self.tree.copy(), self._most)
        self._answer = with_given_back(self, known)
        return self._answer

    def _made(self) -> Answer | None:
        """Return the answer that there is, made again where it was made before the learner was saved."""
        if self._answer is None and self._again is not None:
            again, self._again = self._again, None
            self._answer = again.answer(self)
        return self._answer

    def _alone(self, decided: bool = False) -> Answer:
        best, tree = self._members[self._best], self.tree.copy()
        return self._searched(tree, None, [best.decided()], 0) if decided else self._made_of(tree, self._most, [best])

    def _made_of(self, tree: PrefixTree, most: int | None, members: Sequence[Member] = ()) -> Answer:
        """Return what a tree amounts to, for some members or all; it grows near the states that they found before."""
        self._prepare()
        tree.grow_near(self.heuristic.near, self._symbol_codes())
        with self._looking():
            made = self._searched(tree, most, members or self._members, 0 if members else self._best)
        self._states = len(made.refinement.reds)
        return made

    def _searched(self, tree: PrefixTree, most: int | None, members: Sequence[Member], best: int) -> Answer:
        """Return what some members make of a tree that has grown, beside all that is held back."""
        tree.repeated = self.repeats.held()
        return Answer.of(self, members, best, tree, most)

    def _prepare(self) -> None:
        """Called before each search, for learners whose heuristic changes with the number of searches."""

    def provenance(self) -> dict[str, Any]:
        """Return how the automaton came to be: version, parameters, amounts of data and what was evicted."""
        return provenance(self, self.tree)

    def merge(self, other: StreamLearner) -> None:
        """Add all that another learner has seen; its decisions are not taken over.

        Where the symbols of both do not fit together, those of the other that find no room count as one from here on.

        Raises
        ------
        UsageError
            If their parameters differ, but for the memory.
        """
        self._check_parameters()
        renumbering = add(self, expect("other", other, StreamLearner), self._symbol_codes)
        self._answer = self._again = self._cut = None
        if renumbering is not None:
            self._renumber(renumbering)
