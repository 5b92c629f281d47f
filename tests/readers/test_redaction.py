"""What tells of people and addresses is left out of symbols, names, notes and errors, whatever the format."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream import FlexStreamError, ReadOptions, StreamLearner, judge
from flexstream.readers import read_batches
from flexstream.readers.texts.redaction import personal, redacted, redacted_message
from flexstream.stream.alphabet import Alphabet
from flexstream.writers import write

TEXTS = {
    "load the lot": "load the lot",
    "T02 Check confirmation of receipt": "T02 Check confirmation of receipt",
    "Send to Customer": "Send to Customer",
    "Grant Access": "Grant Access",
    "user: not found": "user: not found",
    "user logged in": "user logged in",
    "lot 12345 of 7": "lot 12345 of 7",
    "alice": "<*>",
    "login alice.smith": "login <*>",
    "Alice Smith approves": "<*> approves",
    "Smith, Alice": "<*>",
    "checked by Mark Jones": "checked by <*>",
    "checked by Zork Blarg": "checked by <*>",
    "call J. Blarg": "call <*>",
    "María pays": "<*> pays",
    "assigned to Customer": "assigned to Customer",
    "Dr. Müller calls": "Dr. <*> calls",
    "Dear Ms. Kowalski,": "Dear Ms. <*>,",
    "user=zork, lot=7": "user=<*>, lot=7",
    '{"userName": "Zork Z", "act": "go"}': '{"userName": "<*>", "act": "go"}',
    "owner: zork": "owner: <*>",
    "zork : TTY=pts/1 ; USER=root ; COMMAND=/bin/ls": "<*> : TTY=pts/1 ; USER=<*> ; COMMAND=/bin/ls",
    "of\r\n\tAccount Name:\t\tFAB\\zork\r\n\tLogon ID:\t\t3": "of\r\n\tAccount Name:\t\t<*>\r\n\tLogon ID:\t\t3",
    "password=hunter": "password=<*>",
    "Accepted password for zork from gate": "Accepted password for <*> from gate",
    "mail to zork@fab.example.com.": "mail to <*>.",
    "GET https://zork:pw@fab.example.com/lots?id=7": "GET https://<*>/lots?<*>",
    "GET /lots?user=zork&hot": "GET /lots?<*>",
    "/home/zork/lots": "/home/<*>/lots",
    "C:\\Users\\zork\\lots": "C:\\Users\\<*>\\lots",
    "from 192.0.2.7:80": "from <*>",
    "from 2001:db8::7 up": "from <*> up",
    "on aa:bb:cc:dd:ee:01": "on <*>",
    "on gate.fab.example.com": "on <*>",
    '192.0.2.7 - zork [05/May/2024:02:10:11 +0000] "GET / HTTP/1.1"': '<*> - <*> [05/May/<*> +0000] "GET / HTTP/1.1"',
    "tel. +49 89 123 45 67": "tel. <*>",
    "card 4111-1111-1111-1111": "card <*>",
    "lot123456": "lot<*>",
    "logname= uid=0 ruser= rhost=192.0.2.7 user=zork": "logname= uid=0 ruser= rhost=<*> user=<*>",
    "iar 001061d4 at 0x5e20 (38534)": "iar <*> at 0x5e20 (38534)",
    "id 3ea4052c-895d-4b64-9e2d-04d64c4d94ab": "id <*>",
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.items())
def test_texts(text: str, expected: str) -> None:
    assert redacted(text) == expected


@given(st.sampled_from([*TEXTS]))
def test_what_is_redacted_stays_so(text: str) -> None:
    assert redacted(redacted(text)) == redacted(text)


@given(st.text(max_size=60))
def test_any_text_is_redacted(text: str) -> None:
    assert isinstance(redacted(text), str)
    assert "zork@x.example" not in redacted(f"{text} zork@x.example {text}")


def test_columns() -> None:
    assert [
        name
        for name in ("user_name", "clientIP", "src_ip", "userIdentity.userName", "lot", "activity")
        if personal(name)
    ] == [
        "user_name",
        "clientIP",
        "src_ip",
        "userIdentity.userName",
    ]


def test_messages_quote_nothing() -> None:
    assert redacted_message("'' for none, ',' for Alice, 'ann'") == "'' for none, ',' for <*>, <*>"
    assert (
        redacted_message("""no time in 'it\\'s Zork' or "Zork's" (expected: a time)""")
        == "no time in <*> or <*> (expected: a time)"
    )


UNITS = (
    "a",
    "1",
    "=",
    "a=",
    "a:",
    "@",
    "a@",
    ".",
    "a.",
    "/",
    "?",
    "a?",
    '"',
    "'",
    ":",
    "f:",
    "1 ",
    "1.",
    "-",
    "A ",
    "alice ",
    "Mark A ",
)


@pytest.mark.parametrize("unit", UNITS)
def test_redaction_takes_linear_time(unit: str) -> None:
    def seconds() -> float:
        started = time.process_time()
        redacted(unit * (32768 // len(unit)) + "!")
        redacted_message("'" + unit * (32768 // len(unit)) + "!")
        return time.process_time() - started

    assert any(seconds() < 1 for _ in range(3))


PLANTED = ("alice", "Alice", "kowalski", "Kowalski", "192.0.2.7", "fab.example.com", "hunter", "4111")
TALK = [
    "alice logs in",
    "mail alice@fab.example.com",
    "read from 192.0.2.7",
    "paid by Alice Kowalski, card 4111 1111 1111 1111",
]
WORDS = [text.replace(",", "").replace(" ", "_") for text in TALK]
NAMED = '<log><trace><string key="concept:name" value="alice"/>{}</trace></log>'
XES = '<event><string key="concept:name" value="{}"/><string key="org:resource" value="Alice Kowalski"/></event>'


def rows(form: str, top: str = "") -> bytes:
    lines = [form.format(case=f"alice kowalski {number // 4}", text=TALK[number % 4]) for number in range(200)]
    return "\n".join([*([top] if top else []), *lines, ""]).encode()


FILES: dict[str, tuple[bytes, bytes, dict[str, Any]]] = {
    "lines": (" ".join(WORDS).encode() + b"\n" * 2, b"alice \xff\n", {"format": "lines"}),
    "csv": (rows("{case};{text}", "user;event"), b"alice;b;192.0.2.7\n", {"case": "user"}),
    "csv, person": (rows("{case};{text}", "user;event"), b"alice;b;192.0.2.7\n", {"event": "event+user", "case": ""}),
    "csv, masked": (rows("{case};{text}", "user;event"), b"alice;b;192.0.2.7\n", {"case": "user", "mask": True}),
    "csv, traces": (b"case,trace\n" + b"alice," + " ".join(WORDS).encode() + b"\n", b"alice\n", {}),
    "csv, times": (
        rows("{case};{text};2026-01-31 10:00:00", "user;event;time"),
        b"alice;b;alice\n",
        {"case": "user", "time": "time"},
    ),
    "jsonl": (
        "".join(json.dumps({"case": "alice", "event": text}) + "\n" for text in TALK).encode(),
        b'{"case": "alice"}\n"alice"\n{"case": ["alice"], "event": "alice"}\n',
        {},
    ),
    "jsonl, person": (
        "".join(json.dumps({"id": 1, "who": {"userName": "zork alice"}}) + "\n" for text in TALK).encode(),
        b'{"case": "alice"}\n',
        {"event": "who.userName", "case": "id"},
    ),
    "jsonl, traces": (
        json.dumps(TALK).encode() + b"\n" + json.dumps({"id": "alice", "trace": TALK}).encode() + b"\n",
        b'["alice", {}]\n',
        {},
    ),
    "agents": (
        "".join(
            json.dumps(
                {
                    "id": "alice",
                    "messages": [
                        {"role": "user", "content": "I am Alice"},
                        {"tool_calls": [{"function": {"name": "mail_alice"}}]},
                    ],
                }
            )
            + "\n"
            for _ in range(5)
        ).encode(),
        b'{"id": "alice"}\n',
        {},
    ),
    "log": (rows("2026-01-31 10:00:00 INFO {text}"), b"2026-01-31 10:00:00 alice \xff\n", {}),
    "log, plain": (rows("2026-01-31 10:00:00 INFO {text}"), b"2026-01-31 10:00:00 alice \xff\n", {"mask": False}),
    "log, pattern": (rows("[{case}] {text}"), b"alice kowalski\n", {"pattern": r"\[(?P<case>.*)\] (?P<event>.*)"}),
    "access log": (
        b'192.0.2.7 - alice [05/May/2024:02:10:11 +0000] "GET /a?user=alice HTTP/1.1" 200 612 "https://alice:hunter@fab.example.com/"\n'
        * 30,
        b"192.0.2.7 alice \xff\n",
        {"mask": False},
    ),
    "xes": (
        NAMED.format("".join(map(XES.format, TALK))).encode(),
        b"",
        {},
    ),
    "xes, person": (
        NAMED.format("".join(map(XES.format, TALK))).encode(),
        b"",
        {"event": "concept:name+org:resource"},
    ),
    "access log, whole": (
        b"".join(
            b'192.0.2.7 - alice [05/May/2024:02:10:%02d +0000] "GET /users/alice HTTP/1.1" 200 612 '
            b'"https://alice:hunter@fab.example.com/?q=alice" "Mozilla/5.0 (alice)"\n' % second
            for second in range(30)
        ),
        b"192.0.2.7 alice \xff\n",
        {},
    ),
    "records": (
        json.dumps(
            {"Records": [{"userIdentity": {"userName": "alice"}, "eventName": text} for text in TALK]}, indent=1
        ).encode(),
        b"",
        {},
    ),
    "pautomac": (b"2 3\n2 0 1\n1 2\n", b"1 alice\n", {"format": "pautomac"}),
    "abbadingo": (b"2 3\n1 2 0 1\n1 1 2\n", b"1 1 alice\n", {"format": "abbadingo"}),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("bad", [False, True])
def test_nothing_planted_comes_out_of_any_format(name: str, bad: bool, tmp_path: Path) -> None:
    content, line, options = FILES[name]
    learner = StreamLearner()
    content += line if bad else b""
    reading = read_batches(
        io.BytesIO(content), learner.alphabet.copy(), ReadOptions(redact=True, on_error="skip", **options)
    )
    names: list[Any] = []
    for batch in reading:
        names += batch.names or []
        learner.learn_many(batch, reading.alphabet)
    assert learner.events
    assert not bad or not line or reading.stats.skipped
    model = tmp_path / "model.json"
    learner.model.save(model)
    said = [*reading.notes, *reading.stats.messages, *reading.alphabet, names, reading.manner]
    said += [verdict.to_document() for verdict in judge(learner, reading)]
    said += [model.read_text(), write(learner.automaton, "dot")]
    for planted in PLANTED:
        assert planted not in " ".join(map(str, said)), planted
    assert names == []


@pytest.mark.parametrize("name", [name for name in FILES if FILES[name][1]])
def test_nothing_planted_is_in_what_stops_a_reading(name: str) -> None:
    content, line, options = FILES[name]
    reading = read_batches(io.BytesIO(content + line), Alphabet(), ReadOptions(redact=True, **options))
    with pytest.raises(FlexStreamError) as caught:
        list(reading)
    assert caught.value.__cause__ is None
    assert not any(planted in str(caught.value) for planted in PLANTED)


def test_without_it_all_is_there() -> None:
    """The test above can fail."""
    for name, (content, _, options) in FILES.items():
        alphabet = Alphabet()
        batches = list(
            read_batches(
                io.BytesIO(content),
                alphabet,
                ReadOptions(**{**options, "mask": False} if "mask" in options else options),
            )
        )
        said = [*alphabet, *(name for batch in batches for name in batch.names or [])]
        assert name in {"pautomac", "abbadingo"} or any(planted in text for planted in PLANTED for text in said), name


def test_cases_stay_apart_and_lose_their_names() -> None:
    content = "case,event\n" + "".join(f"alice{number % 5},{event}\n" for event in ("a", "b") for number in range(5))
    (batch,) = read_batches(io.BytesIO(content.encode()), Alphabet(), ReadOptions(redact=True, cut=False))
    assert [trace.tolist() for trace in batch] == [[0, 1]] * 5
    assert batch.names is None


def test_the_start_of_a_trace_is_what_its_symbol_is() -> None:
    options = ReadOptions(redact=True, start="alice logs in", case="")
    assert options.start == "<*> logs in"
    content = "event\n" + "alice logs in\nload\n" * 30
    assert sum(map(len, read_batches(io.BytesIO(content.encode()), Alphabet(), options))) == 30


def test_masks_and_fast_paths_make_no_difference(tmp_path: Path) -> None:
    content = "case,event\n" + "".join(f"{number % 5},lot {number} for alice\n" for number in range(100))
    found = Alphabet()
    list(read_batches(io.BytesIO(content.encode()), found, ReadOptions(redact=True, mask=True)))
    assert list(found) == ["lot <*> for <*>"]


def test_frames_and_columns_in_memory() -> None:
    import flexstream

    table = {"user": [f"alice {number // 2}" for number in range(80)], "task": TALK * 20}
    learned = flexstream.learn(table, case="user", event="task", redact=True)
    assert not any(planted in text for planted in PLANTED for text in learned.alphabet)
    assert learned.traces == 40
