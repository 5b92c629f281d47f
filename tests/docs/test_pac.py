"""docs/pac.md: its commands exist, its formulas are those of the code."""

from __future__ import annotations

import math
import re
import shlex
from pathlib import Path

import pytest

from flexstream.pac.demand import Demand
from flexstream.pac.report import limits
from flexstream.pac.report.shares import (
    CHECKS,
    FITS,
    FORESIGHT,
    INTERVALS,
    ORDER,
    RADII,
    SEPARATIONS,
    WHOLE,
    Declared,
    planned_part,
)
from flexstream.pac.statistics import centred, divergence, order, ordered_visits
from flexstream.pac.theorems import flexstream as own

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "pac.md").read_text()
COMMANDS = [line for line in PAGE.splitlines() if line.startswith("flexstream ")]


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_are_understood(line: str) -> None:
    from flexstream_cli.main import flexstream

    group, words = flexstream, shlex.split(line)[1:]
    while words:
        context = group.make_context("flexstream", list(words), resilient_parsing=True)
        command = group.get_command(context, words[0])
        assert command is not None
        name, words = words[0], words[1:]
        if not hasattr(command, "get_command"):
            command.make_context(name, words)  # raises where an option does not exist
            return
        group = command


def test_there_are_commands_and_nothing_is_left_to_fill_in() -> None:
    assert len(COMMANDS) >= 3
    assert "@" not in re.sub(r"`[^`]*`", "", PAGE)


def test_delta_is_shared_out_as_told() -> None:
    told = "½ to intervals, ⅛ each to the whole and to what is foretold, 1/16 each to pairs of states, the order and"
    assert told in PAGE
    assert INTERVALS == 1 / 2
    assert WHOLE == FORESIGHT == 1 / 8
    assert SEPARATIONS == ORDER == FITS == 1 / 16
    assert CHECKS == RADII == 1 / 32
    assert INTERVALS + WHOLE + FORESIGHT + RADII + SEPARATIONS + ORDER + CHECKS + FITS == 1


def test_what_is_told_of_levels_and_weights() -> None:
    assert "K is 6 and w_1² is 0.6;" in PAGE and (ordered_visits.ORDERS, ordered_visits.FIRST) == (6, 0.6)
    assert "after which fewer than 60 visits are expected" in PAGE and ordered_visits.FEWEST == 60
    assert "2/5 go to first visits alone" in PAGE and limits.FIRST == 2 / 5
    assert "gets 19/(19 + M) of the intervals' share" in PAGE and planned_part(Declared(7, 100)) == 19 / 26
    assert "a 20th of it is that of theorem 2" in PAGE and divergence.ANYWHERE == 1 / 20
    assert "0.65 with κ = 0.15 of the traces declared and 0.3 with" in PAGE
    assert divergence.DECLARED == ((5.0, 0.65), (1.0, 0.3)) and centred.STRENGTH == 0.03
    assert "otherwise κ = 8, 64, 512 and 4,096" in PAGE
    assert [strength for strength, _ in divergence.strengths(None)] == [8, 64, 512, 4096]
    assert "(0, 0.5, 0.8 or all of the way" in PAGE and sorted(divergence.PARTS) == [0, 0.5, 0.8, 1]
    assert "Half of the level goes to tables of how traces begin" in PAGE and "a quarter is this bet's" in PAGE
    assert (order.BEGINNINGS, order.BETS, max(order.BLOCKS)) == (1 / 2, 1 / 4, 32)


def test_theorem_4_is_what_the_plan_computes() -> None:
    demand = Demand(states=6, symbols=5, mu=0.4, length=6.2, eps=0.5, delta=0.1, futures=2)
    sizes = own.sizes(demand)
    kappa = 6 / math.pi**2 * demand.delta / 4
    assert sizes.width == math.ceil(2 * math.e / (demand.mu / 4))
    assert sizes.depth == math.ceil(math.log(demand.states**2 / (2 * kappa)))
    cells = demand.futures * sizes.depth * sizes.width
    doublings = math.ceil(math.log2(sizes.batch * (demand.length + 1) / kappa))
    events = 2**doublings * doublings * (doublings + 1)
    inside = math.log(2 / kappa) + demand.edges * math.log(2)
    inside += math.log((demand.states + 1) * demand.futures * cells * events)
    assert math.log(2 / sizes.options["alpha"]) == pytest.approx(demand.futures * inside, rel=1e-3)
    assert sizes.node == pytest.approx(8 / (0.75 * demand.mu) ** 2 * demand.futures * inside, rel=1e-3)
