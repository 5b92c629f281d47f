"""A file that was rotated while nobody read it is found again, and what came after it."""

from __future__ import annotations

import gzip
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flexstream.container import decode, encode
from flexstream.errors import ChangedSourceError
from flexstream.readers import Reading, ReadOptions
from flexstream.readers.sessions import packing
from flexstream.readers.source.past import Past
from flexstream.readers.source.rotation import files_from, rotated
from flexstream.readers.source.trail import Print
from flexstream.stream.alphabet import Alphabet

Rotate = Callable[[Path], None]


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "BATCH_TRACES", 3)


def rows(first: int, last: int) -> str:
    return "".join(f"c{number % 7},task{number},{1_700_000_000 + number}\n" for number in range(first, last))


def by_name(log: Path) -> None:
    log.rename(log.with_name("app.log.1"))


def by_date(log: Path) -> None:
    log.rename(log.with_name("app-2026-01-31.log"))


def packed(log: Path) -> None:
    log.with_name("app.log.1.gz").write_bytes(gzip.compress(log.read_bytes()))
    log.unlink()


def copied(log: Path) -> None:
    shutil.copyfile(log, log.with_name("app.log.1"))
    os.truncate(log, 0)


ROTATIONS: list[Rotate] = [by_name, by_date, packed, copied]


def aged(log: Path) -> None:
    """Let the times of change be those of the order in which the files were written."""
    for number, path in enumerate(sorted(rotated(log), key=lambda one: one.name, reverse=True)):
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))


def reading(log: Path) -> Reading:
    return Reading(log, Alphabet(), ReadOptions(format="csv", cut=False), resumable=True)


def traces(found: list[Any]) -> list[tuple[str, list[int]]]:
    return [(name, trace.tolist()) for batch in found for name, trace in zip(batch.names, batch, strict=True)]


def last_state(log: Path, state: Any = None) -> Any:
    """Read all there is; return the state before what is open ends."""
    first, states = reading(log), []
    if state is not None:
        first.restore(state)
    first.at_rest = lambda: states.append(first.state())
    list(first)
    return decode(encode(states[-1]))


def whole(folder: Path, text: str) -> Any:
    path = folder / "whole.csv"
    path.write_text("case,event,time\n" + text)
    return traces(list(reading(path)))


@pytest.mark.parametrize("rotate", ROTATIONS)
def test_the_rest_of_a_rotated_file_comes_first(rotate: Rotate, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("case,event,time\n" + rows(0, 40))
    state = last_state(log)
    with log.open("a") as file:
        file.write(rows(40, 50))
    rotate(log)
    aged(log)
    log.write_text("case,event,time\n" + rows(50, 70))
    second = reading(log)
    second.restore(state)
    assert traces(list(second)) == whole(tmp_path, rows(0, 70))


def test_all_that_came_since_is_read_in_its_order(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("case,event,time\n" + rows(0, 40))
    state = last_state(log)
    log.rename(tmp_path / "app.log.2")
    (tmp_path / "app.log.1").write_text("case,event,time\n" + rows(40, 60))
    (tmp_path / "app.log.3").write_text("case,event,time\nold,old,1\n")
    log.write_text("case,event,time\n" + rows(60, 70))
    aged(log)
    second = reading(log)
    second.restore(state)
    assert traces(list(second)) == whole(tmp_path, rows(0, 70))


def test_a_state_between_rotated_files_is_gone_on_with(tmp_path: Path) -> None:
    """The new file is still empty: what is known is the end of the old one."""
    log = tmp_path / "app.log"
    log.write_text("case,event,time\n" + rows(0, 40))
    state = last_state(log)
    log.rename(tmp_path / "app.log.1")
    log.write_text("")
    state = last_state(log, state)
    log.write_text("case,event,time\n" + rows(40, 50))
    state = last_state(log, state)
    log.rename(tmp_path / "app.log.2")
    (tmp_path / "app.log.1").write_text("case,event,time\n" + rows(50, 60))
    log.write_text("case,event,time\n" + rows(60, 70))
    aged(log)
    second = reading(log)
    second.restore(state)
    assert traces(list(second)) == whole(tmp_path, rows(0, 70))


def test_what_is_not_found_is_refused(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("case,event,time\n" + rows(0, 40))
    state = last_state(log)
    log.write_text("case,event,time\n" + rows(50, 60))
    (tmp_path / "app.log.1").write_text("case,event,time\n" + rows(1, 40))
    (tmp_path / "app.log.2.gz").write_bytes(b"\x1f\x8bno gzip")
    (tmp_path / "app.log.3").mkdir()
    second = reading(log)
    second.restore(state)
    with pytest.raises(ChangedSourceError, match=r"app\.log: ends before byte 846 \(line 41\)"):
        list(second)


def test_a_longer_file_is_the_same_file(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("case,event,time\n" + rows(0, 40))
    state = last_state(log)
    with log.open("a") as file:
        file.write(rows(40, 70))
    (tmp_path / "app.log.1").write_text("case,event,time\n" + rows(0, 40))
    second = reading(log)
    second.restore(state)
    assert traces(list(second)) == whole(tmp_path, rows(0, 70))
    nowhere = tmp_path / "nowhere" / "app.log"
    assert files_from(nowhere, Print.restored(state["walk"]["known"]), None) == [str(nowhere)]


def test_a_file_of_which_nothing_was_read_is_known_by_what_it_is(tmp_path: Path) -> None:
    """A run that is killed before its first event has kept which file it was."""
    log = tmp_path / "app.log"
    log.write_text("case,event,time\n" + rows(0, 40))
    state = decode(encode(reading(log).state()))
    log.rename(tmp_path / "app.log.2")
    (tmp_path / "app.log.1").write_text("case,event,time\n" + rows(40, 60))
    log.write_text("case,event,time\n" + rows(60, 70))
    aged(log)
    second = reading(log)
    second.restore(state)
    assert traces(list(second)) == whole(tmp_path, rows(0, 70))


def test_files_that_come_and_go_between_two_looks_are_all_read(tmp_path: Path) -> None:
    log, options = tmp_path / "app.log", {"format": "csv", "cut": False, "max_open_cases": 3}
    text = "case,event\n" + "".join(row.rpartition(",")[0] + "\n" for row in rows(0, 80).splitlines())
    lines = text.splitlines(keepends=True)
    (tmp_path / "whole.csv").write_text(text)
    expected = traces(list(Reading(tmp_path / "whole.csv", Alphabet(), ReadOptions(**options))))
    log.write_text("".join(lines[:41]))
    first = Reading(log, Alphabet(), ReadOptions(**options, follow=True))

    def rotate() -> None:
        with log.open("a") as file:
            file.writelines(lines[41:51])
        for start in (51, 61, 71):
            for old in (2, 1):
                if (tmp_path / f"app.log.{old}").exists():
                    (tmp_path / f"app.log.{old}").rename(tmp_path / f"app.log.{old + 1}")
            log.rename(tmp_path / "app.log.1")
            log.write_text("".join([lines[0], *lines[start : start + 10]]))
        aged(log)

    timers = [threading.Timer(0.3, rotate), threading.Timer(1.5, first.stop)]
    for timer in timers:
        timer.start()
    assert traces(list(first)) == expected
    for timer in timers:
        timer.join()


def rotate_numbers(log: Path) -> None:
    """Give every file of a log the name of the one before it."""
    for old in sorted(rotated(log), key=lambda path: -int(path.suffix[1:])):
        old.rename(old.with_suffix(f".{int(old.suffix[1:]) + 1}"))
    log.rename(log.with_name(f"{log.name}.1"))


def written_anew(log: Path, start: int) -> None:
    """Rotate a log, and write ten rows into the new one."""
    rotate_numbers(log)
    log.write_text("case,event,time\n" + rows(start, start + 10))


def rotated_thrice(log: Path) -> dict[str, Any]:
    """Write a log, and rotate it three times behind the state that is returned."""
    log.write_text("case,event,time\n" + rows(0, 40))
    state = last_state(log)
    for start in (40, 50, 60):
        written_anew(log, start)
    return state


def test_files_that_are_renamed_while_they_are_read_are_all_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the moment at which files are found and the one at which they are opened all may have other names."""
    from flexstream.readers import beside

    log = tmp_path / "app.log"
    state = rotated_thrice(log)
    aged(log)
    left = [70, 80]

    def renaming(look: Callable[..., Any]) -> Callable[..., Any]:
        def found(*given: Any) -> Any:
            files = look(*given)
            if left:
                written_anew(log, left.pop(0))
                aged(log)
            return files

        return found

    monkeypatch.setattr(beside, "files_from", renaming(files_from))
    monkeypatch.setattr(Past, "unread", renaming(Past.unread))
    second = reading(log)
    second.restore(state)
    assert traces(list(second)) == whole(tmp_path, rows(0, 90))


def test_of_files_of_the_same_moment_the_higher_number_is_older(tmp_path: Path) -> None:
    """The clock of a file system moves on every few milliseconds."""
    log = tmp_path / "app.log"
    state = rotated_thrice(log)
    for path in (log, *rotated(log)):
        os.utime(path, ns=(1_700_000_000, 1_700_000_000))
    second = reading(log)
    second.restore(state)
    assert traces(list(second)) == whole(tmp_path, rows(0, 70))
