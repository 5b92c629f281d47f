"""The sentence at the top of a report, from documents made by hand: each of its forms is written out here."""

from __future__ import annotations

from typing import Any

import pytest

from flexstream.pac.report.headline import MOST_NAMED, headline

DECISIONS: dict[str, Any] = {
    "heuristic": "css",
    "evidence": "test",
    "forced": {"number": 0, "visits": 0, "largest": 0},
    "rows": [{"source": None}, {"source": 0}],
    "close": 0,
    "expected_wrong": 0.125,
    "unnoticed": None,
}
BOUND = (
    "every probability lies in its interval and distributions differ by at most 0.12 in L1 with 95 % confidence at all "
    "looks"
)


def theorem(name: str, met: bool = True, proven: bool = True) -> dict[str, Any]:
    return {"theorem": name, "met": met, "proven": proven}


def sentence(number: int = 3, **parts: Any) -> str:
    told = {
        "confidence": 0.95,
        "states": [{"state": n, "contradicted": False, "visits_left_out": False} for n in range(number)],
        "pairs": {"number": 3, "proven": 3},
        "guarantee": {"l1": 0.1234},
        "theorems": [theorem("one", met=False)],
        "demand": {"theorem": None},
        "fit": None,
        "predictor": None,
        "decisions": DECISIONS,
        "seen": {"pruned": {"given_up_nodes": 0}, "cases_closed_early": 0},
    }
    return headline(told | parts, number)


def decided(**parts: Any) -> str:
    return sentence(decisions={**DECISIONS, **parts})


def test_all_is_well() -> None:
    assert sentence() == (
        f"No decision is close and nothing seen contradicts the 3 states; if this is the target's structure, {BOUND}."
    )
    assert "contradicts the only state; if" in sentence(1, pairs={"number": 0, "proven": 0})
    assert "contradicts the 1,000 states; if" in sentence(1000)
    assert sentence(confidence=0.999999).endswith("with 99.9999 % confidence at all looks.")


def test_what_would_go_unnoticed() -> None:
    told = "provided that no two states differ by less than 0.12, which would go unnoticed"
    assert decided(unnoticed=0.1234).startswith(f"No decision is close, {told}, and nothing seen contradicts")
    assert f"are to be expected, {told}; if the states" in decided(unnoticed=0.1234, close=2)


@pytest.mark.parametrize(
    ("least", "hidden"), [(0.1234, "differences below 0.12"), (1.0, "any difference")], ids=["some", "all"]
)
def test_what_a_bayes_factor_does_not_show_is_no_condition(least: float, hidden: str) -> None:
    """States that differ by less than a light merge shows may have been found: the sentence must not deny them."""
    row = {"kind": "merge", "source": 0, "smallest_visible_difference": least, "visits": 10}
    rows = [row, {**row, "visits": 12}, {**row, "kind": "separation", "visits": 3}]
    told = decided(evidence="bayes-factor", unnoticed=least, rows=rows)
    assert told.startswith(f"No decision is close, though a merge of 10 visits would hide {hidden}, and nothing seen")
    assert "provided" not in told


def test_what_a_test_supposes_is_none_where_states_differ_by_less() -> None:
    near = {"estimate": 0.1, "least": 0.05, "most": 0.12}
    told = sentence(decisions={**DECISIONS, "unnoticed": 0.4}, distinguishability=near)
    assert "though states were found that differ by less than 0.4, and more of them would go unnoticed, and" in told
    for most in (None, 0.41):
        other = sentence(decisions={**DECISIONS, "unnoticed": 0.4}, distinguishability={**near, "most": most})
        assert "provided that no two states differ by less than 0.4, which" in other


def test_decisions_that_are_close() -> None:
    rest = f"if the states are the target's all the same, {BOUND}."
    assert decided(close=2) == (
        "How many states there are is not settled (3 found): 2 of 2 decisions are close, 0.12 wrong ones are to be "
        f"expected; {rest}"
    )
    assert decided(close=1, rows=[{"source": 0}]).startswith(
        "How many states there are is not settled (3 found): 1 of 1 decision is close, 0.12 wrong ones"
    )
    many = sentence(2000, decisions={**DECISIONS, "close": 1500, "rows": [{"source": 0}] * 3000})
    assert many.startswith(
        "How many states there are is not settled (2,000 found): 1,500 of 3,000 decisions are close,"
    )


def test_decisions_that_cannot_be_judged() -> None:
    assert decided(evidence="unjudged", heuristic="a\nb", close=None) == (
        "The decisions of a\\nb cannot be judged, so how many states there are is not settled (3 found); if the states "
        f"are the target's all the same, {BOUND}."
    )


def test_a_model_without_evidence() -> None:
    assert decided(evidence=None) == (
        f"The model does not hold its evidence, so its states cannot be checked; if they are right, {BOUND}."
    )


def test_nothing_but_the_start() -> None:
    light, alone = {"number": 4, "visits": 4, "largest": 1}, [{"source": None}]
    start = "Nothing could be decided, as only the start has enough visits; if there is but one state, every"
    assert decided(forced=light, rows=alone).startswith(start)
    assert decided(forced=light, rows=[]).startswith(start)
    for parts in ({"rows": alone}, {"forced": light}):  # no other nodes there are, or some are heavy enough
        assert decided(**parts).startswith("No decision is close")


def test_counts_that_are_not_complete() -> None:
    rest = "so neither intervals nor bounds are proven."
    assert sentence(seen={"pruned": {"a": 0, "b": 1}, "cases_closed_early": 5}) == f"Counts were evicted, {rest}"
    assert sentence(seen={"pruned": None, "cases_closed_early": 0}) == f"Counts were evicted, {rest}"
    closed = {"pruned": {"a": 0}, "cases_closed_early": 1}
    assert sentence(seen=closed) == f"Cases were closed early, {rest}"
    unjudged = {**DECISIONS, "evidence": "unjudged"}
    assert sentence(seen=closed, decisions=unjudged) == (
        "Cases were closed early, so neither intervals nor bounds are proven, and the decisions of css cannot be "
        "judged."
    )


@pytest.mark.parametrize(
    ("bound", "told"),
    [(1.94, "distributions differ by at most 1.9 in L1"), (2.0, "nothing is bounded for whole strings")],
)
def test_a_bound_below_two_is_told(bound: float, told: str) -> None:
    assert f"lies in its interval and {told} with 95 %" in sentence(guarantee={"l1": bound})


def test_theorems_and_pairs() -> None:
    met = [theorem("one", met=False), theorem("two"), theorem("three"), theorem("four", proven=False)]
    assert sentence(theorems=met, demand={"theorem": "two"}).endswith("at all looks, as was planned.")
    for other in (None, "one", "four"):  # no plan, one that is not fulfilled, one whose proof is of another learner
        assert sentence(theorems=met, demand={"theorem": other}).endswith("at all looks.")
    assert sentence(pairs={"number": 3000, "proven": 1000}).endswith(
        "at all looks, and 2,000 of 3,000 pairs of states are not proven to differ."
    )
    assert sentence(theorems=met, demand={"theorem": "two"}, pairs={"number": 3, "proven": 2}).endswith(
        "as was planned, and 1 of 3 pairs of states are not proven to differ."
    )


def states(contradicted: int, left_out: int) -> list[dict[str, Any]]:
    made = [{"state": n, "contradicted": True, "visits_left_out": True} for n in range(contradicted)]
    more = range(contradicted, contradicted + left_out)
    return made + [{"state": n, "contradicted": False, "visits_left_out": True} for n in more]


def test_states_that_are_several() -> None:
    assert sentence(2, states=states(1, 1)) == (
        "Do not rely on q0: with 95 % confidence the ways in there do not lead to one state, or a state before it "
        "is several, so the 2 states cannot be the target's and neither intervals nor bounds hold."
    )
    assert sentence(7, states=states(5, 0)).startswith("Do not rely on q0, q1, q2, q3, q4: with")
    assert sentence(7, states=states(7, 0)).startswith("Do not rely on q0, q1, q2, q3, q4 and 2 more: with")
    assert sentence(1, states=states(1, 0)).endswith(
        "so the only state cannot be the target's and neither intervals nor bounds hold."
    )
    assert MOST_NAMED == 5


def test_visits_that_were_left_out() -> None:
    assert sentence(states=states(0, 2)) == (
        "Do not rely on q0, q1: rare ways in speak against one state there and were left out, so neither intervals nor "
        "bounds are proven."
    )


def test_states_that_explain_nothing() -> None:
    found = {"order": 1, "groups": 9, "excess": 17.0, "log_p": -100.0, "state": 2}
    said = (
        "No automaton was found that explains the stream: with 95 % confidence what comes next hangs on {} before it "
        "and not on the 3 states alone, in q2 most of all, so neither intervals nor bounds are proven"
    )
    assert sentence(fit=found) == said.format("the event") + "."
    assert sentence(fit=found | {"order": 3}, predictor={"bits": 1.2345, "traces": 9}) == (
        said.format("the last 3 events")
        + "; as a predictor it takes 1.23 bits an outcome in traces that were left out again."
    )
    assert sentence(2, fit=found, states=states(1, 1)).startswith("Do not rely on q0:")


# --- what is no sample, and what intervals allow for -----------------------------------------------------------------


def order(kind: str = "blocks", fails: bool = True) -> dict[str, Any]:
    return {"fails": fails, "kind": kind, "sentence": "They are no sample (by chance with probability 1e-09)"}


def test_an_order_that_tells_something_comes_first() -> None:
    said = "They are no sample (by chance with probability 1e-09), so neither intervals nor bounds are proven."
    contradicted = [{"state": 0, "contradicted": True, "visits_left_out": False}]
    assert sentence(order=order()) == sentence(order=order(), states=contradicted) == said
    assert sentence(order=order(fails=False)) == sentence(order=None) == sentence()


def test_what_is_known_better_is_said_instead() -> None:
    seen = {"pruned": {}, "cases_closed_early": 0, "strings": 9}
    repeats = {**seen, "repeats": {"traces": 3, "events": 5}}
    assert sentence(order=order("again"), seen=repeats).startswith("The stream repeats itself (3 of 9 strings)")
    assert sentence(order=order("blocks"), seen=repeats).startswith("They are no sample")
    changed = {**seen, "drift": {"within": [5]}}
    assert sentence(order=order(), seen=changed).startswith("The source changed meanwhile (after string 5)")


def left_out(*missing: int | None) -> list[dict[str, Any]]:
    return [
        {"state": state, "contradicted": False, "visits": 4699.0, "visits_left_out": number != 0, "left_out": number}
        for state, number in enumerate(missing)
    ]


def test_a_few_visits_that_contradict_a_state_are_allowed_for() -> None:
    told = sentence(states=left_out(12, 0, 0))
    assert "little seen contradicts the 3 states" in told
    assert "in its interval (which allows for visits that speak against one state: 12 of 4,711 in q0) and" in told
    told = sentence(states=left_out(12, 0, 90))
    assert "speak against one state: in q0, q2, at most 90 of 4,789 in q2) and" in told


@pytest.mark.parametrize("missing", [248, 5000, None])
def test_many_visits_that_contradict_a_state_are_warned_of(missing: int | None) -> None:
    assert sentence(states=left_out(12, missing)).startswith("Do not rely on q1: rare ways in speak against")
    assert sentence(states=left_out(247)).startswith("No decision is close")


@pytest.mark.parametrize(
    ("saved", "told"),
    [
        (5.0, "better than counting pairs (4 bits each, against 9)"),
        (-1.0, "worse than counting pairs (4 bits each, against 3): do not forecast with it"),
        (0.05, "about as well as counting pairs (4 bits each, against 4.05)"),
    ],
)
def test_what_it_is_good_for_where_nothing_is_proven(saved: float, told: str) -> None:
    foresight = {"bits": {"estimate": 4.0}, "saved": {"estimate": saved}}
    end = f"; traces that it had not learned it foretold {told}."
    order = {"fails": True, "kind": "blocks", "sentence": "The traces are no sample"}
    assert sentence(order=order, foresight=foresight) == (
        f"The traces are no sample, so neither intervals nor bounds are proven{end}"
    )
    assert sentence(fit={"order": 2, "state": 1}, foresight=foresight).endswith(f"nor bounds are proven{end}")
