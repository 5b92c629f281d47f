"""A pattern searched for in all lines at once finds what it finds line by line, or leaves them to that."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.readers.parsing import whole_text
from flexstream.readers.parsing.whole_text import WholeText

PATTERNS = [
    r"(?P<event>\w+)",
    r"(?P<event>\w+)\s*",
    r"(?P<event>\w*)",
    r"(?P<message>.*)",
    r"(?P<message>.*?)",
    r"(?P<event>a|b+) (?P<case>\S+)",
    r"(?P<event>a|b+)\s(?P<case>\S+)",
    r"(?P<event>[^ ]+)",
    r"(?P<event>[^x]+)x",
    r"(?P<event>a)(?P<case>b)?",
    r"(x|(?P<event>a))(?P<case>.)",
    r"^(?P<event>.)",
    r"(?P<event>.)$",
    r"(?P<event>\S)\s*$",
    r"\b(?P<event>a+)\b",
    r"\B(?P<event>.)",
    r"(?P<event>.)\s+(?P<case>.)(?: (?P=event))?",
    r"(?i)(?P<event>A|X)",
    r"(?s)(?P<event>.+)",
    r"(?m)^(?P<event>a)",
    r"(?P<event>a)(?!\n)",
    r"(?P<event>a)(?=\s)",
    r"(?<=a)(?P<event>.)",
    r"\A(?P<event>a)",
    r"(?P<event>a)\Z",
    r"(?P<event>\s++a|.)",
    r"(?P<event>(?>\s*)a|.)",
    r"(?P<event>\\A?a)",
    r"(?P<event>[*+]+.)",
    "(?P<event>a)|(?P<case>b)",
    "(?P<event>a\nb|a)",
    r"(?P<event>a\n|a|b)",
    r"(?P<event>a\x0a|a|b)",
    r"(?P<event>[\s\w]+)",
    r"(?P<event>[]ab]+)",
    r"(?P<event>[^]b]+)",
    r"(?P<event>[^\S]*a|b)",
    r"(?P<event>[\t-\r]*.)",
    r"(?P<event>\W*\w)",
    r"(?P<event>\D+)",
    r"(?P<event>(?s:.)+)",
    r"(?P<event>(?i:A)|b)",
    r"(?P<event>.)(?<!a)",
    r"(?P<event>.)(?!\S)",
    r"(?P<event>.)(?![^x])",
    r"(?P<event>.)(?=\W|\Z)",
    r"(?P<event>.)(?!\n)",
    r"(?<![^b])(?P<event>.)",
    r"(?P<event>(?:a|(b))(?(2)a|.?))",
    r"(?P<event>[\[^a]+|a|b)",
    r"(?P<event>\[?a|b)",
    r"(?P<event>[^-b]+)",
    r"(?P<event>[^--X]+)",
    r"(?P<event>[^]-a]+)",
]

lines = st.lists(
    st.text(st.sampled_from("ab xX\t\\A*+\r\x0b\x1cä"), min_size=1, max_size=6).filter(str.strip), max_size=8
)


def one_by_one(pattern: re.Pattern[str], lines: list[str]) -> dict[str, tuple[str | None, ...]] | None:
    """Return what the groups match in each line by itself, None where one does not match."""
    found = [match.groupdict() for line in lines if (match := pattern.search(line)) is not None]
    if len(found) < len(lines):
        return None
    return {name: tuple(row[name] for row in found) for name in pattern.groupindex}


@pytest.mark.parametrize("text", PATTERNS)
@given(lines=lines)
def test_as_line_by_line(text: str, lines: list[str]) -> None:
    pattern = re.compile(text)
    found = WholeText(pattern).columns("\n".join(lines), len(lines))
    if found is not None:
        assert {name: tuple(column) for name, column in found.items()} == one_by_one(pattern, lines)


@pytest.mark.parametrize("text", PATTERNS)
def test_what_stays_within_a_line_is_found_in_all_at_once(text: str) -> None:
    pattern, given = re.compile(text), ["a b", "b a", "a a"]
    expected = one_by_one(pattern, given)
    if expected is None or any(None in column or "" in column for column in expected.values()):
        return
    found = WholeText(pattern).columns("\n".join(given), len(given))
    assert found is not None or any(part in text for part in ["(?s", "(?i:", "[\\s", "[\\t-", r"\n", r"\x", "\n"])


def test_after_some_failures_it_is_not_tried_again() -> None:
    text = WholeText(re.compile(r"(?P<event>a)"))
    for _ in range(whole_text._MOST_FAILURES - 1):
        assert text.columns("b", 1) is None
    assert text.columns("a\na", 2) == {"event": ["a", "a"]}
    for _ in range(whole_text._MOST_FAILURES):
        assert text.columns("b", 1) is None
    assert text.columns("a\na", 2) is None


@pytest.mark.parametrize("pattern", ["a", "(a)"])
def test_without_names_there_is_nothing_to_find(pattern: str) -> None:
    assert WholeText(re.compile(pattern)).columns("a", 1) is None


def test_no_search_goes_far() -> None:
    """It would take hours if each of these went on to the end of the text."""
    pattern, lines = re.compile(r"\[(?P<event>[^]]*\s*)\]"), 20_000
    assert WholeText(pattern).columns("\n".join(["[a b"] * lines), lines) is None
