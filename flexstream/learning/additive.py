"""Summary: all that adds up of what a learner has seen, as a value: it can be sent, added, and made a learner again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.states import place_nodes
from ..budget import Budget
from ..container import Kind, decode, encode
from ..errors import UsageError, parameter
from ..saved import Saved, StateError
from ..stream.alphabet import SYMBOL_BYTES, Alphabet, as_bytes
from ..stream.alphabet import UNLIMITED as ANY_SIZE
from ..stream.hashing import symbol_code
from ..stream.manner import Manner, agreed
from ..summary import sums
from ..summary.cut import WHOLE
from ..summary.drawn import DrawnTraces
from ..summary.every_trace import told_by
from ..summary.narrowed import narrowed, widened
from ..summary.repeated import NOTHING, Repeated
from ..summary.timed import TimedTraces
from ..summary.tree import AMOUNTS
from ..summary.tree_state import restore as restore_tree
from ..summary.tree_state import state_of as tree_state
from .begun import Base
from .resumed import COUNTS, settled
from .schedule import LONG
from .settings import Settings

if TYPE_CHECKING:
    from .learner import StreamLearner

SUMMARY = Kind(
    "summary",
    1,
    "0.1.0",
    f"a folder that flexstream learn wrote with {parameter('checkpoint')}, a file of flexstream merge "
    f"{parameter('summary')}, or a learner saved in Python; a model holds no counts",
)
"""What a worker sends, and what `flexstream merge` takes."""
NO_CODES = np.empty(0, np.uint64)


class Summary:
    """What was counted of a stream, or of a part of it, without a decision: summaries of parts add up to that of all.

    Adding gives nothing up and hangs on no order: however a stream is divided and whatever is added first, the sum is
    the same, and once it is closed (`close`) so are its bytes, as long as no part gave anything up.  What does not fit
    is given up only when a sum is closed: the rarest symbols, then what lies deepest in the tree.

    Parameters
    ----------
    settings : Settings
        The parameters of the learners; only ``memory`` may differ between summaries that are added.

    Attributes
    ----------
    alphabet : Alphabet
        It has no bounds, and goes on taking up symbols where learners had closed theirs.
    tree : PrefixTree
        It has no bounds either.
    limit : int
        Bytes for nodes and edges of the tree once it is closed.
    held : Repeated
        What was held back as repeats.
    base : Base or None
        Where it began as a skeleton, with whose rows its own begin.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> shards = []
    >>> for day in (["load", "run"], ["load", "fix", "run"]):
    ...     learner = StreamLearner()
    ...     learner.learn_many([day] * 40 + [["load"]] * 10)
    ...     shards.append(Summary.of(learner))
    >>> total = Summary.from_bytes(shards[0].to_bytes()).add(shards[1]).close()
    >>> total
    <Summary: 100 traces, 220 events, 3 symbols>
    >>> len(total.learner().automaton)
    4
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = Settings() if settings is None else settings
        self.alphabet, self.limit = Alphabet(), 0
        self.events = self.other_events = self.closed_early = self.forgotten = 0
        self.reading: Manner | None = None
        self.held: Repeated = NOTHING
        self.base: Base | None = None
        fresh = self.fresh_learner()
        self.limit = fresh.tree.limit
        self.tree = sums.unbound(fresh.tree)
        self.drawn = fresh.drawn
        self.timed = TimedTraces(self._budget.share("durations"), self.alphabet)

    def __repr__(self) -> str:
        return f"<Summary: {self.traces:,} traces, {self.events:,} events, {len(self.alphabet):,} symbols>"

    @property
    def traces(self) -> int:
        """Traces that were counted."""
        return self.tree.traces + self.held.traces

    @property
    def lossy(self) -> bool:
        """Whether nodes or tails were given up, so that what is left hangs on which states were known."""
        return bool(self.tree.evicted_nodes or self.tree.evicted_tails)

    @property
    def alphabet_bytes(self) -> int:
        """What the symbols take of a budget."""
        return sum(map(_cost, self.alphabet.texts))

    @property
    def _budget(self) -> Budget:
        memory = self.settings.memory
        return memory if isinstance(memory, Budget) else Budget(memory)

    def fresh_learner(self) -> StreamLearner:
        """Return a learner of the same kind that has seen nothing."""
        from .learner import StreamLearner

        return StreamLearner(**self.settings.to_dict())

    # --- from learners, and back --------------------------------------------------------------------------------

    @classmethod
    def of(cls, learner: StreamLearner) -> Summary:
        """Return what a learner has counted, as a copy; it can learn on."""
        made = cls(learner.settings)
        made._add_symbols(learner.alphabet)
        same = np.arange(len(learner.alphabet), dtype=np.int32)
        tree = learner.tree
        made.tree = sums.unbound(tree.copy())
        if tree.thinned_nodes or tree.evicted_nodes:
            made.limit = tree.limit
        else:  # one that was to be thinned, and had nothing to lose, is as it would be without
            made.tree.cut = WHOLE
        made.tree.repeated = NOTHING
        made.timed.merge(learner.timed, same)
        made.drawn.merge(learner.drawn, same)
        made.held, made.reading = learner.repeats.held(), learner.reading
        for name in COUNTS:
            setattr(made, name, getattr(learner, name))
        return made

    def forget_states(self) -> bool:
        """Forget which states parts knew, no two the same, where nothing hangs on these; tell whether nothing does."""
        if self.lossy or self.tree.rules.reach <= LONG:
            return False
        place_nodes(self.tree.columns, np.zeros(1, np.int32))
        return True

    def learner(self) -> StreamLearner:
        """Return a learner that has seen what is summed up, and can learn on; close the summary first.

        As long as nothing was given up its tree has grown near the states of all, whatever states the parts knew.  The
        tree of what is not closed may be larger than the learner lets it be.
        """
        return settled(self)

    # --- adding -------------------------------------------------------------------------------------------------

    def add(self, other: Summary) -> Summary:
        """Add another summary to this one; return this one.

        Raises
        ------
        UsageError
            If they are of learners with other parameters; then nothing is added.
        """
        self.settings.check_same(other.settings)
        symbol_map = self._add_symbols(other.alphabet)
        base = self.base if self.base is not None and self.base == other.base else None
        same = None if base is None else (base.nodes, base.edges)
        sums.add_to(self.tree, other.tree, symbol_map, self.codes(), same)
        self.timed.merge(other.timed, symbol_map)
        self.drawn.merge(other.drawn, symbol_map)
        if other.held.traces:
            self.held = self.held.plus(other.held.renamed(symbol_map))
        self.reading, self.limit = agreed(self.reading, other.reading), min(self.limit, other.limit)
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self

    def _add_symbols(self, other: Alphabet) -> NDArray[np.int32]:
        """Return the ids of another alphabet's symbols here, those that are new entered."""
        own, catch_all = self.alphabet, self.alphabet.other
        if catch_all is not None and (text := own.texts[catch_all]) in other.ids and other.ids[text] != other.other:
            self._rename_other({*own.ids, *other.ids})
        own.other, own.left = None, ANY_SIZE  # so that what comes is entered although some learner's was full
        found = [-1 if number == other.other else own.id(text) for number, text in enumerate(other.texts)]
        own.other = catch_all
        if other.other is not None:
            found[other.other] = own.close()
        return np.array(found, np.int32)

    def _rename_other(self, taken: set[str]) -> None:
        """Give the symbol that stands for all that did not fit another text: another learner has seen this one."""
        own, number = self.alphabet, self.alphabet.other
        assert number is not None
        fresh = Alphabet(taken)
        text = fresh.text(fresh.close())
        del own.ids[own.texts[number]]
        own.texts[number], own.ids[text] = text, number

    def codes(self) -> NDArray[np.uint64]:
        """Return the hash of each symbol, as far as the sketches need it."""
        if not self.tree.sketch.bytes_per_node:
            return NO_CODES
        return np.array([symbol_code(text, self.settings.seed) for text in self.alphabet.texts], np.uint64)

    # --- closing ------------------------------------------------------------------------------------------------

    def close(self) -> Summary:
        """Let the tree grow as far as the counts let it, keep what fits, and lay all in one order; return this one.

        Where more symbols came than fit those that came most often stay; then nodes and tails are given up as by a
        learner.
        """
        self.base = None
        self._choose_symbols()
        self._grow()
        self._arrange()
        if self._fit():
            self._arrange()
        self.forget_states()
        self.drawn.sort(lambda: told_by(self.tree, self.held, self.timed))
        return self

    def _grow(self) -> None:
        """Let the tree grow; in the one order, where what grows hangs on any: laying rows in order is what takes time.

        That is so where sketches hang on it, or all that grows has no room.
        """
        most = 2 * max(self.limit, self._budget.share("tree") // 2)
        ordered = not self.tree.sketch.additive
        if ordered:
            self._arrange()
        before = None if ordered or sums.has_room(self.tree, most) else self.tree.copy()
        grown = sums.close(self.tree, self.codes(), most)
        if before is not None and not (grown and sums.bytes_of(self.tree) <= most):
            self.tree = before
            self._arrange()
            sums.close(self.tree, self.codes(), most)

    def _totals(self) -> NDArray[np.int64]:
        """Return how often each symbol came, as far as it is known."""
        totals = self.tree.occurrences(len(self.alphabet))
        lengths = np.diff(self.held.starts)
        np.add.at(totals, self.held.symbols, np.repeat(self.held.times, lengths))
        return totals

    def _order(self) -> list[int]:
        """Return the symbols, the most frequent first, and last the one that stands for all that did not fit."""
        totals, texts, other = self._totals().tolist(), self.alphabet.texts, self.alphabet.other
        return sorted(range(len(texts)), key=lambda number: (number == other, -totals[number], texts[number]))

    def _choose_symbols(self) -> None:
        """Keep the most frequent symbols, as many as fit; what the others counted counts for one of its own."""
        order, other, texts = self._order(), self.alphabet.other, self.alphabet.texts
        room, kept = self._budget.share("symbols"), Alphabet()
        for number in order:
            if number != other and (room := room - _cost(texts[number])) < 0:
                break
            kept.id(texts[number])
        if len(kept) < len(order):
            self._forget(kept)

    def _forget(self, kept: Alphabet) -> None:
        """Let all symbols but some be the one that stands for what did not fit."""
        old, tree, totals = self.alphabet, self.tree, self._totals()
        if old.other is not None and (text := old.texts[old.other]) in kept:
            kept.forget(kept.ids[text])
        kept.limit(0)
        catch_all = kept.close()
        found = [-1 if number == old.other else kept.ids.get(text, -1) for number, text in enumerate(old.texts)]
        symbol_map = np.array(found, np.int32)
        lost = symbol_map < 0
        if old.other is not None:
            lost[old.other] = False
        self.other_events += int(totals[lost].sum())
        symbol_map[symbol_map < 0] = catch_all
        self.alphabet = kept
        self.tree = sums.unbound(self.fresh_learner().tree)
        sums.add_to(self.tree, tree, symbol_map, self.codes())
        self._rename(symbol_map)

    def _arrange(self) -> None:
        """Number symbols by how often they came, and nodes, edges and tails by these."""
        old, order = self.alphabet, self._order()
        rank = np.empty(len(order), np.int32)
        rank[order] = np.arange(len(order))
        self.alphabet = Alphabet()
        self.alphabet.texts = [old.texts[number] for number in order]
        self.alphabet.ids = {text: number for number, text in enumerate(self.alphabet.texts)}
        self.alphabet.other = None if old.other is None else int(rank[old.other])
        sums.rearrange(self.tree, rank)
        self._rename(rank)

    def _rename(self, symbol_map: NDArray[np.int32]) -> None:
        """Follow symbols that have other ids in what is kept beside the tree."""
        timed, drawn = self.timed, self.drawn
        self.timed = TimedTraces(self._budget.share("durations"), self.alphabet)
        self.timed.merge(timed, symbol_map)
        self.drawn = DrawnTraces(self._budget.share("calibration"))
        self.drawn.merge(drawn, symbol_map)
        self.held = NOTHING.plus(self.held.renamed(symbol_map)) if self.held.traces else NOTHING

    def _fit(self) -> bool:
        """Give up what the memory does not hold; tell whether there was any."""
        held, before = self.held, [getattr(self.tree, amount) for amount in AMOUNTS]
        fresh = self.fresh_learner()
        self.tree.capacity, self.tree.most_nodes, limit = fresh.tree.capacity, fresh.tree.most_nodes, self.limit
        self.tree.limit = limit
        sums.shrink(self.tree)
        self.tree.fit()
        sums.unbound(self.tree)
        self.held = fresh.repeats.fitting(self.held)
        return self.held.traces < held.traces or before != [getattr(self.tree, amount) for amount in AMOUNTS]

    # --- bytes --------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Return the state that `from_state` takes."""
        tree = tree_state(self.tree)
        size = self.tree.columns.size
        tree["capacity"] = [len(self.tree), self.tree.edges, int(size[2]), int(size[3])]
        return {
            "parameters": self.settings.to_dict(),
            "alphabet": self.alphabet.state(),
            "tree": tree,
            "timed": self.timed.state(),
            "drawn": self.drawn.state(),
            "held": self.held.state(),
            "reading": None if self.reading is None else dict(self.reading),
            "base": None if self.base is None else list(self.base),
            "limit": self.limit,
            **{name: getattr(self, name) for name in COUNTS},
        }

    def to_bytes(self) -> bytes:
        """Return it as the bytes of a file: columns narrowed and deflated, each part with its SHA-256; no pickle."""
        return encode(narrowed(self.state()), SUMMARY)

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "<bytes>") -> Summary:
        """Return the summary that `to_bytes` was asked of; nothing of it is believed before it was looked at.

        Raises
        ------
        NewerError
            If it is of a newer version.
        DataError
            If it is anything else than a whole summary.
        """
        state = decode(data, SUMMARY, name)
        try:
            return cls.from_state(Saved(widened(state)))
        except StateError as error:
            raise StateError(name, None, error.problem.marked, error.expected.marked) from None

    @classmethod
    def from_state(cls, saved: Saved) -> Summary:
        """Return the summary whose state this is; raises StateError if there can be none."""
        from .learner import StreamLearner

        parameters = saved.raw("parameters", dict)
        try:
            made = cls(StreamLearner(**parameters).settings)
        except (UsageError, TypeError) as error:
            saved.wrong(f"no learner can be made with its parameters: {error}")
        made.alphabet.restore(saved.part("alphabet"))
        symbols = len(made.alphabet)
        restore_tree(made.tree, saved.part("tree"), symbols)
        sums.unbound(made.tree)
        made.timed.restore(saved.part("timed"))
        made.drawn.restore(saved.part("drawn"), symbols)
        held = Repeated.saved(saved.part("held"), symbols)
        made.held = held if held.traces else NOTHING
        made.reading = saved.raw("reading", dict, type(None))
        made.base = Base.saved(saved, made.tree)
        made.limit = saved.whole("limit", 0, sums.UNLIMITED)
        for name in COUNTS:
            setattr(made, name, saved.whole(name))
        return made


def _cost(text: str) -> int:
    return SYMBOL_BYTES + len(as_bytes(text))
