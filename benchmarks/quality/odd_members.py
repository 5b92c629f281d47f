"""Claim: where one or two members of a fleet do otherwise, these are named and the others are not.

    python benchmarks/quality/odd_members.py [--fleets 60] [--json OUT] [--markdown OUT]

Members draw their traces from one random automaton of 15 states, odd ones from one with the same transitions and
probabilities of its own.  Counted are the fleets in which a member is named that is as most are, which is said to
happen with a probability of 0.05, the members that are, and the share of the odd ones that are named.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
import numpy as np
from fleets import RECIPE, varied
from shared.rates import cell, rate
from shared.results import Result, finish, parser_of
from shared.tables import Table

from flexstream import FleetLearner
from flexstream.difference.outliers import outliers
from flexstream.targets.generate import random_pdfa

MEMBERS, ODD, SIZES = (6, 10), (0, 1, 2), (100, 1000)


def named(members: int, odd: int, traces: int, seed: int) -> list[int]:
    """Return which members of a fleet are named; the first of them are odd."""
    base, random = random_pdfa(RECIPE, seed).to_pdfa(), np.random.default_rng(seed)
    laws = [varied(base, random) if member < odd else base for member in range(members)]
    seen = [law.sample(traces, 7 * seed + member + 99) for member, law in enumerate(laws)]
    order = random.permutation(members * traces).tolist()
    learner = FleetLearner()
    learner.learn_many([seen[at // traces][at % traces] for at in order], [str(at // traces) for at in order])
    return sorted(int(one.name) for one in outliers(learner.fleet()))


def study(members: int, odd: int, traces: int, fleets: int) -> dict[str, Any]:
    """Return how many members were named rightly and wrongly."""
    found = [named(members, odd, traces, seed) for seed in range(fleets)]
    wrong = [sum(member >= odd for member in one) for one in found]
    return {
        "members": members,
        "odd": odd,
        "traces": traces,
        "fleets": fleets,
        "wrong": sum(wrong),
        "with_wrong": rate(sum(many > 0 for many in wrong), fleets),
        "right": sum(len(one) for one in found) - sum(wrong),
    }


def tables(result: Result) -> dict[str, Table]:
    """Return ``named``: how often members were named rightly and wrongly."""
    head = ("members", "odd", "traces of each", "fleets", "with one named wrongly", "wrongly a fleet", "odd ones named")
    rows = [
        [
            *(f"{row[key]:,}" for key in ("members", "odd", "traces", "fleets")),
            cell(row["with_wrong"]),
            f"{row['wrong'] / row['fleets']:.2f}",
            f"{row['right'] / (row['odd'] * row['fleets']):.0%}" if row["odd"] else "",
        ]
        for row in result["measured"]
    ]
    return {"named": Table(head, rows, "r" * len(head))}


def main() -> None:
    """Measure and print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("--fleets", type=int, default=60)
    args = parser.parse_args()
    cases = [(members, odd, traces) for members in MEMBERS for odd in ODD for traces in SIZES]
    finish(__file__, args, [study(*case, args.fleets) for case in cases], tables)


if __name__ == "__main__":
    main()
