"""Where simulated events go: stdout or a file, at once or at the speed of a clock, with the truth on the side."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flexstream.errors import DataError

from .console import put
from .paths import is_special

if TYPE_CHECKING:
    from types import TracebackType

    from flexstream.fab.plant import Plant

_AT_ONCE = 500
"""Lines that are written together when no clock is followed."""


def printed(
    plant: Plant, until: float, *, live: bool, by: str, only: str, per: str, timed: bool, cut: bool
) -> Iterator[tuple[float, str]]:
    """Yield (minute, line) of every event that a view shows."""
    from flexstream.fab.log.output import line
    from flexstream.fab.log.views import View, ViewOptions, whole_cases

    events = plant.events(until)
    if by == "all":
        classes = plant.parameters.classes()
        for event in events:
            if only in ("", event.entity, event.machine, classes.get(event.machine)):
                yield event.time, line(event, event.entity, event.event)
        return
    seen = View(ViewOptions(by, only, per, timed), plant.parameters).over(events)
    for one in seen if live or cut else whole_cases(seen):
        yield one.event.time, line(one.event, one.case, one.activity)


class Sink:
    """Writes lines: many at once, or one by one when their time has come; a file appears when it is whole."""

    def __init__(self, path: str, speed: float | None) -> None:
        self._path, self._speed = path, speed
        self._lines: list[str] = []
        self._began: float | None = None
        self._file: Any = None
        self._temporary = ""
        self._failed = False

    def __enter__(self) -> Sink:
        if self._path != "-" and not is_special(self._path):
            path = Path(os.path.realpath(self._path))
            handle, self._temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
            self._file = os.fdopen(handle, "w", encoding="utf-8")
        elif self._path != "-":
            self._file = Path(self._path).open("w", encoding="utf-8")
        return self

    def write(self, minute: float, line: str) -> None:
        """Write a line that belongs to a minute."""
        self._lines.append(line)
        if self._speed is not None:
            self._wait(minute * 60 / self._speed)
            self.flush()
        elif len(self._lines) >= _AT_ONCE:
            self.flush()

    def _wait(self, due: float) -> None:
        if self._began is None:
            self._began = time.monotonic()
        time.sleep(max(0.0, self._began + due - time.monotonic()))

    def flush(self) -> None:
        """Write what is held back."""
        text, self._lines = "".join(self._lines), []
        if self._file is None:
            put("-", text)
            return
        try:
            self._file.write(text)
            self._file.flush()
        except OSError as error:
            self._failed = True
            if isinstance(error, BrokenPipeError):
                raise
            raise DataError(self._path, None, f"cannot be written: {error.strerror}", "a disc with room") from None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        try:
            if not self._failed and not isinstance(error, BrokenPipeError):
                self.flush()
        finally:
            if self._file is not None:
                with contextlib.suppress(*[OSError] * self._failed):  # it tries to write the rest once more
                    self._file.close()
            if self._temporary:
                self._keep()

    def _keep(self) -> None:
        if self._failed:
            Path(self._temporary).unlink(missing_ok=True)
            return
        path = Path(os.path.realpath(self._path))
        mask = os.umask(0)
        os.umask(mask)
        with contextlib.suppress(OSError):
            Path(self._temporary).chmod(0o666 & ~mask)
        Path(self._temporary).replace(path)


class TruthFiles:
    """The folder of ground truth: states of all entities after each event, true state machines, faults, parameters."""

    def __init__(self, folder: str, plant: Plant, per: str) -> None:
        from flexstream.fab.truth import Truth

        self._folder, self._plant = Path(folder), plant
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataError(folder, None, f"cannot be made: {error.strerror}", "a folder, new or there") from None
        self._sink = Sink(str(self._folder / "states.jsonl"), None)
        self._sink.__enter__()
        self._truth = Truth(plant.parameters, per, plant.faults)
        plant.log.watch(self._watch)

    def _watch(self, event: Any) -> None:
        from flexstream.fab.log.output import state_line

        self._truth.watch(event)
        self._sink.write(event.time, state_line(event))

    def close(self) -> None:
        """Write what is known by now."""
        self._sink.__exit__(None, None, None)
        for name, automaton in self._truth.automata().items():
            put(str(self._folder / f"{name}.json"), automaton.to_json())
        about = {"seed": self._plant.seed, "minutes": self._plant.env.now}
        parameters = dataclasses.asdict(self._plant.parameters)
        for name, value in (("faults", self._plant.faults.to_document()), ("run", {**about, "parameters": parameters})):
            put(str(self._folder / f"{name}.json"), json.dumps(value, indent=1, ensure_ascii=False) + "\n")
