"""Places: what stays stays where it is, and no box lies on another."""

from __future__ import annotations

import itertools
import re
import time
from dataclasses import replace

import pytest

from flexstream import PDFA, StreamLearner
from flexstream.live.scene import Scenes
from flexstream.live.steady import Placing
from flexstream.targets import Recipe, from_rows, random_pdfa
from flexstream.writers.backing import areas
from flexstream.writers.figure import Arrow, Box, Figure
from flexstream.writers.geometry import Layout, printed_width


def chain(states: int, extra: dict[int, str]) -> PDFA:
    """Return a chain of states, some of which have a branch of their own."""
    rows: dict[int, dict[str | None, tuple[float, int]]] = {}
    for state in range(states):
        rows[state] = {f"step {state}": (90, state + 1)} if state + 1 < states else {None: (90, 0)}
    for at, (source, symbol) in enumerate(extra.items()):
        rows[source][symbol] = 9, states + at
        rows[states + at] = {None: (9, 0)}
    return from_rows(rows)


def overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    """Tell whether two boxes lie on each other."""
    return (
        abs(one["x"] - other["x"]) < (one["width"] + other["width"]) / 2
        and abs(one["y"] - other["y"]) < (one["height"] + other["height"]) / 2
    )


def test_boxes_stay_where_they_are_when_some_come_and_go() -> None:
    scenes = Scenes()
    first = scenes.scene(chain(9, {}))
    for extra in ({2: "aside"}, {2: "aside", 5: "away"}, {5: "away"}, {}):
        scene = scenes.scene(chain(9, extra))
        places = {box["key"]: (box["x"], box["y"]) for box in scene["boxes"]}
        assert all(places[box["key"]] == (box["x"], box["y"]) for box in first["boxes"])
        assert not any(overlap(*pair) for pair in itertools.combinations(scene["boxes"], 2))
        assert len(scene["boxes"]) == len(first["boxes"]) + len(extra)


def test_much_that_is_new_is_laid_out_anew() -> None:
    scenes = Scenes()
    scenes.scene(chain(2, {}))
    scene = scenes.scene(chain(12, {}))
    assert not any(overlap(*pair) for pair in itertools.combinations(scene["boxes"], 2))
    assert [news["kind"] for news in scene["news"]].count("merged") == 0


def picture(sizes: dict[str, int]) -> Figure:
    """Return a picture of boxes side by side below a first one, with names of these lengths."""
    boxes = [Box(key, "state", "", ("m" * size,), (), (), "", "", False, False, "") for key, size in sizes.items()]
    arrows = [Arrow("top", key, "sure", (key,), 0.5, "", ()) for key in sizes if key != "top"]
    return Figure(tuple(boxes), tuple(arrows), (), "TB", ())


def sides(layout: Layout) -> dict[str, dict[str, float]]:
    """Return where the boxes of a layout are, and how large."""
    return {
        place.box.id: {"x": place.x, "y": place.y, "width": place.width, "height": place.height}
        for place in layout.places
    }


@pytest.mark.parametrize("grown", ["a", "b", "c"])
def test_a_box_that_another_grows_into_makes_room_with_its_arrows(grown: str) -> None:
    sizes = dict.fromkeys(("top", "a", "b", "c"), 6)
    placing = Placing()
    before = placing.layout(picture(sizes), str)
    assert sides(placing.layout(picture(sizes | {grown: 8}), str)).keys() == sizes.keys()
    after = placing.layout(picture(sizes | {grown: 18}), str)
    old, new = sides(before), sides(after)
    assert not any(overlap(*pair) for pair in itertools.combinations(new.values(), 2))
    moved = {key for key in sizes if (old[key]["x"], old[key]["y"]) != (new[key]["x"], new[key]["y"])}
    assert len(moved) == 1 and "top" not in moved
    routes = {route.arrow.target: route.path for route in before.routes}
    assert {route.arrow.target for route in after.routes if route.path != routes[route.arrow.target]} == moved
    assert sides(placing.layout(picture(sizes | {grown: 18}), str)) == new


@pytest.mark.parametrize("seed", range(12))
def test_every_arrow_has_both_its_boxes(seed: int) -> None:
    source = random_pdfa(Recipe(states=12, symbols=5, mean_length=7), seed=seed)
    scenes, learner = Scenes(), StreamLearner(every=0)
    for round_ in range(6):
        learner.learn_many([[str(one) for one in trace] for trace in source.sample(30 * 3**round_, seed=round_)])
        scene = scenes.scene(learner.automaton)
        keys = [box["key"] for box in scene["boxes"]]
        assert len(keys) == len(set(keys)) and "q0" in keys
        assert all(arrow["source"] in keys and arrow["target"] in keys for arrow in scene["arrows"])
        left, top, width, height = scene["frame"]
        assert all(left <= box["x"] <= left + width and top <= box["y"] <= top + height for box in scene["boxes"])
        assert not any(overlap(*pair) for pair in itertools.combinations(scene["boxes"], 2))


def test_all_that_is_drawn_lies_in_the_frame() -> None:
    """Words and arrows too, in a first layout and in one to which states came."""
    scenes = Scenes()
    for extra in ({}, {8: "a long name of a step that leads aside"}, {0: "another name of a step that leads aside"}):
        scene = scenes.scene(chain(9, extra))
        left, top, width, height = scene["frame"]
        for arrow in scene["arrows"]:
            x, y = arrow["label"]
            assert left <= x and all(x + printed_width(line) <= left + width for line in arrow["lines"])
            assert top <= y <= top + height
        for box in scene["boxes"]:
            assert left <= box["x"] - box["width"] / 2 and box["x"] + box["width"] / 2 <= left + width


def on_border(point: tuple[float, float], box: dict[str, float]) -> bool:
    """Tell whether a point lies on the outline of a box."""
    across, down = abs(point[0] - box["x"]) - box["width"] / 2, abs(point[1] - box["y"]) - box["height"] / 2
    return abs(max(across, down)) <= 2.0


@pytest.mark.parametrize("size", [2, 8, 14, 30])
def test_arrows_end_on_boxes_that_have_grown_or_shrunk(size: int) -> None:
    placing = Placing()
    placing.layout(picture(dict.fromkeys(("top", "a", "b", "c"), 16)), str)
    for grown in ("a", "top"):
        layout = placing.layout(picture(dict.fromkeys(("top", "a", "b", "c"), 16) | {grown: size}), str)
        where = sides(layout)
        for route in layout.routes:
            start = tuple(float(number) for number in re.findall(r"-?\d+\.\d+", route.path)[:2])
            assert on_border(route.tip, where[route.arrow.target])
            assert on_border((start[0], start[1]), where[route.arrow.source])


def test_words_of_new_arrows_find_room() -> None:
    """Beside boxes, words and arrows that stand already."""
    placing = Placing()
    first = picture(dict.fromkeys(("top", "a", "b", "c", "d"), 8))
    placing.layout(first, str)
    more = [Arrow(one, other, "sure", ("some long words", "of two lines"), 0.5, "", ()) for one, other in ("ab", "cd")]
    layout = placing.layout(replace(first, arrows=(*first.arrows, *more)), str)
    words = [area for route in layout.routes for area in areas(route)]
    boxes = [
        (one.x - one.width / 2, one.y - one.height / 2, one.x + one.width / 2, one.y + one.height / 2)
        for one in layout.places
    ]
    for one, other in [*itertools.combinations(words, 2), *itertools.product(words, boxes)]:
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def test_many_new_arrows_find_their_ways_soon() -> None:
    placing = Placing()
    names = [f"s{at}" for at in range(30)]
    boxes = tuple(Box(key, "state", "", (key,), (), (), "", "", False, False, "") for key in names)
    arrows = [Arrow(one, other, "sure", ("words",), 0.5, "", ()) for one, other in itertools.pairwise(names)]
    placing.layout(Figure(boxes, tuple(arrows), (), "TB", ()), str)
    arrows += [Arrow(one, other, "sure", ("words",), 0.5, "", ()) for one, other in zip(names, names[7:], strict=False)]
    started = time.process_time()
    placing.layout(Figure(boxes, tuple(arrows), (), "TB", ()), str)
    assert time.process_time() - started < 2
