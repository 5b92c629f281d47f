"""Parameters of the MiniFab: every one a field with its unit, its provenance and what it means."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple

from ..errors import UsageError
from .checks import check

WEEK = 10_080.0
"""Minutes of a week."""

PROVENANCE = {
    "K": "Kempf's specification of the five-machine six-step MiniFab, as far as it is readable",
    "S": "read in secondary sources only",
    "M": "from memory, unverified",
    "D": "decided or derived here",
}
"""What the marks of the parameters mean."""

Names = tuple[str, ...]
START, OUT = "START", "OUT"


def _is(default: Any, unit: str, mark: str, note: str) -> Any:
    """Declare a parameter."""
    made = (lambda: default) if isinstance(default, dict) else None
    about = {"unit": unit, "mark": mark, "note": note}
    return field(default_factory=made, metadata=about) if made else field(default=default, metadata=about)


class About(NamedTuple):
    """What is known of a parameter."""

    name: str
    value: Any
    unit: str
    mark: str
    note: str


@dataclass(frozen=True)
class Parameters:
    """The factory: what stands where, how long things take, who does them, and by which rules.

    Times are minutes.  ``about`` lists unit, provenance (see ``PROVENANCE``) and meaning of every field.

    Raises
    ------
    UsageError
        If the parameters contradict each other.

    Examples
    --------
    >>> factory = Parameters()
    >>> factory.process_time["S1"], sum(factory.starts.values())
    (225.0, 84.0)
    >>> next(about for about in factory.about() if about.name == "shift")
    About(name='shift', value=720.0, unit='min', mark='D, M', note='length of a shift')
    """

    machines: Mapping[str, Names] = _is(
        {"diffusion": ("Ma", "Mb"), "implant": ("Mc", "Md"), "litho": ("Me",)}, "names", "S", "machines of each class"
    )
    cells: Mapping[str, str] = _is(
        {"C1": "diffusion", "C2": "litho", "C3": "implant"}, "class", "S", "cells in line, with the class in each"
    )
    route: Mapping[str, str] = _is(
        {"S1": "diffusion", "S2": "implant", "S3": "litho", "S4": "implant", "S5": "diffusion", "S6": "litho"},
        "class",
        "K",
        "steps of every product, in order",
    )
    process_time: Mapping[str, float] = _is(
        {"S1": 225.0, "S2": 30.0, "S3": 55.0, "S4": 50.0, "S5": 255.0, "S6": 10.0}, "min", "K", "processing, unattended"
    )
    load_time: Mapping[str, float] = _is(
        {"diffusion": 20.0, "implant": 15.0, "litho": 10.0}, "min", "M, S, S", "loading of a batch, by an operator"
    )
    unload_time: Mapping[str, float] = _is(
        {"diffusion": 40.0, "implant": 15.0, "litho": 10.0}, "min", "M, S, S", "unloading of a batch, by an operator"
    )
    setup_classes: Names = _is(("litho",), "class", "S", "classes that need setups")
    setup_product: float = _is(5.0, "min", "S", "setup for another product")
    setup_step: float = _is(10.0, "min", "S", "setup for another step")
    setup_both: float = _is(12.0, "min", "S", "setup for another product and step")
    starts: Mapping[str, float] = _is({"Pa": 51.0, "Pb": 30.0, "TW": 3.0}, "lots/week", "K", "lots started")
    test_products: Names = _is(("TW",), "product", "K", "test lots: never twice on a machine that has a twin")
    batch_size: Mapping[str, int] = _is(
        {"diffusion": 3, "implant": 1, "litho": 1}, "lots", "K", "lots that run together, never fewer"
    )
    one_product_steps: Names = _is(("S5",), "step", "K", "steps whose batches hold one product (a test lot may join)")
    tests_per_batch: int = _is(1, "lots", "K", "most test lots in a batch")
    maintenance_time: Mapping[str, float] = _is(
        {"diffusion": 75.0, "implant": 120.0, "litho": 30.0}, "min", "S", "preventive maintenance"
    )
    maintenance_period: Mapping[str, float] = _is(
        {"diffusion": 1440.0, "implant": 720.0, "litho": 720.0}, "min", "S", "one maintenance in each; 0: none"
    )
    maintenance_gap: Mapping[str, float] = _is(
        {"diffusion": 720.0, "implant": 360.0, "litho": 360.0}, "min", "S", "least time from one to the next"
    )
    breakdown_classes: Names = _is(("implant",), "class", "K", "classes that break down and scrap what is on them")
    breakdown_law: str = _is("time", "time, steps or off", "D", "what drives breakdowns: the clock or processing steps")
    breakdown_interval: float = _is(3000.0, "min", "S, D", "mean time from the end of a repair to the next breakdown")
    breakdown_spread: float = _is(1560.0, "min", "M", "half-width of its uniform law")
    breakdown_steps: float = _is(25.0, "runs", "D", "mean number of runs from one breakdown to the next (law steps)")
    breakdown_steps_spread: float = _is(13.0, "runs", "D", "half-width of its uniform law")
    repair_time: float = _is(420.0, "min", "S", "mean time of a repair")
    repair_spread: float = _is(60.0, "min", "M", "half-width of its uniform law")
    operators: Mapping[str, Names] = _is(
        {"PO1": ("Ma", "Mb", "Mc", "Md"), "PO2": ("Me", "Mc", "Md")},
        "machine",
        "S",
        "whom each serves; none: no people",
    )
    operator_priority: Mapping[str, int] = _is(
        {"litho": 0, "diffusion": 0, "implant": 1}, "rank", "D", "which class is served first, 0 before 1"
    )
    look_ahead: bool = _is(True, "", "D", "no task is begun that would make a machine of higher priority wait")
    technicians: Names = _is(("MT1",), "names", "S", "who maintains and repairs; none: nobody is needed")
    break_time: float = _is(0.0, "min/shift", "D", "break of each operator; breaks exist, their length is unknown")
    shift: float = _is(720.0, "min", "D, M", "length of a shift")
    buffers: Mapping[str, int] = _is({"C1": 18, "C2": 12, "C3": 12}, "lots", "S", "places of each cell")
    keep_places: bool = _is(True, "", "D", "lots on a machine keep their places, so that it can always be unloaded")
    step_places: Mapping[str, int] = _is(
        {"S1": 9, "S2": 6, "S3": 9}, "lots", "D", "most places of its cell that a step may take; others: all"
    )
    carrier: str = _is("T1", "name", "S", "the one carrier, of one lot")
    hop_time: float = _is(4.0, "min", "S", "from a cell to its neighbour in line")
    pick_time: float = _is(1.0, "min", "S", "to load the carrier")
    put_time: float = _is(1.0, "min", "S", "to unload the carrier")
    carrier_rule: str = _is("fifo", "fifo or nearest", "D", "which lot is carried next")
    dispatch: Mapping[str, str] = _is(
        {"diffusion": "fifo", "implant": "fifo", "litho": "least-setup"}, "rule", "D", "which batch runs next"
    )
    release: str = _is("spread", "spread or weekly", "D", "starts at even distances, or all at the start of a week")
    lots_in_line: int = _is(0, "lots", "D", "lots in the line at once, more wait at START; 0: no limit")
    lot_size: float = _is(1.0, "relative", "D", "size of a lot; wafer by wafer classes take as much longer")
    wafer_classes: Names = _is(("implant", "litho"), "class", "D", "classes that process wafer by wafer")

    def __post_init__(self) -> None:
        check(self)

    def about(self) -> Iterator[About]:
        """Yield what is known of every parameter, in order."""
        for one in fields(self):
            yield About(one.name, getattr(self, one.name), *(one.metadata[key] for key in ("unit", "mark", "note")))

    def changed(self, overrides: Mapping[str, Any]) -> Parameters:
        """Return the parameters with some replaced; a mapping replaces only the keys it names, an empty one empties it.

        Raises
        ------
        UsageError
            If a name is unknown or a value is of the wrong kind.

        Examples
        --------
        >>> Parameters().changed({"process_time": {"S6": 12}}).process_time["S6"]
        12.0
        """
        return replace(self, **{name: self._value(name, value) for name, value in overrides.items()})

    def _value(self, name: str, value: Any) -> Any:
        known = [one.name for one in fields(self)]
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            raise UsageError(
                f"no parameter {name!r}"
                + f" (expected: {f'perhaps {near[0]}' if near else 'one that --parameters lists'})"
            )
        old = getattr(self, name)
        if not isinstance(old, Mapping):
            return _like(name, old, value)
        if not isinstance(value, Mapping):
            raise UsageError(f"parameter {name} is a table (expected: keys such as {next(iter(old), 'NAME')})")
        if not value:
            return {}
        example = next(iter(_DEFAULT_EXAMPLES.get(name, old).values()))
        return {**old, **{key: _like(f"{name}.{key}", example, given) for key, given in value.items()}}

    # --- what follows from the parameters ----------------------------------------------------------------------

    def classes(self) -> dict[str, str]:
        """Return the class of each machine."""
        return {machine: kind for kind, machines in self.machines.items() for machine in machines}

    def breaks(self, kind: str) -> bool:
        """Return whether machines of a class break down."""
        return kind in self.breakdown_classes and self.breakdown_law != "off"

    def cell_of(self) -> dict[str, str]:
        """Return the cell of each class."""
        return {kind: cell for cell, kind in self.cells.items()}

    def run_time(self, step: str) -> float:
        """Return the minutes that a step takes, with the size of lots."""
        kind = self.route[step]
        return self.process_time[step] * (self.lot_size if kind in self.wafer_classes else 1.0)

    def setup_time(self, before: tuple[str, str] | None, after: tuple[str, str]) -> float:
        """Return the minutes of setup from one (product, step) to another; None: nothing has run yet."""
        if before is None or before == after:
            return 0.0
        if before[0] == after[0]:
            return self.setup_step
        return self.setup_product if before[1] == after[1] else self.setup_both


_DEFAULT_EXAMPLES: dict[str, Mapping[str, Any]] = {"operators": {"PO1": ("Ma",)}}


def _like(name: str, old: Any, value: Any) -> Any:
    """Return a value as the kind of the old one; raises UsageError if it is of another."""
    if isinstance(old, bool) or isinstance(value, bool):
        fits, made = isinstance(old, bool) and isinstance(value, bool), value
    elif isinstance(old, tuple):
        fits = isinstance(value, list | tuple) and all(isinstance(word, str) for word in value)
        made = tuple(value) if fits else value
    elif isinstance(old, float):
        fits = isinstance(value, int | float)
        made = float(value) if fits else value
    else:
        fits, made = isinstance(value, type(old)), value
    if not fits:
        kinds = {
            bool: "true or false",
            tuple: "a list of texts",
            float: "a number",
            int: "a whole number",
            str: "a text",
        }
        raise UsageError(f"parameter {name} is {value!r} (expected: {kinds[type(old)]})")
    return made
