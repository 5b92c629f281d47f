"""Model files: which class a file is read into."""

from __future__ import annotations

from pathlib import Path

from .document import Document, build, read
from .mixture import Ensemble
from .pdfa import PDFA

Model = PDFA | Ensemble


def _model(document: Document) -> Model:
    automata = [PDFA(**columns) for columns in document.members]
    return Ensemble(automata, document.weights, document.provenance) if document.mixed else automata[0]


def loads(text: str) -> Model:
    """Read the text of a model file, an automaton's or an ensemble's; raises ModelError if it is none."""
    return build(text, _model)


def load_model(path: str | Path) -> Model:
    """Read a model file, an automaton's or an ensemble's; raises ModelError that names it."""
    return read(path, loads)
