"""Worker: a process that counts one part of some sources, round by round; see `flexstream.distributed.local`.

What comes in and goes out are frames: first what to read, as JSON; then, for each round, after how many traces it ends
and the skeleton; back go what was added and whether there is more, or what went wrong.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from ..budget import Budget, give_back_large_arrays
from ..errors import FlexStreamError, UsageError
from ..learning.additive import Summary
from ..learning.shard import Shard
from ..readers.options import ReadOptions
from ..readers.reading import Reading
from ..stream.alphabet import Alphabet
from ..stream.batch import TraceBatch
from .dividing import Blocks, block_of
from .pipes import receive, send

MORE, LAST, DATA, USAGE = b"M", b"L", b"D", b"U"
"""How an answer begins: what was added, with more to come or none, or what went wrong."""


class Part:
    """The traces of one part, as they are read.

    Parameters
    ----------
    task : dict
        ``sources``, ``options`` for reading, ``number`` and ``parts``, and ``memory``.
    """

    def __init__(self, task: dict[str, Any]) -> None:
        budget, given = Budget(task["memory"]), list(_blocks(task))
        give_back_large_arrays(budget.total)
        options = ReadOptions(**task["options"])
        shares = budget.share("cases"), budget.share("line")
        self.alphabet = Alphabet(capacity=budget.share("symbols"))
        self._reading = Reading(given, self.alphabet, options, *shares)
        self._batches: Iterator[TraceBatch] = self._reading if given else iter(())
        self._left: TraceBatch | None = None
        self.ended = False

    def count(self, shard: Shard, traces: int) -> None:
        """Let a shard learn the next traces, as many as there are or one batch more than asked for."""
        learner = shard.learner
        ids = np.empty(0, np.int32)
        while traces > 0:
            batch = next(self._batches, None)
            if batch is None:
                self.ended = True
                return
            traces -= len(batch)
            most = int(batch.symbols.max(initial=-1)) + 1
            if most > len(ids):
                fresh = [self._id_in(learner.alphabet, number) for number in range(len(ids), most)]
                ids = np.concatenate([ids, np.array(fresh, np.int32)])
            early, spans = batch.closed_early, batch.durations
            symbols = ids[batch.symbols]
            learner.learn_many(TraceBatch(symbols, batch.offsets, None, early, manner=batch.manner, durations=spans))

    def _id_in(self, alphabet: Alphabet, number: int) -> int:
        if number == self.alphabet.other:
            return alphabet.close()
        return alphabet.id(self.alphabet.text(number))


def _blocks(task: dict[str, Any]) -> Iterator[Blocks]:
    """Yield the blocks of each file that has any for this part."""
    for path in task["sources"]:
        size = block_of(Path(path).stat().st_size, task["parts"])
        blocks = Blocks(path, task["number"], task["parts"], size)
        if not blocks.is_empty():
            yield blocks


def serve(source: IO[bytes], sink: IO[bytes]) -> None:
    """Count the part that the first frame names, a round for each further one."""
    task = receive(source)
    if task is None:
        return
    try:
        part = Part(json.loads(task))
        while (order := receive(source)) is not None:
            shard = Shard(Summary.from_bytes(order[8:]), json.loads(task)["number"])
            part.count(shard, int.from_bytes(order[:8], "little"))
            send(sink, (LAST if part.ended else MORE) + shard.delta().to_bytes())
            if part.ended:
                return
    except FlexStreamError as error:
        send(sink, (USAGE if isinstance(error, UsageError) else DATA) + error.message.marked.encode())


def main() -> None:
    """Serve on stdin and stdout; nothing else may write there."""
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, sink)


if __name__ == "__main__":
    main()
