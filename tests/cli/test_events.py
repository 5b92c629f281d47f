"""Events that are given on the command line: with blanks, unknown, as JSON."""

from __future__ import annotations

import json

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
    none = run(name, web, option, "one two one")
    assert "and 1 more" in none.err and none.code == 2 and none.text == ""


def test_of_an_event_given_as_a_state_it_is_said_which_it_leaves(run, web):
    told = run("explain", web, "POST /pay")
    assert "'POST /pay' is an event, no state (expected: a state before it and the event; it leaves q2)" in told.err


@pytest.mark.parametrize("mark", [", ", "; ", " -> ", "|", " > "])
def test_commas_and_arrows_part_events(run, web, mark):
    text = f"GET /{mark}GET /login 3xx"
    for name, option in (("predict", "--after"), ("explain", "--trace")):
        told = run(name, web, option, text)
        assert told.err == "" and told.out == run(name, web, option, '["GET /", "GET /login 3xx"]').out


@pytest.mark.parametrize("command", [("predict", "--after"), ("explain", "--trace")])
def test_parts_of_names_are_no_events(run, web, command):
    told = run(command[0], web, command[1], "GET /, GET /loggin 3xx")
    assert told.code == 2 and told.text == ""
    assert """names that hold blanks as a JSON list: '["GET /", "GET /login 3xx"]'""" in told.err


def test_messages_are_masked_as_those_of_the_log(run, tmp_path):
    log, model = tmp_path / "app.log", tmp_path / "m.json"
    lines = [f"Jan 31 23:{n % 60:02} host app[{n}]: lot {n} {word}\n" for n in range(300) for word in ("in", "out")]
    log.write_text("".join(lines))
    pattern = r"^\S+ +\S+ \S+ \S+ app\[(?P<case>\d+)\]: (?P<message>.*)"
    assert run("learn", log, "--pattern", pattern, "-o", model).code == 0
    for text in ("lot 7 in", '["lot 7 in"]', '["lot <*> in"]'):
        assert "lot <*> out" in run("predict", model, "--after", text, "--reach", "lot 8 out").text
        assert "lot <*> in" in run("explain", model, "--trace", text).text
    assert run("explain", model, "q0", "lot 7 in").out == run("explain", model, "q0", "lot <*> in").out


@pytest.fixture(scope="module")
def doors(tmp_path_factory):
    """One name begins with another and ends with a third."""
    path = tmp_path_factory.mktemp("models") / "doors.json"
    StreamLearner().fit([["door", "door open", "shut"], ["door", "open", "door open"]] * 200).model.save(path)
    return path


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("door door open", ["door", "door open"]),
        ("door door open shut", ["door", "door open", "shut"]),
        ("door open door open", ["door", "open", "door open"]),
        ("door, door open, shut", ["door", "door open", "shut"]),
    ],
)
def test_words_that_can_be_parted_in_several_ways_are_parted_as_is_likeliest(run, doors, text, events):
    """What is taken goes by the model all the way, wherever the longest names or single words would lead."""
    for command, option in (("predict", "--after"), ("explain", "--trace")):
        told, meant = run(command, doors, option, text), run(command, doors, option, json.dumps(events))
        assert told.out == meant.out and meant.err == ""
        several = "," not in text
        assert (f"{option}: read as {json.dumps(events)}, the likeliest of " in told.err) == several
        assert several or told.err == ""


def test_the_end_of_a_trace_tells_how_its_words_are_parted(run, tmp_path):
    """Of a beginning `a b` is likelier one event; of a whole trace it is two, as that goes on."""
    path = tmp_path / "m.json"
    StreamLearner().fit([["a b", "c"]] * 700 + [["a", "b"]] * 300).model.save(path)
    assert 'read as ["a b"], the likeliest of 2 ways' in run("predict", path, "--after", "a b").err
    assert 'read as ["a", "b"], the likeliest of 2 ways' in run("explain", path, "--trace", "a b").err


def test_what_can_be_read_in_one_way_is_read_without_a_word(run, web):
    assert run("explain", web, "--trace", " ".join(VISIT)).err == ""
