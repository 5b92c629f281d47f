"""Pictures say how long transitions take, where the model knows it and there is room."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flexstream import PDFA
from flexstream.automata.timing import Durations
from flexstream.errors import UsageError
from flexstream.stream.durations import bins_of
from flexstream.targets import from_rows
from flexstream.writers import WRITERS, ViewOptions, write
from flexstream.writers.legend import legend
from flexstream.writers.view import READABLE, View

LEGEND = "· time since the event before (median)"


def timed(automaton: PDFA, seconds: dict[int, list[float]]) -> PDFA:
    """Return an automaton some of whose transitions took so long, each duration once."""
    rows = [(edge, bin) for edge, took in seconds.items() for bin in sorted(set(bins_of(took).tolist()))]
    edges, bins = zip(*rows, strict=True)
    return replace(automaton, durations=Durations(edges, bins, [1] * len(rows), [1.0] * len(automaton.targets)))


LINE = from_rows({0: {"load": (90, 1), "test": (10, 0)}, 1: {"run": (90, 0), None: (10, 0)}})
TIMED = timed(LINE, {0: [1.0, 60.0, 600.0], 2: [7200.0]})


def test_medians_stand_behind_probabilities() -> None:
    text = str(write(TIMED, "dot"))
    assert 'label="\u00a0load 0.90 · 60 s\\l"' in text
    assert 'label="\u00a0run 0.90 · 120 min\\l"' in text
    assert "↻ test 0.10<" in text  # of which no time is known
    assert text.count(LEGEND) == 1
    assert "load: 0.90, count 90, half take no longer than 60 s" in text


def test_mermaid_says_so_too() -> None:
    text = str(write(TIMED, "mermaid"))
    assert "load 0.90 #183; 60 s" in text
    assert f"%% {LEGEND}" in text


def test_without_times_a_picture_is_as_it_was() -> None:
    for format in ("dot", "mermaid"):
        assert write(TIMED, format, ViewOptions(times=False)) == write(LINE, format)


def test_what_is_hidden_and_what_times_are_stand_below_each_other() -> None:
    view = View.picture(TIMED, ViewOptions(min_prob=0.5))
    said = list(legend(view, False))
    assert said[0].startswith(view.caption) and said[-1] == LEGEND
    assert f"\\l{LEGEND}\\l" in str(write(TIMED, "dot", ViewOptions(min_prob=0.5)))


def test_many_transitions_leave_no_room_unless_asked_for() -> None:
    symbols = [f"s{number}" for number in range(READABLE + 1)]
    wide = timed(from_rows({0: {**dict.fromkeys(symbols, (9, 0)), None: (9, 0)}}), {0: [1.0]})
    assert View.of(wide).times == {}
    assert View.of(wide, ViewOptions(times=True)).times == {(0, wide.symbols[0]): "1 s"}
    assert View.of(wide, ViewOptions(max_states=1, min_count=9)).times == {}


def test_times_that_nobody_knows_are_an_error() -> None:
    with pytest.raises(UsageError, match="does not know how long"):
        write(LINE, "dot", ViewOptions(times=True))


@pytest.mark.parametrize("times", [True, False])
@pytest.mark.parametrize("format", sorted(name for name, writer in WRITERS.items() if not writer.times))
def test_formats_without_room_for_times_refuse_them(format: str, times: bool) -> None:
    with pytest.raises(UsageError, match="has no effect"):
        write(TIMED, format, ViewOptions(times=times))
