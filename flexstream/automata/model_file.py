"""The model files of automata and ensembles: JSON with a format name and a version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ModelError
from .mixture import Ensemble
from .pdfa import PDFA
from .smoothing import Smoothing

FORMAT = "flexstream-pdfa"
ENSEMBLE = "flexstream-ensemble"
VERSION = 1

Model = PDFA | Ensemble


def to_document(model: Model) -> dict[str, Any]:
    """Return a model as JSON values; whole numbers are written without a point."""
    head = {
        "format": FORMAT if isinstance(model, PDFA) else ENSEMBLE,
        "version": VERSION,
        "provenance": dict(model.provenance),
        "symbols": list(model.symbols),
    }
    if isinstance(model, PDFA):
        return head | _parts(model)
    return head | {"weights": model.weights.tolist(), "members": [_parts(member) for member in model]}


def _parts(automaton: PDFA) -> dict[str, Any]:
    """Return what one automaton does not share with others."""
    smoothing = automaton.smoothing
    return {
        "smoothing": {
            "strength": smoothing.strength,
            "base": smoothing.base.tolist(),
            "fallback": smoothing.fallback.tolist(),
        },
        "states": {"visits": _numbers(automaton.visits), "stops": _numbers(automaton.stops)},
        "transitions": {
            "source": automaton.sources.tolist(),
            "symbol": automaton.edge_symbols.tolist(),
            "target": automaton.targets.tolist(),
            "weight": _numbers(automaton.weights),
            "guessed": np.flatnonzero(automaton.guessed).tolist(),
        },
        **({"evidence": dict(automaton.evidence)} if automaton.evidence else {}),
    }


def from_document(document: Mapping[str, Any]) -> Model:
    """Return the model of a document; raises ModelError if a part is missing or wrong."""
    if not isinstance(document, Mapping) or document.get("format") not in (FORMAT, ENSEMBLE):
        raise ModelError(f'not a FlexStream model: "format" is not "{FORMAT}" or "{ENSEMBLE}"')
    if document.get("version") != VERSION:
        raise ModelError(
            f"model of version {document.get('version')!r}, this FlexStream reads version {VERSION}: update FlexStream"
        )
    try:
        _check_head(document)
        return _build(document) if document["format"] == FORMAT else _build_ensemble(document)
    except KeyError as error:
        raise ModelError(f"the model is damaged: {error} is missing") from None
    except (TypeError, ValueError, OverflowError) as error:
        raise ModelError(f"the model is damaged: {error}") from None


def _check_head(document: Mapping[str, Any]) -> None:
    if not all(isinstance(symbol, str) for symbol in document["symbols"]):
        raise ValueError("a symbol is not a text")
    if not isinstance(document["provenance"], dict):
        raise ValueError("the provenance is not an object")


def _build_ensemble(document: Mapping[str, Any]) -> Ensemble:
    shared = {name: document[name] for name in ("symbols", "provenance")}
    members = [_build({**shared, **dict(member)}) for member in document["members"]]
    return Ensemble(members, np.asarray(document["weights"], np.float64), document["provenance"])


def _build(document: Mapping[str, Any]) -> PDFA:
    states, edges, smooth = document["states"], document["transitions"], document["smoothing"]
    source = np.asarray(edges["source"], np.int64)
    if (np.diff(source, prepend=0, append=len(states["visits"]) - 1) < 0).any():
        raise ValueError("the transitions are not ordered by their source, or a source is no state")
    if not isinstance(document.get("evidence", {}), dict):
        raise ValueError("the evidence is not an object")
    offsets = np.searchsorted(source, np.arange(len(states["visits"]) + 1))
    guessed = np.zeros(len(source), np.bool_)
    rows = np.asarray(edges["guessed"], np.int64)
    if ((rows < 0) | (rows >= len(source))).any():
        raise ValueError("a guessed transition does not exist")
    guessed[rows] = True
    smoothing = Smoothing(
        float(smooth["strength"]),
        np.asarray(smooth["base"], np.float64),
        np.asarray(smooth["fallback"], np.int32),
    )
    return PDFA(
        document["symbols"],
        states["visits"],
        states["stops"],
        offsets,
        edges["symbol"],
        edges["target"],
        edges["weight"],
        guessed,
        smoothing,
        document["provenance"],
        document.get("evidence", {}),  # optional: models without it are as valid
    )


def dumps(model: Model) -> str:
    """Return the text of the model file: one line for each column, so that two models can be compared by eye."""
    return _lines(to_document(model), 2, 1) + "\n"


def _lines(value: object, levels: int, depth: int) -> str:
    """Return JSON in which so many levels of objects have a line for each part, and lists of objects for each."""
    if isinstance(value, dict) and value and levels:
        parts = [f"{json.dumps(key)}: {_lines(part, levels - 1, depth + 1)}" for key, part in value.items()]
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        parts = [_lines(part, 2, depth + 1) for part in value]
    else:
        return json.dumps(value)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    indent = "\n" + " " * depth
    return opening + ",".join(indent + part for part in parts) + indent[:-1] + closing


def loads(text: str) -> Model:
    """Read the text of a model file; raises ModelError."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"not a FlexStream model: {error}") from None
    return from_document(document)


def load_model(path: str | Path) -> Model:
    """Read a model file, an automaton's or an ensemble's; raises ModelError that names it."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror} (expected: a model file)") from None
    except UnicodeDecodeError:
        raise ModelError(f"{path}: not a FlexStream model: the file is not UTF-8 text") from None
    try:
        return loads(text)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from None


def _numbers(values: np.ndarray) -> list[int | float]:
    return [int(value) if value.is_integer() and value < 1e15 else value for value in values.tolist()]
