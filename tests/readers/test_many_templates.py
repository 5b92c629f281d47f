"""Templates of many messages at once are those of each by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.readers.parsing import many_templates
from flexstream.readers.parsing.many_templates import ManyTemplates
from flexstream.readers.parsing.templates import template

words = st.sampled_from(
    [
        "lot",
        "7",
        "10.0.0.1:80",
        "user",
        "root",
        "for",
        "=",
        "state",
        "ms",
        "Sun",
        "Jul",
        "uid=0",
        "'a",
        "b'",
        '"',
        "<*>",
    ]
)
odd = st.sampled_from(["ä", "\x1c", "\t", "\xa0", "", "x\x85y", "\r", "null", "true", "\n"])
blanks = st.sampled_from([" ", "  ", "\t"])
messages = st.lists(
    st.lists(words, max_size=5).map(" ".join)
    | st.lists(words | odd, max_size=4).map(" ".join)
    | st.tuples(words, blanks, words).map("".join),
    max_size=12,
)


@pytest.fixture(params=["as it is", "little is remembered", "all have one hash"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tables be small, or all hashes be the same."""
    if request.param.startswith("little"):
        monkeypatch.setattr(many_templates, "_MOST", 3 * many_templates._EACH)
    elif request.param.startswith("all"):
        monkeypatch.setattr(many_templates, "_FACTOR", np.uint64(0))


@pytest.mark.usefixtures("kind")
@given(parts=st.lists(messages, max_size=4))
def test_as_one_by_one(parts: list[list[str]]) -> None:
    many = ManyTemplates()
    for given_ones in parts:
        found, expected = many.of(given_ones), list(map(template, given_ones))
        assert [found.texts[place] for place in found.places] == expected
        assert list(found.texts) == list(dict.fromkeys(expected))


def test_messages_that_are_alike_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    many, asked = ManyTemplates(), list[str]()
    monkeypatch.setattr(many_templates.Phrases, "__missing__", lambda _, text: asked.append(text) or text)
    found = many.of([f"lot {number} {what}" for number in range(100) for what in ("loaded", "lost")])
    assert asked == found.texts == ["lot <*> loaded", "lot <*> lost"]
    assert found.places.tolist() == [0, 1] * 100
