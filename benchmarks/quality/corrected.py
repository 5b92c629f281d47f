"""Claim: intervals of what comes next hold as they say also where a source changes, if they are corrected as cases end.

    python benchmarks/quality/corrected.py FILE... [--sources 40] [--traces 2000] [--json OUT] [--markdown OUT]

Of each log the first 70 per cent of the cases by their start are learned; the others come in eight blocks.  Each block
is foretold by what was learned, and corrected by the cases of the blocks before it (`flexstream predict --ended`).  The
true probabilities are not known: an interval holds if it has a value in common with the 95 % interval of what came
after the same forecast in the block, so that chance alone breaks fewer than one in twenty.  Outcomes are weighted by
how often they came; bits are those of an outcome.

Of half of the sources, random automata, and of the other half, hidden Markov models, the same is asked after half as
many cases have ended as were learned, with true probabilities, as in ``forecasts.py``.
"""

from __future__ import annotations

import math
import sys
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from forecasts import FRESH, KINDS, LEARNED, following, whole
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import StreamLearner
from flexstream.monitoring.corrected import Corrected
from flexstream.monitoring.predict import Forecast, Forecaster
from flexstream.pac.statistics.binomial import binomial_limits
from flexstream.targets import Recipe

BLOCKS = 8
LEAST = 1e-9
Traces = list[list[str]]


class Sum:
    """Mass of outcomes, of those whose intervals hold, widths and bits, weighted."""

    def __init__(self) -> None:
        self.mass = self.inside = self.width = self.bits = 0.0

    def add(self, weight: float, inside: bool, width: float, probability: float) -> None:
        self.mass += weight
        self.inside += weight * inside
        self.width += weight * width
        self.bits -= weight * math.log2(max(probability, LEAST))

    def told(self) -> dict[str, float]:
        return {name: getattr(self, name) / self.mass for name in ("inside", "width", "bits")}


def judge(total: Sum, block: Traces, forecaster: Forecaster | Corrected, key: Forecaster) -> None:
    """Compare what is foretold of a block with what came."""
    came: dict[Any, Counter[str | None]] = defaultdict(Counter)
    told: dict[Any, Forecast] = {}
    for trace in block:
        for place, outcome in enumerate([*trace, None]):
            one = key.key(trace[:place])
            came[one][outcome] += 1
            if one not in told:
                told[one] = forecaster.after(trace[:place])
    for one, counts in came.items():
        for outcome in told[one].outcomes:
            low, high = binomial_limits(counts[outcome.symbol], sum(counts.values()), 0.05)
            assert outcome.low is not None
            assert outcome.high is not None
            held = bool(outcome.low <= high and low <= outcome.high)
            total.add(counts[outcome.symbol], held, outcome.high - outcome.low, outcome.probability)


def log(path: Path) -> dict[str, Any]:
    """Measure a log, split by time."""
    batch, alphabet = whole(path)
    cut = round(LEARNED * len(batch))
    texts = [[alphabet.texts[symbol] for symbol in trace.tolist()] for trace in batch]
    learner = StreamLearner()
    learner.learn_many(batch.part(0, cut), alphabet)
    forecaster = Forecaster(learner.model, most=len(alphabet) + 1)
    corrected, sums = Corrected(forecaster), (Sum(), Sum())
    edges = np.linspace(cut, len(batch), BLOCKS + 1).astype(int).tolist()
    for start, stop in pairwise(edges):
        for total, by in zip(sums, (forecaster, corrected), strict=True):
            judge(total, texts[start:stop], by, forecaster)
        for trace in texts[start:stop]:
            corrected.ended(trace)
    return {"learned": sums[0].told(), "corrected": sums[1].told()}


def simulated(kind: str, number: int, traces: int) -> dict[str, Any]:
    """Measure sources of a kind, that stay as they are."""
    sums = (Sum(), Sum())
    for seed in range(number):
        source = KINDS[kind](Recipe(states=20, symbols=5, mean_length=10), seed)
        learner = StreamLearner().fit(source.sample(traces, 1))
        forecaster = Forecaster(learner.model, most=len(source.symbols) + 1)
        corrected = Corrected(forecaster)
        for trace in source.sample(traces // 2, 3):
            corrected.ended(trace)
        for trace in source.sample(FRESH, 2):
            for place in range(len(trace) + 1):
                truth = following(source, trace[:place])
                for total, by in zip(sums, (forecaster, corrected), strict=True):
                    for one in by.after(trace[:place]).outcomes:
                        assert one.low is not None
                        assert one.high is not None
                        p = truth[one.symbol]
                        total.add(p, one.low <= p <= one.high, one.high - one.low, one.probability)
    return {"learned": sums[0].told(), "corrected": sums[1].told()}


def tables(result: Result) -> dict[str, Table]:
    """Return ``corrected``: intervals and bits as learned, and corrected."""
    rows = []
    for name, found in result["measured"].items():
        for kind, told in (("as learned", found["learned"]), ("corrected as cases end", found["corrected"])):
            rows.append([name, kind, f"{told['inside']:.3f}", f"{told['width']:.3f}", f"{told['bits']:.3f}"])
    return {"corrected": Table(("of", "", "95 % interval holds", "its width", "bits an outcome"), rows, "llrrr")}


def main() -> None:
    """Measure and print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--sources", type=int, default=40)
    parser.add_argument("--traces", type=int, default=2000)
    args = parser.parse_args()
    measured = {kind: simulated(kind, args.sources // len(KINDS), args.traces) for kind in KINDS}
    measured |= {f"`{path.name}`": log(path) for path in args.files}
    finish(__file__, args, measured, tables)


if __name__ == "__main__":
    main()
