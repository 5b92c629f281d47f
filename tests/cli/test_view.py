"""``flexstream view``: a model becomes a page."""

from __future__ import annotations

import pytest


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


def test_faults_are_one_line(run, model, tmp_path):
    for arguments in ((tmp_path / "none.json",), (model, "-o", model)):
        result = run("view", *arguments)
        assert result.code in (1, 2) and len(result.err.splitlines()) == 1
