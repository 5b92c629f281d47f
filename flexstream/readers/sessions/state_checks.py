"""What the state of sessions has to be before compiled loops get it: columns that fit, symbols that there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import UsageError


def check_sessions(state: Mapping[str, Any]) -> None:
    """Look at the state of an assembler before its parts take it over.

    Raises
    ------
    UsageError
        If no assembler can have had it.
    """
    symbols, ahead = len(state["alphabet"]["symbols"]), len(state["order"]["symbols"])
    if not state["order"]["apart"]:
        ahead = symbols
    for part in _rows(state):
        _check_rows(part, symbols)
    for part in (state["cases"], state["stream"]):
        for name in ("began", "touched", *(("moments",) if "moments" in part else ())):
            _check(len(part[name]) == len(part["names"]), f"{name} of some cases only")
        _check((np.asarray(part["lengths"], np.int64) > 0).all(), "cases without events")
        _check(len(set(part["names"])) == len(part["names"]), "cases that stand twice")
    _check_symbols(state["windows"]["symbols"], symbols)
    _check_windows(state["windows"])
    _check_held(state["reorder"], ahead)
    own = np.asarray(state["order"]["ids"], np.int64)
    _check(len(own) <= ahead and ((own >= -1) & (own < symbols)).all(), "symbols that there are not")


def _rows(state: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the parts that hold traces, or cases, one behind the other."""
    for name in ("cases", "stream"):
        yield state[name]
        yield state[name]["few"]
    yield state["packer"]


def _check_rows(part: Mapping[str, Any], symbols: int) -> None:
    lengths = np.asarray(part["lengths"], np.int64)
    _check(len(lengths) == len(part["names"]), "traces without a name, or names without a trace")
    _check((lengths >= 0).all() and int(lengths.sum()) == len(part["symbols"]), "lengths of other traces")
    _check(len(part.get("durations", ())) in (0, len(part["symbols"])), "durations of other events")
    _check(not isinstance(part.get("early"), np.ndarray) or len(part["early"]) == len(lengths), "cases cut short")
    closed = part.get("closed")
    _check(closed is None or (np.ndim(closed) == 1 and len(closed) > 0), "cases closed early")
    _check_symbols(part["symbols"], symbols)


def _check_windows(part: Mapping[str, Any]) -> None:
    held, size, skip, seen = len(part["symbols"]), part["size"], part["skip"], part["seen"]
    _check(len(part.get("durations", ())) in (0, held), "durations of other events")
    _check(size is None or (type(size) is int and 0 < size < 1 << 40), "a window of no size")
    _check(
        type(skip) is int and type(seen) is int and 0 <= seen <= held and 0 <= skip < 1 << 40, "no place in a window"
    )


def _check_held(part: Mapping[str, Any], symbols: int) -> None:
    cases, held = np.asarray(part["cases"], np.int64), len(part["symbols"])
    _check(len(cases) == held == len(part["times"]), "events without a case or a time")
    _check(((cases >= -1) & (cases < len(part["names"]))).all(), "cases that there are not")
    _check(type(part["waiting"]) is int and 0 <= part["waiting"] <= held, "more events that wait than there are")
    sorted_, steps = part.get("sorted", 0), part.get("steps", (0, 0))
    _check(type(sorted_) is int and 0 <= sorted_ <= held, "more events in order than there are")
    _check(len(steps) == 2 and all(type(one) is int and one >= 0 for one in steps), "no direction of times")
    times = np.asarray(part["times"], np.float64)
    # What came one by one gets the time of the event before where it has none, but only once it is looked at.
    _check(np.isfinite(times[: held - part["waiting"]]).all() and not np.isinf(times).any(), "times that are none")
    _check_symbols(part["symbols"], symbols)


def _check_symbols(given: Any, symbols: int) -> None:
    ids: NDArray[np.int64] = np.asarray(given, np.int64)
    _check(ids.ndim == 1 and ((ids >= 0) & (ids < symbols)).all(), "symbols that there are not")


def _check(truth: Any, what: str) -> None:
    if not truth:
        raise UsageError(f"the state of a reading is damaged: it holds {what} (expected: one as it was written)")
