"""The last state of a run is there whatever happened to the file, and whoever else would like the folder."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from flexstream.container import CHECKPOINT, Kind, NewerError, write
from flexstream.errors import DataError
from flexstream.generations import Generations


def saved(folder: Path, *numbers: int) -> None:
    with Generations(folder) as generations:
        for number in numbers:
            generations.save({"traces": number})


def loaded(folder: Path) -> tuple[int | None, str | None]:
    with Generations(folder) as generations:
        state, note = generations.load()
    return None if state is None else state["traces"], note


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "lock")


def test_nothing_to_go_on_from(tmp_path: Path) -> None:
    assert loaded(tmp_path / "new" / "folder") == (None, None)
    assert stat.S_IMODE((tmp_path / "new" / "folder").stat().st_mode) == 0o700


def test_the_last_two_are_kept(tmp_path: Path) -> None:
    saved(tmp_path, 1, 2, 3)
    saved(tmp_path, 4)
    assert files(tmp_path) == ["checkpoint-3", "checkpoint-4"]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in tmp_path.iterdir())
    assert loaded(tmp_path) == (4, None)


def test_whatever_byte_is_wrong_the_one_before_is_used_and_that_is_told(tmp_path: Path) -> None:
    saved(tmp_path, 1, 2)
    newest = tmp_path / "checkpoint-2"
    data = newest.read_bytes()
    for place in range(len(data)):
        newest.write_bytes(data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :])
        traces, note = loaded(tmp_path)
        assert traces == 1 and note is not None and "\n" not in note
        assert note.startswith(f"{newest} ") and note.endswith("; checkpoint-1, the one before, is used")


def test_a_damaged_one_is_not_held_in_reserve(tmp_path: Path) -> None:
    saved(tmp_path, 1, 2)
    (tmp_path / "checkpoint-2").write_bytes(b"")
    with Generations(tmp_path) as generations:
        generations.load()
        generations.save({"traces": 3})
    assert files(tmp_path) == ["checkpoint-1", "checkpoint-3"]


def test_none_is_whole(tmp_path: Path) -> None:
    saved(tmp_path, 1, 2)
    for name in files(tmp_path):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(DataError, match="checkpoint-2: is no checkpoint"):
        loaded(tmp_path)


def test_a_newer_one_is_not_passed_over(tmp_path: Path) -> None:
    saved(tmp_path, 1)
    write(tmp_path / "checkpoint-2", {}, Kind(CHECKPOINT.name, CHECKPOINT.version + 1, "9.9"))
    with pytest.raises(NewerError, match=r"needs FlexStream 9\.9 or newer"):
        loaded(tmp_path)


def test_numbers_are_compared_as_numbers(tmp_path: Path) -> None:
    for number in (9, 10):
        write(tmp_path / f"checkpoint-{number}", {"traces": number})
    for name in ("checkpoint-x", "checkpoint-" + "9" * 40, "checkpoint-0", "notes"):
        (tmp_path / name).write_text("")
    assert loaded(tmp_path) == (10, None)
    saved(tmp_path, 11)
    assert "checkpoint-9" not in files(tmp_path) and "notes" in files(tmp_path)


def test_a_second_process_is_told_who_has_the_folder(tmp_path: Path) -> None:
    code = "import sys; from flexstream.generations import Generations; Generations(sys.argv[1])"
    with Generations(tmp_path):
        with pytest.raises(DataError, match=f"is in use by process {os.getpid()} "):
            Generations(tmp_path)
        found = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=False)
        assert f"is in use by process {os.getpid()} " in found.stderr
    Generations(tmp_path).close()


def test_the_lock_of_a_killed_process_is_nobodys(tmp_path: Path) -> None:
    code = (
        "import os, sys; from flexstream.generations import Generations; "
        "kept = Generations(sys.argv[1]); kept.save({'traces': 5}); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, tmp_path], check=False).returncode == -9
    assert loaded(tmp_path) == (5, None)


def test_what_a_killed_process_was_writing_goes(tmp_path: Path) -> None:
    left = tmp_path / ".flexstream-0123456789abcdef.tmp"
    left.write_bytes(b"half")
    saved(tmp_path, 1)
    assert not left.exists()


def test_folders_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "lock").symlink_to(tmp_path / "file")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", tmp_path):
        with pytest.raises(DataError, match="cannot be used"):
            Generations(folder)


def test_one_that_is_not_settled_counts_once_it_is(tmp_path: Path) -> None:
    saved(tmp_path, 1, 2)
    with Generations(tmp_path) as generations:
        generations.save({"traces": 3}, settled=False)
        assert files(tmp_path) == ["checkpoint-1", "checkpoint-2", "checkpoint-3.open"]
        generations.settle()
        assert files(tmp_path) == ["checkpoint-2", "checkpoint-3"]
        generations.save({"traces": 4}, settled=False)
        generations.give_up()
    assert loaded(tmp_path) == (3, None)


def test_nobody_but_who_can_tell_goes_on_with_one_that_is_not_settled(tmp_path: Path) -> None:
    saved(tmp_path, 1)
    for accepted, found in ((False, 1), (True, 2)):
        with Generations(tmp_path) as generations:
            generations.save({"traces": 2}, settled=False)
        with pytest.raises(DataError, match=r"ends with checkpoint-\d\.open: its run has ended"):
            loaded(tmp_path)
        with Generations(tmp_path) as generations:
            state, note = generations.load(lambda state, all=accepted: all or state["traces"] == 1)
        assert state == {"traces": found}
        assert (note is None) is accepted
    with Generations(tmp_path) as generations, pytest.raises(DataError, match="where the group is"):
        generations.load(lambda state: False)
