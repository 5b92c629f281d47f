"""Counts of what is watched as OpenMetrics text, which Prometheus and others collect.

The text follows the OpenMetrics specification 1.0 (Prometheus Authors, 2020): TYPE, UNIT and HELP in front of the
samples of a family, counters that end in ``_total``, ``# EOF`` behind all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

COUNTER, GAUGE = "counter", "gauge"


class Family(NamedTuple):
    """A metric: name without ``_total``, type, what it tells, value (None where there is none yet), unit."""

    name: str
    kind: str
    told: str
    value: float | None
    unit: str = ""


def exposition(families: Iterable[Family]) -> str:
    """Return metrics as OpenMetrics text.

    Examples
    --------
    >>> print(exposition([Family("traces", "counter", "Traces judged.", 3), Family("bits", "gauge", "A trace.", None)]))
    # TYPE traces counter
    # HELP traces Traces judged.
    traces_total 3
    # TYPE bits gauge
    # HELP bits A trace.
    # EOF
    <BLANKLINE>
    """
    lines: list[str] = []
    for family in families:
        lines.append(f"# TYPE {family.name} {family.kind}")
        if family.unit:
            lines.append(f"# UNIT {family.name} {family.unit}")
        lines.append(f"# HELP {family.name} {_escaped(family.told)}")
        if family.value is not None:
            lines.append(f"{family.name}{'_total' if family.kind == COUNTER else ''} {_number(family.value)}")
    return "\n".join([*lines, "# EOF"]) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _number(value: float) -> str:
    if math.isnan(value) or math.isinf(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
