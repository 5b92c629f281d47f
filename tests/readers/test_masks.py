"""The masks of messages: what is masked, that it hangs on the line alone, and how long it takes."""

from __future__ import annotations

import re
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.readers.parsing import many_templates, templates
from flexstream.readers.parsing.templates import template
from flexstream.readers.texts.masks import Words, masked_word

WORDS = {
    "10.20.30.40": "<*>",
    "/10.20.30.40:514": "<*>",
    "[2001:db8::1]:22": "[<*>]:<*>",
    "::1": "<*>",
    "std::vector": "std::vector",
    "aa:bb:cc:dd:ee:ff": "<*>",
    "0:1b:21:3:d:e": "<*>",
    "node7.fab.example.com": "<*>",
    "gate.fab.example.com:443,": "<*>,",
    "example.org": "<*>",
    "org.fab.server.Worker": "org.fab.server.Worker",
    "fab.server.Worker:": "fab.server.Worker:",
    "ann@fab.example.com;": "<*>;",
    "root@combo": "<*>",
    "@Override": "@Override",
    "https://ann:pw@fab.example.com/lots?id=7&hot=1": "<*>",
    "/lots/list?sort=asc": "<*>",
    "~/lots": "<*>",
    "./run": "<*>",
    "lots/2026/list": "<*>",
    "read/write": "read/write",
    "D:\\fab\\lots.txt,": "<*>,",
    "\\\\server\\share\\lots": "<*>",
    "uid=0": "uid=<*>",
    "S6F11": "S6F11",
    "S1F13,": "S1F13,",
    "s6f11": "<*>",
    "S6F11b": "<*>",
    "CEID=1003": "CEID=1003",
    "[ALID=2001]": "[ALID=2001]",
    "RCMD=PP-SELECT": "RCMD=PP-SELECT",
    "XCEID=1003": "XCEID=<*>",
    "SYS=91B7": "SYS=<*>",
    "aadddeacdd": "<*>",
    "doc-DEADBEEF,": "<*>,",
    "facade": "facade",
    "fade-facade": "fade-facade",
    "aadddeacddz": "aadddeacddz",
    "user=ann(1000)": "user=<*>",
    "token=Token{a64f }": "token=<*>",
    "a==b": "a==b",
    "depth......12": "depth......<*>",
    "1,234.5": "<*>",
    "<1": "<*>",
    "<ok>": "<ok>",
    "load3()": "load3()",
    "load()": "load()",
    "#8": "#<*>",
    "7.": "<*>.",
    "sshd:auth": "sshd:auth",
    "lot:7": "lot:<*>",
}
PHRASES = {
    "Failed password for root from 10.0.0.1 port 22": "Failed password for <*> from <*> port <*>",
    "Failed password for invalid user ann from 10.0.0.1": "Failed password for invalid user <*> from <*>",
    "session opened for user ann by (uid=0)": "session opened for user <*> by (uid=<*>)",
    "session opened for user root by ann(uid=1000)": "session opened for user <*> by <*>(uid=<*>)",
    "User ann logged in": "User <*> logged in",
    "user logged in": "user logged in",
    "user session started": "user session started",
    "check pass; user unknown": "check pass; user unknown",
    "user: ann, host: gate": "user: <*>, host: <*>",
    "user: not found": "user: not found",
    "sudo: ann : TTY=pts/0 ; USER=root": "sudo: <*> : TTY=<*> ; USER=<*>",
    "sudo[8]: ann : TTY=pts/0 ; USER=root": "sudo[<*>]: <*> : TTY=<*> ; USER=<*>",
    "  ann : TTY=pts/0 ; USER=root": "<*> : TTY=<*> ; USER=<*>",
    "ann : 3 incorrect password attempts ; TTY=pts/0": "<*> incorrect password attempts ; TTY=<*>",
    "svc-backup : user NOT in sudoers ; TTY=pts/0": "<*> : user NOT in sudoers ; TTY=<*>",
    "terminal : TTY set": "terminal : TTY set",
    "off. Subject: Account Name: FAB\\ann Logon ID: 0x1f": "off. Subject: Account Name: <*> Logon ID: <*>",
    "Security ID: FAB\\ann Account Name: ann Account Domain: FAB New Logon: no": "Security ID: <*> Account Name: <*> "
    "Account Domain: <*> New Logon: no",
    "Account Name: to be told": "Account Name: to be told",
    "(ann) CMD (run)": "(<*>) CMD (run)",
    "waiting for data from tool": "waiting for data from tool",
    "ruser= rhost=gate": "ruser=<*> rhost=<*>",
    "hot= false, mode = fast": "hot=<*>, mode = <*>",
    "mode == fast": "mode == fast",
    "hot: false, cold: true": "hot: <*>, cold: <*>",
    "hot: true north": "hot: true north",
    "came () at Sun Jul 10 03:55:15 2005": "came (<*>) at <*>",
    "due 31 January 2026 11:00 PM UTC": "due <*>",
    "it may 7": "it may <*>",
    "sent 10 KB (1.16 MB) in 3 ms": "sent <*> (<*>) in <*>",
    "took 20 seconds": "took <*> seconds",
    "lots [7, 8, 9] gone": "lots [<*>] gone",
    "init() called": "init() called",
    "user Zoë from 10.0.0.1": "user <*> from <*>",
}


@pytest.mark.parametrize(("word", "expected"), WORDS.items())
def test_words(word: str, expected: str) -> None:
    assert masked_word(word) == expected


@pytest.mark.parametrize(("text", "expected"), PHRASES.items())
def test_phrases(text: str, expected: str) -> None:
    assert template(text) == expected


def test_lists_of_any_length_are_one() -> None:
    texts = [
        f"lots [{', '.join(map(str, range(size)))}] at {' '.join(map(str, range(size)))} gone" for size in (1, 2, 9)
    ]
    assert {template(text) for text in texts} == {"lots [<*>] at <*> gone"}


parts = st.sampled_from([*WORDS, *(word for text in PHRASES for word in text.split()), '"a b"', "'"])
messages = st.one_of(st.lists(parts, max_size=8).map(" ".join), st.text(max_size=40))


@given(st.lists(messages, max_size=8), messages)
def test_a_template_hangs_on_its_line_alone(before: list[str], text: str) -> None:
    alone, templates._words = templates._words, Words()
    try:
        fresh = template(text)
        for other in before:
            template(other)
        assert template(text) == fresh
    finally:
        templates._words = alone
    assert template(text) == fresh


@given(messages)
def test_no_digit_is_left_but_in_names_of_functions_and_of_secs(text: str) -> None:
    found = template(text)
    assert found == " ".join(found.split())
    kept = re.sub(r"S\d{1,2}F\d{1,2}|(?:CEID|RCMD|ALID|ALCD|HCACK)=\S+", "", found)
    assert "()" in text or not any(map(str.isdecimal, kept))


def test_words_are_forgotten_and_long_ones_never_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flexstream.readers.texts.masks._MOST_WORDS", 10)
    words = Words()
    assert [words[f"lot-{number}"] for number in range(100)] == ["<*>"] * 100
    assert words["x" * 200 + "7"] == "<*>"
    assert len(words) <= 10
    assert max(map(len, words)) < 10


def seconds(text: str) -> float:
    started = time.process_time()
    template(text)
    return time.process_time() - started


@pytest.mark.parametrize("first", string.punctuation + "a1A é٣")
def test_lines_of_odd_characters_take_no_time(first: str) -> None:
    """A line of 32 KiB takes some 10 ms; a pattern that is not linear takes many seconds."""
    for unit in (first, first + "a", first + "1", first + "=", "a" + first + " ", first + first + " "):
        assert any(seconds(unit * (32768 // len(unit)) + "!") < 0.5 for _ in range(3))


FORMS = ["{}={}", "{} {}", "{}: {}", "{}[{}]", "<U4 {} {}>", "<{} {}>", "{} <U4 {}>", "{} ({})", "{} = {}", "[{}={}]"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("key", ["CEID", "ALID", "ALCD", "HCACK", "RCMD"])
def test_what_happened_is_kept_in_whichever_way_it_is_written(form: str, key: str) -> None:
    texts = [f"EQ RECV S6F11 W {form.format(key, number)} SB {7 * number}" for number in (101, 202, 101)]
    found = [template(text) for text in texts]
    assert f"{key}=101" in found[0]
    assert (found[0] == found[2], found[0] == found[1]) == (True, False)
    assert many_templates.ManyTemplates().of(texts).texts == [found[0], found[1]]


def test_commands_are_kept_in_quotes_and_words_are_none() -> None:
    texts = ["RCMD 'START' of lot 7", 'RCMD "PP-SELECT"', "CEID is 7", "XCEID 7", "CEID"]
    found = ["RCMD=START of lot <*>", "RCMD=PP-SELECT", "CEID is <*>", "XCEID <*>", "CEID"]
    assert list(map(template, texts)) == found
