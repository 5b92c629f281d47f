"""The page of a report, section by section, from documents made by hand: what stands there is written out here."""

from __future__ import annotations

from typing import Any

import pytest

from flexstream.pac.report import page
from flexstream.pac.report.page import Section

SEEN: dict[str, Any] = {
    "strings": 1200,
    "events": 3600,
    "symbols": 2,
    "mean_length": 3.0,
    "lengths": {"held": 1200, "q50": 1000, "q90": 2000, "q99": 3000, "largest": 4000},
    "prefixes_held": 1500,
    "looks": 2,
    "reports": 1000,
    "pruned": {"given_up_nodes": 0, "given_up_edges": 0},
    "other_symbols": None,
    "cases_closed_early": 0,
    "sketch": None,
}
SETTLED = {"evidence": 12.25, "margin": 10.0, "error": 0.00123, "strings_to_settle": 0}


def interval(estimate: float, least: float, most: float) -> dict[str, float]:
    return {"estimate": estimate, "least": least, "most": most}


def step(symbol: str, state: int, estimate: float, guessed: bool = False, visits: float = 1.0) -> dict[str, Any]:
    part = {"symbol": symbol, "state": state, "visits": visits, "guessed": guessed}
    return {**part, **interval(estimate, 0.0, 1.0)}


def state(number: int, stop: float = 0.0, **parts: Any) -> dict[str, Any]:
    made = {
        "state": number,
        "visits": 1234.6,
        "stop": interval(stop, 0.0, 1.0),
        "next": [],
        "smallest_visible_difference": 0.256,
        "contradicted": False,
        "visits_left_out": False,
    }
    return made | parts


def decision(**parts: Any) -> dict[str, Any]:
    made = {
        "kind": "merge",
        "source": 3,
        "symbol": "a",
        "state": 1,
        "against": 1,
        "visits": 5000,
        "smallest_visible_difference": 0.5,
    }
    return made | SETTLED | parts


def decisions(**parts: Any) -> dict[str, Any]:
    made = {
        "heuristic": "css",
        "level": 0.0125,
        "close": 1,
        "expected_wrong": 0.25,
        "forced": {"number": 1, "visits": 1, "largest": 1},
        "taken_back": 2,
        "supposed": None,
        "unnoticed": None,
        "rows": [decision()],
    }
    return made | parts


def theorem(name: str, **parts: Any) -> dict[str, Any]:
    row = {"theorem": name, "met": False, "proven": True, "fails": "x", "strings_missing": 12.2, "supports": {}}
    return row | parts


def report(**parts: Any) -> dict[str, Any]:
    made = {
        "headline": "So it is.",
        "summary": {"rely": ["So it was."], "doubt": ["So it is."], "next": []},
        "confidence": 0.95,
        "intervals_hold": True,
        "ensemble": None,
        "seen": SEEN,
        "states": [state(0)],
        "decisions": decisions(),
        "pairs": {"number": 1000, "proven": 999, "compared": True, "closest": []},
        "distinguishability": {"depth": 3, "pair": None, **interval(0, 0, 0), "estimate": None},
        "demand": {
            **{"states": 1000, "symbols": 2000, "mu": 0.1234, "length": 3.14159},
            **{"eps": 0.1, "delta": 0.05, "source": "the plan"},
        },
        "guarantee": {"l1": 0.12345, "kl": None},
        "theorems": [theorem("one")],
        "method": ["this", "that"],
    }
    return made | parts


def sections(**parts: Any) -> list[Section]:
    return list(page.sections(report(**parts)))


# --- the whole -----------------------------------------------------------------------------------------------------


def test_the_sections_come_in_their_order() -> None:
    found = sections()
    assert [section.title for section in found] == [
        "What was seen",
        "States",
        "Decisions, the closest first",
        "Pairs of states, the closest first",
        "Theorems",
        "How this was computed",
    ]
    assert found[-1] == Section("How this was computed", ["this.", "that."], (), ())


def test_the_text_is_a_headline_and_columns_side_by_side() -> None:
    text = page.text(report())
    top = "What you may rely on\n- So it was.\n\nWhat not, or on what condition\n- So it is.\n\n"
    assert text.startswith(top + "What was seen\n-------------\n1,200 strings")
    assert text.endswith(
        "supported now\none      not met  x            13               nothing\n\n"
        "How this was computed\n---------------------\nthis.\nthat.\n"
    )
    rows = [["a", "long", ""], ["longer", "b", "c"], ["", "", ""]]
    assert list(page._lines(rows)) == ["a       long", "longer  b     c", ""]


def test_the_page_is_made_of_the_same_parts() -> None:
    html = page.html(report(summary={"rely": ["a < b"], "doubt": [], "next": ["c"]}, theorems=[theorem("<i>")]))
    assert html.startswith(
        "<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width, initial-scale=1'><title>What this automaton may promise"
    )
    assert html.endswith("<p>this.</p>\n<p>that.</p>\n</body></html>\n")
    assert (
        "<body>\n<h1>What this automaton may promise</h1>\n<div class=top>\n<h2>What you may rely on</h2>\n<ul>\n"
        "<li>a &lt; b</li>\n</ul>\n<h2>What to do next</h2>\n<ul>\n<li>c</li>\n</ul>\n</div>\n<h2>What was seen</h2>"
        in html
    )
    assert html.count("<table>") == html.count("</table>") == 2  # of decisions and theorems; nothing else has rows here
    header = "<tr><th>theorem</th><th></th><th>fails first</th><th>strings missing</th><th>supported now</th></tr>"
    row = "<tr><td>&lt;i&gt;</td><td>not met</td><td>x</td><td>13</td><td>nothing</td></tr>"
    assert f"<table>\n{header}\n{row}\n</table>" in html
    for rule in (
        "max-width:60em",
        "font:16px/1.5 sans-serif",
        ".top{font-size:1.1em;border-left:4px solid",
    ):
        assert rule in html


# --- what was seen -------------------------------------------------------------------------------------------------


def seen(**parts: Any) -> list[str]:
    return list(sections(seen={**SEEN, **parts})[0].paragraphs)


def test_amounts_of_a_stream() -> None:
    assert seen() == [
        "1,200 strings, 3,600 events, 2 symbols; mean length 3, median 1,000, 99 % at most 3,000, largest 4,000.",
        "1,500 distinct prefixes in the tree; 2 refinements, report 1,000 of this stream.",
        "Nothing was evicted: all counts are complete.",
        "No sketch was used: all compared counts are exact.",
    ]
    assert seen(prefixes_held=1, looks=1)[1].startswith("1 distinct prefix in the tree; 1 refinement, report")
    assert seen(prefixes_held=None)[1] == "Nothing was evicted: all counts are complete."
    for nothing in (None, {}, {"held": 0}):
        assert seen(mean_length=3.14159, lengths=nothing)[0].endswith("2 symbols; mean length 3.142.")


def test_what_was_evicted() -> None:
    lost = seen(pruned={"given_up_nodes": 1200, "given_up_edges": 0, "given_up_tails": 3})[2]
    assert lost == (
        "Evicted for lack of memory, or for speed: 1,200 nodes, 3 tails (all are kept with more --memory and with "
        "--report)."
    )
    assert seen(pruned=None)[2] == "Nothing was evicted: all counts are complete."


def test_what_did_not_fit() -> None:
    other = {"own_symbols": 4000, "counted_as": "<other>", "events": 1}
    assert seen(other_symbols=other, cases_closed_early=2000)[3:5] == [
        "Symbols beyond the first 4,000 did not fit into the memory: they were counted as <other>, in 1 event, and are "
        "one symbol in all that follows (more are kept with more --memory).",
        "Closed early because too many were open at once: 2,000 cases. Each is a string that ends there, and "
        "another one if more of it came.",
    ]


def test_sketches() -> None:
    shares = {"beta": 0.12345, "gamma": 0.54321, "merges": 2000, "merges_masked_expected_at_most": 0.333}
    off = (
        "; a count is off by more than beta = 0.123 of the visits with probability gamma = 0.543; of 2,000 merges at "
        "most 0.33 rest on a collision, expected."
    )
    assert seen(sketch={"counters": 1000, **shares})[3] == f"Sketches: 1,000 prefixes a node{off}"
    count_min = {"futures": 2, "depth": 3, "width": 5, **shares}
    assert seen(sketch=count_min)[3] == f"Sketches: 5 x 3 counters for each of 2 lengths{off}"


def test_a_member_of_an_ensemble() -> None:
    first = sections(ensemble={"members": 1000, "member": 1, "weight": 0.65432})[0].paragraphs[0]
    assert first == (
        "About the best of 1,000 automata of an ensemble, number 2, with weight 0.654; nothing is promised of the "
        "mixture."
    )


# --- states --------------------------------------------------------------------------------------------------------


def test_outcomes_of_a_state_by_their_share() -> None:
    steps = [step("b", 1, 0.25), step("a\n", 0, 0.5, guessed=True, visits=3), step("", 2, 0.125)]
    found = sections(states=[state(0, 0.125, next=steps), state(1, contradicted=True), state(2, next=steps[:1])])[1]
    assert found.header == ["state", "visits", "visible from", "next", "to", "probability"]
    assert found.rows == [
        ["q0", "1,235", "0.26", "end", "", "0.1250  (0.0000 to 1.0000)"],
        ["", "", "", "a\\n", "q0?", "0.5000  (0.0000 to 1.0000)"],
        ["", "", "", "b", "q1", "0.2500  (0.0000 to 1.0000)"],
        ["", "", "", '""', "q2", "0.1250  (0.0000 to 1.0000)"],
        ["q2", "1,235", "0.26", "b", "q1", "0.2500  (0.0000 to 1.0000)"],
    ]
    assert found.paragraphs == [
        "All intervals hold together with 95 % confidence, at all looks, on the condition above.",
        "Where 1 transition leads is a guess (?): 3 events took it.",
    ]


def test_what_is_doubtful_of_a_state() -> None:
    made = [
        state(0, 1.0, contradicted=True, visits_left_out=True),
        state(1, 1.0, visits_left_out=True),
        state(2, 1.0),
    ]
    assert [row[0] for row in sections(states=made)[1].rows] == ["q0 (contradicted)", "q1 (visits left out)", "q2"]


def test_guesses_are_added_up() -> None:
    two = [step("a", 0, 0.5, True, 1000), step("b", 0, 0.5, True, 234), step("c", 0, 0.1, False, 9)]
    assert sections(states=[state(0, next=two)])[1].paragraphs[1:] == [
        "Where 2 transitions lead is a guess (?): 1,234 events took them."
    ]
    one = [step("a", 0, 0.5, True, 1)]
    assert sections(states=[state(0, next=one)])[1].paragraphs[1:] == [
        "Where 1 transition leads is a guess (?): 1 event took it."
    ]


@pytest.mark.parametrize(
    ("steps", "stop", "shown", "more"), [(8, 0.0, 8, 0), (7, 0.1, 8, 0), (9, 0.0, 9, 1), (1008, 0.1, 9, 1001)]
)
def test_eight_outcomes_of_a_state_are_shown(steps: int, stop: float, shown: int, more: int) -> None:
    found = sections(states=[state(0, stop, next=[step(f"s{i}", 0, 0.001) for i in range(steps)])])[1].rows
    assert len(found) == shown
    assert found[-1] == ["", "", "", f"and {more:,} more", "", ""] or not more


@pytest.mark.parametrize(("states", "hidden"), [(40, None), (41, "1 more"), (1041, "1,001 more")])
def test_forty_states_are_shown(states: int, hidden: str | None) -> None:
    found = sections(states=[state(number, 1.0) for number in range(states)])[1]
    assert len(found.rows) == 40
    assert list(found.paragraphs[1:]) == (
        [f"The first 40 states; {hidden} are in the JSON report." for _ in [0] if hidden]
    )


def test_long_symbols_are_cut() -> None:
    (row,) = sections(states=[state(0, next=[step("x" * 33, 1, 1.0)])])[1].rows
    assert len(row[3]) == 32 and row[3].startswith("xxx") and row[3] != "x" * 32
    (row,) = sections(states=[state(0, next=[step("x" * 32, 1, 1.0)])])[1].rows
    assert row[3] == "x" * 32


# --- decisions -----------------------------------------------------------------------------------------------------


def test_decisions_in_words_and_rows() -> None:
    rows = [
        decision(),
        decision(kind="separation", against=2, evidence=None, margin=None, error=None, strings_to_settle=None),
        decision(source=None, symbol=None, against=None, visits=7, strings_to_settle=1),
        decision(symbol="x\ty", evidence=123456.0, division=1.25, error=0.5, strings_to_settle=2.5),
    ]
    found = sections(decisions=decisions(rows=rows, unnoticed=0.12345))[2]
    assert found.header == [
        *("decision", "after", "is", "visits", "evidence", "division", "margin", "error", "visible from"),
        "settled by",
    ]
    assert found.rows == [
        ["merge", "q3 a", "q1", "5,000", "12.25", "-", "10", "0.0012", "0.5", "settled"],
        ["separation", "q3 a", "q1, not q2", "5,000", "-", "-", "-", "-", "0.5", "not known"],
        ["merge", "start", "q1", "7", "12.25", "-", "10", "0.0012", "0.5", "1 string more"],
        ["merge", "q3 x\\ty", "q1", "5,000", "1.235e+05", "1.25", "10", "0.5", "0.5", "3 strings more"],
    ]
    assert found.paragraphs == [
        "4 decisions, 1 of them close (probability of error above 0.013); wrong ones expected: 0.25.",
        "Too light to be decided about: 1 node of at most 1 visit (1 in all); taken back: 2 decisions.",
        "What differs by less than 0.123 in what comes next would go unnoticed.",
        "The error of a merge is the probability that it is a state of its own, or another's: by all the evidence, "
        "and by how its visits divide among the outcomes, which alone tells it from a state with the same ones.",
    ]


def test_decisions_that_cannot_be_judged() -> None:
    made = decisions(heuristic="a\nb", close=None, forced={"number": 0, "visits": 0, "largest": 0}, taken_back=1)
    assert sections(decisions=made)[2].paragraphs == [
        "1 decision of a\\nb, which cannot be judged: it is not known how often they are wrong.",
        "Too light to be decided about: no node; taken back: 1 decision.",
    ]


@pytest.mark.parametrize(("futures", "within"), [(1, "one event"), (2, "2 events")])
def test_what_a_test_supposes(futures: int, within: str) -> None:
    made = decisions(supposed={"mu": 0.12345, "futures": futures}, unnoticed=0.5)
    assert sections(decisions=made)[2].paragraphs[2:] == [
        f"A merge is judged by how often the test accepts states that differ by 0.123 within {within}; what differs by "
        "less would go unnoticed."
    ]


def test_light_nodes() -> None:
    made = decisions(forced={"number": 2000, "visits": 5000, "largest": 4000})
    line = sections(decisions=made)[2].paragraphs[1]
    assert line.startswith("Too light to be decided about: 2,000 nodes of at most 4,000 visits (5,000 in all); taken")


def test_a_model_without_its_decisions() -> None:
    assert sections(decisions={"level": None})[2] == Section(
        "Decisions", ["The model does not hold its decisions: learn it again with -o or --report."], (), ()
    )


def test_twelve_rows_are_shown() -> None:
    pair = {"states": [0, 1], **interval(0.5, 0.25, 0.75), "log_evidence": 1.0, "error": 0.5, "strings_to_settle": 0}
    pairs = {"number": 20, "proven": 1, "compared": True, "closest": [pair] * 20}
    found = sections(decisions=decisions(rows=[decision()] * 20), pairs=pairs)
    assert (len(found[2].rows), len(found[3].rows)) == (12, 12)
    assert found[2].paragraphs[0].startswith("20 decisions, 1 of them close")


# --- pairs and theorems ----------------------------------------------------------------------------------------------


def test_pairs() -> None:
    closest = [
        {"states": [2, 7], **interval(0.5, 0.25, 0.75), "log_evidence": 12.34, "error": 0.0123, "strings_to_settle": 0},
        {"states": [0, 1], **interval(0.1, 0, 1), "log_evidence": -5.0, "error": 1.0, "strings_to_settle": 2e7},
    ]
    pairs = {"number": 2000, "proven": 1000, "compared": True, "closest": closest}
    found = sections(pairs=pairs, distinguishability={"depth": 2, "pair": [4, 5], **interval(0.3, 0.2, 0.4)})[3]
    assert found == Section(
        "Pairs of states, the closest first",
        [
            "1,000 of 2,000 pairs of states are proven to differ.",
            "Distinguishability (prefix-L∞, words of up to 2 events): 0.3000  (0.2000 to 0.4000), of q4 and q5.",
        ],
        ["pair", "distance", "evidence", "error", "settled by"],
        [
            ["q2, q7", "0.5000  (0.2500 to 0.7500)", "12.3", "0.012", "settled"],
            ["q0, q1", "0.1000  (0.0000 to 1.0000)", "-5.0", "1", "2.0·10^7 strings more"],
        ],
    )
    assert sections()[3].paragraphs == ["999 of 1,000 pairs of states are proven to differ."]


def test_too_many_pairs() -> None:
    found = sections(pairs={"number": 9, "proven": 0, "compared": False, "closest": []})[3]
    assert found == Section("Pairs of states", ["There are too many states and symbols to compare all pairs."], (), ())


def test_theorems() -> None:
    rows = [
        theorem("one", met=True, fails=None, strings_missing=0, supports={"eps": 0.12345, "mu": 0.5}),
        theorem("two", fails="why", strings_missing=None, supports={"eps": None, "mu": 0.25}),
        theorem("three", supports={"eps": None, "mu": None}),
        theorem("four", met=True, proven=False, fails=None, strings_missing=0),
    ]
    found = sections(theorems=rows)[4]
    assert found == Section(
        "Theorems",
        [
            "Judged for n = 1,000, |Σ| = 2,000, mu = 0.123, L = 3.142, eps = 0.1, delta = 0.05 (the plan).",
            "What holds now, if the states are right: L1 distance at most 0.123.",
        ],
        ["theorem", "", "fails first", "strings missing", "supported now"],
        [
            ["one", "met", "-", "0", "eps 0.123 or mu 0.5"],
            ["two", "not met", "why", "-", "mu 0.25"],
            ["three", "not met", "x", "13", "nothing"],
            ["four", "sizes met (proved for its authors' learner)", "-", "0", "nothing"],
        ],
    )


@pytest.mark.parametrize(("bound", "told"), [(1.999, "at most 2."), (2.0, None)])
def test_a_bound_below_two_is_told(bound: float, told: str | None) -> None:
    line = sections(guarantee={"l1": bound})[4].paragraphs[1]
    assert line == (
        "No bound of the L1 distance holds now."
        if told is None
        else f"What holds now, if the states are right: L1 distance {told}"
    )
