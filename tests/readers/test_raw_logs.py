"""Raw log lines without a pattern: many at once are read as one by one, and a reading goes on from any line."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexstream.readers import Reading, ReadOptions
from flexstream.readers.parsing.templates import message, template
from flexstream.stream.alphabet import SYMBOL_BYTES, Alphabet

from .conftest import Dripping

LINES = st.sampled_from(
    [
        *("2026-01-31 10:00:00 lot 7 loaded", "2026-01-31 10:00:01 ERROR lot 8 lost", "Jan 31 10:00:02 host fab[7]: ü"),
        *("", "  ", "\tat a.b(C.java:1)", "ValueError: 7", "[INFO] idle", "odd \xa0 line", "12:00:00", "x" * 3000),
    ]
)


@given(
    st.lists(LINES, min_size=1, max_size=30).map("\n".join),
    st.tuples(st.sampled_from([9, 60, 1 << 18]), st.sampled_from([None, 30, 300]), st.sampled_from([None, 900])),
    st.sampled_from(["stop", "skip"]),
    st.booleans(),
    st.sampled_from([None, 3]),
    st.sampled_from([None, False]),
)
def test_many_lines_at_once_are_read_as_one_by_one(
    both: Any, text: str, bounds: Any, on_error: str, broken: bool, window: int | None, mask: bool | None
) -> None:
    content = text.encode().replace(b"idle", b"\xff" if broken else b"idle") or b"\n"
    both(content, bounds, format="log", on_error=on_error, window=window, mask=mask)


@pytest.mark.parametrize("piece", [40, 100, 1 << 18])
def test_a_reading_goes_on_inside_a_record(piece: int) -> None:
    record = "2026-01-31 10:00:00 lot {0} loaded\n\tat a.b(C.java:1)\nValueError: {0}\n2026-01-31 10:00:01 idle\n"
    content, options = "".join(map(record.format, range(60))).encode(), ReadOptions(window=3)
    alphabet = Alphabet()
    whole = [trace.tolist() for batch in Reading(io.BytesIO(content), alphabet, options) for trace in batch]
    assert sum(map(len, whole)) == 120
    for taken in (1, 2, 5):
        first = Reading(Dripping(content, piece), Alphabet(), options)
        begin = [trace.tolist() for batch in islice(first, taken) for trace in batch]
        second = Reading(Dripping(content, piece), alphabet, options)
        second.restore(first.state())
        assert begin + [trace.tolist() for batch in second for trace in batch] == whole


@pytest.mark.parametrize("piece", [40, 60, 100, 1 << 18])
def test_what_odd_lines_say_takes_its_share_of_a_small_alphabet(both: Any, piece: int) -> None:
    record = b"2026-01-31 10:00:00 lot 7 %s\n"
    content = b"".join(record % said for said in (b"loaded", b"\xff", b"lost", b"late", b"loaded"))
    traces, *_ = both(content, (piece, 300), format="log", on_error="skip", window=9)
    assert traces == [["lot <*> loaded", "<other>", "<other>", "lot <*> loaded"]]


def test_whole_traces_take_their_share_of_a_small_alphabet(tmp_path: Path) -> None:
    lines, table = tmp_path / "lots.txt", tmp_path / "lots.csv"
    lines.write_text("load load\nload\n")
    table.write_text("case,event\n" + "7,run\n7,load\n" * 40)
    alphabet = Alphabet((), SYMBOL_BYTES + len("load"))
    *_, (*_, last) = ([*batch] for batch in Reading([lines, table], alphabet, ReadOptions()))
    assert [alphabet.text(symbol) for symbol in last[:4]] == ["<other>", "load", "<other>", "load"]


@pytest.mark.parametrize("pattern", [None, r"(?P<event>load|run|unload)$"])
@pytest.mark.parametrize(
    "form",
    [
        *("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %#I:%M %p", "%b %d, %Y %I:%M:%S %p", "%Y-%m-%d %I:%M:%S %p"),
        *("[%m/%d/%Y %I:%M:%S.%f %p]", "%I:%M:%S%p"),
    ],
)
def test_halves_of_days_belong_to_the_times_of_lines(read: Any, form: str, pattern: str | None) -> None:
    """Afternoons were taken for mornings, so that lines changed places, and AM and PM for a part of the message."""
    hours = [7, 11, 12, 15, 19, 23]
    steps = ["load", "run", "unload"] * 10
    lines = []
    for place, step in enumerate(steps):
        moment = datetime(2026, 5, 21 + place // 6, hours[place % 6], 5, tzinfo=UTC)
        said = moment.strftime(form.replace("%#I", str(int(moment.strftime("%I")))))
        lines.append(f"{said} INFO {step}\n")
    found = read(io.BytesIO("".join(lines).encode()), format="log", pattern=pattern, window=3)
    assert found.traces == [["load", "run", "unload"]] * 10
    assert not [note for note in found.told.notes if "order" in note or "time" in note]


@pytest.mark.parametrize("time", ["Jan 31 23:59:00", "2026-01-31T23:59:00.125000+01:00", "2026-01-31T23:59:00Z"])
def test_syslog_is_the_same_with_either_time_and_from_any_host(read: Any, time: str) -> None:
    said = ["sshd[7]: Connection closed", "sudo: ann : TTY=pts/0 ; USER=root", "a/b-c[8]: lot 7 lost"]
    lines = "".join(f"{time} {host} {message}\n" for host in ("gateway", "archive") for message in said)
    found = read(io.BytesIO(lines.encode()), format="log", window=3)
    expected = ["sshd: Connection closed", "sudo: <*> : TTY=<*> ; USER=<*>", "a/b-c: lot <*> lost"]
    assert found.traces == [expected] * 2


@pytest.mark.parametrize(
    "message", ["lot loaded: ok", "lot 7 loaded: ok", "[main] worker[7]: up", "worker[7]: up", "tool A: idle"]
)
def test_what_follows_a_time_is_a_host_only_where_a_program_follows(read: Any, message: str) -> None:
    found = read(io.BytesIO(f"2026-01-31T23:59:00Z {message}\n".encode()), format="log")
    assert found.traces == [[template(message)]]


def _ids(kind: str) -> list[str]:
    """Return ids of a kind, which begin with a digit or a letter, and of which some happen to be decimal."""
    chance = Random(kind)
    made = {
        "hex": lambda: f"{chance.getrandbits(32):08x}",
        "HEX": lambda: f"{chance.getrandbits(48):012X}",
        "digits": lambda: f"{chance.randrange(10**8)}",
        "uuid": lambda: "-".join(f"{chance.getrandbits(4 * n):0{n}x}" for n in (8, 4, 4, 4, 12)),
        "word": lambda: f"req-{chance.getrandbits(32):08x}",
        "number first": lambda: f"{chance.randrange(100)}-job",
        "key": lambda: f"id={chance.getrandbits(32):08x}",
    }[kind]
    return ["12345670" if kind in {"hex", "digits"} else made(), *(made() for _ in range(60))]


@pytest.mark.parametrize("kind", ["hex", "HEX", "digits", "uuid", "word", "number first", "key"])
@pytest.mark.parametrize(
    "form",
    ["INFO {} ", "INFO {}: ", "INFO: {} ", "[INFO] {} ", "INFO - {} ", "INFO 12 {} ", "INFO a.b.C {} ", "{} INFO "],
)
@pytest.mark.parametrize("brackets", ["[]", "()", "<>", "{}", ""])
def test_an_id_before_a_message_is_left_out_whole_or_not_at_all(kind: str, form: str, brackets: str) -> None:
    for head in (form, form.replace("INFO ", "", 1)):
        before = [head.format(brackets[:1] + one + brackets[1:]) for one in _ids(kind)]
        said = {template(message(f"2026-03-01 00:15:30 {head}Query took 12 ms")) for head in before}
        assert len(said) == 1, said
        assert next(iter(said)).endswith("Query took <*>")


@pytest.mark.parametrize("thread", ["[main]", "[worker-7]", "[7]", "[6e8cf7f0]", ""])
def test_whatever_is_in_brackets_before_the_level_is_left_out(thread: str) -> None:
    assert message(f"2026-03-01 00:15:30 {thread} INFO lot loaded") == "lot loaded"


def test_a_bracketed_id_that_comes_again_makes_traces_of_the_messages(tmp_path: Path) -> None:
    says = ["User 17 logged in", "Query took 12 ms", "User 17 logged out"]
    lines = [f"2026-03-01 00:00:{n:02} INFO [{one}] {says[n]}" for one in _ids("hex") for n in range(3)]
    path = tmp_path / "app.log"
    path.write_text("\n".join(lines))
    alphabet = Alphabet()
    batches = list(Reading([str(path)], alphabet, ReadOptions(pattern=r"\[(?P<case>[^\[\]\s]+)\]")))
    assert sum(map(len, batches)) == 61
    assert alphabet.texts == ["User <*> logged in", "Query took <*>", "User <*> logged out"]
