"""Repeats: what a stream says again and again is told once to the tree, and counted beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._kernels import repeats as kernels
from .._kernels.repeats import RepeatColumns, find_repeats
from ..automata.walking import no_automaton
from ..stream.batch import TraceBatch
from ..summary.repeated import NOTHING, Repeated
from .beginnings import Beginning, repeated, split
from .multiplicities import copies_of_each
from .repeats_state import enlarged

if TYPE_CHECKING:
    from ..automata.pdfa import PDFA
    from ..saved import Saved

SAMPLE = 2048
"""Distinct traces by which the multiplicity of a stream is estimated."""
RARE = 0.01
"""Times that a trace of these is expected at most."""
LATE, UNUSUAL = 8000, 1 / 64
"""Traces an automaton was made of that serves a long stream, unless a larger share of the traces is beyond it."""
FIRST_SLOTS = 4096
"""Slots of the table of traces, as long as these do.  It is at most a quarter full: a bucket has few of them."""
ENOUGH = 20
"""Traces without which there is no estimate."""
OFTEN = 1 / 16
"""Share of traces that come a third time from which on it is worth an automaton to know what to expect."""
EXPLAINED = 0.75
"""Share of what came more often than was expected that an automaton of all explains where the source has changed.

After changes of small sources nearly all is; of samples of random automata that are sent again and again, shuffled, not
half, mostly less than a tenth.
"""
_TABLE, _RING, _ROWS, _HELD, _SAMPLE = 1 / 4, 1 / 16, 1 / 8, 1 / 2, 1 / 16
_SLOT_BYTES, _ROW_BYTES = 20, 16
_TIMES_AT = kernels.LAST_BITS + kernels.SURPRISE_BITS
_NO_SURPRISE = (1 << _TIMES_AT) - (1 << kernels.LAST_BITS)
_WHOLE = np.iinfo(np.int64).max


def _power(number: float) -> int:
    """Return the largest power of two that is not above a number, at least 8."""
    return max(8, 1 << (max(1, int(number)).bit_length() - 1))


class Repeats:
    """Tells which traces of a stream are evidence, and keeps those that are none.

    Where a stream repeats itself (a file in a loop, each trace several times, a few traces again and again) what comes
    more often than can be expected says nothing new about states, only how probable things are.  Where it does not,
    every trace is evidence.  See :mod:`flexstream._kernels.repeats` for the rules.

    Parameters
    ----------
    capacity : int
        Bytes that all this may take.
    sought : bool
        Whether anything is looked for; otherwise every trace is evidence.
    fine : bool
        Whether an automaton may tell what to expect; not so where it is made of less than the memory would hold.

    Examples
    --------
    >>> from flexstream import Alphabet
    >>> repeats, alphabet = Repeats(1 << 20), Alphabet()
    >>> file = TraceBatch.from_traces([[str(number), "end"] for number in range(30)], alphabet)
    >>> [len(repeats.evidence_of(file)) for _ in range(3)]
    [30, 0, 0]
    >>> repeats.traces
    60
    """

    def __init__(self, capacity: int, sought: bool = True, fine: bool = True) -> None:
        self._sought, self._fine = sought, fine
        self._most_slots = _power(_TABLE * capacity / _SLOT_BYTES)
        self._most_rows = max(8, int(_ROWS * capacity) // _ROW_BYTES)
        self._most_held = int(_HELD * capacity) // 4
        rows = min(SAMPLE, max(8, int(0.5 * _SAMPLE * capacity) // _ROW_BYTES))
        slots = min(self._most_slots, FIRST_SLOTS)
        size = np.zeros(kernels.SIZES, np.int64)
        size[kernels.LIMIT] = _WHOLE
        size[kernels.TABLE_FULL] = slots == self._most_slots
        self._known = RepeatColumns(
            entries=np.zeros((slots, 2), np.int64),
            row=np.zeros(slots, np.int32),
            ring=np.zeros(_power(_RING * capacity / 8), np.int64),
            lags=np.zeros(kernels.MOST_LAGS, np.int64),
            gains=np.zeros(kernels.MOST_LAGS),
            shares=np.zeros(2),
            held_start=np.zeros(1, np.int64),
            held_count=np.empty(0, np.int64),
            held_beyond=np.empty(0, np.int64),
            held_store=np.empty(0, np.int32),
            sample_hash=np.zeros(rows, np.int64),
            sample_start=np.zeros(rows + 1, np.int64),
            sample_store=np.empty(max(64, int(0.5 * _SAMPLE * capacity) // 4), np.int32),
            size=size,
        )
        self._more = NOTHING  # what other learners held back, and what the beginning holds
        self._beginning: Beginning | None = Beginning()
        self._anew: TraceBatch | None = None
        self._automaton: PDFA | None = None
        self._expected, self._learned = no_automaton(), 0
        self._judged: tuple[PDFA, tuple[Repeated, Repeated] | None] | None = None

    @property
    def traces(self) -> int:
        """Traces held back so far."""
        return int(self._known.size[kernels.REPEATED]) + self._more.traces

    @property
    def nbytes(self) -> int:
        """Bytes of all columns."""
        return self._more.nbytes + sum(column.nbytes for column in self._known)

    def evidence_of(self, batch: TraceBatch, veiled: NDArray[np.bool_] | None = None) -> TraceBatch:
        """Return the traces of a batch that are evidence, the batch itself where all are; keep the others.

        Ask `counted_anew` next.

        Parameters
        ----------
        batch : TraceBatch
        veiled : bool array, shape (traces,), optional
            Which traces have symbols that were left out for want of memory: alike as they look they may differ, so
            they are no repeats.
        """
        if not self._sought:
            return batch
        if veiled is None or not veiled.any():
            held = self._held_of(batch)
        else:
            self._beginning = None  # it is counted anew from all that came, or not at all
            held = np.zeros(len(batch), np.bool_)
            held[~veiled] = self._held_of(batch.chosen(np.flatnonzero(~veiled)))
        return split(batch, held)[0] if held.any() else batch

    def _held_of(self, batch: TraceBatch) -> NDArray[np.bool_]:
        """Return which traces of a batch are held back; keep these."""
        held, done, traces = np.zeros(len(batch), np.bool_), 0, len(batch)
        while done < traces:
            done = find_repeats(self._known, self._expected, self._learned, batch.symbols, batch.offsets, done, held)
            if done < traces:
                self._make_room()
        if self._beginning is not None:
            held = self._held_from_the_first(batch, held)
        return held

    def _held_from_the_first(self, batch: TraceBatch, held: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which traces of a batch are held back once what came before them in the beginning is known as well."""
        beginning = self._beginning
        assert beginning is not None
        if not held.any():
            beginning.add(batch)
            self._beginning = None if beginning.over else beginning
            return held
        first = int(np.argmax(held))
        copied, early = beginning.copies(batch, first), beginning.traces
        self._beginning = None
        if copied.any():
            evidence, copies = split(beginning.batch(), copied[:early])
            self._anew = evidence if len(copies) else None
            _, later = split(batch.part(0, first), copied[early:])
            self._more = self._more.plus(repeated(copies)).plus(repeated(later))
            held = held | np.concatenate([copied[early:], np.zeros(len(batch) - first, np.bool_)])
        return held

    def counted_anew(self) -> TraceBatch | None:
        """Return, once, the evidence of the beginning if some that was counted is none; the tree has to start again."""
        anew, self._anew = self._anew, None
        return anew

    def expects(self) -> bool:
        """Tell whether it is worth an automaton to know what to expect.

        It is where many traces come a third time; later on, when one takes longer, only where the last one was
        surprised by some of them.
        """
        third, beyond = self._known.shares.tolist()
        return bool(self._fine and third > OFTEN and (self._learned < LATE or beyond > UNUSUAL))

    def expect(self, automaton: PDFA, traces: int) -> None:
        """Let what comes be compared with what the automaton of so many traces lets expect."""
        bare = replace(automaton, provenance={}, durations=None)  # what is kept of it is the same however it came to be
        self._automaton, self._expected, self._learned = bare, bare._columns, traces
        self._known.entries[:, kernels.CAME] |= _NO_SURPRISE

    def state(self) -> dict[str, Any]:
        """Return the state that `restore` takes."""
        from .repeats_state import state_of

        beginning, automaton = self._beginning, self._automaton
        return {
            "known": state_of(self._known),
            "more": self._more.state(),
            "beginning": None if beginning is None else beginning.state(),
            "automaton": None if automaton is None else automaton.to_json().encode(),
            "learned": self._learned,
        }

    def restore(self, saved: Saved, alphabet: int) -> None:
        """Be what was saved; raises StateError if nothing can have been so."""
        from ..automata.pdfa import PDFA
        from .repeats_state import columns_of

        known = columns_of(saved.part("known"), self._known, self._most, alphabet)
        more = Repeated.saved(saved.part("more"), alphabet)
        beginning = None if saved.raw("beginning") is None else Beginning()
        if beginning is not None:
            beginning.restore(saved.part("beginning"), alphabet)
        automaton = saved.optional("automaton", lambda name: saved.automaton(name, PDFA.from_json))
        self._known, self._beginning, self._automaton = known, beginning, automaton
        self._more = NOTHING if not more.traces else more
        self._expected = no_automaton() if automaton is None else automaton._columns
        self._learned = saved.whole("learned") if automaton is not None else 0

    @property
    def _most(self) -> tuple[int, int, int]:
        """Slots, traces held, and symbols of these, at most."""
        return self._most_slots, self._most_rows, self._most_held

    # --- memory ------------------------------------------------------------------------------------------------

    def _make_room(self) -> None:
        wanted = int(self._known.size[kernels.NO_ROOM_FOR])
        (self._enlarge_held, self._enlarge_table, self._halve_sample)[wanted - 1]()

    def _enlarge_held(self) -> None:
        known, size = self._known, self._known.size
        rows = min(self._most_rows, max(64, 2 * len(known.held_count)))
        store = min(self._most_held, max(1024, 2 * len(known.held_store)))
        if (rows, store) == (len(known.held_count), len(known.held_store)):
            size[kernels.STORE_FULL] = 1
            return
        used, stored = int(size[kernels.HELD_ROWS]), int(size[kernels.HELD_STORED])
        self._known = known._replace(
            held_start=enlarged(known.held_start[: used + 1], rows + 1),
            held_count=enlarged(known.held_count[:used], rows),
            held_beyond=enlarged(known.held_beyond[:used], rows),
            held_store=enlarged(known.held_store[:stored], store),
        )

    def _enlarge_table(self) -> None:
        """Double the table: what shared a bucket goes to one of two, in the slots it had."""
        known, ways = self._known, kernels.WAYS
        slots = np.flatnonzero(known.entries[:, kernels.CAME] >> _TIMES_AT)
        fresh = 2 * len(known.entries)
        place = (known.entries[slots, kernels.TRACE_HASH] & (fresh // ways - 1)) * ways + slots % ways
        columns = {}
        for name in ("entries", "row"):
            old = getattr(known, name)
            columns[name] = np.zeros((fresh, *old.shape[1:]), old.dtype)
            columns[name][place] = old[slots]
        self._known = known._replace(**columns)
        self._known.size[kernels.TABLE_FULL] = fresh == self._most_slots

    def _halve_sample(self) -> None:
        """Leave the traces whose hash is in the lower half of where it may be."""
        known, size = self._known, self._known.size
        rows = int(size[kernels.SAMPLED])
        size[kernels.LIMIT] //= 2
        kept = np.flatnonzero(known.sample_hash[:rows] < size[kernels.LIMIT])
        lengths = np.diff(known.sample_start[: rows + 1])
        stays = np.repeat(known.sample_hash[:rows] < size[kernels.LIMIT], lengths)
        symbols = known.sample_store[: known.sample_start[rows]][stays]
        known.sample_hash[: len(kept)] = known.sample_hash[kept]
        known.sample_start[1 : len(kept) + 1] = np.cumsum(lengths[kept])
        known.sample_store[: len(symbols)] = symbols
        size[kernels.SAMPLED], size[kernels.SAMPLE_STORED] = len(kept), len(symbols)

    # --- asking ------------------------------------------------------------------------------------------------

    def held(self) -> Repeated:
        """Return what is held back, as a copy."""
        known, size = self._known, self._known.size
        rows, stored = int(size[kernels.HELD_ROWS]), int(size[kernels.HELD_STORED])
        own = Repeated(
            known.held_store[:stored].copy(),
            known.held_start[: rows + 1].copy(),
            known.held_count[:rows].copy(),
            int(size[kernels.REPEATED]),
            int(size[kernels.REPEATED_EVENTS]),
            int(size[kernels.LOST_REPEATS]),
        )
        return own if self._more is NOTHING else own.plus(self._more)

    def add(self, other: Repeats, symbol_map: NDArray[np.int32]) -> None:
        """Take over what another learner held back; which traces it saw is not."""
        if other.traces:
            self.take(other.held().renamed(symbol_map))

    def take(self, held: Repeated) -> None:
        """Take over what was held back of another stream."""
        if held.traces:
            self._more = self.fitting(self._more.plus(held))

    def fitting(self, held: Repeated) -> Repeated:
        """Return as much of what is held back as there is room for."""
        return held.heaviest(self._most_rows * _ROW_BYTES + 4 * self._most_held)

    def multiplicity(self, automaton: PDFA, evidence: int | None = None) -> float | None:
        """Return φ: how often rare traces came for each time that they were expected; None where too few are known.

        Of a sample of distinct traces by their hash, those that are expected ``λ < 0.01`` times give
        ``φ = Σ c / Σ λ/(1 - exp(-λ))``, with c how often each came: given that it came at all, an independent trace
        comes ``λ/(1 - exp(-λ))`` times on average.

        Parameters
        ----------
        automaton : PDFA
        evidence : int, optional
            Traces that its states are made of, where those are fewer than were looked at and not held back.
        """
        known, rows = self._known, int(self._known.size[kernels.SAMPLED])
        sample = TraceBatch(known.sample_store[: known.sample_start[rows]], known.sample_start[: rows + 1])
        counted = int(known.size[kernels.LOOKED_AT] - known.size[kernels.REPEATED])
        evidence = counted if evidence is None else min(evidence, counted)
        expected = evidence * np.exp2(automaton.score_batch(sample)[0])
        rare = (expected < RARE) & (self._times(known.sample_hash[:rows]) > 0)
        if np.count_nonzero(rare) < ENOUGH:
            return None
        expected = np.maximum(expected[rare], 1e-300)
        return float(self._times(known.sample_hash[:rows])[rare].sum() / (expected / -np.expm1(-expected)).sum())

    def copies_of_each(self) -> int | None:
        """Return how many copies of each trace came, shuffled or not, None where chance explains how often each came.

        It is told by the sample of distinct traces, without an automaton, see `flexstream.learning.multiplicities`.
        """
        hashes = np.sort(self._known.sample_hash[: self._known.size[kernels.SAMPLED]])
        # One whose slot another took is sampled once more when it comes again.
        times = self._times(hashes[np.diff(hashes, prepend=-1) > 0])
        return copies_of_each(times[times > 0])

    @property
    def looked_at(self) -> int:
        """Traces that were looked at, those that other learners held back not among them."""
        return int(self._known.size[kernels.LOOKED_AT])

    def _times(self, hashes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how often each of some traces came, 0 for those that are not known any more."""
        entries, ways = self._known.entries, kernels.WAYS
        places = (hashes & (len(entries) // ways - 1))[:, None] * ways + np.arange(ways)
        found = entries[places, kernels.TRACE_HASH] == hashes[:, None]
        return np.asarray(((entries[places, kernels.CAME] >> _TIMES_AT) * found).sum(axis=1))

    @property
    def explains_any(self) -> bool:
        """Whether anything is held back that came more often than was expected."""
        return bool(self._known.held_beyond[: self._known.size[kernels.HELD_ROWS]].any())

    def explained(self, automaton: PDFA) -> tuple[Repeated, Repeated] | None:
        """Return what the source of the moment explains of what is held back, and the rest; None where that is nothing.

        After a change of the source its traces come more often than what was learned before lets expect.  An automaton
        that knows how often they came since explains them, most of the times that they came; of a sample that is sent
        again and again it does not, as its states are those that the evidence allows.

        Parameters
        ----------
        automaton : PDFA
            Of all traces: its states by the evidence, its probabilities by all.
        """
        if not self.explains_any:
            return None
        if self._judged is None or self._judged[0] is not automaton:
            self._judged = automaton, self._explained(automaton)
        return self._judged[1]

    def _explained(self, automaton: PDFA) -> tuple[Repeated, Repeated] | None:
        known, rows = self._known, int(self._known.size[kernels.HELD_ROWS])
        beyond = known.held_beyond[:rows].copy()
        if 2 * beyond.sum() > known.held_count[:rows].sum():  # some of what is frequent looks like copies for a while
            beyond = known.held_count[:rows].copy()
        start, lengths = known.held_start[: rows + 1].copy(), np.diff(known.held_start[: rows + 1])
        store = known.held_store[: start[-1]].copy()
        expected = known.size[kernels.LOOKED_AT] * np.exp2(automaton.score_batch(TraceBatch(store, start))[0])
        if np.minimum(beyond, expected).sum() < EXPLAINED * beyond.sum():
            return None
        times, traces, events = known.held_count[:rows] - beyond, int(beyond.sum()), int(beyond @ lengths)
        back = Repeated(store, start, beyond, traces, events, 0)
        size = known.size
        own = int(size[kernels.REPEATED]) - traces, int(size[kernels.REPEATED_EVENTS]) - events
        left = Repeated(store, start, times, *own, int(size[kernels.LOST_REPEATS]))
        return back.where(beyond > 0), left.where(times > 0).plus(self._more)
