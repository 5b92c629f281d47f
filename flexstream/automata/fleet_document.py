"""Fleets as JSON values: the text of a fleet file."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .document import ensemble_values, pdfa_values
from .layout import sealed_text, text_of
from .mixture import Ensemble

if TYPE_CHECKING:
    from .fleet import Fleet, FleetMember

FLEET, VERSION = "flexstream-fleet", 1


def fleet_text(fleet: Fleet) -> str:
    """Return the text of the fleet file: the pool as in a model file, and a line for each member; sealed."""
    pool = ensemble_values(fleet.pool) if isinstance(fleet.pool, Ensemble) else pdfa_values(fleet.pool)
    head = {"format": FLEET, "version": VERSION, "by": fleet.by, "unlisted": fleet.unlisted}
    return sealed_text(fleet_laid_out({**head, "pool": pool, "members": map(_member, fleet.members)}))


def fleet_laid_out(values: Mapping[str, Any]) -> str:
    """Return the text of what a fleet file holds, without a seal."""
    rows = ",".join(f"\n  {json.dumps(member, default=np.ndarray.tolist)}" for member in values["members"])
    start = text_of({name: value for name, value in values.items() if name != "members"}).rstrip()
    return f'{start.removesuffix("}").rstrip()},\n "members": [{rows}\n ]\n}}\n'


def _member(member: FleetMember) -> dict[str, Any]:
    partial = {"concentration": member.concentration} if math.isfinite(member.concentration) else {}
    return {
        "name": member.name,
        "traces": member.traces,
        "events": member.events,
        "kind": member.kind,
        "gain": member.gain,
        "bits": dict(member.bits),
        **partial,
        "counts": {
            "one_in": member.counts.one_in,
            "outcomes": member.counts.outcomes.tolist(),
            "counts": member.counts.counts.tolist(),
        },
        **({} if member.calibration is None else {"calibration": member.calibration.to_document()}),
        **({} if member.durations is None else {"durations": member.durations.to_document()}),
        **({} if member.own is None else {"own": pdfa_values(member.own)}),
    }
