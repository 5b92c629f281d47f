"""How well a grouping of log messages agrees with the true one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import NamedTuple


class Agreement(NamedTuple):
    """Measures of a grouping, each from 0 to 1.

    Attributes
    ----------
    accuracy : float
        Grouping accuracy (Zhu et al., ICSE-SEIP 2019): the share of messages whose group is a true one, whole and
        without any other message.
    groups : float
        F1 of the groups, of which those count that are a true one (FGA of Jiang et al., ISSTA 2024).  Rare messages
        count here as much as frequent ones.
    pairs : float
        F1 of the pairs of messages that are in one group.
    found : int
        Number of groups.
    """

    accuracy: float
    groups: float
    pairs: float
    found: int


def agreement(found: Sequence[Hashable], truth: Sequence[Hashable]) -> Agreement:
    """Compare a grouping with the true one; both say the group of each message.

    >>> agreement(["a", "a", "b", "c"], [1, 1, 2, 2])
    Agreement(accuracy=0.5, groups=0.4, pairs=0.6666666666666666, found=3)
    >>> agreement(["a", "a", "a", "a"], [1, 1, 2, 2])
    Agreement(accuracy=0.0, groups=0.0, pairs=0.5, found=1)
    """
    ours, true, both = Counter(found), Counter(truth), Counter(zip(found, truth, strict=True))
    right = [(one, other) for (one, other), count in both.items() if ours[one] == count == true[other]]
    same = _pairs(both)
    return Agreement(
        sum(ours[one] for one, _ in right) / len(truth),
        2 * len(right) / (len(ours) + len(true)),
        2 * same / (_pairs(ours) + _pairs(true)) if same else 0.0,
        len(ours),
    )


def _pairs(counts: Counter[Hashable] | Counter[tuple[Hashable, Hashable]]) -> int:
    return sum(count * (count - 1) // 2 for count in counts.values())
