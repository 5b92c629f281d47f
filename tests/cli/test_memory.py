"""What does not fit into --memory is given up, counted and told; what fits is not mentioned."""

from __future__ import annotations

import json

import pytest

from flexstream.stream.alphabet import SYMBOL_BYTES

NEW_SYMBOLS = "".join(f"load lot{number} unload\n" for number in range(2000))
NEW_CASES = "case,event\n" + "".join(f"order{number},load\n" for number in range(2000))


def learned(run, source, *options, input=b""):
    done = run("learn", source, "-o", "-", "--memory", "128KiB", *options, input=input)
    assert (done.code, done.errors) == (0, [])
    return json.loads(done.out)["provenance"], done


def test_symbols_beyond_the_memory_are_told(run, write):
    told, done = learned(run, write("log.txt", NEW_SYMBOLS))
    symbols = told["alphabet"]["symbols"]
    assert symbols * SYMBOL_BYTES < (1 << 14) + SYMBOL_BYTES
    lost = 2000 + 2 - (symbols - 1)
    assert told["alphabet"] == {"symbols": symbols, "other": "<other>", "given_up_events": lost}
    assert f"gave up {lost:,} events of symbols beyond the first {symbols - 1} (counted as <other>)" in done.err
    assert "more with --memory" in done.err


def test_a_pipe_and_other_formats_keep_the_same_symbols(run, write):
    models = []
    as_json = "".join(json.dumps(line.split()) + "\n" for line in NEW_SYMBOLS.splitlines())
    for source, input in ((write("a", NEW_SYMBOLS), b""), ("-", NEW_SYMBOLS.encode()), ("-", as_json.encode())):
        told, done = learned(run, source, input=input)
        models.append({**json.loads(done.out), "provenance": told["alphabet"], "seal": None})
    assert models[0] == models[1] == models[2]


def test_cases_beyond_the_memory_are_told(run, write):
    told, done = learned(run, write("log.csv", NEW_CASES), "--case", "case", "--event", "event")
    assert 1900 < told["cases_closed_early"] < 2000
    assert told["traces"] == 2000
    message = "cases early, more were open than --max-open-cases/-events or --memory allow"
    assert f"closed {told['cases_closed_early']:,} {message}" in done.err


def test_a_trace_too_long_to_be_kept_is_told(run, write):
    told, done = learned(run, write("long.txt", "load run\n" + "load run " * 5000))
    assert told["tree"]["too_long_tails"] == 1
    assert told["tree"]["too_long_events"] == told["tree"]["given_up_events"] > 9_900
    assert f"gave up the last {told['tree']['too_long_events']:,} events of 1 trace too long to be kept" in done.err


@pytest.mark.parametrize("traces", [["load run unload\n"] * 3000, [f"load {'run ' * 9}\n"] * 3000])
def test_nothing_is_told_where_all_fits(run, write, traces):
    told, done = learned(run, write("plain.txt", "".join(traces)))
    assert "symbols beyond" not in done.err
    assert "too long" not in done.err
    assert "early" not in done.err
    assert told["alphabet"]["other"] is None
    assert (told["cases_closed_early"], told["tree"]["too_long_tails"]) == (0, 0)
