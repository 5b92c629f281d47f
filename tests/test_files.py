"""A file appears whole or not at all, wherever its name leads."""

from __future__ import annotations

import os
import pickle
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from flexstream.errors import DataError
from flexstream.files import AtomicFile, atomic_file, check_writable, encoded, is_special, write_atomically

FULL = Path("/dev/full")
DESCRIPTORS = Path("/proc/self/fd")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def umask() -> Iterator[None]:
    """A umask that is not the usual one."""
    before = os.umask(0o027)
    yield
    os.umask(before)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder; whatever the test did, no temporary file is left in it."""
    yield tmp_path
    assert not list(tmp_path.rglob("*.tmp"))


@pytest.fixture
def nobody() -> Iterator[None]:
    """Rights like any other user's: root may write anywhere."""
    if os.geteuid():
        yield
        return
    os.seteuid(65_534)
    yield
    os.seteuid(0)


def test_what_is_written_is_there(folder: Path) -> None:
    for content in ("", "µ\n", b"\xff\x00", "x" * 300_000):
        write_atomically(folder / "x", content)
        assert (folder / "x").read_bytes() == encoded(content)
    write_atomically(str(folder / "y"), "lone \ud800")
    assert (folder / "y").read_bytes() == b"lone \\ud800"


def test_an_error_can_be_made_anew_from_its_arguments() -> None:
    error = DataError("x.csv", 3, "no column", "a name")
    for again in (pickle.loads(pickle.dumps(error)), type(error)(*error.args)):
        assert (str(again), again.line) == ("x.csv:3: no column (expected: a name)", 3)


def test_nothing_shows_before_the_end(folder: Path) -> None:
    path = folder / "x"
    path.write_text("old")
    with atomic_file(path) as file:
        file.write("new")
        file.flush()
        assert path.read_text() == "old"
        (temporary,) = set(folder.iterdir()) - {path}
        assert temporary.read_text() == "new"
        assert temporary.name.startswith(".")
    assert path.read_text() == "new"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, OSError])
def test_what_fails_leaves_the_old_file(folder: Path, error: type[BaseException]) -> None:
    path = folder / "x"
    path.write_text("old")
    with pytest.raises(error), atomic_file(path) as file:  # an error of the block's own is passed on as it is
        file.write("new" * 100_000)
        raise error
    assert path.read_text() == "old"
    assert names(folder) == ["x"]


def test_after_its_end_a_file_stays_as_it_is(folder: Path) -> None:
    file = AtomicFile(folder / "x")
    file.write("old")
    file.discard()
    file.commit()
    file.discard()
    assert not (folder / "x").exists()


def test_a_new_file_has_the_mode_of_the_process(folder: Path, umask: None) -> None:
    write_atomically(folder / "x", "")
    assert mode(folder / "x") == 0o640


@pytest.mark.parametrize("bits", [0o600, 0o666, 0o755, 0o444])
def test_an_old_file_keeps_its_mode(folder: Path, bits: int, umask: None) -> None:
    path = folder / "x"
    path.write_text("old")
    path.chmod(bits)
    write_atomically(path, "new")
    assert (path.read_text(), mode(path)) == ("new", bits)


def test_a_private_file_is_private_from_the_beginning(folder: Path) -> None:
    path = folder / "x"
    path.touch(0o600)
    with atomic_file(path):
        assert {mode(there) for there in folder.iterdir()} == {0o600}


def test_links_stay_and_their_target_is_replaced(folder: Path) -> None:
    (folder / "there").mkdir()
    (folder / "there" / "old").write_text("old")
    for name, target in (("one", "there/old"), ("two", "one"), ("new", "there/new")):
        (folder / name).symlink_to(target)
    write_atomically(folder / "two", "written")
    write_atomically(folder / "new", "made")
    assert all((folder / name).is_symlink() for name in ("one", "two", "new"))
    assert (folder / "there" / "old").read_text() == "written"
    assert (folder / "there" / "new").read_text() == "made"


def circle(folder: Path) -> Path:
    (folder / "one").symlink_to("two")
    (folder / "two").symlink_to("one")
    return folder / "one"


def below_a_file(folder: Path) -> Path:
    (folder / "file").touch()
    return folder / "file" / "x"


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (lambda folder: folder / "no" / "x", r"there is no folder .*no \(expected: a folder that exists\)"),
        (below_a_file, r"there is no folder .*file \(expected: a folder that exists\)"),
        (lambda folder: folder, r"is a directory \(expected: a file name\)"),
        (lambda folder: folder / ("x" * 300), r"cannot be written: File name too long \(expected: a file"),
        (circle, r"cannot be written: Too many levels of symbolic links \(expected: a file"),
    ],
)
def test_what_cannot_be_is_named(folder: Path, place, message: str) -> None:
    path = place(folder)
    for attempt in (check_writable, AtomicFile, lambda path: write_atomically(path, "x")):
        before = names(folder)
        with pytest.raises(DataError, match=message) as caught:
            attempt(path)
        assert str(caught.value).startswith(f"{path}: ")
        assert names(folder) == before


def test_the_longest_name_is_a_name(folder: Path) -> None:
    longest = folder / ("µ" * 127 + "x")  # 255 bytes
    check_writable(longest)
    write_atomically(longest, "x")
    assert longest.read_text() == "x"


@pytest.mark.usefixtures("nobody")
def test_a_folder_that_is_read_only() -> None:
    for attempt in (check_writable, AtomicFile):
        with pytest.raises(DataError, match=r"the folder / is read-only \(expected: a folder you may write to\)"):
            attempt("/flexstream-x")


def test_what_may_be_written_is_not_complained_of(folder: Path) -> None:
    (folder / "old").touch()
    for path in (folder / "new", folder / "old", os.devnull):
        check_writable(path)
    assert names(folder) == ["old"]


def test_without_rights_to_a_device(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, bits, **_: False)
    with pytest.raises(DataError, match=r"/dev/null: cannot be written \(expected: a pipe or device"):
        check_writable(os.devnull)


@pytest.mark.parametrize("call", ["fsync", "replace", "close"])
def test_an_error_at_the_very_end(folder: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """As where the server of a network drive finds out late that its disc is full."""

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = folder / "x"
    path.write_text("old")
    file = AtomicFile(path)
    file.write("new")
    if call == "close":
        os.close(file._file.fileno())
    else:
        monkeypatch.setattr(*((os, "fsync") if call == "fsync" else (Path, "replace")), fail)
    with pytest.raises(DataError, match=r"x: cannot be written: .* \(expected: a disc with free space"):
        file.commit()
    assert path.read_text() == "old"


def test_an_interrupt_at_the_very_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(folder / "x", "x")
    assert names(folder) == []


def test_file_and_folder_are_synchronised(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file before it has its name, the folder after."""
    done: list[tuple[bool, bool]] = []

    def fsync(handle: int) -> None:
        done.append((stat.S_ISDIR(os.fstat(handle).st_mode), (folder / "x").exists()))

    monkeypatch.setattr("os.fsync", fsync)
    write_atomically(folder / "x", "x")
    assert done == [(False, False), (True, True)]


def test_a_folder_that_cannot_be_synchronised_is_no_reason_to_fail(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def fsync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(22, "Invalid argument")
        real(handle)

    monkeypatch.setattr("os.fsync", fsync)
    write_atomically(folder / "x", "x")
    assert (folder / "x").read_text() == "x"


# --- pipes, devices, descriptors -----------------------------------------------------------------------------------


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("size", [1, 1_000_000])
def test_a_full_disc(size: int) -> None:
    with pytest.raises(DataError, match=r"^/dev/full: cannot be written: No space left on device \(expected: a disc"):
        write_atomically(FULL, "x" * size)
    assert stat.S_ISCHR(FULL.stat().st_mode)


def test_devices_are_written_to(folder: Path) -> None:
    (folder / "link").symlink_to(os.devnull)
    for path in (os.devnull, folder / "link"):
        assert is_special(path)
        write_atomically(path, "x")
        with pytest.raises(ValueError), atomic_file(path):
            raise ValueError
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
    assert (folder / "link").is_symlink()
    assert not any(map(is_special, (folder, folder / "none", __file__)))


def test_a_pipe_is_read_as_it_is_written(folder: Path) -> None:
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    halfway = threading.Event()

    def read() -> None:
        with pipe.open("rb", buffering=0) as source:
            got.append(source.read(100))
            halfway.set()
            got.append(source.read(100))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    with atomic_file(pipe) as file:
        file.write("one")
        file.flush()
        assert halfway.wait(30)
        file.write("two")
    reader.join(30)
    assert got == [b"one", b"two"]
    assert is_special(pipe)


@pytest.mark.parametrize("size", [1, 1_000_000])
def test_a_reader_that_has_gone_is_no_error_of_the_file(folder: Path, size: int) -> None:
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    end = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    file = AtomicFile(pipe)
    os.close(end)
    with pytest.raises(BrokenPipeError):
        file.write("x" * size)
        file.commit()
    assert is_special(pipe)


WRITES = """
import sys
from flexstream.files import write_atomically
sys.stdout.write("before\\n"); sys.stdout.flush()
write_atomically(sys.argv[1], "written\\n")
sys.stdout.write("after\\n")
"""


@pytest.mark.skipif(not DESCRIPTORS.exists(), reason="there is no /proc here")
@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"])
@pytest.mark.parametrize("how", ["ab", "wb"])
def test_stdout_may_be_a_regular_file_and_is_not_replaced(folder: Path, name: str, how: str) -> None:
    """What the shell's ``>`` or ``>>`` has opened gets all lines, in their order."""
    (folder / "link").symlink_to("/dev/stdout")
    path = folder / "out"
    path.write_text("old\n")
    with path.open(how) as out:
        subprocess.run([sys.executable, "-c", WRITES, str(folder / name)], stdout=out, check=True)
    assert path.read_text().splitlines() == ["old"] * (how == "ab") + ["before", "written", "after"]


@pytest.mark.skipif(not DESCRIPTORS.exists(), reason="there is no /proc here")
def test_a_descriptor_of_another_process_is_added_to(folder: Path) -> None:
    path = folder / "out"
    with path.open("ab") as out:
        name = f"/proc/{os.getpid()}/fd/{out.fileno()}"
        for _ in range(2):
            subprocess.run([sys.executable, "-c", WRITES, name], stdout=subprocess.DEVNULL, check=True)
    assert path.read_text() == "written\n" * 2


def test_a_closed_descriptor_is_named() -> None:
    with pytest.raises(DataError, match=r"^/dev/fd/987: cannot be written: "):
        write_atomically("/dev/fd/987", "x")


# --- the end of the process ----------------------------------------------------------------------------------------

HANGS = """
import sys, time
from flexstream.files import atomic_file
with atomic_file(sys.argv[1]) as file:
    file.write("new" * 100_000)
    file.flush()
    print("written", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("old", ["old", None])
def test_killed_in_the_middle(tmp_path: Path, sign: int, old: str | None) -> None:
    """Nobody can tidy up after SIGKILL, but neither does anybody meet half a file under its name."""
    path = tmp_path / "x"
    if old is not None:
        path.write_text(old)
    program = subprocess.Popen(
        [sys.executable, "-c", HANGS, str(path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert program.stdout is not None
    assert program.stdout.readline() == b"written\n"
    program.send_signal(sign)
    program.wait(30)
    program.stdout.close()
    assert (path.read_text() if path.exists() else None) == old
    if sign == signal.SIGINT:
        assert names(tmp_path) == ["x"] * (old is not None)
