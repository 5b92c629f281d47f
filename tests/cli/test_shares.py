"""Shares may be given in percent wherever one is taken."""

from __future__ import annotations

import pytest

from flexstream import StreamLearner


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "m.json"
    StreamLearner().fit([["load", "run", "unload"], ["load", "setup", "run", "unload"]] * 200).model.save(path)
    return path


@pytest.mark.parametrize(
    ("before", "option", "number", "percent"),
    [
        (["alarm", "MODEL", "TRACES"], "--rate", "0.05", "5%"),
        (["score", "MODEL", "TRACES"], "--alarm-rate", "0.05", "5 %"),
        (["predict", "MODEL", "--after", "load"], "--confidence", "0.9", "90%"),
        (["predict", "MODEL", "--after", "load"], "--quantile", "0.25", "25%"),
        (["diff", "MODEL", "MODEL"], "--error", "0.025", "2.5%"),
        (["export", "MODEL", "--to", "dot"], "--coverage", "0.75", "75%"),
        (["export", "MODEL", "--to", "dot"], "--min-prob", "0.6", "60%"),
    ],
)
def test_a_share_may_be_given_in_percent(run, write, model, before, option, number, percent):
    traces = write("today.txt", "load run unload\nload unload\n" * 20)
    words = [{"MODEL": model, "TRACES": traces}.get(word, word) for word in before]
    one, other = (run(*words, option, value) for value in (number, percent))
    assert one.code == other.code == 0
    assert (one.out, one.err.replace(str(number), "")) == (other.out, other.err.replace(str(number), ""))
    wrong = run(*words, option, "much")
    assert wrong.code == 2 and "'much' is no share (expected: such as 0.05 or 5%)" in wrong.err


def test_a_share_has_its_limits_in_percent_too(run, model):
    for value, said in (("150%", "1.5 is not in the range 0<x<1"), ("0%", "0.0 is not in the range")):
        assert said in run("predict", model, "--after", "load", "--confidence", value).err


def test_of_one_there_is_no_plural(run, write, tmp_path):
    """What is learned from one empty trace, and from one event."""
    for text, size in (("\n", "1 state, 0 transitions, 0 symbols; learned from 1 trace, 0 events"), ("a\n", "1 event")):
        learned = run("learn", write("one.txt", text), "-o", tmp_path / "m.json")
        assert "1 trace of " in learned.err and " does not say what follows what" in learned.err
        assert size in run("show", tmp_path / "m.json").text.splitlines()[0]
