"""The picture of a difference: what is new, changed and gone is told apart, and stands where it belongs."""

from __future__ import annotations

import re
import shutil
from typing import Any

import pytest

from flexstream.difference import Difference, diff, graphic
from flexstream.difference.graphic import CHANGED, GONE, NEW, dot, picture
from flexstream.difference.part import part_of
from flexstream.difference.words import text as words
from flexstream.errors import FlexStreamError
from flexstream.targets import from_rows
from flexstream.writers.figure import WIDEST
from flexstream.writers.graphviz_layout import SlowLayoutError, render, width_of_picture

from .lines import AFTER, BEFORE, counted

EDGE = re.compile(
    r'  (\w+) -> (\w+) \[label="\u00a0(.*?)(?:\\l)?", color="(#\w+)", fontcolor="#\w+", penwidth=([\d.]+)(.*)\];'
)
NODE = re.compile(r"  (\w+) \[label=<<b>(\d+)</b>(.*?)>, (.*)\];")


@pytest.fixture(scope="module")
def changed() -> Difference:
    return diff(counted(BEFORE), counted(AFTER))


def edges(found: Difference) -> list[tuple[str, str, str, str]]:
    """Return of each arrow between two nodes where it leads, its label, its colour, and what else tells it apart."""
    rows = [EDGE.fullmatch(line) for line in dot(found).splitlines()]
    return sorted((f"{row[1]} -> {row[2]}", row[3].replace("\u00a0", ""), row[4], row[6]) for row in rows if row)


def nodes(found: Difference) -> dict[str, tuple[str, str]]:
    """Return of each node what is written below its number, and how it is drawn."""
    rows = [NODE.fullmatch(line) for line in dot(found).splitlines()]
    return {row[1]: (" ".join(re.findall(r'10" color="#\w+">(.*?)<', row[3])), row[4]) for row in rows if row}


def test_what_is_new_is_green_what_has_changed_amber_what_is_gone_red(changed: Difference) -> None:
    assert edges(changed) == sorted(
        [
            ("q0 -> q1", "load 0.90 → 0.75", CHANGED, ""),
            ("q0 -> q0", "setup 0.10 → 0.25", CHANGED, ""),
            ("q1 -> q2", "run 0.89 → 0.67", CHANGED, ""),
            ("q1 -> q3", "polish new 0.33", NEW, ""),
            ("q3 -> q4", "rinse 1", NEW, ""),
            ("q1 -> old3", "scrap gone, 0.11", GONE, ", style=dashed"),
            ("old3 -> old4", "melt gone, 1", GONE, ", style=dashed"),
        ]
    )


def test_it_is_told_apart_without_colours(changed: Difference) -> None:
    """By how thick the arrows are, beside what is written on them."""
    widths = {row[3]: float(row[5]) for line in dot(changed).splitlines() if (row := EDGE.fullmatch(line))}
    assert widths["polish new 0.33"] > widths["load 0.90 → 0.75"] > widths["rinse 1"] > 1


def test_states_say_how_often_they_are_visited_and_which_are_gone(changed: Difference) -> None:
    found = nodes(changed)
    assert {name: text for name, (text, _) in found.items()} == {
        **{"q0": "1.2k", "q1": "900", "q2": "600 end 1", "q3": "300", "q4": "300 end 1"},
        **{"old3": "gone", "old4": "gone"},
    }
    assert {name for name, (_, drawn) in found.items() if "dashed" in drawn and GONE in drawn} == {"old3", "old4"}
    assert {name for name, (_, drawn) in found.items() if "peripheries=2" in drawn} == {"q2", "q4"}
    assert {name for name, (_, drawn) in found.items() if NEW in drawn} == {"q3", "q4"}
    assert not any(CHANGED in drawn for _, drawn in found.values())


def test_boxes_have_the_names_that_the_text_uses(changed: Difference) -> None:
    names = dict(re.findall(r'  (\w+) \[label=<.*tooltip="(.*?)"\];', dot(changed)))
    assert names == {
        **{"q0": "at the start", "q1": "after load", "q2": "after run", "q3": "after polish", "q4": "end after rinse"},
        **{"old3": "after scrap", "old4": "end after melt"},
    }
    assert {"at the start", "after load"} == set(re.findall(r"^(\w.*?) \(q\d", words(changed), re.MULTILINE))
    assert '<font point-size="10">after load</font>' in dot(changed)
    hostile = counted({0: {"<b>\\N": (900, 1)}, 1: {"go": (900, 2)}, 2: {None: (900, 0)}})
    assert graphic.markup("<b>\\N") == "&lt;b&gt;\\\\N" in dot(diff(hostile, hostile))


def test_an_end_that_has_changed_stands_in_its_state() -> None:
    rare, often = (counted({0: {"a": (1000, 0), None: (ends, 0)}}) for ends in (100, 400))
    text, drawn = nodes(diff(rare, often))["q0"]
    assert text == "1.4k end 0.09 → 0.29"
    assert CHANGED in drawn


@pytest.mark.parametrize(("ends", "said"), [(99_990, "end &gt;0.999"), (12, "end &lt;0.001 → 0.50")])
def test_an_end_that_is_nearly_sure_or_hardly_possible_is_markup_all_the_same(ends: int, said: str) -> None:
    one, other = (
        from_rows({0: {"a": (100_000, 1)}, 1: {"b": (100_000 - hits, 1), None: (hits, 0)}})
        for hits in (ends, 50_000 if ends < 100 else ends)
    )
    (line,) = (line for line in dot(diff(one, other)).splitlines() if line.startswith("  q1 ["))
    assert said in line


def test_what_is_as_it_was_is_one_arrow_between_two_states() -> None:
    many = counted({0: {"a": (200, 1), "b": (700, 1), "c": (100, 1)}, 1: {None: (1000, 0)}})
    found = diff(many, many)
    ((leads, label, colour, _),) = edges(found)
    assert (leads, label) == ("q0 -> q1", r"b 0.70\la 0.20\lc 0.10")
    assert colour not in (NEW, GONE, CHANGED)
    assert 'label="no change beyond chance"' in dot(found)


def test_the_caption_says_what_colours_mean_where_there_are_any(changed: Difference) -> None:
    assert "green, bold: new    red, dashed: gone    amber, with an arrow: changed" in dot(changed)
    assert "no change" not in dot(changed)


def test_an_arrow_that_is_gone_goes_on_to_the_state_that_stands_for_its_end() -> None:
    """Though the two automata number their states otherwise."""
    one = counted({0: {"a": (500, 1), "b": (500, 2)}, 1: {None: (500, 0)}, 2: {"c": (400, 1), "d": (100, 1)}})
    other = counted({0: {"a": (500, 2), "b": (500, 1)}, 2: {None: (500, 0)}, 1: {"c": (500, 2)}})
    gone = [edge for edge in edges(diff(one, other)) if edge[2] == GONE]
    assert gone == [("q1 -> q2", "d gone, 0.20", GONE, ", style=dashed")]


def test_exact_automata_say_nothing_of_visits() -> None:
    exact = from_rows({0: {"a": (0.5, 0), None: (0.5, 0)}})
    assert nodes(diff(exact, exact))["q0"][0] == "end 0.50"


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_words_of_arrows_stand_on_white(changed: Difference) -> None:
    drawn = picture(changed, "svg").decode()
    assert drawn.count('fill="white" fill-opacity="0.85"') == 1  # only behind words that an arrow runs through
    assert dot(changed, on_white=[1, 2]).count('bgcolor="#ffffffd9"') == 2
    assert picture(changed, "png").startswith(b"\x89PNG")


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_what_is_too_wide_for_a_page_runs_from_above_to_below(changed: Difference) -> None:
    long = diff(chain({}, 12), chain({3: 0.5}, 12))
    high = picture(long, "svg").decode()
    assert width_of_picture(high) < WIDEST < width_of_picture(render(dot(long), "svg").decode())
    assert width_of_picture(picture(changed, "svg").decode()) > 400


STEPS = 600


def chain(odd: dict[int, float], steps: int = STEPS) -> Any:
    """Return an automaton of a long chain: each step by ``run``, or seldom by ``skip`` over the next one."""
    rows: dict[int, Any] = {steps: {None: (1e4, 0)}, steps + 1: {None: (1e4, 0)}}
    for step in range(steps):
        share = odd.get(step, 0.1)
        rows[step] = {f"run{step}": (1e4 * (1 - share), step + 1), f"skip{step}": (1e4 * share, min(step + 2, steps))}
    return from_rows(rows)


@pytest.fixture(scope="module")
def large() -> Difference:
    return diff(chain({}), chain({3: 0.4, 500: 0.2}))


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@pytest.mark.parametrize("form", ["svg", "png"])
def test_of_what_is_too_large_the_changes_are_drawn_and_that_is_told(large: Difference, form: str) -> None:
    told: list[str] = []
    drawn = picture(large, form, told.append)
    assert told == [f"4 changes and the ways there, of {2 * STEPS:,} arrows in all"]
    assert drawn.startswith(b"\x89PNG") or f"Too large to be drawn whole; drawn: {told[0]}.".encode() in drawn


def test_a_part_holds_its_changes_and_the_likeliest_ways_to_them(large: Difference) -> None:
    part = part_of(large, 2)
    assert part.told.startswith("the 2 surest of 4 changes and the ways there, of ")
    arrows = [line for line in dot(large, part=part).splitlines() if re.match(r"  q\d+ -> q", line)]
    assert sorted(re.findall(r"\u00a0(\w+) 0\.\d+ → 0\.\d+", "".join(arrows))) == ["run3", "skip3"]
    assert [row.split(" [")[0].strip() for row in arrows if "→" not in row] == ["q0 -> q1", "q1 -> q2", "q2 -> q3"]
    assert dot(large, part=part).count("<b>") == 6  # no state but these: 0 to 5
    assert len(dot(large).splitlines()) > 2 * STEPS


def test_what_only_one_has_is_drawn_in_a_part_too(changed: Difference) -> None:
    lines = dot(changed, part=part_of(changed, 100)).splitlines()
    assert any("polish new" in line and NEW in line for line in lines)
    assert any("q1 -> old3" in line and "scrap gone" in line for line in lines)
    assert not any("old4" in line for line in lines)


@pytest.mark.parametrize("fails", [0, 1, 2, 3])
def test_a_slow_layout_leaves_a_part_and_then_a_smaller_one(
    changed: Difference, monkeypatch: pytest.MonkeyPatch, fails: int
) -> None:
    asked: list[int] = []

    def slow(text: str, format: str) -> bytes:
        asked.append(text.count(" -> "))
        if len(asked) <= fails:
            raise SlowLayoutError("no layout in time")
        return b"drawn"

    told: list[str] = []
    monkeypatch.setattr(graphic, "render", slow)
    if fails == 3:
        with pytest.raises(FlexStreamError, match="no layout in time"):
            picture(changed, "png", told.append)
    else:
        assert picture(changed, "png", told.append) == b"drawn"
    assert len(told) == (fails in (1, 2))
    assert len(asked) == min(fails + 1, 3) + (fails < 3)  # the places of words are those of SVG


def test_two_large_automata_without_a_change_are_told_so() -> None:
    same = diff(chain({}), chain({}))
    part = part_of(same, 60)
    assert part.told == f"no change beyond chance, of {2 * STEPS:,} arrows in all"
    assert dot(same, part=part).count("<b>") == 1
