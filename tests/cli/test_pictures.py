"""Pictures on the command line: what they show, and that none of them costs a model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

LONG = "\n".join(" ".join(f"step{n}" for n in range(40)) for _ in range(60))


def words(result) -> str:
    """Return a picture in DOT without the ends of its lines of words."""
    return result.text.replace("\\l", " ")


@pytest.fixture
def many(run, tmp_path: Path) -> Path:
    """Return a model of many states, some of them rare."""
    path = tmp_path / "many.json"
    lines = run("sample", _target(tmp_path), "-n", 3000, "--seed", 1).out
    assert run("learn", "-", "-o", path, input=lines).code == 0
    return path


def _target(folder: Path) -> Path:
    from flexstream.targets import Recipe, random_pdfa

    path = folder / "target.json"
    random_pdfa(Recipe(states=45, symbols=8, mean_length=12), 3).to_pdfa().save(path)
    return path


def test_a_large_model_is_drawn_as_far_as_it_can_be_read(run, many):
    part, whole = (words(run("export", many, "--to", "dot", *more)) for more in ((), ("--all",)))
    assert " transitions shown; " in part and "of the traces stay" in part
    assert " transitions shown; " not in whole and len(whole) > len(part)
    more = words(run("export", many, "--to", "dot", "--coverage", 0.99))
    assert len(more) > len(part)


def test_activities_and_colours(run, many):
    assert "Box: an activity" in run("export", many, "--to", "dot", "--as", "activities").text
    trust = words(run("export", many, "--to", "dot", "--colour", "trust"))
    assert "fill: pale where the report is sure" in trust
    learned = run("learn", "-", "--dot", "-", "--colour", "trust", input=b"a b\na\n" * 200)
    assert "fill: pale where the report is sure" in words(learned)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--all", "--coverage", 0.5), "--all leaves nothing out (expected: none of --coverage, "),
        (("--as", "events"), "--as is 'events' (expected: states or activities)"),
        (("--colour", "times"), "--colour times: the model does not know how long transitions take"),
        (("--colour", "pink"), "--colour is 'pink' (expected: visits or times or trust)"),
        (("--coverage", 0), "the share of traces shown must be above 0"),
    ],
)
def test_what_cannot_be_drawn_is_told(run, many, options, message):
    result = run("export", many, "--to", "dot", *options)
    assert result.code == 2 and message in result.err and len(result.err.splitlines()) == 1


def test_what_a_picture_cannot_show_is_told_before_the_stream_is_read(run, tmp_path):
    for options in (("--as", "events"), ("--all", "--max-states", 3)):
        result = run("learn", "-", "--svg", tmp_path / "x.svg", *options, input=b"a b\n" * 20)
        assert result.code == 2 and len(result.err.splitlines()) == 1


@pytest.mark.parametrize("name", ["x.jpg", "x.jpeg", "x.gif", "x.svgz", "picture.dot"])
def test_a_picture_of_another_kind_is_refused_before_the_stream_is_read(run, tmp_path, name):
    result = run("learn", "-", "-o", tmp_path / "model.json", "--svg", tmp_path / name, input=b"a b\n" * 20)
    assert result.code == 2
    assert "a picture cannot be written as" in result.err and ".svg, .png, .pdf" in result.err
    assert list(tmp_path.iterdir()) == []
    model = tmp_path / "m.json"
    assert run("learn", "-", "-o", model, input=b"a b\n" * 200).code == 0
    assert run("diff", model, model, "--svg", tmp_path / name).code == 2


def test_without_graphviz_there_is_a_picture_and_a_model(run, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    result = run("learn", "-", "-o", tmp_path / "m.json", "--svg", tmp_path / "m.svg", input=LONG.encode())
    assert result.code == 0
    assert json.loads((tmp_path / "m.json").read_text())["format"] == "flexstream-pdfa"
    picture = (tmp_path / "m.svg").read_text()
    assert picture.startswith("<svg ") and "after step3" in picture
    export = run("export", tmp_path / "m.json", "-o", tmp_path / "all.svg", "--all")
    assert export.code == 0 and "after step38" in (tmp_path / "all.svg").read_text()
