"""The folder of ground truth: states of all entities after each event, true state machines, faults, parameters."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from ..errors import DataError
from ..files import AtomicFile, check_writable, write_atomically
from ..json_text import json_text
from .log.events import Event
from .log.output import state_line
from .plant import Plant
from .truth import Truth

_STATES = "states.jsonl"


class TruthFolder:
    """Watches a plant while a ``with`` block runs, and writes its ground truth, whatever ends the block.

    ``states.jsonl`` has the state of the entity after each event, ``CLASS.json`` the state machine of each class with
    its counts, ``faults.json`` whom the faults struck, ``run.json`` seed, minutes and parameters.

    Parameters
    ----------
    folder : str or Path
        Made if it is not there.
    plant : Plant
        Not yet run.
    per : {"cycle", "shift", "day", "life"}
        How long the traces are whose state machines are wanted.

    Raises
    ------
    DataError
        If a file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from flexstream.fab.parameters import Parameters
    >>> folder, plant = Path(tempfile.mkdtemp()), Plant(Parameters(), seed=1)
    >>> with TruthFolder(folder, plant):
    ...     plant.run(720)
    >>> sorted(path.stem for path in folder.iterdir())
    ['carrier', 'diffusion', 'faults', 'implant', 'litho', 'lot', 'operator', 'run', 'states', 'technician']
    """

    def __init__(self, folder: str | Path, plant: Plant, per: str = "cycle") -> None:
        self._folder, self._plant = Path(folder), plant
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataError(str(folder), None, f"cannot be made: {error.strerror}", "a folder, new or there") from None
        self._truth = Truth(plant.parameters, per, plant.faults)
        for path in self.paths:
            check_writable(path)

    def __enter__(self) -> TruthFolder:
        self._states = AtomicFile(self._folder / _STATES)
        self._plant.log.watch(self._watch)
        return self

    @property
    def paths(self) -> list[Path]:
        """The files that are written."""
        names = [_STATES, *(f"{name}.json" for name in (*self._truth.designs, "faults", "run"))]
        return [self._folder / name for name in names]

    def _watch(self, event: Event) -> None:
        self._truth.watch(event)
        self._states.write(state_line(event))

    def __exit__(self, *_: object) -> None:
        self._plant.log.forget(self._watch)
        self._states.commit()
        for name, automaton in self._truth.automata().items():
            write_atomically(self._folder / f"{name}.json", automaton.to_json())
        self._write("faults", self._plant.faults.to_document())
        run = {"seed": self._plant.seed, "minutes": self._plant.env.now}
        self._write("run", {**run, "parameters": dataclasses.asdict(self._plant.parameters)})

    def _write(self, name: str, value: Any) -> None:
        write_atomically(self._folder / f"{name}.json", json_text(value, 1) + "\n")
