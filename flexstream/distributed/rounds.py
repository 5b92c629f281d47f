"""Rounds: a skeleton goes out, shards are counted, what they add comes back, is added once, and closed.

Nothing here knows what runs the shards: processes of one machine, or an engine that has its own way to send bytes and
to run what was lost again.  It calls `begin`, has `count` run wherever it likes, adds up in any order with `combine`,
and hands the sum to `end`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..container import Kind, read, write
from ..errors import UsageError
from ..learning.additive import Summary
from ..learning.resumed import resumed
from ..learning.schedule import LONG
from ..learning.shard import Shard, skeleton
from ..saved import Saved
from ..stream.alphabet import Alphabet
from ..summary.narrowed import narrowed, widened

if TYPE_CHECKING:
    from ..learning.learner import StreamLearner

ROUNDS = Kind("state of rounds", 1, "0.1.0")
SOON = 1000
"""Traces of the first round where the tree grows near the states only, so that it takes some to know them."""


class Rounds:
    """What the one who drives the rounds has: the sum of all that came back, and how many batches that were.

    Parameters
    ----------
    learner : StreamLearner
        Its parameters are those of all shards; it has learned nothing.
    path : str or Path, optional
        A file for sum and number together, written whole or not at all after each batch; where it exists the rounds go
        on from there.

    Attributes
    ----------
    total : Summary
    batch : int
        The number of the next batch.

    Raises
    ------
    UsageError
        If the file is of rounds with other parameters.
    DataError
        If it cannot be read.

    Examples
    --------
    >>> from flexstream import StreamLearner
    >>> rounds = Rounds(StreamLearner())
    >>> for number in range(3):
    ...     begun = rounds.begin()
    ...     parts = [count(begun, [[["load", "run"]] * 50], part) for part in range(2)]
    ...     _ = rounds.end(number, combine(parts))
    >>> rounds.end(2, combine(parts)), rounds.total.traces
    (False, 300)
    >>> rounds.learner().automaton
    PDFA(3 states, 2 transitions, 2 symbols)
    """

    def __init__(self, learner: StreamLearner, path: str | Path | None = None) -> None:
        self._path = None if path is None else Path(path)
        self._sparse = learner.tree.rules.reach > LONG
        self.total, self.batch, self._states = Summary.of(learner), 0, 0
        if self._path is not None and self._path.exists():
            self._go_on(self._path)

    def _go_on(self, path: Path) -> None:
        saved = Saved(widened(read(path, ROUNDS)))
        kept = Summary.from_state(saved.part("total"))
        self.total.settings.check_same(kept.settings)
        self.total, self.batch, self._states = kept, saved.whole("batch"), saved.whole("states")

    def begin(self) -> bytes:
        """Return what is sent to all who count: the skeleton."""
        return skeleton(self.total).to_bytes()

    def due(self) -> int:
        """Return after how many more traces the next round should end: rounds double, so that there are few."""
        first = LONG if self._sparse and self._whole else SOON
        return max(first, self.total.traces)

    @property
    def _whole(self) -> bool:
        """Whether nothing was given up, so that it does not matter which states are known."""
        return not self.total.lossy

    def end(self, batch: int, added: bytes | None) -> bool:
        """Add what the shards of a batch have counted, once; return whether it was new.

        Whoever runs a batch again because they do not know whether it ended is told so.

        Raises
        ------
        UsageError
            If it is a later batch than the next.
        DataError
            If the file cannot be written; then the batch is not added.
        """
        return self.add(batch, None if added is None else Summary.from_bytes(added))

    def add(self, batch: int, added: Summary | None) -> bool:
        """Do as `end` does with what was read from bytes; it becomes a part of the sum."""
        if batch < self.batch:
            return False
        if batch > self.batch:
            raise UsageError(f"batch {batch} came where batch {self.batch} is the next (expected: one after the other)")
        if added is not None:
            self.total.add(added).close()
        self._refine()
        self.batch += 1
        if self._path is not None:
            state = {"batch": self.batch, "states": self._states, "total": self.total.state()}
            write(self._path, narrowed(state), ROUNDS)
        return True

    def _refine(self) -> None:
        """Let shards know the states where what they count hangs on them, and thin the tree of a long stream."""
        thin = self._sparse and self.total.settings.thin and self.total.traces >= LONG
        if not self.total.traces or (self._sparse and self._whole and not thin):
            return
        learner = resumed(self.total)
        before, self._states = self._states, len(learner.refine().reds)
        if thin and self._states <= before:
            learner.tree.thin(learner.answer().cut())
        drawn, timed, held = self.total.drawn, self.total.timed, self.total.held
        self.total, tree = Summary.of(learner), learner.tree
        self.total.limit, self.total.tree.cut = tree.limit, tree.cut
        self.total.drawn, self.total.timed, self.total.held = drawn, timed, held

    def learner(self) -> StreamLearner:
        """Return a learner that has seen all."""
        return resumed(self.total) if self._states else self.total.learner()


def count(begun: bytes, batches: Iterable[Any], number: int, alphabet: Alphabet | None = None) -> bytes:
    """Count a part of a stream from a skeleton on; return what it adds.

    Parameters
    ----------
    begun : bytes
        What `Rounds.begin` returned.
    batches : iterable of TraceBatch, or of lists of traces
    number : int
        Which part it is: no two of a batch the same.
    alphabet : Alphabet, optional
        With what batches are encoded.
    """
    shard = Shard(Summary.from_bytes(begun), number)
    for batch in batches:
        shard.learner.learn_many(batch, alphabet)
    return shard.delta().to_bytes()


def combine(parts: Iterable[bytes]) -> bytes | None:
    """Return the sum of what shards add, None of none; sums may be combined again, in any order."""
    total: Summary | None = None
    for part in parts:
        found = Summary.from_bytes(part)
        total = found if total is None else total.add(found)
    return None if total is None else total.to_bytes()
