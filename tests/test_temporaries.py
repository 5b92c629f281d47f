"""Temporary files of processes that were killed are cleaned up, those of others never."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flexstream import temporaries
from flexstream.errors import DataError
from flexstream.files import AtomicFile, check_writable, leads_away, write_atomically

HANGS = """
import sys, time
from flexstream.files import AtomicFile
file = AtomicFile(sys.argv[1])
file.write("x" * 100_000)
file.flush()
print("written", flush=True)
time.sleep(120)
"""


@pytest.fixture(autouse=True)
def as_a_new_process() -> Iterator[None]:
    """Nothing is cleaned up yet."""
    temporaries._clean.clear()
    yield
    temporaries._clean.clear()


def writing(path: Path) -> subprocess.Popen[bytes]:
    """Start a process that is about to write a file."""
    program = subprocess.Popen([sys.executable, "-c", HANGS, str(path)], stdout=subprocess.PIPE)
    assert program.stdout is not None and program.stdout.readline() == b"written\n"
    program.stdout.close()
    return program


def left_in(folder: Path) -> list[Path]:
    return sorted(folder.glob(".flexstream-*.tmp"))


def test_what_a_killed_process_left_is_removed_by_the_next_that_writes(tmp_path: Path) -> None:
    program = writing(tmp_path / "x")
    program.kill()
    program.wait(30)
    assert len(left_in(tmp_path)) == 1
    write_atomically(tmp_path / "y", "new")
    assert not left_in(tmp_path)


def test_what_belongs_to_a_process_that_lives_stays(tmp_path: Path) -> None:
    program = writing(tmp_path / "x")
    mine = AtomicFile(tmp_path / "y")
    temporaries._clean.clear()
    write_atomically(tmp_path / "z", "new")
    assert len(left_in(tmp_path)) == 2
    mine.write("mine")
    mine.commit()
    assert (tmp_path / "y").read_text() == "mine"
    program.send_signal(signal.SIGKILL)
    program.wait(30)
    temporaries._clean.clear()
    write_atomically(tmp_path / "z", "newer")
    assert not left_in(tmp_path)


def test_a_file_is_locked_until_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the closing and the renaming somebody else may look."""
    real = Path.replace

    def replace(self: Path, target: str) -> Path:
        temporaries._clean.clear()
        temporaries.clean_up(tmp_path)
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    write_atomically(tmp_path / "x", "new")
    assert (tmp_path / "x").read_text() == "new"


def test_only_names_of_this_project_are_removed(tmp_path: Path) -> None:
    names = [
        ".flexstream-0123456789abcdef.tmp2",
        ".flexstream-0123456789ABCDEF.tmp",
        ".flexstream-012345.tmp",
        "flexstream-0123456789abcdef.tmp",
        ".flexstream-notes.tmp",
        "x.tmp",
    ]
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / ".flexstream-0000000000000000.tmp").mkdir()
    (tmp_path / ".flexstream-1111111111111111.tmp").symlink_to("x.tmp")
    os.mkfifo(tmp_path / ".flexstream-2222222222222222.tmp")
    orphan = tmp_path / ".flexstream-3333333333333333.tmp"
    orphan.touch()
    write_atomically(tmp_path / "new", "")
    assert not orphan.exists()
    assert {path.name for path in tmp_path.iterdir()} == {
        *names,
        "new",
        *(f".flexstream-{digit * 16}.tmp" for digit in "012"),
    }


def test_a_temporary_that_was_taken_for_an_orphan_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody looks between its making and its locking."""
    real, times = temporaries._lock, []

    def lock(handle: int) -> bool:
        if not times:
            times.append(1)
            for path in left_in(tmp_path):
                path.unlink()
        return real(handle)

    monkeypatch.setattr(temporaries, "_lock", lock)
    write_atomically(tmp_path / "x", "new")
    assert (tmp_path / "x").read_text() == "new"


def test_without_locks_nothing_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".flexstream-3333333333333333.tmp").touch()
    monkeypatch.setattr(temporaries, "_lock", lambda handle: False)
    write_atomically(tmp_path / "x", "new")
    assert len(left_in(tmp_path)) == 1


# --- whose files -----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_an_old_file_keeps_its_owner_and_group(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("old")
    os.chown(path, 1234, 2345)
    path.chmod(0o640)
    write_atomically(path, "new")
    found = path.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (1234, 2345, 0o640)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_link_of_another_user_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old")
    (tmp_path / "mine").symlink_to("theirs")
    (tmp_path / "theirs").symlink_to("target")
    os.lchown(tmp_path / "theirs", 1234, 2345)
    for name in ("mine", "theirs"):
        for attempt in (check_writable, AtomicFile):
            with pytest.raises(DataError, match=r"theirs is a link of another user \(expected: a link of your own"):
                attempt(tmp_path / name)
    assert (tmp_path / "target").read_text() == "old" and not left_in(tmp_path)


def test_links_that_lead_away_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, out = tmp_path / "home", tmp_path / "out"
    for folder in (home / "deep", out):
        folder.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    for name, target in (("near", "m.json"), ("deep/up", "../m.json"), ("far", out / "m.json"), ("null", os.devnull)):
        (home / name).symlink_to(target)
    assert leads_away(home / "far") == str(out / "m.json")
    for name in ("near", "deep/up", "null", "none"):
        assert leads_away(home / name) is None
