"""What the evidence of a model file must look like; a report is made of nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from ...errors import ModelError
from ...merging.evidence_kind import EvidenceKind
from ..foresight.checked import is_trial
from ..statistics.order import FEATURES, KINDS, PERIODS, Dependence
from ..statistics.ordered_visits import ORDERS

VERSION = 1
LARGEST = 2**53
LENGTHS = {"q50", "q90", "q99", "largest"}
DECISIONS = ("merge", "kept", "source", "symbol", "state", "against", "score", "second", "visits")
DIVISION = "division"
"""What models of yesterday do not have of their decisions."""


def checked(evidence: Mapping[str, Any], states: int, symbols: int, steps: int) -> Mapping[str, Any]:
    """Return the evidence, nothing if there is none or it is of a version that is not known.

    Raises
    ------
    ModelError
        If it is damaged: the message names the part.

    Examples
    --------
    >>> checked({}, 1, 1, 0), checked({"version": 99}, 1, 1, 0)
    ({}, {})
    """
    if evidence.get("version") != VERSION:
        return {}
    tests: dict[str, Callable[[Any], bool]] = {
        "looks": is_count,
        "heuristic": _heuristic,
        "lengths": lambda value: _counts_in(value) and "held" in value and (not value["held"] or set(value) >= LENGTHS),
        "prefixes": is_count,
        "sketch": lambda value: value is None or _sketch(value),
        "tails_agree": lambda value: _list(value, states, bool),
        "tail_events": is_count,
        "entries": lambda value: _counts(value, states),
        "homogeneity": lambda value: _numbers(value, states),
        "decisions": lambda value: _decisions(value, states, symbols),
        "forced": lambda value: _counts_in(value) and {"number", "visits", "largest"} <= set(value),
        "taken_back": is_count,
    }
    optional: Mapping[str, Callable[[Any], bool]] = {  # models of yesterday do not have them
        "reports": lambda value: is_count(value, 1),
        "declared": lambda value: value is None or _declared(value),
        "kind": lambda value: _kind(value, evidence["heuristic"]),
        "theorem": lambda value: value is None or isinstance(value, str),
        "fit": lambda value: _fit(value, states),
        "left_out": lambda value: _counts(value, states),
        "order": lambda value: value is None or _order(value, symbols),
        "foresight": lambda value: value is None or is_trial(value),
        "multiplicity": lambda value: value is None or (_number(value) and value >= 0),
        "first_visits": lambda value: value is None or _visits(value, states, steps),
        "later_visits": lambda value: (
            isinstance(value, list) and len(value) < ORDERS and all(_visits(one, states, steps) for one in value)
        ),
    }
    known = tests | {name: fits for name, fits in optional.items() if name in evidence}
    for name, fits in known.items():
        if name not in evidence or not fits(evidence[name]):
            raise ModelError(f"the evidence of the model is damaged: {name} (expected: what learn wrote)")
    return evidence


def is_provenance(value: Mapping[str, Any]) -> bool:
    """Tell whether the parts of a model's provenance that a report reads are what learn writes.

    What a model of yesterday does not have is no fault.

    Examples
    --------
    >>> is_provenance({"traces": 9, "events": 20}), is_provenance({"traces": 9, "events": 20, "alphabet": 3})
    (True, False)
    """
    tree, alphabet = value.get("tree"), value.get("alphabet")
    lost = tree.values() if isinstance(tree, dict) else ()
    amounts = (value["traces"], value["events"], value.get("cases_closed_early", 0), *lost)
    repeats, drift = value.get("repeats"), value.get("drift")
    parts = (alphabet is None or _alphabet(alphabet)) and (repeats is None or _repeats(repeats))
    parts = parts and (drift is None or _drift(drift))
    return all(map(is_count, amounts)) and parts


def _drift(value: Any) -> bool:
    """Tell whether what was noticed of changes of the source is whole."""
    if not isinstance(value, dict) or not is_count(value.get("first")) or not isinstance(value.get("changes"), list):
        return False
    return all(isinstance(change, dict) and is_count(change.get("since")) for change in value["changes"])


def _repeats(value: Any) -> bool:
    counts = ("traces", "events", "given_up", "times")
    if not isinstance(value, dict) or not all(is_count(value.get(name)) for name in counts):
        return False
    trace = value.get("example")
    return trace is None or (isinstance(trace, list) and all(isinstance(symbol, str) for symbol in trace))


def _alphabet(value: Any) -> bool:
    if not isinstance(value, dict) or not all(is_count(value.get(name)) for name in ("symbols", "given_up_events")):
        return False
    other = value.get("other")
    return other is None or (isinstance(other, str) and value["symbols"] > 0)


def is_count(value: Any, least: int = 0, most: int = LARGEST) -> bool:
    """Tell whether a value is a whole number that a double holds exactly."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _number(value: Any) -> bool:
    numeric = isinstance(value, float | int) and not isinstance(value, bool)
    return numeric and abs(value) <= 1e300 and math.isfinite(value)


def _list(value: Any, length: int, *kinds: type) -> bool:
    """Tell whether a value is a list of so many values of some types; of all at once, as there are thousands."""
    return isinstance(value, list) and len(value) == length and set(map(type, value)) <= {*kinds}


def _counts(value: Any, length: int, least: int = 0, most: int = LARGEST) -> bool:
    return _list(value, length, int) and (not value or (least <= min(value) and max(value) <= most))


def _numbers(value: Any, length: int, *kinds: type) -> bool:
    if not _list(value, length, float, int, *kinds):
        return False
    numbers = [number for number in value if number is not None]
    return max(map(abs, numbers), default=0) <= 1e300 and all(map(math.isfinite, numbers))


def _counts_in(value: Any) -> bool:
    return isinstance(value, dict) and all(map(is_count, value.values()))


def _fit(value: Any, states: int) -> bool:
    tests: Mapping[str, Callable[[Any], bool]] = {
        "order": is_count,
        "groups": is_count,
        "excess": _number,
        "log_p": lambda part: _number(part) and part <= 0,
        "state": lambda part: is_count(part, -1, states - 1),
    }
    if not isinstance(value, list):
        return False
    rows = [isinstance(row, dict) and set(row) == set(tests) for row in value]
    return all(rows) and all(fits(row[name]) for row in value for name, fits in tests.items())


def _order(value: Any, symbols: int) -> bool:
    """Tell whether what the order of the traces says is whole."""
    if not isinstance(value, dict) or set(value) != {*Dependence._fields, "traces"}:
        return False
    kind, feature, other, of = (value[name] for name in ("kind", "feature", "other", "symbols"))
    tests: Mapping[str, bool] = {
        "names": all(isinstance(name, str) for name in (kind, feature, other)) and isinstance(of, list),
        "counts": all(is_count(value[name], 1) for name in ("number", "tests", "traces")),
        "log_p": _number(value["log_p"]) and value["log_p"] <= 0,
    }
    if not all(tests.values()):
        return False
    fits = len(of) == {"symbol": 1, "pair": 2}.get(feature, 0) and all(is_count(part, 0, symbols - 1) for part in of)
    told = kind in KINDS and feature in FEATURES and (kind != "before" or other in FEATURES)
    return told and fits and (kind != "period" or value["number"] in PERIODS)


def _declared(value: Any) -> bool:
    return (
        isinstance(value, dict) and set(value) == {"reports", "traces"} and all(is_count(v, 1) for v in value.values())
    )


def _visits(value: Any, states: int, steps: int) -> bool:
    if not isinstance(value, dict) or set(value) != {"stops", "steps"}:
        return False
    return _counts(value["stops"], states) and _counts(value["steps"], steps)


def _heuristic(value: Any) -> bool:
    names = {"name", "margin", "light", "alpha"}
    if not isinstance(value, dict) or set(value) - {"members", DIVISION} != names:
        return False
    if not is_count(value.get("members", 1), 1) or not (value.get(DIVISION) is None or _number(value[DIVISION])):
        return False
    alpha = value["alpha"]
    sure = alpha is None or (_number(alpha) and 0 < alpha < 1)
    tested = alpha is not None or value["name"] not in ("css", "css-published", "alergia")
    return isinstance(value["name"], str) and sure and tested and (value["margin"] is None or _number(value["margin"]))


def _kind(value: Any, heuristic: Mapping[str, Any]) -> bool:
    """Tell whether a kind of evidence is one, and a test has a level."""
    return value in tuple(EvidenceKind) and (value != EvidenceKind.TEST or heuristic["alpha"] is not None)


def _sketch(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    sizes = {"counters"} if "counters" in value else {"futures", "depth", "width"}
    shares = all(_number(value.get(name)) for name in ("beta", "gamma"))
    return set(value) == sizes | {"beta", "gamma"} and shares and all(is_count(value[name], 1, 2**31) for name in sizes)


def _decisions(value: Any, states: int, symbols: int) -> bool:
    if not isinstance(value, dict) or set(value) - {DIVISION} != set(DECISIONS) or not isinstance(value["merge"], list):
        return False
    length = len(value["merge"])
    bounds = {
        "merge": (0, 1),
        "kept": (0, 1),
        "source": (-1, states - 1),
        "symbol": (-1, symbols - 1),
        "state": (0, states - 1),
        "against": (-1, states - 1),
        "visits": (0, LARGEST),
    }
    counts = all(_counts(value[name], length, *within) for name, within in bounds.items())
    scores = [value[name] for name in ("score", "second", DIVISION) if name in value]
    return counts and all(_numbers(column, length, type(None)) for column in scores)
