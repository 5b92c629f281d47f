"""The page as text: one file, one policy, symbols as data, and sliders that stand where something changes."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from flexstream import PDFA, Ensemble, StreamLearner
from flexstream.errors import UsageError
from flexstream.explorer import Part, explorer_page, overview_page
from flexstream.explorer.knowledge import facts
from flexstream.explorer.stops import COVERAGES, MOST_ARROWS, stops
from flexstream.targets import Recipe, from_rows, random_pdfa, reber
from flexstream.writers import View, ViewOptions
from flexstream.writers.choice import levels
from flexstream.writers.palette import ALARM, heat
from flexstream.writers.view_options import Trust


class Page(HTMLParser):
    """Collects what a page holds, by tag."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, Any]]] = []
        self.inside: dict[str, list[str]] = {}
        self._last = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))
        self._last = tag

    def handle_data(self, data: str) -> None:
        self.inside.setdefault(self._last, []).append(data)


def data_of(page: str) -> Any:
    return json.loads(re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[0])


def test_one_file_that_loads_nothing() -> None:
    page = explorer_page(reber(), "<i>Reber</i>")
    told = Page(page)
    for tag, attributes in told.tags:
        assert tag not in ("img", "link", "iframe", "object", "embed", "base")
        assert not {"src", "onload", "onclick", "style"} & set(attributes), (tag, attributes)
        assert str(attributes.get("href", "#")).startswith("#")
        assert str(attributes.get("xlink:href", "#")).startswith("#")
    assert "&lt;i&gt;Reber&lt;/i&gt;" in page and "<i>" not in page
    assert not re.search(r"(src|href)=.?https?:", page)


def test_the_policy_names_the_one_script_and_the_one_style() -> None:
    page = explorer_page(reber())
    policy = next(a["content"] for tag, a in Page(page).tags if a.get("http-equiv") == "Content-Security-Policy")
    script = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    style = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert len(script) == len(style) == 1
    for name, text in (("script-src", script[0]), ("style-src", style[0])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy and "unsafe" not in policy


@settings(max_examples=15, deadline=None)
@given(...)
def test_symbols_come_back_as_they_are(symbols: list[str]) -> None:
    alphabet = list(dict.fromkeys(symbols)) or ["a"]
    size = len(alphabet)
    loop = PDFA(alphabet, [size + 1.0], [1.0], [0, size], range(size), [0] * size, [1.0] * size)
    page = explorer_page(loop, seconds=0)
    assert data_of(page)["symbols"] == alphabet
    assert page.count("<script") == page.count("</script>") == 2
    page.encode()


def test_what_is_known_is_what_the_automaton_says() -> None:
    automaton = random_pdfa(Recipe(states=12, symbols=4), seed=1).to_pdfa()
    known = facts(automaton)
    rows = [(row.source, automaton.symbols.index(row.symbol), row.target) for row in automaton.transitions()]
    assert [tuple(edge[:3]) for edge in known["edges"]] == rows
    assert [state["end"] for state in known["states"]] == automaton.stop_probabilities.tolist()
    assert known["states"][0]["text"] and any("what follows" in line for line in known["states"][0]["text"])


@pytest.mark.parametrize("states", [5, 40, 150])
def test_sliders_stand_where_something_changes(states: int) -> None:
    automaton = random_pdfa(Recipe(states=states, symbols=6, mean_length=6), seed=2).to_pdfa()
    found = stops(automaton, seconds=0)
    for kind in ("coverage", "states"):
        values = [value for value, _ in found[kind]]
        assert values == sorted(set(values)) and values
        assert all(0 <= place < len(found["pictures"]) for _, place in found[kind])
        assert found["readable"] in [place for _, place in found[kind]]
        assert len({place for _, place in found[kind]}) == len(values)
    assert found["states"][-1][0] == (5 if states == 5 else found["states"][-1][0])
    for share, shown in levels(automaton, COVERAGES, MOST_ARROWS):
        view = View.of_transitions(automaton, shown)
        assert view.coverage >= share - 1e-9
        assert states > 100 or (view.states == View.of(automaton, ViewOptions(coverage=share)).states)
    assert [states for states, _ in found["drawn"]][found["readable"]] == len(View.picture(automaton).states)
    assert all(found["drawn"][place][1] == share for share, place in found["coverage"])
    assert all(picture.startswith("<svg ") and ' id="' not in picture for picture in found["pictures"])


def test_ensembles_and_verdicts() -> None:
    ensemble = StreamLearner(ensemble=3).fit([["a", "b"], ["b"]] * 100).model
    assert isinstance(ensemble, Ensemble)
    assert "the best of an ensemble of 3 automata" in explorer_page(ensemble, seconds=0)


def test_automata_of_other_sizes_are_those_of_the_frontier() -> None:
    learner = StreamLearner().fit([["a", "b", "a"], ["b"], ["a", "b", "c"]] * 200)
    frontier = learner.frontier(automata=True)
    known = data_of(explorer_page(learner.automaton, seconds=0, frontier=frontier))
    others = [one for one in frontier.automata if len(one) != len(learner.automaton)]
    assert len(others) > 1 and known["place"] == sum(len(one) < len(learner.automaton) for one in others)
    for one, automaton in zip(known["sizes"], others, strict=True):
        assert [state["visits"] for state in one["states"]] == automaton.visits.tolist()
        assert one["stops"]["first"] > known["stops"]["first"] == 0
    assert data_of(explorer_page(learner.automaton, seconds=0))["sizes"] == []


def test_a_frontier_of_another_stream_or_without_automata_is_refused() -> None:
    learner = StreamLearner().fit([["a", "b", "a"], ["b"], ["a", "b", "c"]] * 200)
    with pytest.raises(UsageError, match="holds no automata"):
        explorer_page(learner.automaton, frontier=learner.frontier())
    for lines in ([["a", "b"], ["c"]] * 300, [["x", "y"], ["x"]] * 300):
        other = StreamLearner().fit([*lines, ["a"]]).frontier(automata=True)
        with pytest.raises(UsageError, match="different streams"):
            explorer_page(learner.automaton, frontier=other)


def test_the_same_model_gives_the_same_page() -> None:
    assert explorer_page(reber()) == explorer_page(reber())


def test_hostile_models_of_many_states_are_bounded() -> None:
    size = 3000
    targets = [(n + 1) % size for n in range(size)]
    long = PDFA(["a"], [1.0] * size, [0.5] * size, range(size + 1), [0] * size, targets, [0.5] * size)
    page = explorer_page(long, seconds=0)
    assert len(data_of(page)["states"]) == size and len(page) < 5_000_000


def test_package_holds_the_parts() -> None:
    import flexstream.explorer

    names = {path.name for path in Path(flexstream.explorer.__file__).parent.iterdir()}
    assert {"explorer.js", "explorer.css", "explorer.html"} <= names


def test_an_overview_shows_each_model_once_and_hostile_words_as_text() -> None:
    hostile = "<script>alert(1)</script>\x1b[31m"
    model = from_rows({0: {hostile: (1, 1)}, 1: {None: (1, 0)}})
    page = overview_page(hostile, [hostile], [Part(hostile, hostile, model, 'a".html'), Part("b", "", model, "b.html")])
    assert page.count("<svg") == page.count("<section>") == 2
    assert "<script" not in page and "\x1b" not in page and 'href="a&quot;.html"' in page
    assert "default-src 'none'; style-src 'sha256-" in page
    assert len(re.findall(r' id="', page)) == 0


def test_what_the_report_trusts() -> None:
    """Fills as pictures have them, an outline where evidence contradicts a state, and none for other sizes."""
    traces = [["a", "b", "a"], ["b"], ["a", "b", "c"]] * 200
    learner = StreamLearner()
    learner.learn_many(traces)
    automaton = learner.automaton
    trust = Trust(tuple(0.2 * (state + 1) for state in range(len(automaton))), (True, *[False] * (len(automaton) - 1)))
    page = data_of(explorer_page(automaton, seconds=0, frontier=learner.frontier(automata=True), trust=trust))
    assert page["trust"]["fills"] == [heat(min(1.0, width)) for width in trust.widths]
    assert page["trust"]["contradicted"][0] and page["trust"]["alarm"] == ALARM
    assert "pale where the report is sure" in page["trust"]["legend"] and "red outline" in page["trust"]["legend"]
    assert page["sizes"] and not any("trust" in size for size in page["sizes"])
    assert data_of(explorer_page(automaton, seconds=0))["trust"] is None
    with pytest.raises(UsageError, match="trust"):
        explorer_page(reber(), seconds=0, trust=trust)
