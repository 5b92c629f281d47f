"""Fleet files: what the JSON value of one describes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..errors import ModelError
from .calibration import Calibration
from .document import ENSEMBLE, FORMAT, Document, build_values, damage_named, parsed
from .fleet import KINDS, Fleet, FleetMember
from .fleet_document import FLEET, VERSION
from .mixture import Ensemble
from .partial import MemberCounts
from .pdfa import PDFA
from .timing import Durations

Model = PDFA | Ensemble


def is_fleet(values: Any) -> bool:
    """Whether the JSON value of a file is that of a fleet, as far as its format says."""
    return isinstance(values, Mapping) and values.get("format") == FLEET


def model_of(document: Document) -> Model:
    """Return the model that a document describes."""
    automata = [PDFA(**columns) for columns in document.members]
    if not document.mixed:
        return automata[0]
    return Ensemble(automata, document.weights, document.provenance, document.softened, document.shares)


def fleet_of_text(text: str) -> Fleet:
    """Read the text of a fleet file.

    Raises
    ------
    ModelError
        If it is none, or a part of it is missing or wrong.

    Examples
    --------
    >>> fleet_of_text("[]")
    Traceback (most recent call last):
    flexstream.errors.ModelError: not a fleet of FlexStream: "format" is not "flexstream-fleet"
    """
    return fleet_of_values(parsed(text))


def fleet_of_values(values: Any) -> Fleet:
    """Return the fleet that the JSON value of a file describes."""
    if not is_fleet(values):
        one = isinstance(values, Mapping) and values.get("format") in (FORMAT, ENSEMBLE)
        more = " (this is one model: flexstream.load_model reads it)" if one else ""
        raise ModelError(f'not a fleet of FlexStream: "format" is not "{FLEET}"{more}')
    if values.get("version") != VERSION:
        raise ModelError(
            f"fleet of version {values.get('version')!r}, this FlexStream reads version {VERSION}: update FlexStream"
        )
    with damage_named():
        pool = build_values(values["pool"], model_of)
        if not isinstance(values["members"], list) or not isinstance(values["by"], str):
            raise ValueError("the members are no list, or nothing says what tells them apart")
        members = [_member_of(part, len(pool.symbols)) for part in values["members"]]
        return Fleet(pool, members, values["by"], _whole(values["unlisted"], "unlisted"))


def _member_of(part: Any, alphabet: int) -> FleetMember:
    if not isinstance(part, Mapping) or not isinstance(part["name"], str) or part["kind"] not in KINDS:
        raise ValueError("a member of the fleet is not an object with a name and a kind")
    counts, bits = part["counts"], part["bits"]
    calibration = part.get("calibration")
    return FleetMember(
        part["name"],
        _whole(part["traces"], "traces"),
        _whole(part["events"], "events"),
        part["kind"],
        MemberCounts(counts["outcomes"], counts["counts"], counts["one_in"]),
        _number(part["gain"]),
        {kind: _number(bits[kind]) for kind in KINDS if kind in bits},
        _number(part.get("concentration", math.inf)),
        build_values(part["own"], _automaton) if "own" in part else None,
        None if calibration is None else Calibration.from_document(calibration, alphabet),
        Durations.from_document(part["durations"]) if "durations" in part else None,
    )


def _automaton(document: Document) -> PDFA:
    model = model_of(document)
    if not isinstance(model, PDFA):
        raise ValueError("a member's own model is an ensemble")
    return model


def _whole(value: Any, name: str) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{name} of a fleet is {str(value)[:40]!r}, no count")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{str(value)[:40]!r} is no number")
    return float(value)
