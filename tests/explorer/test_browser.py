"""The page in a browser: Chromium, driven by Playwright; skipped where one of them is missing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flexstream import PDFA, StreamLearner
from flexstream.explorer import Part, explorer_page, overview_page
from flexstream.learning.frontiers import Frontier
from flexstream.targets import Recipe, random_pdfa
from flexstream.writers.palette import ALARM, heat
from flexstream.writers.view_options import Trust

from ..hostile import HOSTILE


class Opened:
    """A page, with what it complained of and what it asked of the network."""

    def __init__(self, browser: Any, path: Path) -> None:
        self.page = browser.new_page(viewport={"width": 1400, "height": 900})
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())
        assert self.asked == [path.as_uri()]


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Any]:
    pages: list[Opened] = []

    def open_(model: PDFA, frontier: Frontier | None = None, trust: Trust | None = None) -> Opened:
        path = tmp_path / "page.html"
        path.write_bytes(explorer_page(model, "A <b>title</b> & more", frontier=frontier, trust=trust).encode())
        pages.append(Opened(browser, path))
        return pages[-1]

    yield open_
    for found in pages:
        assert found.complaints == []
        assert len(found.asked) == 1 or set(found.asked) == {found.asked[0]}
        found.page.close()


def learned(traces: list[list[str]]) -> PDFA:
    learner = StreamLearner()
    learner.learn_many(traces)
    return learner.automaton


LINES = [["load", "run", "unload"], ["load", "setup", "run", "unload"]] * 200


def test_a_state_an_arrow_and_the_table(opened: Any) -> None:
    page = opened(learned(LINES)).page
    assert page.locator("h1").inner_text() == "A <b>title</b> & more"
    page.locator("[aria-label^='State q1 ']:visible").click()
    told = page.locator("#panel").inner_text()
    assert "State q1 (after load)" in told and "setup" in told and "what follows" in told
    arrow = page.locator("[aria-label^='Arrow from q1 (after load) to q2']:visible")
    arrow.focus()
    page.keyboard.press("Enter")
    assert "From q1 (after load) to q2" in page.locator("#panel h2").inner_text()
    page.locator("#table button", has_text="q2").click()
    assert "State q2" in page.locator("#panel h2").inner_text()
    assert page.locator("#table tbody tr").count() == 5


def test_states_in_the_colours_of_trust_and_back(opened: Any) -> None:
    model = learned(LINES)
    assert not opened(model).page.locator("#trusted").is_visible()
    trust = Trust((0.5,) * len(model), (False, True, *[False] * (len(model) - 2)))
    page = opened(model, trust=trust).page
    shapes = "[aria-label^='State q1 ']:visible :is(path, polygon, rect)"
    colours = lambda: {(one.get_attribute("fill"), one.get_attribute("stroke")) for one in page.locator(shapes).all()}  # noqa: E731
    before = colours()
    page.locator("#trusted").check()
    assert {fill for fill, _ in colours()} - {"none"} == {heat(0.5)} and ALARM in {stroke for _, stroke in colours()}
    assert "red outline" in page.locator("#trust-value").inner_text()
    page.locator("[aria-label^='State q1 ']:visible").click()
    assert "off by 0.50 at most, all together; evidence contradicts" in page.locator("#panel").inner_text()
    page.locator("#activities").check()
    page.locator("#activities").uncheck()
    page.locator("#trusted").uncheck()
    assert colours() == before and page.locator("#trust-value").inner_text() == ""


def test_zoom_pan_and_fit(opened: Any) -> None:
    page = opened(learned(LINES)).page
    box = lambda: [float(n) for n in page.locator(".picture:visible > svg").get_attribute("viewBox").split()]  # noqa: E731
    whole = box()
    page.locator("#closer").click()
    assert box()[2] < whole[2]
    page.locator("#fit").click()
    assert box() == pytest.approx(whole, abs=0.02)
    page.locator("#canvas").focus()
    page.keyboard.press("-")
    assert box()[2] > whole[2]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("0")
    assert box() == pytest.approx(whole, abs=0.02)
    page.locator("#canvas").hover()
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(100)
    assert box()[2] < whole[2]
    before = box()
    page.mouse.down()
    page.mouse.move(800, 320, steps=4)
    page.mouse.up()
    assert box()[0] < before[0]


def test_sliders_draw_more_and_less(opened: Any) -> None:
    page = opened(random_pdfa(Recipe(states=40, symbols=8, mean_length=6), seed=2).to_pdfa()).page
    seen = lambda: page.locator(".picture:visible [aria-label^='State q']").count()  # noqa: E731
    page.locator("#states").fill("0")
    few = seen()
    page.locator("#states").fill("4")
    assert seen() > few == 3
    page.locator("#coverage").focus()
    page.keyboard.press("End")
    assert seen() == 40 and page.locator("#coverage").get_attribute("aria-valuetext") == "100 %"
    page.keyboard.press("Home")
    assert 0 < seen() < 40 and page.locator("#coverage").get_attribute("aria-valuetext").startswith("98.9")
    page.locator("#activities").check()
    assert "activities drawn" in page.locator("#status").inner_text()
    assert page.locator("#states-value").inner_text() == page.locator("#coverage-value").inner_text() == ""


@pytest.mark.parametrize(("states", "length", "fixed"), [(40, 6, False), (150, 60, True)])
def test_what_stands_beside_the_sliders_is_what_is_drawn(opened: Any, states: int, length: int, fixed: bool) -> None:
    source = random_pdfa(Recipe(states=states, symbols=8, mean_length=length), seed=2).to_pdfa()
    page = opened(source).page
    said = lambda kind: page.locator(f"#{kind}-value").inner_text()  # noqa: E731
    drawn = lambda: str(page.locator(".picture:visible [aria-label^='State q']").count())  # noqa: E731
    assert said("states").partition(",")[0] == drawn()
    assert page.locator("#coverage").is_disabled() == fixed == said("coverage").endswith(", more could not be read")
    for kind in ("states", "coverage"):
        for at in range(
            int(page.locator(f"#{kind}").get_attribute("max")) * (not page.locator(f"#{kind}").is_disabled())
        ):
            page.locator(f"#{kind}").fill(str(at))
            assert said("states").partition(",")[0] == drawn() and "%" in said("coverage")


def test_a_frame_that_gets_its_size_late_shows_words_that_can_be_read(browser: Any, tmp_path: Path) -> None:
    line = learned([["load", "heat", "coat", "expose", "bake", "etch", "rinse", "measure", "unload"]] * 300)
    path = tmp_path / "cell.html"
    path.write_text(f"<body style='width:1000px'>{line._repr_html_()}", encoding="utf-8")
    page = browser.new_page(viewport={"width": 1000, "height": 1000})
    page.goto(path.as_uri())
    frame = page.frame_locator("iframe")
    frame.locator(".picture:visible svg").wait_for()
    page.wait_for_timeout(100)
    high = [words.bounding_box()["height"] for words in frame.locator(".picture:visible .node text").all()[:6]]
    assert min(high) > 8.5
    canvas, drawing = (frame.locator(one).bounding_box() for one in ("#canvas", ".picture:visible .graph"))
    assert drawing["height"] > 0.7 * canvas["height"]
    page.close()


def learned_with_sizes(traces: list[list[str]]) -> tuple[PDFA, Frontier]:
    learner = StreamLearner()
    learner.learn_many(traces)
    return learner.automaton, learner.frontier(automata=True)


def test_a_slider_chooses_the_size_of_the_automaton(opened: Any) -> None:
    source = random_pdfa(Recipe(states=25, symbols=5, mean_length=8), seed=3)
    automaton, frontier = learned_with_sizes([[str(one) for one in trace] for trace in source.sample(4000, seed=1)])
    page = opened(automaton, frontier).page
    said = lambda: page.locator("#size-value").inner_text()  # noqa: E731
    assert said() == f"{len(automaton)}, as learned"
    trace = list(automaton.sample(1, seed=8)[0])
    page.locator("#trace").fill(json.dumps(trace))
    page.keyboard.press("Enter")
    by_states = {len(one): one for one in frontier.automata}
    bits = {point.states: point.bits for point in frontier.points}
    assert len(by_states) > 5
    for at, states in enumerate(sorted({*by_states, len(automaton)})):
        page.locator("#size").fill(str(at))
        if states == len(automaton):
            continue
        one = by_states[states]
        assert (
            said()
            == page.locator("#size").get_attribute("aria-valuetext")
            == f"{states}, {bits[states]:.2f} bits a trace"
        )
        assert f"of {states} state{'s' * (states > 1)} drawn" in page.locator("#status").inner_text()
        assert page.locator("#table tbody tr").count() == states <= 100
        assert page.locator(".picture:visible").count() == 1
        cost = one.surprises(trace)[0].sum()
        assert page.locator("#run p").first.inner_text().startswith(f"{cost:.2f} bits in all")
        last = states - 1
        page.locator("#table tbody button", has_text=f"q{last}").last.click()
        assert f"{one.visits[last]:,.0f} visits" in page.locator("#panel").inner_text()
        page.locator("#activities").check()
        page.locator("#activities").uncheck()
    page.locator("#size").fill("0")
    assert page.locator(".picture:visible [data-state]").count() >= 1
    assert "State q" not in page.locator("#panel").inner_text()


def test_without_a_frontier_there_is_no_slider_of_sizes(opened: Any) -> None:
    assert not opened(learned(LINES)).page.locator("#sizes").is_visible()


def test_hostile_symbols_stay_text_at_all_sizes(opened: Any) -> None:
    found = learned_with_sizes([[symbol, "go", other] for symbol in HOSTILE for other in HOSTILE[:3]] * 4)
    page = opened(*found).page
    for at in range(int(page.locator("#size").get_attribute("max")) + 1):
        page.locator("#size").fill(str(at))
        page.locator("#search").fill("<script")
        page.locator("#trace").fill(json.dumps(HOSTILE))
        page.locator("#runner button").click()
        assert "bits in all" in page.locator("#run").inner_text()
        page.locator("#table tbody button").first.click()
    assert page.evaluate("window.hacked") is None
    assert page.locator("script").count() == 2 and page.locator("iframe, img").count() == 0


def test_search_marks_arrows(opened: Any) -> None:
    page = opened(learned(LINES)).page
    page.locator("#search").fill("setup")
    assert page.locator(".picture:visible .edge.found").count() == 1
    assert 'drawn, 1 transitions in all, with "setup"' in page.locator("#status").inner_text()
    page.locator("#search").fill("")
    assert page.locator(".picture:visible .edge.found, .picture:visible .edge.faint").count() == 0


@pytest.mark.parametrize("states", [6, 25])
def test_traces_cost_the_bits_that_the_automaton_says(opened: Any, states: int) -> None:
    source = random_pdfa(Recipe(states=states, symbols=5, mean_length=8), seed=3)
    automaton = learned([[str(symbol) for symbol in trace] for trace in source.sample(4000, seed=1)])
    page = opened(automaton).page
    traces = [*map(list, automaton.sample(20, seed=5)), [], ["nobody knows it"], ["0", "4", "nobody", "1", "1", "1"]]
    for trace in traces:
        found = page.evaluate("trace => flexstreamFollow(trace).map(step => [step.bits, step.state])", trace)
        bits, places = automaton.alone.surprises(trace)
        assert [state for _, state in found] == places.tolist()
        assert [cost for cost, _ in found] == pytest.approx(bits.tolist(), abs=1e-9)


def test_events_of_several_words_are_recognised(opened: Any) -> None:
    page = opened(learned([["Order came", "Order paid", "sent"], ["Order came", "Order", "sent"]] * 100)).page
    for text in ("Order came Order paid sent", "Order came, Order paid, sent", "Order came -> Order paid -> sent"):
        page.locator("#trace").fill(text)
        page.keyboard.press("Enter")
        assert "no such transition" not in page.locator("#run").inner_text()
        assert "Order paid" in page.locator("#run").inner_text()


def test_a_trace_typed_and_picked(opened: Any) -> None:
    page = opened(learned(LINES)).page
    page.locator("#trace").fill("load unload")
    page.keyboard.press("Enter")
    told = page.locator("#run").inner_text()
    assert "bits in all" in told and "unload (no such transition)" in told and "(end)" in told
    page.locator("#trace").fill('["load", ')
    page.keyboard.press("Enter")
    assert "no list of events" in page.locator("#run").inner_text()
    page.locator("#samples").select_option(index=1)
    assert "no such transition" not in page.locator("#run").inner_text()
    assert page.locator("#trace").input_value() == "load run unload" or "setup" in page.locator("#trace").input_value()


def test_hostile_symbols_stay_text(opened: Any) -> None:
    assert len(HOSTILE) == 31
    automaton = learned([[symbol, "go", other] for symbol in HOSTILE for other in HOSTILE[:3]] * 4)
    page = opened(automaton).page
    for state in range(min(len(automaton), 6)):
        page.locator("#table tbody button").nth(state).click()
    for at in range(1, page.locator("#samples option").count()):
        page.locator("#samples").select_option(index=at)
    page.locator("#search").fill("<script")
    for symbol in HOSTILE:
        page.evaluate("trace => flexstreamFollow(trace)", [symbol, "go"])
        page.locator("#trace").fill(json.dumps([symbol]))
        page.locator("#runner button").click()
        assert "bits in all" in page.locator("#run").inner_text()
    assert page.evaluate("window.hacked") is None
    assert page.locator("iframe, img, script[src]").count() == 0
    assert page.locator("script").count() == 2 and page.locator("style").count() == 1


def test_nothing_can_be_run_or_loaded_from_elsewhere(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(explorer_page(learned(LINES)), encoding="utf-8")
    found = Opened(browser, path)
    found.page.evaluate(
        """() => { const script = document.createElement('script'); script.textContent = 'window.hacked = 1';
        document.body.append(script); const image = new Image(); image.src = 'http://127.0.0.1:9/x.png';
        document.body.append(image); }"""
    )
    found.page.wait_for_timeout(200)
    assert found.page.evaluate("window.hacked") is None
    assert sum("Content Security Policy" in said for said in found.complaints) >= 2
    found.page.close()


def test_dark_light_print_and_reload(opened: Any) -> None:
    page = opened(learned(LINES)).page
    back = lambda: page.evaluate("getComputedStyle(document.body).backgroundColor")  # noqa: E731
    light = back()
    blend = lambda: page.evaluate("getComputedStyle(document.querySelector('.picture svg')).mixBlendMode")  # noqa: E731
    assert blend() == "normal"
    page.locator("#theme").click()
    assert blend() == "screen"  # the picture stands on the colour of the page, not on black
    assert back() != light and page.locator("#theme").get_attribute("aria-pressed") == "true"
    page.emulate_media(media="print")
    assert blend() == "normal" and back() == "rgb(255, 255, 255)" and not page.locator(".tools").is_visible()
    page.emulate_media(media="screen", color_scheme="dark")
    page.reload()
    assert back() != light and page.locator(".picture:visible").count() == 1
    page.emulate_media(media="print", color_scheme="dark")
    assert blend() == "normal" and back() == "rgb(255, 255, 255)"
    assert page.locator("h2:visible").all_inner_texts() == ["States"]  # nothing was run or asked for


def test_all_of_a_picture_is_printed(opened: Any) -> None:
    large = random_pdfa(Recipe(states=40, symbols=8, mean_length=20), seed=6).to_pdfa()
    page = opened(large).page
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 760, "height": 1000})
    page.wait_for_timeout(100)
    drawing, box = (page.locator(one).bounding_box() for one in (".picture:visible .graph", "#canvas"))
    assert box["x"] - 4 <= drawing["x"] and drawing["x"] + drawing["width"] <= box["x"] + box["width"] + 4
    assert drawing["y"] + drawing["height"] <= box["y"] + box["height"] + 4
    assert "in part" not in page.locator("#status").inner_text()


def test_an_overview_can_be_read_on_a_narrow_screen_and_on_paper(browser: Any, tmp_path: Path) -> None:
    wide = random_pdfa(Recipe(states=40, symbols=8, mean_length=20), seed=6).to_pdfa()
    path = tmp_path / "index.html"
    path.write_text(overview_page("All", ["One."], [Part("One", "of them", wide, "one.html")]), encoding="utf-8")
    page = browser.new_page(viewport={"width": 400, "height": 900}, color_scheme="dark")
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    assert page.locator(".node text").first.bounding_box()["height"] > 10
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.close()


def test_what_is_seen_in_part_is_said(opened: Any) -> None:
    assert "in part" not in opened(learned(LINES)).page.locator("#status").inner_text()
    large = random_pdfa(Recipe(states=40, symbols=8, mean_length=20), seed=6).to_pdfa()
    page = opened(large).page
    assert "at first seen in part: Fit shows all of it" in page.locator("#status").inner_text()


def test_names_and_roles_for_those_who_do_not_see(opened: Any) -> None:
    """All that can be operated has a name and is reached by Tab; headings are in order; the language is told."""
    page = opened(learned(LINES)).page
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, input, select, [tabindex="0"], [role]')]
        .filter(e => e.offsetParent !== null && !(e.labels && e.labels.length) && !e.getAttribute('aria-label'))
        .filter(e => !e.textContent.trim() && e.getAttribute('role') !== 'status').map(e => e.outerHTML.slice(0, 80))"""
    )
    assert nameless == []
    assert page.evaluate("document.documentElement.lang") == "en"
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.getAttribute('aria-label')"))
    assert {"theme", "coverage", "states", "search", "canvas", "trace", "samples"} <= reached
    assert any(str(name).startswith("State q0") for name in reached)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(opened: Any, axe: Any, theme: str) -> None:
    page = opened(learned(LINES)).page
    page.locator("[aria-label^='State q1 ']:visible").click()
    page.locator("#samples").select_option(index=1)
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    found = axe(page)
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
