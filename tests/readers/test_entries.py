"""Entries of several lines, or in XML: journals, events of Windows and MXML, read whole, dripping and followed."""

from __future__ import annotations

import io
import itertools
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from flexstream.errors import DataError, UsageError
from flexstream.readers import ReadContext, ReadOptions, read_items
from flexstream.readers.source.raw import POLL_SECONDS

from .conftest import Dripping, read_all
from .test_journal_export import entries, exported


def verbose(cursors: bool = True) -> bytes:
    """The same entries as `exported`, as people read them."""
    text = "-- Logs begin at Sun 2026-03-01 10:00:00 UTC. --\n"
    for number, entry in enumerate(entries()):
        fields = dict(entry)
        micro = int(fields.pop("__REALTIME_TIMESTAMP"))
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(micro // 10**6))
        text += (
            f"Mon {at}.{micro % 10**6:06} CET [s=abc;i={number:x};b=1;m=2{f';t={micro:x};x=1' if cursors else ''}]\n"
        )
        del fields["__CURSOR"]
        for name, value in fields.items():
            text += f"    {name}=" + value.replace("\n", "\n" + " " * (len(name) + 5)) + "\n"
    return text.encode()


def windows(above: str = "", below: str = "") -> bytes:
    event = (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='SCM' "
        "Guid='{{5}}'/><EventID Qualifiers='0'>{1}</EventID><Level>4</Level>"
        "<TimeCreated SystemTime='2026-03-02T10:{0:02}:0{2}.5Z'/>"
        "<EventRecordID>{0}{2}</EventRecordID></System><EventData><Data Name='LogonId'>0x{0:x}</Data>"
        "<Data Name='What'>a &lt; b</Data></EventData></Event>\n"
    )
    events = (event.format(case, 4624 + step, step) for case in range(30) for step in range(3 - case % 2))
    return (above + "".join(events) + below).encode()


def mxml() -> bytes:
    entry = (
        "<AuditTrailEntry><WorkflowModelElement>{1}</WorkflowModelElement><EventType>complete</EventType>"
        "<Timestamp>2026-03-02T10:{0:02}:0{2}Z</Timestamp></AuditTrailEntry>"
    )
    cases = (
        f'<ProcessInstance id="O{case}">'
        + "".join(entry.format(case, step, n) for n, step in enumerate(["load", "run", "end"][: 3 - case % 2]))
        + "</ProcessInstance>\n"
        for case in range(30)
    )
    above = '<?xml version="1.0"?>\n<!-- made -->\n<WorkflowLog><Process id="p">\n'
    return f"{above}{''.join(cases)}</Process></WorkflowLog>".encode()


WINDOWS = {
    "one behind the other": windows(),
    "within a document": windows('<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<Events>', "</Events>\n"),
    "with a mark": b"\xef\xbb\xbf" + windows("<Events>", "</Events>"),
}


@pytest.mark.parametrize("content", WINDOWS.values(), ids=WINDOWS)
@pytest.mark.parametrize("size", [7, 1 << 20])
def test_events_of_windows_are_read(content: bytes, size: int) -> None:
    found = read_all(Dripping(content, size))
    assert found.error is None
    assert dict(found.named) == {f"0x{case:x}": ["4624", "4625", "4626"][: 3 - case % 2] for case in range(30)}


@pytest.mark.parametrize("size", [7, 1 << 20])
def test_mxml_is_read(size: int) -> None:
    found = read_all(Dripping(mxml(), size))
    assert dict(found.named) == {f"O{case}": ["load", "run", "end"][: 3 - case % 2] for case in range(30)}


def test_a_journal_that_people_read_is_read_as_its_export() -> None:
    for file in (io.BytesIO(verbose()), Dripping(verbose(), 11), io.BytesIO(verbose(cursors=False))):
        found = read_all(file, preset="journald")
        assert found.error is None
        assert found.named == read_all(io.BytesIO(exported(entries())), preset="journald").named


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (windows() + b"<Event><a></b>", "broken XML"),
        (b"<Event>" + b"<a>" * 200, "an event that goes on and on"),
        (b"<Event></Event><!DOCTYPE a [<!ENTITY b 'c'>]><Event>&b;</Event>", "broken XML"),
        (b"<Event><a>" + b"x" * (1 << 25), "an event that goes on and on"),
        (b"<Event>" + b"".join(b"<a%d>1</a%d>" % (at, at) for at in range(5000)), "an event that goes on and on"),
        (b"<Event><a b='" + b"x" * (1 << 23), "an event that goes on and on"),
    ],
)
def test_what_is_wrong_is_told(content: bytes, told: str) -> None:
    error = read_all(io.BytesIO(content)).error
    assert error is not None
    assert told in str(error)


def test_a_preset_that_begins_alike_and_xes_are_what_they_were() -> None:
    event = '<event><string key="concept:name" value="load"/></event>'
    log = f'<?xml version="1.0"?>\n<log><trace>{event}</trace></log>'.encode()
    assert read_all(Dripping(log, 3)).traces == [["load"]]
    assert read_all(Dripping(b"Mon load\nTue run\n", 3)).traces == [["Mon", "load"], ["Tue", "run"]]


@pytest.mark.parametrize("rotated", [False, True])
@pytest.mark.parametrize(("write", "late"), [(lambda: exported(entries()), 0), (verbose, 1), (windows, 0)])
def test_they_can_be_followed(write: Callable[[], bytes], late: int, rotated: bool, tmp_path: Path) -> None:
    content, log = write(), tmp_path / "log"
    wanted = [item.symbol for item in read_items(io.BytesIO(content), ReadContext())]  # type: ignore[union-attr]
    begins = {b"__": b"\n\n", b"--": b"\nMon ", b"<E": b"\n"}[content[:2]]
    half = content.index(begins, len(content) // 2) + (2 if begins == b"\n\n" else 1)
    log.write_bytes(content[:half])

    def more() -> None:
        time.sleep(2 * POLL_SECONDS)
        if rotated:
            log.rename(tmp_path / "log.1")
        with log.open("ab") as file:
            file.write(content[half : half + 50])
            file.flush()
            time.sleep(POLL_SECONDS)
            file.write(content[half + 50 :])

    worker, guard = threading.Thread(target=more), threading.Timer(30, lambda: os._exit(3))
    worker.start()
    guard.start()
    items = read_items(log, ReadContext(ReadOptions(follow=True)))
    found = [item.symbol for item in itertools.islice(items, len(wanted) - late)]  # type: ignore[union-attr]
    guard.cancel()
    worker.join()
    items.close()
    assert found == wanted[: len(wanted) - late]


def test_tables_that_do_not_grow_cannot(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"PAR1\x15\x00" + b"\0" * 40)
    with pytest.raises((UsageError, DataError)):
        list(read_items(log, ReadContext(ReadOptions(follow=True))))
