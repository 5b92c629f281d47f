"""The plan as text, from sizes made by hand: every line is written out here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from flexstream import UsageError
from flexstream.pac.demand import Demand
from flexstream.pac.planning import plan as plan_of
from flexstream.pac.planning import tables
from flexstream.pac.planning.plan import THEOREMS, Plan, run_parameters, sizes_of, smallest
from flexstream.pac.planning.planned_learner import PlannedLearner
from flexstream.pac.planning.tables import plan_text, support_text
from flexstream.pac.sizes import Sizes, checked, no_overflow
from flexstream.pac.theorems.flexstream import LEAST_LEVEL

from .tiny import tiny

DEMAND = Demand(states=2000, symbols=3000, mu=0.25, length=7.5, eps=0.125, delta=0.05, futures=4)
SIZES = Sizes("a-theorem", 1234.2, 2.5e7, 7, 1.75e8, 0, 0, 0, 2.0**20, "it holds")
SKETCHED = Sizes("sketched", 10, 20, 1, 20, 1e9, 109, 5, 2.0**50, "it holds too", {"alpha": 0.12345, "width": 109})


def plan(run: Mapping[str, Any] | None) -> Plan:
    return Plan(DEMAND, "sketched", {"a-theorem": SIZES, "sketched": SKETCHED}, run)


def test_a_plan_as_text() -> None:
    run = {"every": 12345, "heuristic": "css", "memory": "64MiB", "options": SKETCHED.options}
    assert plan_text(plan(run)) == (
        "target: at most 2,000 states, 3,000 symbols, mu >= 0.25 within 4 events, expected length <= 7.5\n"
        "asked: error at most eps = 0.125, with probability at least 0.95\n"
        "\n"
        "theorem                  a state     a batch batches     strings probabilities   sketch      memory\n"
        "a-theorem                  1,235    2.5·10^7       7    1.8·10^8             -        -     1.0 MiB\n"
        "sketched                      10          20       1          20      1.0·10^9    109x5 1.1·10^15 B\n"
        "\n"
        "a-theorem: it holds\n"
        "sketched: it holds too\n"
        "\n"
        "strings read until it is sure, but with probability 0.05:\n"
        "  balle-castro-gavalda: all states found 8.1·10^17, all pairs decided 1.6·10^18\n"
        "  flexstream pac search, which is told neither states nor mu: 2.5·10^25\n"
        "\n"
        "run (sketched): refine every 12,345 strings, heuristic css with\n"
        "  alpha 0.123, width 109\n"
        "  sample: 20 strings take at most about 124.5 KiB, within the 64MiB of the run\n"
    )


def test_a_plan_too_large_to_run() -> None:
    assert plan_text(plan(None)).endswith("\n\nrun: none, sketched asks for more strings than any run can count\n")


def test_memory_in_the_unit_that_fits() -> None:
    least = replace(SIZES, memory=2.0**50 - 1)
    assert tables._row(least).endswith(" 1024.0 TiB")
    assert tables._row(replace(least, memory=2.0**50)).endswith(" B")


def test_what_strings_support(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        ("a-theorem", "eps"): None,
        ("a-theorem", "mu"): 0.5,
        ("sketched", "eps"): 0.12345,
        ("sketched", "mu"): None,
    }
    asked: list[Any] = []

    def found(theorem: str, demand: Demand, strings: float, what: str) -> float | None:
        asked.append((demand, strings))
        return values[theorem, what]

    monkeypatch.setattr(tables, "smallest", found)
    assert support_text(plan(None), 1234567) == (
        "1,234,567 strings support (the other value as asked; - if none):\n"
        "\n"
        "theorem                      eps         mu\n"
        "a-theorem                      -        0.5\n"
        "sketched                   0.123          -\n"
    )
    assert asked == [(DEMAND, 1234567)] * 4


# --- plans ---------------------------------------------------------------------------------------------------------


SMALL = Demand(states=2, symbols=2, mu=0.5, length=3, eps=0.5, delta=0.1)


def test_a_plan_as_a_document() -> None:
    made = Plan.make(SMALL, "palmer-goldberg", "2GiB")
    document = made.to_document()
    assert document["format"] == "flexstream-pac-plan"
    assert document["version"] == 2
    assert document["demand"] == SMALL.to_document()
    assert (document["theorem"], document["run"]) == ("palmer-goldberg", made.run)
    assert list(document["sizes"]) == list(THEOREMS)
    assert made.run is not None and made.run["memory"] == "2GiB"
    assert Plan.make(SMALL).theorem == "flexstream"
    huge = Plan.make(SMALL.with_(mu=1e-6, eps=1e-9), "clark-thollard")
    assert huge.to_document()["run"] is None
    assert Plan.from_document(huge.to_document()) == huge


def test_sizes_as_a_document() -> None:
    assert SKETCHED.to_document() == {
        **{"theorem": "sketched", "node": 10, "batch": 20, "batches": 1, "strings": 20, "probabilities": 10**9},
        **{"width": 109, "depth": 5, "memory": 2**50, "promise": "it holds too", "proven": False},
        "options": dict(SKETCHED.options),
    }
    assert SIZES.to_document()["node"] == 1234.2
    assert SIZES.options == {}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (None, r'^not a plan: "format" is not "flexstream-pac-plan" \(expected: a file of flexstream pac plan -o\)$'),
        ({}, "not a plan"),
        ({"format": "flexstream-pac-report"}, "not a plan"),
        ({"format": "zzz"}, "not a plan"),
        ({"format": "aaa"}, "not a plan"),
        ({"format": "flexstream-pac-plan"}, "^plan of version None, this FlexStream .*made anew"),
        ({"format": "flexstream-pac-plan", "version": 3}, "^plan of version 3, this FlexStream .*made anew"),
        ({"format": "flexstream-pac-plan", "version": 0}, "^plan of version 0, this FlexStream .*made anew"),
        ({"format": "flexstream-pac-plan", "version": 2}, "not a demand"),
    ],
)
def test_documents_that_are_no_plans(document: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Plan.from_document(document)


@pytest.mark.parametrize("memory", ["x", "-1", ""])
def test_a_plan_has_a_memory_that_is_one(memory: str) -> None:
    with pytest.raises(UsageError):
        Plan.make(SMALL, memory=memory)
    document = Plan.make(SMALL).to_document()
    document["run"]["memory"] = memory
    with pytest.raises(UsageError):
        Plan.from_document(document)


def test_a_plan_keeps_the_memory_that_it_was_made_with() -> None:
    document = Plan.make(SMALL, memory="3GiB").to_document()
    assert Plan.from_document(document).run["memory"] == "3GiB"  # type: ignore[index]
    document["run"]["every"] += 1
    with pytest.raises(UsageError, match=r"^the parameters of the plan do not follow from its demand: make it anew$"):
        Plan.from_document(document)


@pytest.mark.parametrize("name", ["node", "batch", "batches", "strings", "probabilities", "memory"])
def test_sizes_beyond_all_numbers(name: str) -> None:
    told = r"^the plan: the sizes pass 10\^308 \(expected: fewer states and symbols, or larger mu, eps and delta\)$"
    with pytest.raises(UsageError, match=told):
        checked(lambda: replace(SIZES, **{name: float("inf")}))
    assert checked(lambda sizes: sizes, SIZES) is SIZES


@pytest.mark.parametrize("error", [OverflowError, ZeroDivisionError])
def test_what_numbers_cannot_hold_is_said(error: type[Exception]) -> None:
    with pytest.raises(UsageError, match=r"^it: the sizes pass 10\^308"), no_overflow("it"):
        raise error
    with pytest.raises(KeyError), no_overflow("it"):
        raise KeyError


def test_the_largest_run() -> None:
    """A batch or a node of 2⁵³ is too large, and a level that is none."""
    assert plan_of.LARGEST_RUN == 2.0**53
    sizes = replace(sizes_of("palmer-goldberg", SMALL), node=100, batch=2.0**53 - 1)
    assert run_parameters(sizes, SMALL, "1MiB") is not None
    for change in ({"batch": 2.0**53}, {"node": 2.0**53}):
        assert run_parameters(replace(sizes, **change), SMALL, "1MiB") is None
    level = replace(sizes, options={"alpha": LEAST_LEVEL})
    assert run_parameters(level, SMALL, "1MiB") is None
    assert run_parameters(replace(sizes, options={"alpha": 2 * LEAST_LEVEL}), SMALL, "1MiB") is not None
    # The level that makes the threshold of two nodes half of mu is never smaller than that either.
    assert run_parameters(replace(sizes, node=1e9), SMALL, "1MiB")["options"]["alpha"] == LEAST_LEVEL  # type: ignore[index]


def test_the_smallest_value_is_found_to_a_part_in_a_million() -> None:
    """Palmer and Goldberg's strings for mu as they were asked; no value is supported by one string less than for 1."""
    for what in ("eps", "mu"):
        found = smallest("palmer-goldberg", SMALL, 10**9, what)
        assert found is not None
        assert sizes_of("palmer-goldberg", SMALL.with_(**{what: found})).strings <= 10**9
        assert sizes_of("palmer-goldberg", SMALL.with_(**{what: found / (1 + 1.1e-6)})).strings > 10**9
    least = sizes_of("palmer-goldberg", SMALL.with_(mu=1.0)).strings
    assert smallest("palmer-goldberg", SMALL, least - 1, "mu") is None
    assert smallest("palmer-goldberg", SMALL, least, "mu") == pytest.approx(1.0, abs=1e-3)
    assert smallest("palmer-goldberg", SMALL, float("inf"), "mu") < 1e-11  # type: ignore[operator]


# --- learners under a plan -------------------------------------------------------------------------------------------


def test_what_a_plan_fixes_is_named() -> None:
    made = Plan.make(SMALL)
    with pytest.raises(UsageError, match=r"^every, memory: fixed by the plan \(expected: to leave it out\)$"):
        PlannedLearner(made, memory="1MiB", every=3, seed=1)
    learner = PlannedLearner(made, seed=3, smoothing=0.5)
    twin = learner.clone()
    assert (twin.plan, twin.seed, twin.smoothing) == (made, 3, 0.5)
    huge = Plan.make(SMALL.with_(mu=1e-6, eps=1e-9), "clark-thollard")
    told = r"^clark-thollard asks for more strings than any run can count \(expected: another plan\)$"
    with pytest.raises(UsageError, match=told):
        PlannedLearner(huge)


@pytest.mark.parametrize("theorem", ["palmer-goldberg", "baumgartner-verwer", "clark-thollard"])
def test_levels_of_other_theorems_stay_within_the_batches_planned(theorem: str) -> None:
    made = Plan.make(SMALL, theorem)
    if made.run is None:
        pytest.skip("too large for any run")
    learner, alpha = PlannedLearner(made), made.run["options"]["alpha"]
    batches = int(made.sizes[theorem].batches)
    assert learner.level(batches) == max(alpha, LEAST_LEVEL)
    assert learner.level(3 * batches) == tiny(max(alpha / 9, LEAST_LEVEL))
    assert learner.level(10**200) == LEAST_LEVEL


def test_a_plan_of_spacesaving_has_no_level() -> None:
    learner = PlannedLearner(Plan.make(SMALL, "balle-castro-gavalda"))
    before = learner.heuristic
    learner.learn_many([["a"], ["b"]] * 200)
    assert learner.refinements > 0 and learner.heuristic == before
