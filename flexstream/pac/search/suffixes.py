"""What came after the first visits of a node: shares of prefixes, the rare ones forgotten."""

from __future__ import annotations

from operator import itemgetter

END = "\0"
"""Ends each string; symbols are the characters above it, by their id."""
DEEPEST = 32
"""Events of a suffix that are looked at: μ must be visible within so many."""
MOST = 64
"""Prefixes are forgotten once there are more than so many over μ."""


class Suffixes:
    """A node, a state or a candidate, with the prefixes of the strings' rests at their first visit.

    A prefix that was forgotten came at most ``floor`` times before (Manku & Motwani, "Approximate frequency counts over
    data streams", VLDB 2002), so no count is too small by more than that.

    Attributes
    ----------
    number : int
        1, 2, … in the order in which nodes of a round are found.
    state : int
        Which state it is, -1 while it is none.
    edges : dict of str to Suffixes
    visits : int
        Strings that came here.
    counts : dict of str to int
        Prefixes, the end among what they may end with.
    floor : int

    Examples
    --------
    >>> node = Suffixes(1, 0)
    >>> node.add("ab" + END, 0, 3)
    >>> node.add("b" + END, 0, 1)
    >>> node.visits, node.counts["a"], node.counts["b" + END]
    (4, 3, 1)
    """

    def __init__(self, number: int, strings: int) -> None:
        self.number, self.born, self.state = number, strings, -1
        self.edges: dict[str, Suffixes] = {}
        self.visits = self.recent = self.floor = 0
        self.counts: dict[str, int] = {}
        self._missed: dict[str, int] = {}
        self._heaviest: list[tuple[str, int]] | None = None

    def add(self, text: str, start: int, times: int) -> None:
        """Count all prefixes of a string's rest."""
        self.visits += times
        self.recent += times
        self._heaviest = None
        counts, floor = self.counts, self.floor
        for stop in range(start + 1, min(len(text), start + DEEPEST) + 1):
            prefix = text[start:stop]
            if prefix in counts:
                counts[prefix] += times
            else:
                counts[prefix] = times
                if floor:
                    self._missed[prefix] = floor

    def forget(self, share: float, most: int) -> None:
        """Forget prefixes that came in no more than this share of the visits, if there are more than ``most``."""
        if len(self.counts) <= most:
            return
        self.floor, self._heaviest = int(share * self.visits), None
        missed = self._missed
        kept = {key: count for key, count in self.counts.items() if count + missed.get(key, 0) > self.floor}
        self.counts, self._missed = kept, {key: count for key, count in missed.items() if key in kept}

    def heaviest(self) -> list[tuple[str, int]]:
        """Return the prefixes with their counts, the most frequent ones first."""
        if self._heaviest is None:
            self._heaviest = sorted(self.counts.items(), key=itemgetter(1), reverse=True)
        return self._heaviest

    @property
    def lost(self) -> float:
        """By how much a share may be too small."""
        return self.floor / max(1, self.visits)


def distance(one: Suffixes, other: Suffixes) -> float:
    """Return the largest difference of a prefix's shares, as counted.

    >>> node, empty = Suffixes(1, 0), Suffixes(2, 0)
    >>> node.add("a" + END, 0, 1), empty.add(END, 0, 1)
    (None, None)
    >>> distance(node, empty)
    1.0
    """
    found = 0.0
    for node, beside in ((one, other), (other, one)):
        size, counts, others = max(1, node.visits), beside.counts, max(1, beside.visits)
        for prefix, count in node.heaviest():
            if count <= found * size:  # no prefix that comes more seldom here can be further above its other share
                break
            found = max(found, count / size - counts.get(prefix, 0) / others)
    return found
