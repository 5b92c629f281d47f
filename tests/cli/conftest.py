"""What the tests of the command line share: commands run inside this process, or as a program of their own."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flexstream_cli.main import main

LOTS = "load run unload\nload run run unload\nload unload\n" * 40


@dataclass
class Result:
    """How a command ended and what it said."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """Stdout as text."""
        return self.out.decode()

    @property
    def errors(self) -> list[str]:
        """The lines on stderr that tell of an error."""
        return [line for line in self.err.splitlines() if "error:" in line.lower()]


def run_command(*args: object, input: bytes = b"") -> Result:
    """Run a command in this process; what it raises but must not reaches the test."""
    out, err = io.BytesIO(), io.BytesIO()
    before = sys.stdin, sys.stdout, sys.stderr
    streams = [io.TextIOWrapper(raw, encoding="utf-8", write_through=True) for raw in (io.BytesIO(input), out, err)]
    sys.stdin, sys.stdout, sys.stderr = streams
    code: Any = 0
    try:
        main([str(arg) for arg in args])
    except SystemExit as ended:
        code = ended.code
    finally:
        for stream in streams:
            stream.detach()
        sys.stdin, sys.stdout, sys.stderr = before
    return Result(code, out.getvalue(), err.getvalue().decode())


@pytest.fixture(scope="session")
def run() -> Callable[..., Result]:
    """`run_command`, as a fixture because test modules do not import each other."""
    return run_command


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file of the test's folder."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def lots(write: Callable[..., Path]) -> Path:
    """A file of 120 traces."""
    return write("lots.txt", LOTS)


@pytest.fixture
def model(lots: Path, tmp_path: Path) -> Path:
    """A model of them."""
    path = tmp_path / "model.json"
    assert run_command("learn", lots, "-o", path).code == 0
    return path


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start a command as a program of its own, which is ended with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*args: object, **streams: Any) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "flexstream_cli.main", *map(str, args)]
        pipes: dict[str, Any] = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        started.append(subprocess.Popen(command, **pipes | streams))
        return started[-1]

    yield start
    for program in started:
        if program.poll() is None:
            program.kill()
        program.wait()
        for stream in (program.stdin, program.stdout, program.stderr):
            if stream is not None and not stream.closed:
                with suppress(BrokenPipeError):
                    stream.close()


class Broker:
    """The broker's process."""

    def __init__(self) -> None:
        command = [sys.executable, str(Path(__file__).parent / "kafka_broker.py")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._told, self._says = self._process.stdin, self._process.stdout
        self.address = self._says.readline().strip()

    def produce(self, messages: list[tuple[str, int, str | None]]) -> None:
        """Return once the messages are there."""
        self._told.write(json.dumps(messages) + "\n")
        self._told.flush()
        assert self._says.readline() == "0\n"

    def close(self) -> None:
        """End it."""
        self._told.close()
        self._process.wait(30)
        self._says.close()


@pytest.fixture
def broker() -> Iterator[Broker]:
    """A broker of Kafka, where the client is installed."""
    found = Broker()
    yield found
    found.close()


@pytest.fixture
def another_broker() -> Iterator[Broker]:
    """One beside it."""
    found = Broker()
    yield found
    found.close()


@pytest.fixture(scope="session")
def until_it_listens() -> Callable[[subprocess.Popen[bytes]], None]:
    """Wait until a program has set up its signals."""

    def wait(program: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until and program.poll() is None:
            try:
                status = Path(f"/proc/{program.pid}/status").read_text()
            except OSError:
                pytest.skip("there is no /proc here")
            caught = next((line.split()[1] for line in status.splitlines() if line.startswith("SigCgt")), "0")
            if int(caught, 16) >> (signal.SIGTERM - 1) & 1:
                return
            time.sleep(0.02)
        pytest.fail("it has never set up its signals")

    return wait
