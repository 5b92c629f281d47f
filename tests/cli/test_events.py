"""Events that are given on the command line: with blanks, unknown, as JSON."""

from __future__ import annotations

import pytest

from flexstream import StreamLearner

VISIT = ["GET /", "GET /login 3xx", "POST /pay"]


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "web.json"
    StreamLearner().fit([VISIT, VISIT[:2]] * 200).model.save(path)
    return path


def test_events_with_blanks_are_found_in_words(run, web):
    told = run("predict", web, "--after", "GET / GET /login 3xx", "--reach", "POST /pay")
    assert told.text.startswith("after 2 events: state q2") and "POST /pay comes with probability 0.5" in told.text
    assert told.err == ""
    assert told.out == run("predict", web, "--after", '["GET /", "GET /login 3xx"]', "--reach", "POST /pay").out
    assert "POST /pay" in run("explain", web, "--trace", " ".join(VISIT)).text


@pytest.mark.parametrize("command", [("predict", "--after"), ("explain", "--trace")])
def test_what_the_model_does_not_know_is_said(run, web, command):
    name, option = command
    told = run(name, web, option, "GET / GET,\x1b[31m POST /pay")
    assert f"{option}: the model knows no event 'GET,\\x1b[31m' (expected: what it was learned from" in told.err
    assert "such as 'GET /'" in told.err
    assert "and 1 more" in run(name, web, option, "one two one").err


def test_of_an_event_given_as_a_state_it_is_said_which_it_leaves(run, web):
    told = run("explain", web, "POST /pay")
    assert "'POST /pay' is an event, no state (expected: a state before it and the event; it leaves q2)" in told.err
