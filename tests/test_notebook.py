"""Models and learners in notebooks: pictures, tables where there can be none, and nothing raw on the page."""

from __future__ import annotations

import copy
import pickle
import xml.etree.ElementTree as ET
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import flexstream
from flexstream import PDFA, Ensemble, StreamLearner
from flexstream.display import Displayed
from flexstream.targets import from_rows, reber
from flexstream.writers import graphviz_layout, picture

HOSTILE = ["<script>alert(1)</script>", "\"quoted\" & 'single'", "-->", "\x00\x1b[31m", "]]>", "load"]
LARGE: dict[int, Any] = {state: {"on": (0.9, (state + 1) % 120), None: (0.1, 0)} for state in range(120)}
TRACES = [["load", "run", "unload"], ["load", "setup", "run", "unload"]] * 100


def learner() -> StreamLearner:
    return StreamLearner().fit(TRACES)


SHOWN: dict[str, Callable[[], Displayed]] = {
    "automaton": lambda: learner().automaton,
    "known exactly": reber,
    "ensemble": lambda: StreamLearner(ensemble=3).fit(TRACES).model,
    "learner": learner,
    "learner of nothing": StreamLearner,
    "one call": lambda: flexstream.learn(TRACES),
    "hostile": lambda: StreamLearner().fit([HOSTILE, HOSTILE[::-1]] * 50),
    "large": lambda: from_rows(LARGE),
}
every = pytest.mark.parametrize("name", SHOWN)


class Page(HTMLParser):
    """Collects the tags and the text of a page, and refuses tags that are not closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words, self._open = "", [""]
        self.feed(page)
        self.close()
        assert self._open == [""]

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture
def no_dot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")


@every
def test_a_notebook_shows_a_picture(name: str) -> None:
    shown = SHOWN[name]()
    svg, page = shown._repr_svg_(), shown._repr_html_()
    assert svg is not None and page is not None
    assert ET.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    told = Page(page)
    assert "svg" in told.tags and "script" not in told.tags and "table" not in told.tags
    assert repr(shown) in told.words


@every
@pytest.mark.usefixtures("no_dot")
def test_without_graphviz_it_shows_a_picture_too(name: str) -> None:
    shown = SHOWN[name]()
    svg = shown._repr_svg_()
    assert svg is not None and ET.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    told = Page(shown._repr_html_() or "")
    assert "svg" in told.tags and "script" not in told.tags and "start" in told.words and "\x1b" not in told.words


def test_of_a_large_automaton_it_shows_what_can_be_read() -> None:
    large = SHOWN["large"]()
    picture = large._repr_svg_() or ""
    assert picture.count('class="node"') == 16 + 1  # the arrow to the start
    assert "16 of 120 states" in Page(large._repr_html_() or "").words


def test_a_layout_that_takes_too_long_is_simpler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphviz_layout, "TIME_LIMIT", 1e-9)
    assert "A simple layout: Graphviz found none in time." in Page(reber()._repr_html_() or "").words


def test_verdicts_are_shown() -> None:
    learned = flexstream.learn([["a", "b"]] * 5)
    assert learned.verdicts
    assert str(learned.verdicts[0].text) in Page(learned._repr_html_() or "").words


@pytest.mark.parametrize("drawn", [True, False])
def test_differences_are_shown_in_words_and_as_a_picture(drawn: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not drawn:
        monkeypatch.setenv("PATH", "")
    other = StreamLearner().fit([["load", "run", "unload"], ["load", "<b>", "unload"]] * 300)
    shown = flexstream.diff(learner().automaton, other.automaton)
    told = Page(shown._repr_html_() or "")
    assert "beyond chance" in told.words and "<b>" in told.words and "b" not in told.tags
    assert ("svg" in told.tags) is drawn is (shown._repr_svg_() is not None)


def test_showing_changes_nothing() -> None:
    shown = learner()
    before = shown.automaton.to_json()
    shown._repr_html_()
    assert shown.automaton.to_json() == before
    for way in (copy.copy, lambda model: pickle.loads(pickle.dumps(model))):
        assert way(shown)._repr_html_() == shown._repr_html_()


# --- frames of pandas ----------------------------------------------------------------------------------------------


def test_frames_hold_what_the_automaton_does() -> None:
    automaton = learner().automaton
    states, transitions = automaton.to_pandas()
    rows = [tuple(row) for row in transitions.itertuples(index=False)]
    assert rows == [tuple(row) for row in automaton.transitions()]
    assert list(transitions.columns) == [*next(automaton.transitions())._fields]
    assert states["visits"].tolist() == automaton.visits.tolist()
    assert states["stop_probability"].tolist() == automaton.stop_probabilities.tolist()
    assert states["state"].tolist() == list(range(len(automaton)))
    assert transitions["guessed"].dtype == bool and states["visits"].dtype == float
    transitions.loc[0, "weight"] = states.loc[0, "visits"] = -1.0  # they are the asker's
    assert automaton.weights.min() >= 0 and automaton.visits.min() >= 0


def test_frames_of_an_ensemble_name_the_member() -> None:
    ensemble = StreamLearner(ensemble=3).fit(TRACES).model
    assert isinstance(ensemble, Ensemble)
    frames = ensemble.to_pandas()
    assert list(frames.states.columns)[:2] == ["member", "state"]
    assert frames.states.groupby("member").size().tolist() == list(map(len, ensemble))
    assert frames.transitions.query("member == 2")["weight"].tolist() == list(ensemble)[2].weights.tolist()


def test_frames_of_a_learner_are_its_automatons() -> None:
    shown = learner()
    assert shown.to_pandas().transitions.equals(shown.automaton.to_pandas().transitions)


def test_frames_of_an_automaton_without_transitions() -> None:
    states, transitions = PDFA([], [1.0], [1.0], [0, 0], [], [], []).to_pandas()  # type: ignore[arg-type]
    assert (len(states), len(transitions)) == (1, 0)


def test_without_pandas_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    for shown in (reber(), learner(), StreamLearner(ensemble=2).fit(TRACES).model):
        with pytest.raises(flexstream.FlexStreamError, match=r"needs pandas, .* pip install pandas"):
            shown.to_pandas()


def test_pictures_of_notebooks_are_those_of_files() -> None:
    from flexstream.writers.view_options import ViewOptions

    assert (reber()._repr_svg_() or "!") in picture.svg(reber(), ViewOptions())


def test_words_of_a_wide_difference_can_be_read_in_a_narrow_cell(browser: Any, tmp_path: Path) -> None:
    rows: dict[int, Any] = {at: {f"step {at}": (900, at + 1)} for at in range(9)} | {9: {None: (900, 0)}}
    other = rows | {4: {"step 4": (500, 5), "scrap": (400, 9)}}
    path = tmp_path / "cell.html"
    path.write_text(flexstream.diff(from_rows(rows), from_rows(other))._repr_html_() or "", encoding="utf-8")
    page = browser.new_page(viewport={"width": 500, "height": 900})
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == 500
    words = page.locator("svg .node text").all()
    assert not words or min(one.bounding_box()["height"] for one in words) > 7.5
    page.close()
