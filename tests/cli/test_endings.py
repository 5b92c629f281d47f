"""Files whose names promise something else than what would be in them."""

from __future__ import annotations

import pytest

from flexstream import Ensemble, Fleet, UsageError, learn
from flexstream.endings import PROMISES, check_ending
from flexstream.writers import WRITERS

LINES = b"load run unload\nload unload\n" * 50


def test_endings_of_all_formats_are_known():
    endings = {ending for writer in WRITERS.values() for ending in writer.endings if not ending.endswith(".json")}
    assert endings <= PROMISES


@pytest.mark.parametrize("ending", ["svg", "PNG", "dot", "html", "json.gz"])
def test_a_model_is_not_written_under_the_name_of_a_picture(run, tmp_path, ending):
    told = run("learn", "-", "-o", tmp_path / f"e.{ending}", input=LINES)
    assert told.code == 2 and not list(tmp_path.iterdir())
    assert "a model is written as JSON, not as " in told.err and "a name in .json" in told.err
    assert len(told.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--dot", "a.svg"), "a DOT file is written as text, not as .svg"),
        (("--report", "a.pdf"), "a report is written as a page, JSON or text, not as .pdf"),
        (("--frontier", "a.png"), "sizes are written as JSON, a picture or a table, not as .png"),
    ],
)
def test_nor_are_other_outputs(run, tmp_path, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    assert said in run("learn", "-", *options, input=LINES).err and not list(tmp_path.iterdir())


def test_commands_that_use_a_model_refuse_it_too(run, tmp_path):
    model, other = tmp_path / "m.json", tmp_path / "o.svg"
    more = ("--dot", tmp_path / "m.gv", "--report", tmp_path / "m.htm")
    assert run("learn", "-", "-o", model, *more, input=LINES).code == 0
    assert run("export", model, "--to", "dot", "-o", tmp_path / "as.gv").code == 0
    assert run("export", model, "--to", "node-link", "-o", tmp_path / "as.json").code == 0
    demand = ("--states", "3", "--symbols", "3", "--mu", "0.2", "--length", "3", "--eps", "0.1")
    for command in (
        ("view", model, "-o"),
        ("sample", model, "-o"),
        ("pac", "report", model, "-o"),
        ("pac", "plan", *demand, "-o"),
        ("export", model, "--to", "dot", "-o"),
        ("alarm", model, "-", "--metrics"),
        ("diff", model, model, "--json"),
        ("merge", model, "-o"),
        ("merge", model, "--summary"),
        ("simulate", "minifab", "-o"),
    ):
        told = run(*command, other)
        assert told.code == 2 and "not as .svg" in told.err and not other.exists()


def test_python_refuses_it_as_well(tmp_path):
    lots = tmp_path / "lots.txt"
    lots.write_bytes(LINES)
    learned = learn(lots)
    model = learned.automaton
    for one in (learned, model, Ensemble([model], [1.0]), Fleet(model, [])):
        with pytest.raises(UsageError, match=r"a model is written as JSON, not as .png"):
            one.save(tmp_path / "m.png")
    with pytest.raises(UsageError, match=r"a learner is written in a form of its own, not as .html"):
        learned.save_learner(tmp_path / "m.html")
    assert list(tmp_path.iterdir()) == [lots]
    assert check_ending(tmp_path / "m", "a model") == tmp_path / "m"
