"""``flexstream view``: a model becomes a page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flexstream import PDFA


@pytest.fixture
def model(run, tmp_path):
    path = tmp_path / "m.json"
    assert run("learn", "-", "-o", path, input=b"load run unload\nload unload\n" * 100).code == 0
    return path


def test_a_page_beside_the_model_or_where_one_says(run, model, tmp_path):
    result = run("view", model)
    assert result.code == 0 and "m.html: open it in a browser" in result.err
    page = (tmp_path / "m.html").read_text()
    assert page.startswith("<!DOCTYPE html>") and "<h1>m.json</h1>" in page and "100" in page
    assert run("view", model, "-o", tmp_path / "other.html", "--title", "Lots & <b>").code == 0
    assert "<h1>Lots &amp; &lt;b&gt;</h1>" in (tmp_path / "other.html").read_text()
    assert run("view", model, "-o", "-").text.startswith("<!DOCTYPE html>")


def test_the_name_by_default_writes_over_nothing_but_a_page_of_before(run, model, tmp_path):
    page = tmp_path / "m.html"
    assert run("learn", "-", "-o", tmp_path / "other.json", "--report", page, input=b"load run\n" * 50).code == 0
    report = page.read_text()
    told = run("view", model)
    assert told.code == 2 and len(told.err.splitlines()) == 1 and page.read_text() == report
    assert f"{page} is there, and flexstream view has not written it (expected: -o and another name" in told.err
    assert run("view", model, "-o", page).code == 0  # asked for by its name
    assert run("view", model, "--title", "Once more").code == 0 and "Once more" in page.read_text()
    page.unlink()
    page.symlink_to(tmp_path / "nowhere")
    assert run("view", model).code == 2


def test_faults_are_one_line(run, model, tmp_path):
    for arguments in ((tmp_path / "none.json",), (model, "-o", model)):
        result = run("view", *arguments)
        assert result.code in (1, 2) and len(result.err.splitlines()) == 1


def test_a_slider_of_sizes_takes_what_learn_wrote(run, tmp_path):
    lines = b"load run unload\nload setup run unload\nload unload\n" * 100
    model, sizes, page = tmp_path / "m.json", tmp_path / "sizes.json", tmp_path / "page.html"
    assert run("learn", "-", "-o", model, "--frontier", sizes, input=lines).code == 0
    assert run("view", model, "--frontier", sizes, "-o", page).code == 0
    assert '"sizes":[{' in page.read_text()
    assert run("view", model, "-o", page).code == 0
    assert '"sizes":[]' in page.read_text()
    assert run("view", model, "--frontier", sizes, "-o", sizes).code == 2


def test_files_that_are_no_frontiers_of_the_model(run, model, tmp_path):
    other, old = tmp_path / "other.json", tmp_path / "old.json"
    assert run("learn", "-", "--frontier", other, input=b"a b\nb a\n" * 50).code == 0
    table, picture = tmp_path / "sizes.txt", tmp_path / "sizes.svg"
    for written in (table, picture):
        assert run("learn", "-", "--frontier", written, input=b"a b\nb a\n" * 50).code == 0
    text = other.read_text()
    old.write_text(text[: text.index(',\n "automata"')] + "}")
    cases = {
        model: "is a model of FlexStream (expected: a frontier, as flexstream learn LOG --frontier F.json writes it)",
        table: "not a frontier of FlexStream, but a text that begins 'states ",
        picture: "not a frontier of FlexStream, but a text that begins '<svg ",
        other: "--frontier and the model are of different streams",
        old: "--frontier holds no automata",
        tmp_path / "none.json": "cannot be read",
    }
    for path, said in cases.items():
        result = run("view", model, "--frontier", path, "-o", tmp_path / "page.html")
        assert result.code in (1, 2) and said in result.err and len(result.err.splitlines()) == 1, result.err
    assert not (tmp_path / "page.html").exists()


def test_a_switch_colours_states_by_what_the_report_trusts(run, model, tmp_path):
    page = tmp_path / "page.html"
    assert run("view", model, "-o", page).code == 0 and '"trust":null' in page.read_text()
    assert run("view", model, "--trust", "-o", page).code == 0
    assert '"trust":{"widths":[' in page.read_text() and "pale where the report is sure" in page.read_text()
    result = run("view", tmp_path / "bare.json", "--trust") if bare(model, tmp_path) else None
    assert result.code == 2 and "--trust: the model has no evidence" in result.err


def bare(model, tmp_path):
    """Write a model without its evidence."""
    automaton = PDFA.load(model)
    return replace(automaton, evidence={}).save(tmp_path / "bare.json") is None
