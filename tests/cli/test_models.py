"""``flexstream show``, ``export``, ``sample`` and ``demo``."""

from __future__ import annotations

import json
import re
import subprocess
from xml.etree import ElementTree

import pytest

from flexstream.explorer import overview_page
from flexstream_cli.paths import check_default

TEXTS = ["json", "dot", "graphml", "node-link", "prism", "mermaid"]
ENDINGS = {
    "json": "json",
    "gv": "dot",
    "graphml": "graphml",
    "nodelink.json": "node-link",
    "pm": "prism",
    "mmd": "mermaid",
}
ODD = ['say "x"', "two\nlines", "->", "back\\slash", "<b>&amp;", "\u2028", "q0", "]]>", "%%{init}%%", "é", "|"]


@pytest.fixture
def odd(run, write, tmp_path):
    """A model whose symbols are made to break output formats."""
    path = write("odd.jsonl", "".join(json.dumps(ODD) + "\n" for _ in range(30)))
    assert run("learn", path, "-o", tmp_path / "odd.json").code == 0
    return tmp_path / "odd.json"


def test_show_says_where_the_model_comes_from(run, model):
    text = run("show", model).text
    assert text.splitlines()[0].endswith("learned from 120 traces, 360 events")


def test_show_hides_what_is_too_much(run, model):
    text = run("show", model, "--max-states", 1, "--max-edges", 1).text
    assert re.search(r"\.\.\. and \d+ states with", text)
    assert text.count(" -> q") == 1


@pytest.mark.parametrize("made", [None, [], {}, "x", 1.5, -1])
def test_show_needs_no_provenance(run, model, write, made):
    document = json.loads(model.read_text())
    document["provenance"]["traces"] = made
    assert run("show", write("m2.json", json.dumps(document))).code == 0


@pytest.mark.parametrize("ending", ENDINGS)
def test_export_by_ending_is_export_by_name(run, model, tmp_path, ending):
    path = tmp_path / f"out.{ending}"
    assert run("export", model, "-o", path).code == 0
    assert run("export", model, "--to", ENDINGS[ending]).out == path.read_bytes()


@pytest.mark.parametrize("format", TEXTS)
def test_export_is_the_same_each_time(run, odd, format):
    assert run("export", odd, "--to", format).out == run("export", odd, "--to", format).out


def test_odd_symbols_survive_json(run, odd):
    assert sorted(json.loads(run("export", odd, "--to", "json").out)["symbols"]) == sorted(ODD)
    links = json.loads(run("export", odd, "--to", "node-link").out)
    assert sorted(edge["key"] for edge in links.get("edges", links.get("links"))) == sorted(ODD)


def test_odd_symbols_survive_graphml(run, odd):
    root = ElementTree.fromstring(run("export", odd, "--to", "graphml").out)
    assert sum(element.tag.endswith("}edge") for element in root.iter()) == len(ODD)


def test_odd_symbols_do_not_break_prism_and_mermaid(run, odd):
    prism = run("export", odd, "--to", "prism").text.splitlines()
    assert all(line == "" or re.match(r"//|dtmc|module|endmodule|label|rewards|endrewards|\s", line) for line in prism)
    mermaid = run("export", odd, "--to", "mermaid").text.splitlines()
    assert all(re.match(r"flowchart|%%|\s", line) for line in mermaid)


@pytest.mark.parametrize("format", ["dot", "svg"])
def test_odd_symbols_are_valid_for_graphviz(run, odd, format):
    result = run("export", odd, "--to", format)
    if "not installed" in result.err:
        pytest.skip("no Graphviz here")
    if format == "svg":
        ElementTree.fromstring(result.out)
        return
    try:
        done = subprocess.run(["dot", "-Tplain"], input=result.out, capture_output=True, check=True)
    except FileNotFoundError:
        pytest.skip("no Graphviz here")
    assert done.stdout.count(b"\nnode ") >= len(ODD)


def test_views_hide(run, model):
    whole = run("export", model, "--to", "dot").text
    assert len(run("export", model, "--to", "dot", "--max-states", 2).text) < len(whole)
    assert len(run("export", model, "--to", "dot", "--min-prob", 0.5).text) < len(whole)
    assert len(run("export", model, "--to", "dot", "--min-count", 60).text) < len(whole)


@pytest.mark.parametrize("command", ["export", "learn"])
def test_without_graphviz_one_line_says_how_to_get_it(run, model, lots, tmp_path, monkeypatch, command):
    monkeypatch.setenv("PATH", str(tmp_path))
    if command == "export":
        result = run("export", model, "--to", "png")
    else:
        result = run("learn", lots, "--svg", tmp_path / "x.png")
    assert result.code == 1
    assert len(result.err.splitlines()) == 1
    assert "Graphviz" in result.err
    assert "apt install graphviz" in result.err


def test_samples_are_lines_and_can_be_learned(run, model):
    first = run("sample", model, "-n", 50, "--seed", 3)
    assert len(first.text.splitlines()) == 50
    assert run("sample", model, "-n", 50, "--seed", 3).out == first.out
    assert run("sample", model, "-n", 50, "--seed", 4).out != first.out
    assert run("learn", "-", input=first.out).code == 0


def test_samples_as_json(run, model, odd):
    lists = [json.loads(line) for line in run("sample", model, "--to", "jsonl", "-n", 5).text.splitlines()]
    assert len(lists) == 5
    assert lists[0][0] == "load"
    assert json.loads(run("sample", odd, "-n", 1).text) == ODD
    refused = run("sample", odd, "--to", "lines")
    assert (refused.code, len(refused.err.splitlines())) == (2, 1)


def test_samples_go_to_a_file(run, model, tmp_path):
    assert run("sample", model, "-n", 0, "-o", tmp_path / "none").code == 0
    assert (tmp_path / "none").read_bytes() == b""


def test_demo_writes_into_no_folder_of_others_unasked(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demo-out").mkdir()
    (tmp_path / "demo-out" / "lots.json").write_text("mine")
    told = run("demo", "--weeks", 6)
    assert told.code == 2 and "demo-out is there, and flexstream demo has not written it (expected: --out" in told.err
    assert [path.read_text() for path in (tmp_path / "demo-out").iterdir()] == ["mine"]
    (tmp_path / "demo-out" / "index.html").write_text(overview_page("A simulated fab", [], []))
    check_default(tmp_path / "demo-out", "demo", "")


def test_demo_finds_the_fab(run, tmp_path):
    result = run("demo", "--out", tmp_path / "a" / "b", "--weeks", 6)
    assert result.code == 0
    assert result.text.count("the same traces of up to 30 events") == 4
    found = re.findall(r"within ([\d.]+) of another run's \(([\d.]+) .* allows ([\d.]+)\)", result.text)
    assert len(found) == 4
    assert any(float(within) > 0 for within, _, _ in found)  # it was another run
    assert all(float(z) < float(chance) for _, z, chance in found)
    names = {path.name for path in (tmp_path / "a" / "b").iterdir()}
    assert {f"{name}.{ending}" for name in ("lots", "litho") for ending in ("json", "dot")} <= names
    assert run("score", tmp_path / "a/b/lots.json", tmp_path / "a/b/lots.jsonl").code == 0
    assert result.text.splitlines()[-1].startswith(f"Open {tmp_path / 'a' / 'b' / 'index.html'} in a browser")
    page = (tmp_path / "a" / "b" / "index.html").read_text()
    assert all(f"<h2>{heading}</h2>" in page for heading in ("Lots", "Machines: diffusion", "Machines: litho"))
    assert all((tmp_path / "a" / "b" / name).exists() for name in re.findall(r'href="([^"]+)"', page))
