"""What was read of a log that is followed is not read again, whatever becomes of it, and what was not read is."""

from __future__ import annotations

import gzip
import itertools
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flexstream.container import decode, encode
from flexstream.errors import DataError
from flexstream.readers import ReadContext, Reading, ReadOptions, beside, read_items
from flexstream.readers.source import past as past_files
from flexstream.readers.source import raw
from flexstream.readers.source.past import Past
from flexstream.readers.source.rotation import in_order
from flexstream.readers.source.stopping import StopSwitch
from flexstream.stream.alphabet import Alphabet

Become = Callable[[Path], None]
SHORT = ["first", "second"]
LONG = [f"line {number:05d}" for number in range(1000)]


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (raw, beside):
        monkeypatch.setattr(module, "POLL_SECONDS", 0.01)


class Followed:
    """A log that is followed, and its lines as they come."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.log = folder / "app.log"
        self._items: Iterator[Any] = iter(())
        self._switch = StopSwitch()
        self._options = {"format": "lines", "follow": True, **options}

    def begin(self) -> None:
        self._items = read_items(self.log, ReadContext(ReadOptions(**self._options)), self._switch)

    def end(self) -> None:
        self._items.close()  # type: ignore[attr-defined]

    def next(self, count: int = 1) -> list[str]:
        guard = threading.Timer(10, self._switch.request)  # what is not read is waited for
        guard.start()
        try:
            return [" ".join(item.symbols) for item in itertools.islice(self._items, count)]
        finally:
            guard.cancel()

    def write(self, *lines: str) -> None:
        with self.log.open("a") as file:
            file.writelines(f"{line}\n" for line in lines)

    def rotate(self, name: str = "app.log.1") -> Path:
        """Give the log another name, and begin a new one; return where it is."""
        old = self.log.rename(self.log.with_name(name))
        self.log.touch()
        return old


@pytest.fixture
def followed(tmp_path: Path) -> Iterator[Followed]:
    found = Followed(tmp_path)
    yield found
    found.end()


def zipped(old: Path, name: str) -> Path:
    new = old.with_name(name)
    new.write_bytes(gzip.compress(old.read_bytes()))
    return new


def compressed(old: Path) -> None:
    zipped(old, "app.log.2.gz")
    old.unlink()


def renumbered_and_compressed(old: Path) -> None:
    zipped(old, "app.log.7.gz")
    old.unlink()


def touched(old: Path) -> None:
    os.utime(old.rename(old.with_name("app.log.7")))


def copied(old: Path) -> None:
    shutil.copyfile(old, old.with_name("app.log.2"))
    old.unlink()


def being_compressed(old: Path) -> None:
    """As by ``gzip -c``, which is not done yet."""
    new = zipped(old.rename(old.with_name("app.log.2")), "app.log.2.gz")
    os.truncate(new, new.stat().st_size // 2)


def being_compressed_from_elsewhere(old: Path) -> None:
    new = zipped(old, "app.log.2.gz")
    os.truncate(new, new.stat().st_size - 9)
    old.unlink()


def grown(old: Path) -> None:
    with old.open("a") as file:
        file.write("too late\n")
    compressed(old)


BECOMES: list[Become] = [compressed, renumbered_and_compressed, touched, copied, being_compressed]


@pytest.mark.parametrize(
    ("become", "lines"),
    [
        *itertools.product(BECOMES, [SHORT, LONG]),
        *itertools.product([grown, being_compressed_from_elsewhere], [LONG]),
    ],
)
def test_a_file_that_was_read_is_not_read_again(become: Become, lines: list[str], followed: Followed) -> None:
    followed.write(*lines)
    followed.begin()
    assert followed.next(len(lines)) == lines
    old = followed.rotate()
    followed.write("third")
    assert followed.next() == ["third"]
    if become is not being_compressed:
        old = old.rename(old.with_name("away"))
    followed.rotate("app.log.1" if become is not being_compressed else "app.log.0")
    become(old)
    followed.write("fourth")
    assert followed.next() == ["fourth"]


def test_a_file_that_was_there_before_is_not_read(followed: Followed) -> None:
    """It is compressed while the log is followed, and newer than all for that."""
    before = followed.log.with_name("app.log.1")
    before.write_text("before\n")
    followed.write("first")
    followed.begin()
    assert followed.next() == ["first"]
    zipped(before, "app.log.2.gz")
    followed.rotate()
    os.utime(followed.log.with_name("app.log.2.gz"))
    followed.write("second")
    assert followed.next() == ["second"]


def test_a_log_that_is_a_link_to_the_newest_file_is_read_once(tmp_path: Path) -> None:
    followed = Followed(tmp_path)
    for number in range(3):
        newest = tmp_path / f"app.log.2026010{number}"
        newest.write_text(f"{number}\n")
        followed.log.unlink(missing_ok=True)
        followed.log.symlink_to(newest)
        if not number:
            followed.begin()
        assert followed.next() == [str(number)]
        later = threading.Timer(0.1, followed.write, [f"{number} again"])  # once all that is there was read
        later.start()
        assert followed.next() == [f"{number} again"]
        later.join()
    followed.end()


def test_what_came_between_is_read_though_the_file_before_was_compressed_after_it(followed: Followed) -> None:
    followed.write("first")
    followed.begin()
    assert followed.next() == ["first"]
    followed.write("second")
    old = followed.rotate("app.log.3")
    followed.write("third")
    followed.rotate("app.log.2")
    followed.write("fourth")
    followed.rotate("app.log.1")
    zipped(old, "app.log.3.gz")
    old.unlink()
    followed.write("fifth")
    assert followed.next(4) == ["second", "third", "fourth", "fifth"]


def test_what_came_between_is_in_order_though_compressed_in_another(followed: Followed) -> None:
    """``gzip -c`` says when that was written of which it makes something."""
    followed.write("first")
    followed.begin()
    assert followed.next() == ["first"]
    followed.rotate("app.log.3")
    for number, word in ((2, "second"), (1, "third")):
        followed.write(word)
        old = followed.rotate(f"app.log.{number}")
        seconds = old.stat().st_mtime + 100 - 10 * number
        os.utime(old, (seconds, seconds))
        if number == 2:
            content = gzip.compress(old.read_bytes(), mtime=seconds)
            old.unlink()
    packed = followed.log.with_name("app.log.2.gz")
    packed.write_bytes(content)
    os.utime(packed, (seconds + 100, seconds + 100))
    followed.write("fourth")
    assert followed.next(3) == ["second", "third", "fourth"]


def test_what_came_between_is_read_though_the_file_before_is_gone(followed: Followed) -> None:
    followed.write("first")
    followed.begin()
    assert followed.next() == ["first"]
    followed.rotate().unlink()
    followed.write("second")
    followed.rotate()
    followed.write("third")
    assert followed.next(2) == ["second", "third"]


def test_short_files_that_say_the_same_are_all_read(followed: Followed) -> None:
    followed.write("same")
    followed.begin()
    assert followed.next() == ["same"]
    followed.rotate("app.log.2")
    followed.write("same")
    followed.rotate("app.log.1")
    followed.write("last")
    assert followed.next(2) == ["same", "last"]


def test_a_table_of_which_there_was_but_the_header_hides_no_other(tmp_path: Path) -> None:
    past, log = Past(), tmp_path / "app.csv"
    log.with_name("app.csv.2").write_text("case,event\n")
    log.touch()
    past.take(in_order(log)[:-1])
    log.with_name("app.csv.2").unlink()
    log.with_name("app.csv.1").write_text("case,event\na,load\n")
    assert past.unread(log, None, lambda: False) == [str(log.with_name("app.csv.1"))]


def test_what_is_being_compressed_is_waited_for(followed: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    followed.write("first")
    followed.begin()
    assert followed.next() == ["first"]
    followed.rotate("app.log.2")
    followed.write("second")
    old = followed.rotate("app.log.1")
    new, content = old.with_name("app.log.1.gz"), gzip.compress(old.read_bytes())
    old.unlink()
    new.write_bytes(content[:12])
    left = [content[:15], content]
    monkeypatch.setattr(beside.Beside, "_wait", lambda _: bool(new.write_bytes(left.pop(0))))
    followed.write("third")
    assert followed.next(2) == ["second", "third"]


def test_what_stays_broken_is_told(followed: Followed) -> None:
    followed.write("first")
    followed.begin()
    assert followed.next() == ["first"]
    followed.rotate("app.log.2")
    followed.log.with_name("app.log.1.gz").write_bytes(gzip.compress(b"second\n")[:12])
    followed.write("third")
    with pytest.raises(DataError, match=r"app\.log\.1\.gz.*in the middle"):
        followed.next()


def rows(first: int, last: int) -> str:
    return "".join(f"c{number % 7},task{number}\n" for number in range(first, last))


def reading(log: Path, state: Any = None) -> Reading:
    found = Reading(log, Alphabet(), ReadOptions(format="csv", cut=False), resumable=True)
    if state is not None:
        found.restore(state)
    return found


def state_behind(log: Path, state: Any = None) -> Any:
    found, states = reading(log, state), []
    found.at_rest = lambda: states.append(found.state())
    list(found)
    return decode(encode(states[-1]))


def test_what_was_read_before_a_state_is_not_read_again(tmp_path: Path) -> None:
    log, before = tmp_path / "app.log", tmp_path / "app.log.1"
    before.write_text("case,event\n" + rows(90, 99))
    log.write_text("case,event\n" + rows(0, 20))
    state = state_behind(log)
    log.rename(tmp_path / "app.log.5")
    log.write_text("case,event\n" + rows(20, 30))
    state = state_behind(log, state)
    log.rename(tmp_path / "app.log.3")
    for old in (before, tmp_path / "app.log.5"):
        zipped(old, f"{old.name}.gz")
        old.unlink()
    log.write_text("case,event\n" + rows(30, 40))
    assert reading_of(log, state) == reading_of(whole(tmp_path, rows(0, 40)))


def whole(folder: Path, text: str) -> Path:
    path = folder / "whole.csv"
    path.write_text("case,event\n" + text)
    return path


def reading_of(log: Path, state: Any = None) -> list[Any]:
    found = reading(log, state)
    return [(name, trace.tolist()) for batch in found for name, trace in zip(batch.names, batch, strict=True)]


def test_what_was_compressed_is_decompressed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    past, log = Past(), tmp_path / "app.log"
    log.touch()
    old = tmp_path / "app.log.1"
    old.write_text("\n".join(LONG))
    past.take(in_order(log)[:-1])
    compressed(old)
    assert past.unread(log, None, lambda: False) == []
    monkeypatch.setattr(past_files, "_text", None)
    assert past.unread(log, None, lambda: False) == []
    (tmp_path / "app.log.2.gz").rename(tmp_path / "app.log.3.gz")
    assert past.unread(log, None, lambda: False) == []


def test_files_that_are_gone_for_long_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past_files, "_GONE", 2)
    past, log = Past(), tmp_path / "app.log"
    log.touch()
    for number in range(9):
        (tmp_path / f"app.log.{number}").write_text(f"{number}\n" * 3000)
    past.take(in_order(log)[:-1])
    for number in range(8):
        (tmp_path / f"app.log.{number}").unlink()
    assert not past.unread(log, None, lambda: False)
    assert len(past.state()["files"]) == 3
