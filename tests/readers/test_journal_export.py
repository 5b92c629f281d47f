"""Journals of systemd as `journalctl -o export` writes them."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Sequence
from typing import Any

import pytest

import flexstream

from .conftest import Dripping, read_all

STEPS = ["starting backup", "snapshot created", "backup\nstored", "backup done"]
Entries = list[list[tuple[str, str]]]


def entries(processes: int = 30) -> Entries:
    return [
        [
            ("__CURSOR", f"s=abc;i={number}"),
            ("__REALTIME_TIMESTAMP", f"{1772431203219105 + number * 1_000_000}"),
            ("_PID", f"{5000 + number // len(STEPS)}"),
            ("MESSAGE", STEPS[number % len(STEPS)]),
        ]
        for number in range(processes * len(STEPS))
    ]


def exported(found: Entries) -> bytes:
    def field(name: str, value: str) -> bytes:
        if "\n" not in value:
            return f"{name}={value}\n".encode()
        data = value.encode()
        return name.encode() + b"\n" + len(data).to_bytes(8, "little") + data + b"\n"

    return b"".join(b"".join(field(*pair) for pair in entry) + b"\n" for entry in found)


def as_json(found: Entries) -> bytes:
    return "".join(json.dumps(dict(entry)) + "\n" for entry in found).encode()


@pytest.mark.parametrize("options", [{}, {"preset": "journald"}, {"case": "_PID", "event": "MESSAGE"}])
@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_it_is_read_as_its_json_is(options: dict[str, Any], size: int) -> None:
    found = read_all(Dripping(exported(entries()), size), **options)
    assert found.error is None
    assert found.named == read_all(io.BytesIO(as_json(entries())), **options).named
    assert len(found.traces) == 30


@pytest.mark.parametrize("change", [lambda text: text, gzip.compress, lambda text: text.rstrip(b"\n")])
def test_it_may_be_packed_and_end_anywhere(change: Any) -> None:
    content = change(exported(entries()))
    assert len(read_all(io.BytesIO(content), preset="journald").traces) == 30


def test_a_model_of_it_reads_json() -> None:
    learned = flexstream.learn(io.BytesIO(exported(entries())))
    traces: Sequence[Any] = [*flexstream.read(io.BytesIO(as_json(entries(2))), like=learned)]
    assert len(traces) == 2


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            b"__CURSOR=1\nMESSAGE\n" + (1 << 40).to_bytes(8, "little") + b"x\n\n",
            "a field of entry 1 is 1,099,511,627,776",
        ),
        (b"__CURSOR=1\nMESSAGE\n" + (9).to_bytes(8, "little") + b"x\n\n", "entry 1 breaks off"),
        (b"__CURSOR=" + b"x" * (1 << 25), "a field of entry 1 is "),
    ],
)
def test_what_is_wrong_with_it_is_told(content: bytes, told: str) -> None:
    assert told in str(read_all(io.BytesIO(content)).error)


VERBOSE = b"Sun 2026-03-01 10:00:00.5 UTC [s=a1;i=1;t=64bf5]\n    MESSAGE=a\n"
ENDLESS = {
    "fields of an export": exported(entries(1)) + b"".join(b"F%d=1\n" % number for number in range(2000)),
    "one field of an export": exported(entries(1)) + b"F=1\n" * 2000,
    "fields of a list to read": VERBOSE + b"".join(b"    F%d=1\n" % number for number in range(2000)),
    "a line of a list to read": VERBOSE + b"    F=" + b"x" * (1 << 24),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_an_entry_without_end_is_told_before_it_is_held(what: str) -> None:
    assert "has more fields, or is longer, than any" in str(read_all(io.BytesIO(ENDLESS[what])).error)
