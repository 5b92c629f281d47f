"""Balle, Castro & Gavaldà's search for n and μ, and what a round of it may claim (docs/pac.md, theorem 9).

Machine Learning 96, 2014, gives the order of the guesses.  What is compared, and by which bound, is lemma 6.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from ..statistics.coverage import covering_size
from ..statistics.prefix_radius import visits_for
from .balle import look_share

GROWTH = 2.0
"""ρ: by how much the guess of n grows."""
FINENESS = 0.5
"""φ: while a search goes on memory grows as t^(1/2 + φ)."""
LOST = 1 / 16
"""ν as a part of μ: by how much a share may be too small because rare prefixes were forgotten."""
TESTS, LEAVES, LENGTHS = 0.5, 0.25, 0.25
"""Parts of a round's δ: that a decision is wrong, that more leaves than is said, and that it takes longer."""
STEP, SLOWER = 256, 8
"""Strings from a look to the next: so many, or an eighth of those since the last decision."""


class Guess(NamedTuple):
    """At most so many states, of which any two differ by ``mu`` at least.

    Examples
    --------
    >>> first = Guess.first()
    >>> first, first.after(1), first.after(2)
    (Guess(states=2.0, mu=0.5), Guess(states=2.0, mu=0.25), Guess(states=4.0, mu=0.25))
    """

    states: float
    mu: float

    @classmethod
    def first(cls) -> Guess:
        """Return n = ρ, μ = 1/ρ' with ρ' = ρ^(1/(2φ))."""
        return cls(GROWTH, 1 / _finer())

    def after(self, found: int) -> Guess:
        """Return the next guess: a smaller μ where fewer than n states were found, else a larger n.

        As memory is to stay below t^(1/2 + φ), n > (1/μ)^(2φ) makes μ smaller too.
        """
        if found < self.states:
            return Guess(self.states, self.mu / _finer())
        states = self.states * GROWTH
        return Guess(states, self.mu / _finer() if states > self.mu ** (-2 * FINENESS) else self.mu)


def _finer() -> float:
    return float(GROWTH ** (1 / (2 * FINENESS)))


class Terms(NamedTuple):
    """What one round goes by: its guess, ε and its part of δ."""

    states: float
    mu: float
    eps: float
    delta: float

    def node_level(self, node: int) -> float:
        """Return the level of all shares of the ``node``-th node, 1, 2, …; those of all nodes come to δ/2 of a round.

        >>> terms = Terms(2, 0.5, 0.1, 0.1)
        >>> round(sum(terms.node_level(node) for node in range(1, 100_000)), 4)
        0.05
        """
        return TESTS * self.delta / (node * (node + 1))

    def leave_level(self, stage: int, look: int) -> float:
        """Return the level at which the ``look``-th look after a decision, of the ``stage``-th one, counts leavers."""
        return look_share(LEAVES * self.delta / (stage * (stage + 1)), look)

    def leaves_little(self, left: int, strings: int, level: float) -> bool:
        """Tell whether the probability of leaving is below ε: Chernoff's bound of so few in so many.

        >>> Terms(2, 0.5, 0.1, 0.1).leaves_little(0, 100, 1e-4), Terms(2, 0.5, 0.1, 0.1).leaves_little(5, 100, 1e-4)
        (True, False)
        """
        share = left / strings
        return share < self.eps and strings * divergence(share, self.eps) >= -math.log(level)

    def lightest(self, symbols: int) -> float:
        """Return p = ε/(2n|Σ|): where more than ε/2 leaves, some candidate comes as often as that."""
        return self.eps / (2 * self.states * max(1, symbols))

    def least_visits(self, node: int, stage: int = 0) -> float:
        """Return how many visits show that a candidate which came in ¾p of the strings is not rarer than p/2.

        Counted from its first string on (``stage`` 0), or since the decision before the ``stage``-th stage.
        """
        return 14 * math.log(8 * node * (node + 1) * max(1, stage * (stage + 1)) / (LENGTHS * self.delta))

    def heavy(self, node: int, visits: int, strings: int, symbols: int, stage: int = 0) -> bool:
        """Tell whether so many visits in so many strings are enough for a state."""
        return visits >= max(0.75 * self.lightest(symbols) * strings, self.least_visits(node, stage))

    def deciding_visits(self, nodes: float) -> float:
        """Return from how many visits on two of so many nodes are surely decided about: two radii and ν below μ/2."""
        return visits_for((0.5 - LOST) * self.mu / 2, self.node_level(math.ceil(nodes)))

    def stage(self, symbols: int) -> float:
        """Return in how many strings after a decision the next one, or the end of the round, surely comes."""
        nodes = 1 + self.states * symbols
        stages = (self.states + 1) * symbols + 1
        failure = LENGTHS * self.delta / 8
        cost = math.log(nodes * stages / failure)
        share = self.lightest(symbols)
        enough = max(covering_size(share / 2, self.deciding_visits(nodes), cost), 32 * cost / share)
        for _ in range(8):  # how often was looked hangs on the strings, by a logarithm
            most = max(enough, STEP) * (1 + 1 / SLOWER)
            looks = SLOWER + 2 + math.log(max(1.0, most / (STEP * SLOWER))) / math.log(1 + 1 / (2 * SLOWER))
            level = self.leave_level(math.ceil(stages), math.ceil(looks))
            enough = max(enough, 20 * math.log(stages / failure) / self.eps, -32 * math.log(level) / self.eps)
        return enough + max(STEP, enough / SLOWER)

    def strings(self, symbols: int) -> float:
        """Return in how many strings the round surely ends, with probability 1 - δ/4 of it.

        >>> short, long = Terms(2, 0.5, 0.1, 0.1), Terms(2, 0.25, 0.1, 0.1)
        >>> 3 < long.strings(2) / short.strings(2) < 5
        True
        """
        return ((self.states + 1) * symbols + 1) * self.stage(symbols)

    def strings_to_states(self, symbols: int) -> float:
        """Return in how many strings all states that some word of probability p leads to are surely found."""
        return (self.states - 1) * self.stage(symbols)


def divergence(share: float, other: float) -> float:
    """Return the Kullback-Leibler divergence of two probabilities, 0 <= share < 1, 0 < other < 1.

    >>> round(divergence(0.0, 0.5), 4)
    0.6931
    """
    rest = (1 - share) * math.log((1 - share) / (1 - other))
    return rest + (share * math.log(share / other) if share > 0 else 0.0)


def next_look(strings: int) -> int:
    """Return after how many strings since the last decision there is a look, after one at so many."""
    return strings + max(STEP, strings // SLOWER)
