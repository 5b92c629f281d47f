"""Code length of symbols: how many bits an adaptive code takes, which pays for everything it has to learn.

The less it takes, the more regular the symbols are, told as they are told: the minimum description length principle
(Rissanen, Modeling by shortest data description, Automatica 14, 1978).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

WORTH = 0.05
"""Share of the bits of events that has to be saved by whatever is taken to say something about them."""
_BEGIN = "\0"  # stands before the first event of a case, and for the sum of counts


def code_length(symbols: Sequence[str], cases: Sequence[str] | None, by: str = "before", repeats: bool = True) -> float:
    """Return the bits that an adaptive code takes to tell symbols one by one.

    What has not been seen after the same is told by its frequency so far, and a new symbol as such.

    Parameters
    ----------
    symbols : sequence of str
        In the order of the rows.
    cases : sequence of str, optional
        The case of each; None puts all into one.
    by : {"before", "case", ""}
        Each is told after the one before it in its case, or by the frequencies in its case, or by those of all.
    repeats : bool
        Whether a symbol that only repeats the one before it costs anything.

    Examples
    --------
    >>> code_length(["load", "run"] * 50, None) < 30 < code_length(["load", "run"] * 50, None, by="")
    True
    """
    before: dict[str, str] = {}
    total: Counter[str] = Counter()
    after: defaultdict[str, Counter[str]] = defaultdict(Counter)
    bits = 0.0
    for seen, symbol in enumerate(symbols):
        case = "" if cases is None else cases[seen]
        last = before.get(case, _BEGIN)
        before[case] = symbol
        told = (total[symbol] + 1 / (1 + len(total))) / (seen + 1)
        if by:
            counts = after[last if by == "before" else case]
            told = (counts[symbol] + told) / (counts[_BEGIN] + 1)
            counts[symbol] += 1
            counts[_BEGIN] += 1
        if repeats or symbol != last:
            bits -= math.log2(told)
        total[symbol] += 1
    return bits


def begin_alike(cases: Sequence[str], symbols: Sequence[str]) -> bool:
    """Tell whether the first symbols of cases are much easier to tell than any symbols.

    Examples
    --------
    >>> begin_alike([str(i // 4) for i in range(80)], ["load", "run", "run", "run"] * 20)
    True
    """
    counts = Counter(symbols)
    firsts = list(dict(zip(reversed(cases), reversed(symbols), strict=True)).values())
    alone = sum(math.log2(len(symbols) / counts[symbol]) for symbol in firsts)
    saved = alone - code_length(firsts, None, by="")
    return saved >= 10 and saved >= 0.4 * alone
