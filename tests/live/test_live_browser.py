"""The live page in a browser: Chromium, driven by Playwright; skipped where one of them is missing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from flexstream import StreamLearner
from flexstream.live import LivePage
from flexstream.live.looking import Pace
from flexstream.targets import reber, reentrant_line

from ..hostile import HOSTILE

SEEN = 20_000
"""Milliseconds that something may take to be seen on a busy machine."""


class Watched:
    """A learner with its page, and browsers that look at it."""

    def __init__(self, browser: Any, title: str) -> None:
        self.browser, self.learner, self.complaints = browser, StreamLearner(), list[str]()
        self.live = LivePage(self.learner, title)
        self.live.__enter__()

    def learn(self, traces: list[list[str]]) -> None:
        """Learn, with a look at all of it and a version of the automaton."""
        self.live._looking._frames, self.live._looking._versions = Pace(0.0), Pace(0.0)
        self.learner.learn_many(traces)

    def open(self) -> Any:
        """Open the page in another tab."""
        page = self.browser.new_page(viewport={"width": 1400, "height": 900})
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.goto(self.live.address)
        return page


@pytest.fixture
def watched(browser: Any) -> Iterator[Watched]:
    found = Watched(browser, "A <b>title</b> & more")
    yield found
    for context in browser.contexts:
        context.close()
    found.live.close()
    assert found.complaints == []


def until(page: Any, condition: str) -> None:
    """Wait until something holds; the page's policy lets nobody but the debugger evaluate it."""
    end = time.monotonic() + SEEN / 1000
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        page.wait_for_timeout(50)


def places(page: Any) -> list[list[str]]:
    """Return where the boxes stand."""
    script = "[...document.querySelectorAll('#canvas .node')].map(e => [e.dataset.key, e.style.transform])"
    return sorted(page.evaluate(script))


def states(page: Any) -> int:
    """Return how many states are drawn."""
    found: int = page.locator("#canvas .node[role=button]").count()
    return found


def test_states_come_while_one_looks_and_a_reload_shows_the_same(watched: Watched) -> None:
    page = watched.open()
    assert page.locator("h1").inner_text() == "A <b>title</b> & more"
    watched.learn(reber().sample(400, seed=1))
    page.locator("#canvas .node[role=button]").first.wait_for(timeout=SEEN)
    watched.learn(reber().sample(4000, seed=2))
    until(page, "document.querySelectorAll('#canvas .node[role=button]').length >= 6")
    until(page, "document.getElementById('traces').textContent === '4,400'")
    before = places(page)
    news = page.locator("#list-state li").count()
    page.reload()
    until(page, "document.getElementById('traces').textContent === '4,400'")
    assert places(page) == before and page.locator("#list-state li").count() == news


def test_a_click_tells_of_a_state_and_keys_zoom(watched: Watched) -> None:
    page = watched.open()
    watched.learn([["load", "run", "unload"], ["load", "setup", "run", "unload"]] * 200)
    node = page.locator("#canvas .node[data-key=q0]")
    node.wait_for(timeout=SEEN)
    node.focus()
    page.keyboard.press("Enter")
    assert "load" in page.locator("#panel").inner_text()
    box = lambda: float(page.locator("#canvas svg").get_attribute("viewBox").split()[2])  # noqa: E731
    whole = box()
    page.locator("#canvas").focus()
    page.keyboard.press("+")
    assert box() < whole
    page.locator("#fit").click()
    assert box() == pytest.approx(whole, abs=0.1)


def test_more_tabs_than_a_browser_keeps_connections_and_the_end_of_the_stream(watched: Watched) -> None:
    pages = [watched.open() for _ in range(8)]
    watched.learn(reber().sample(1500, seed=1))
    watched.live.end(watched.learner.automaton, "The stream has ended.")
    for page in pages:
        page.bring_to_front()
        until(page, "document.getElementById('state').textContent === 'The stream has ended.'")
        until(page, "document.querySelectorAll('#canvas .node[role=button]').length >= 6")
    watched.live.close()
    pages[0].bring_to_front()
    until(pages[0], "document.getElementById('state').textContent.includes('Nobody answers')")
    assert states(pages[0]) >= 6
    for page in pages:
        page.close()
    watched.complaints.clear()  # that nobody answers is an error to the browser


def test_a_change_of_the_source_and_surprises_are_listed(watched: Watched) -> None:
    page = watched.open()
    for round_ in range(30):
        watched.learn((reber() if round_ < 20 else reentrant_line()).sample(150, seed=round_))
    page.locator("#list-drift li", has_text="the source changed after trace").first.wait_for(timeout=SEEN)
    assert page.locator("#list-surprise li:not(.none)").count() >= 1
    assert page.locator("#chart-rate svg").get_attribute("aria-label")


def test_hostile_symbols_stay_text(watched: Watched) -> None:
    page = watched.open()
    traces = [[symbol, "go", other] for symbol in HOSTILE for other in HOSTILE[:3]]
    for _ in range(6):
        watched.learn(traces * 2)
    watched.learn([[*HOSTILE[:9]], ["go"] * 40])
    page.locator("#canvas .node[role=button]").first.wait_for(timeout=SEEN)
    until(page, "document.querySelectorAll('#list-surprise li:not(.none)').length > 0")
    for node in page.locator("#canvas .node[role=button]").all()[:8]:
        node.focus()
        page.keyboard.press("Enter")
    assert page.evaluate("window.hacked") is None
    assert page.locator("iframe, img, script[src]").count() == 0
    assert page.locator("script").count() == 1 and page.locator("style").count() == 1
    assert "script" in page.locator("main").inner_text()


def test_nothing_can_be_run_or_loaded_from_elsewhere(watched: Watched) -> None:
    page = watched.open()
    page.evaluate(
        """() => { const script = document.createElement('script'); script.textContent = 'window.hacked = 1';
        document.body.append(script); const image = new Image(); image.src = 'http://127.0.0.1:9/x.png';
        document.body.append(image); }"""
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.hacked") is None
    assert sum("Content Security Policy" in said for said in watched.complaints) >= 2
    watched.complaints.clear()


def test_dark_and_light_and_nothing_without_a_name(watched: Watched) -> None:
    page = watched.open()
    watched.learn([["load", "run", "unload"]] * 100)
    page.locator("#canvas .node[data-key=q0]").wait_for(timeout=SEEN)
    back = lambda: page.evaluate("getComputedStyle(document.body).backgroundColor")  # noqa: E731
    light = back()
    page.locator("#theme").click()
    assert back() != light and page.locator("#theme").get_attribute("aria-pressed") == "true"
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, [tabindex="0"], [role=img]')]
        .filter(e => !e.getAttribute('aria-label') && !e.getAttribute('aria-labelledby') && !e.textContent.trim())
        .map(e => e.outerHTML.slice(0, 80))"""
    )
    assert nameless == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(watched: Watched, axe: Any, theme: str) -> None:
    page = watched.open()
    for seed in range(4):
        watched.learn(reber().sample(500, seed=seed))
    page.locator("#canvas .node[data-key=q0]").wait_for(timeout=SEEN)
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    found = axe(page)
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
