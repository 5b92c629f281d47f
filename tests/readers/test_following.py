"""Files that are followed while others rotate, empty and replace them."""

from __future__ import annotations

import gzip
import itertools
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from flexstream.readers import ReadContext, ReadOptions, read_items
from flexstream.readers.source.raw import POLL_SECONDS

LONG = 2.5 * POLL_SECONDS


def followed(path: Path, count: int, change: Callable[[], None], **options: object) -> tuple[list[str], list[str]]:
    """Return so many traces of a file, which is changed while it is waited for, and the notes."""
    context = ReadContext(ReadOptions(follow=True, **options))  # type: ignore[arg-type]
    items = read_items(path, context)
    found = [next(items)]

    def later() -> None:
        time.sleep(LONG)
        change()

    worker = threading.Thread(target=later)
    worker.start()
    guard = threading.Timer(30, lambda: os._exit(3))
    guard.start()
    found += itertools.islice(items, count - 1)
    guard.cancel()
    worker.join()
    items.close()
    return [" ".join(item.symbols) for item in found], [str(note) for note in context.notes]  # type: ignore[union-attr]


def emptied(path: Path, text: str) -> None:
    """Empty a file and fill it anew, faster than anybody looks, as copytruncate and a busy writer do."""
    with path.open("r+") as file:
        file.truncate(0)
        file.write(text)


@pytest.mark.parametrize("more", [0, 1, 700, 200_000], ids=["as long", "longer by one", "longer", "much longer"])
def test_emptied_and_grown_beyond_its_old_size_between_two_looks(tmp_path: Path, more: int) -> None:
    path = tmp_path / "a.log"
    old = "".join(f"old {number:06d}\n" for number in range(1000))
    path.write_text(old)
    new = "".join(f"new {number:06d}\n" for number in range(1000)) + "tail\n" * more
    found, notes = followed(path, 2000, lambda: emptied(path, new))
    assert found == (old + new).splitlines()[:2000]
    assert any(f"{path}: was emptied while it was followed" in note for note in notes)


def test_emptied_and_small_again(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("one long line\ntwo\n")
    assert followed(path, 3, lambda: emptied(path, "new\n"))[0] == ["one long line", "two", "new"]


def test_a_half_line_is_left_out_where_the_file_is_emptied(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("one\ntwo hal")
    found, notes = followed(path, 3, lambda: emptied(path, "three is a long line\nfour\n"))
    assert found == ["one", "three is a long line", "four"]
    assert any("without a line that was not whole" in note for note in notes)


def test_a_last_line_without_its_end_counts_where_the_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("one\ntwo")

    def replace() -> None:
        path.rename(tmp_path / "a.log.1")
        path.write_text("three\n")

    found, notes = followed(path, 3, replace)
    assert found == ["one", "two", "three"]
    assert any("ended without a line feed when another file took its place" in note for note in notes)


def test_replaced_at_once_by_a_longer_file(tmp_path: Path) -> None:
    """As an editor or a program does that writes a new file and renames it."""
    path = tmp_path / "a.log"
    path.write_text("one\n")

    def replace() -> None:
        (tmp_path / "new").write_text("two\nthree\nfour\n")
        (tmp_path / "new").replace(path)

    found, notes = followed(path, 4, replace)
    assert found == ["one", "two", "three", "four"]
    assert len(notes) == 1  # the format


def test_what_is_written_to_the_old_file_until_the_new_one_is_used_counts(tmp_path: Path) -> None:
    """As a daemon does that is told of the rotation a while after it."""
    path = tmp_path / "a.log"
    path.write_text("one\n")

    def rotate() -> None:
        with path.open("a") as old:
            path.rename(tmp_path / "a.log.1")
            path.touch()
            for word in ("two\n", "three\n"):
                time.sleep(LONG)
                old.write(word)
                old.flush()
        path.write_text("four\n")

    assert followed(path, 4, rotate)[0] == ["one", "two", "three", "four"]


def test_written_just_before_the_rotation(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("start\n")

    def rotate() -> None:
        for number in range(6):
            with path.open("a") as old:
                old.write(f"last {number}\n")
            path.rename(tmp_path / f"a.log.{number}")
            path.write_text(f"first {number}\n")
            time.sleep(LONG)

    found, _ = followed(path, 13, rotate)
    assert found == ["start", *(f"{word} {number}" for number in range(6) for word in ("last", "first"))]


def test_a_file_that_goes_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("one\n")

    def replace() -> None:
        path.unlink()
        time.sleep(LONG)
        path.write_text("two\n")

    assert followed(path, 2, replace)[0] == ["one", "two"]


@pytest.mark.parametrize("copy", ["a.log.1", "a.log-20260131", "a.log.1.gz"])
def test_what_was_not_read_before_a_file_was_emptied_comes_from_its_copy(tmp_path: Path, copy: str) -> None:
    """As logrotate's copytruncate does, while the writer goes on."""
    path = tmp_path / "a.log"
    path.write_text("one\ntwo hal")

    def rotate() -> None:
        with path.open("a") as file:
            file.write("f\nthree\n")
        content = path.read_bytes()
        (tmp_path / copy).write_bytes(gzip.compress(content) if copy.endswith(".gz") else content)
        emptied(path, "four is a long line\nfive\n")

    found, notes = followed(path, 5, rotate)
    assert found == ["one", "two half", "three", "four is a long line", "five"]
    assert any(f"its rest is read from {tmp_path / copy}" in note for note in notes)


def test_a_copy_of_something_else_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("one\ntwo\n")
    (tmp_path / "a.log.1").write_text("other\nwords\nhere\n")
    found, notes = followed(path, 4, lambda: emptied(path, "three\nfour\n"))
    assert found == ["one", "two", "three", "four"]
    assert any("read anew from its start" in note for note in notes)


def test_a_table_with_a_header_that_is_copied_and_emptied(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("case,event\na,one\n")
    context = ReadContext(ReadOptions(follow=True))
    items = read_items(path, context)
    found = [next(items).symbol]  # type: ignore[union-attr]

    def rotate() -> None:
        time.sleep(LONG)
        with path.open("a") as file:
            file.write("a,two\nb,three\n")
        (tmp_path / "a.csv.1").write_bytes(path.read_bytes())
        emptied(path, "case,event\nc,four\nc,five\nc,six\n")

    worker = threading.Thread(target=rotate)
    worker.start()
    found += [item.symbol for item in itertools.islice(items, 5)]  # type: ignore[union-attr]
    worker.join()
    items.close()
    assert found == ["one", "two", "three", "four", "five", "six"]


def test_emptied_filled_and_replaced_between_two_looks(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("one\ntwo\n")

    def change() -> None:
        emptied(path, "three is long\nfour\n")
        path.rename(tmp_path / "a.log.1")
        path.write_text("five\n")

    found, _ = followed(path, 5, change)
    assert found == ["one", "two", "three is long", "four", "five"]
