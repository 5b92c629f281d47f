"""Figures in README and docs are those of the committed results, and the check says so where they are not."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
BENCHMARKS = ROOT / "benchmarks"
DOCS = sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The script that checks figures, as a module."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield importlib.import_module("figures")
    sys.modules.pop("figures")


def test_all_figures_are_those_of_the_results(figures: ModuleType) -> None:
    wrong = [str(one.fault) for page in figures.pages() for one in figures.faults(page, _text(page))]
    assert wrong == []


def _text(page: str) -> str:
    return (ROOT / page).read_text()


def test_all_plots_are_drawn_of_the_results(figures: ModuleType) -> None:
    assert figures.outdated() == []


def test_a_plot_of_another_result_is_named(figures: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "checksum", lambda _: "of another")
    said = figures.outdated()
    assert len(said) == len(figures.plots()) > 0
    assert said[0].startswith("docs/pictures/quality.png: is not drawn of quality/quality.json as it is")


def planted(figures: ModuleType, page: str, old: str, new: str) -> list[str]:
    """Return what the check says of a page in which one place has been changed."""
    text = _text(page)
    assert old in text
    return [str(one.fault) for one in figures.faults(page, text.replace(old, new, 1))]


def test_a_wrong_figure_in_a_table_is_named(figures: ModuleType) -> None:
    (row,) = re.findall(r"^\| 24\* \| .*$", _text("docs/quality.md"), re.MULTILINE)
    (said,) = planted(figures, "docs/quality.md", row, row.replace("| 0.0025 |", "| 0.0024 |", 1))
    assert re.match(r"docs/quality.md:\d+: the table 'quality/quality.json problems' is not that of the results", said)
    assert "0.0024" in said


def test_a_wrong_figure_in_a_sentence_is_named(figures: ModuleType) -> None:
    (said,) = planted(figures, "docs/quality.md", "On 9 of 9 deterministic", "On 8 of 9 deterministic")
    assert re.fullmatch(r"docs/quality.md:\d+: has 8, expected 9 \(quality/identify.json > isomorphic : d\)", said)


def test_a_sentence_that_is_gone_is_named(figures: ModuleType) -> None:
    (said,) = planted(figures, "docs/quality.md", "problems the automaton learned is", "problems what is learned is")
    assert "is not there" in said


def test_a_figure_without_a_source_is_named(figures: ModuleType) -> None:
    (said,) = planted(figures, "docs/quality.md", "## The right", "It is 3.7 times as good.\n\n## The right")
    assert "nothing says where 3.7 comes from" in said


def test_what_is_wrong_is_renewed(figures: ModuleType) -> None:
    text = _text("docs/quality.md")
    broken = text.replace("On 9 of 9", "On 8 of 7").replace("| 24* | 0.0", "| 24* | 7.0")
    assert broken != text
    assert figures.renewed(broken, list(figures.faults("docs/quality.md", broken))) == text


def test_every_claim_has_a_committed_result(figures: ModuleType) -> None:
    claims = {name for name, words in figures.scripts().items() if words.startswith("Claim: ")}
    assert len(claims) > 15
    assert [name for name in claims if not figures.results_of(name)] == []


def test_every_result_is_one_that_a_script_has_written(figures: ModuleType) -> None:
    scripts = figures.scripts()
    for path in (BENCHMARKS / "results").rglob("*.json"):
        result = figures.result(path.relative_to(BENCHMARKS / "results").as_posix())
        if "benchmark" in result:
            assert result["benchmark"] in scripts
            assert {"command", "date", "versions", "arguments", "measured"} <= set(result)
            assert path.parent.name == Path(result["benchmark"]).parent.name


@pytest.mark.parametrize("page", DOCS)
def test_headings_are_unique(page: str) -> None:
    heads = re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", _text(page), flags=re.DOTALL), re.MULTILINE)
    assert [head for head in set(heads) if heads.count(head) > 1] == []


@pytest.mark.parametrize("page", DOCS)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", _text(page))):
        file, _, anchor = target.partition("#")
        if "://" not in target:
            path = (ROOT / page).parent / file if file else ROOT / page
            assert path.exists(), target
            if anchor:
                heads = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
                assert anchor in [re.sub(r"[^\w -]", "", head).lower().replace(" ", "-") for head in heads], target
