"""Which red nodes are worth a trial: those whose next symbols come near those of the blue node.

Trying every blue node on every red one costs the product of their numbers.  A look at next symbols rules most pairs
out at a hundredth of the price of a trial.  Outcomes are put into at most ``GROUPS`` groups (with so few symbols each
is its own group), and each red node keeps the logarithms of its groups' shares, group by group, so that one pass over
contiguous memory compares a blue node with all red ones.

The measure is the likelihood ratio statistic of one distribution against two: with shares f of N observations in the
blue node and shares g of n in the red one, N n / (N + n) · KL(f ‖ g).  The log Bayes factor of one against two is
about k / 2 · ln(1 + N n / (N + n)) minus that statistic (Schwarz, Annals of Statistics 6, 1978; k the groups seen),
and putting outcomes together can only make the statistic smaller (data processing), so pairs far below zero need no
trial.
"""

import numpy as np

from .hints import Given, NDArray
from .library import kernel

GROUPS = 32
MANY = 32  # red nodes from which on a list pays
FEW = 48  # red nodes that a light node, of which little hangs, is tried on at most, about
SPARE = 8.0  # nats by which the approximation may err
CROWD = 256  # red nodes from which on it may err by half of that: more and more come near by chance
THRONG = 1024  # red nodes from which on no node becomes one because it cannot say as much as a margin asks for
PATIENCE, LITTLE = 250, 1000  # pairs that trials may merge in vain, for each node and for so many more; see search.c
SHALLOW = 16  # levels down to which trials go once that is spent
LOST = 4.0  # nats below the best from which on no light node's score is expected to recover
STALE = 1.1  # growth of a red node from which on its groups are weighed anew
PRIOR = 2.0  # observations worth of the whole stream's shares in those of a red node


@kernel
def add_shares(base: Given[np.float64], shares: NDArray[np.float64]) -> None:
    """Fill the share of each group in the whole stream from that of the end and each symbol."""


def share_groups(base: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of each group in the whole stream from that of the end and each symbol."""
    shares = np.empty(GROUPS)
    add_shares(base, shares)
    return shares
