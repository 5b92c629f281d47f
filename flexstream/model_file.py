"""The model file: JSON with a format name and a version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .automaton import PDFA
from .errors import ModelError
from .smoothing import Smoothing

FORMAT = "flexstream-pdfa"
VERSION = 1


def to_document(automaton: PDFA) -> dict[str, Any]:
    """Return the automaton as JSON values; whole numbers are written without a point."""
    smoothing = automaton.smoothing
    return {
        "format": FORMAT,
        "version": VERSION,
        "provenance": dict(automaton.provenance),
        "symbols": list(automaton.symbols),
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
    }


def from_document(document: Mapping[str, Any]) -> PDFA:
    """Return the automaton of a document; raises ModelError if a part is missing or wrong."""
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise ModelError(f'not a FlexStream model: "format" is not "{FORMAT}"')
    if document.get("version") != VERSION:
        raise ModelError(
            f"model of version {document.get('version')!r}, this FlexStream reads version {VERSION}: update FlexStream"
        )
    try:
        return _build(document)
    except KeyError as error:
        raise ModelError(f"the model is damaged: {error} is missing") from None
    except (TypeError, ValueError, OverflowError) as error:
        raise ModelError(f"the model is damaged: {error}") from None


def _build(document: Mapping[str, Any]) -> PDFA:
    states, edges, smooth = document["states"], document["transitions"], document["smoothing"]
    if not all(isinstance(symbol, str) for symbol in document["symbols"]):
        raise ValueError("a symbol is not a text")
    if not isinstance(document["provenance"], dict):
        raise ValueError("the provenance is not an object")
    source = np.asarray(edges["source"], np.int64)
    if (np.diff(source, prepend=0, append=len(states["visits"]) - 1) < 0).any():
        raise ValueError("the transitions are not ordered by their source, or a source is no state")
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
    )


def dumps(automaton: PDFA) -> str:
    """Return the text of the model file: one line for each column, so that two models can be compared by eye."""
    parts = [f" {json.dumps(key)}: {_block(value)}" for key, value in to_document(automaton).items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _block(value: object) -> str:
    if not isinstance(value, dict) or not value:
        return json.dumps(value)
    return "{\n" + ",\n".join(f"  {json.dumps(key)}: {json.dumps(part)}" for key, part in value.items()) + "\n }"


def loads(text: str) -> PDFA:
    """Read the text of a model file; raises ModelError."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"not a FlexStream model: {error}") from None
    return from_document(document)


def load(path: str | Path) -> PDFA:
    """Read a model file; raises ModelError that names it."""
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
