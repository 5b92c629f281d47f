"""Facts: what a learner and its reading know of a stream, by which the model is judged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..automata.pdfa import PDFA
from ..classes import dataclass
from ..defaults import GROW_AT
from ..learning.learner import StreamLearner
from ..readers.formats import has_columns
from ..readers.options import ReadOptions
from ..readers.reading import Reading
from ..summary.repeated import Repeated
from .foresight import Foresight, foresight, recall
from .header import has_more_columns
from .information import information
from .trials import WINDOWS, Proposal, Proposals

SIMPLE = 0.3
"""Share of the bits of an event that as many states as symbols save where all is well: nothing else is looked for."""
COSTS = 0.01
"""Nats a visit that contradicted states cost at least, so that it is worth a word."""
DELTA = 0.05
"""Probability with which a state may be called contradicted that is not."""


@dataclass(frozen=True)
class Facts:
    """What is known of a stream and of the model learned from it.

    Parameters
    ----------
    learner : StreamLearner
        With at least one trace.
    reading : Reading, optional
        Where the traces came from.
    judged : PDFA, optional
        The automaton with its evidence, where that was collected anyway.
    last : bool
        Whether the stream has ended, so that it is worth the time to look for other ways to read it.
    """

    learner: StreamLearner
    reading: Reading | None = None
    judged: PDFA | None = None
    last: bool = True

    # --- amounts -----------------------------------------------------------------------------------------------

    @property
    def traces(self) -> int:
        """Traces learned."""
        return self.learner.traces

    @property
    def events(self) -> int:
        """Events in them."""
        return self.learner.events

    @property
    def mean_length(self) -> float:
        """Events of a trace, on average."""
        return self.events / max(1, self.traces)

    @property
    def symbols(self) -> list[str]:
        """Texts of the symbols."""
        return self.learner.alphabet.texts

    @cached_property
    def occurrences(self) -> NDArray[np.int64]:
        """Events of each symbol that the learner still holds, shape (symbols,)."""
        return self.learner.tree.occurrences(len(self.symbols))

    @property
    def once(self) -> float:
        """Share of the events whose symbol came once: as likely is the next event's never seen (Good, 1953)."""
        return float((self.occurrences == 1).sum()) / max(1, self.events)

    def common(self, share: float) -> int:
        """Return how often symbols came at least, those of this share of the events that are most frequent."""
        rising = np.sort(self.occurrences)
        reached = np.searchsorted(np.cumsum(rising), (1 - share) * rising.sum(), side="right")
        return int(rising[min(int(reached), len(rising) - 1)]) if len(rising) else 0

    @cached_property
    def coarsening(self) -> list[str]:
        """The parameters of the user's that keep the model from having more states."""
        settings, tree = self.learner.settings, self.learner.tree
        found = ["states"] if settings.states is not None and len(self.automaton) >= settings.states else []
        found += [name for name in settings.coarse if name != "nodes" or tree.evicted_nodes > tree.thinned_nodes]
        return [*found, "grow_at"] if settings.grow_at > GROW_AT else found

    @cached_property
    def repeated(self) -> Repeated:
        """The traces that only say again what came before."""
        return self.learner.answer().tree.repeated

    @property
    def given_back(self) -> int:
        """How many traces came more often than what was learned before them lets expect, and all together explains."""
        return self.learner.answer().tree.traces - self.learner.tree.traces

    @cached_property
    def said_again(self) -> int:
        """How many of these are no ends of the stream either: what it cuts are traces, too, that often are alike."""
        from .cut_traces import cut_short

        held = self.repeated
        return held.traces - int(held.times[cut_short(held, self.automaton.alone, self.traces)].sum())

    @cached_property
    def multiplicity(self) -> float | None:
        """How often a rare trace came for each time that it was expected; None where too few are known."""
        return self.learner.repeats.multiplicity(self.automaton.alone, self.learner.answer().tree.traces)

    @property
    def example(self) -> tuple[list[str], int] | None:
        """The trace that was repeated most often, and how often."""
        return self.repeated.example(self.learner.alphabet)

    # --- the model ---------------------------------------------------------------------------------------------

    @property
    def automaton(self) -> PDFA:
        """The automaton, of an ensemble the best."""
        return self.learner.automaton if self.judged is None else self.judged

    @cached_property
    def bits_by_order(self) -> float:
        """Share of the bits of an event, ends left aside, that its state saves.

        The mutual information of both over the entropy, less what chance alone makes of it (Miller, Note on the bias
        of information estimates, 1955).
        """
        saved, alone = information(*self._events)
        return saved / alone if alone else 1.0

    @cached_property
    def bits_by_state(self) -> float:
        """Share of the bits of an event that its state saves, and of where traces end, if the source says that.

        That no trace is empty is none of it: ends are looked at from the first event on.
        """
        if not self.cased:
            return self.bits_by_order
        begun = np.zeros(len(self.automaton))
        begun[0] = self.traces
        visits, stops = self.automaton.visits, self.automaton.stops
        later = np.maximum(visits - begun, 0.0)
        ends = stops * later / np.maximum(visits, 1.0)
        weights = np.concatenate([ends, later - ends])
        states, what = np.tile(np.arange(len(later)), 2), np.repeat([0, 1], len(later))
        seen = weights > 0
        parts = [information(*self._events), information(weights[seen], states[seen], what[seen])]
        saved, alone = (sum(part[side] for part in parts) for side in range(2))
        return saved / alone if alone else 1.0

    @property
    def _events(self) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
        """How often each symbol came in each state: the number, the state, the symbol."""
        automaton = self.automaton
        seen = automaton.weights > 0
        return automaton.weights[seen], automaton.sources[seen], automaton.edge_symbols[seen].astype(np.int64)

    @property
    def _homogeneity(self) -> NDArray[np.float64]:
        """The log e-value of each state, which a model with evidence has."""
        known = self.automaton.evidence.get("homogeneity")
        if known is not None:
            return np.asarray(known, np.float64)
        from ..pac.report.contradiction import homogeneity_of

        return homogeneity_of(self.learner)

    @cached_property
    def contradicted(self) -> list[int]:
        """States of which it is proven that they stand for several, if that matters; a report names all."""
        evidence, states = self.automaton.evidence, len(self.automaton)
        log_evidence = self._homogeneity
        if log_evidence.max() <= math.log(states / DELTA):
            return []
        from ..pac.report.analysis import CHECKS  # takes as long to import as all that is judged here
        from ..pac.report.contradiction import threshold

        least = threshold(states, CHECKS * DELTA, evidence.get("reports", 1))
        several = log_evidence > least
        worth = COSTS * self.automaton.visits.sum()
        return np.flatnonzero(several).tolist() if log_evidence[several].sum() >= worth else []

    @cached_property
    def foresight(self) -> Foresight | None:
        """How well traces that were held out are foretold; None where there are too many to be worth the time."""
        held = recall(self.learner.tree)
        return None if held is None else foresight(held, self.learner, ends=self.cased)

    # --- how it was read ---------------------------------------------------------------------------------------

    @property
    def options(self) -> ReadOptions | None:
        """How the user said that it is to be read; None where traces were given."""
        return None if self.reading is None else self.reading.options

    @property
    def format(self) -> str | None:
        """Format of the last source that was read."""
        return None if self.reading is None else self.reading.format

    @property
    def guessed_lines(self) -> bool:
        """Whether each line was taken for a trace, and nobody had said that it is one."""
        options = self.options
        return self.format == "lines" and options is not None and options.format is None

    @property
    def columns(self) -> Mapping[str, str]:
        """Columns of case, event, time and sequence of the last source, as far as there are any."""
        return {} if self.reading is None else self.reading.columns

    @property
    def cut_short(self) -> int | None:
        """How many cases that were closed for want of room came again; None where not all of them were watched."""
        stats = None if self.reading is None else self.reading.stats
        return None if stats is None or stats.closed_early != self.learner.closed_early else stats.cut_short

    @property
    def cased(self) -> bool:
        """Whether traces are what the source says they are, and nothing that was cut here or by the user."""
        options = self.options
        if options is None or not (has_columns(self.format) or self.format == "log"):
            return True
        by_pattern = options.pattern is not None and "(?P<case>" in options.pattern
        return by_pattern or bool({"case", "sequence"} & self.columns.keys())

    @property
    def in_vain(self) -> str:
        """What to add to a verdict where other readings were tried, and none does better."""
        if not self.proposals.fruitless:
            return ""
        ids = "no column as the case" if self.format != "log" else "no id in the lines as the case"
        return f"; {ids} and no window of {WINDOWS[0]} to {WINDOWS[-1]} events does better"

    @cached_property
    def other_case(self) -> Proposal | None:
        """A column that is far better a case than that which was guessed, where there is one and there is time."""
        if self.reading is None or not has_columns(self.format) or not self.last:
            return None
        if len(self.automaton) <= len(self.symbols) + 1 and self.bits_by_order >= SIMPLE:
            return None
        if not has_more_columns(self.reading):
            return None
        from .other_case import other_case  # takes as long to import as all that is judged here

        return other_case(self.reading, self.learner)

    @cached_property
    def proposals(self) -> Proposals:
        """What does better where events without cases were cut into traces by default; nothing where they were not."""
        options = self.options
        given = options is not None and (options.window or options.gap or options.start)
        if self.cased or given or self.reading is None or not self.last:
            return Proposals()
        from .proposals import proposals  # takes as long to import as all that is judged here

        return proposals(self.reading, self.learner)
