"""The README and the pages of docs: headings once, no long line twice, and links that lead somewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")), ROOT / "datasets" / "README.md"]
LONG = 60
"""Lines of more characters than this say something; shorter ones may be a rule of a table or the end of a block."""
TABLE_RULE = re.compile(r"[|:\- ]+")


def twice(lines: Iterable[str]) -> list[str]:
    return [line for line, times in Counter(lines).items() if times > 1]


def repeated_headings(text: str) -> list[str]:
    """Return headings that stand twice, or that would have one address in the page."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#{1,6} +(.+?)[ #]*$", prose, re.MULTILINE)
    return twice(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


def repeated_lines(text: str) -> list[str]:
    """Return the long lines that stand twice; two tables may have one heading."""
    lines = [line.strip() for line in text.splitlines()]
    headings = {line for line, below in pairwise(lines) if TABLE_RULE.fullmatch(below)}
    return twice(line for line in lines if len(line) > LONG and not TABLE_RULE.fullmatch(line) and line not in headings)


def broken_links(page: Path) -> list[str]:
    """Return the links to files that there are not."""
    text = re.sub(r"`[^`]*`", "", re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE))
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text)]
    return [link for link in links if link and "://" not in link and not (page.parent / link).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page(page: Path) -> None:
    assert repeated_headings(page.read_text()) == []
    assert repeated_lines(page.read_text()) == []
    assert broken_links(page) == []


def test_faults_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text((ROOT / "README.md").read_text())
    assert (repeated_headings(page.read_text()), repeated_lines(page.read_text())) == ([], [])
    block = page.read_text().partition("## Measured")[2]
    page.write_text(f"{page.read_text()}\n## Measured{block}\n[more](docs/nowhere.md)\n")
    assert "measured" in repeated_headings(page.read_text())
    assert repeated_lines(page.read_text()) != []
    assert "docs/nowhere.md" in broken_links(page)
    assert repeated_headings("```\n# one\n# one\n```\n# One!\n") == []
    assert repeated_headings("# One!\n## one\n") == ["one"]
