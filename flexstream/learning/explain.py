"""The decisions of a refinement in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..merging.heuristic import Heuristic
from ..merging.journal import Entry, Kind, Stage
from ..merging.search import Refinement
from ..stream.alphabet import Alphabet
from ..summary.tree import PrefixTree


def explained(refinement: Refinement, tree: PrefixTree, alphabet: Alphabet, heuristic: Heuristic) -> Iterator[str]:
    """Yield one line for each decision, in the order in which they were taken.

    Parameters
    ----------
    refinement : Refinement
    tree : PrefixTree
        What was refined.
    alphabet : Alphabet
    heuristic : Heuristic
        What judged.
    """
    number = {int(node): state for state, node in enumerate(refinement.reds)}
    for entry in refinement.journal.below(len(tree)):
        path = " ".join(alphabet.text(symbol) for symbol in tree.path(entry.node))
        yield _in_words(entry, path, number, heuristic)


def _in_words(entry: Entry, path: str, number: Mapping[int, int], heuristic: Heuristic) -> str:
    where = f"after {path} ({entry.visits:,} {'visit' if entry.visits == 1 else 'visits'})" if path else "the start"
    words = heuristic.words(entry.score)
    if entry.stage is Stage.DROPPED:
        return f"taken back: {entry.kind.name.lower()} {where}; now {words}"
    if entry.kind is Kind.PROMOTE:
        against = f"; with state {number[entry.into]}: {words}" if entry.into in number else ""
        return f"state {number[entry.node]}: {where}{against}"
    light = entry.visits < heuristic.light
    forced = f"; {'too light to be a state' if light else 'for the time being'}"
    forced = forced if entry.stage is Stage.FORCED else ""
    return f"merged into state {number[entry.into]}: {where}: {words}{forced}"
