"""FlexStream learns probabilistic automata from endless streams of events, in one pass and bounded memory.

>>> import flexstream
>>> learner = flexstream.StreamLearner()
>>> for _ in range(200):
...     learner.learn_one(["load", "run", "unload"])
...     learner.learn_one(["load", "setup", "run", "unload"])
>>> learner.automaton
PDFA(5 states, 5 transitions, 4 symbols)
>>> round(2 ** learner.automaton.log2_prob(["load", "run", "unload"]), 2)
0.49
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = [
    "END",
    "PDFA",
    "UNKNOWN",
    "Alphabet",
    "DataError",
    "Ensemble",
    "FlexStreamError",
    "Model",
    "ModelError",
    "PrefixTree",
    "ReadOptions",
    "StreamLearner",
    "TraceBatch",
    "UsageError",
    "load_model",
    "read_batches",
]
_HOMES = {
    "Alphabet": "alphabet",
    "DataError": "errors",
    "END": "automaton",
    "Ensemble": "ensemble",
    "FlexStreamError": "errors",
    "Model": "model_file",
    "ModelError": "errors",
    "PDFA": "automaton",
    "PrefixTree": "tree",
    "ReadOptions": "readers",
    "StreamLearner": "learner",
    "TraceBatch": "batch",
    "UNKNOWN": "automaton",
    "UsageError": "errors",
    "load_model": "model_file",
    "read_batches": "readers",
}

if TYPE_CHECKING:
    from .alphabet import Alphabet
    from .automaton import END, PDFA, UNKNOWN
    from .batch import TraceBatch
    from .ensemble import Ensemble
    from .errors import DataError, FlexStreamError, ModelError, UsageError
    from .learner import StreamLearner
    from .model_file import Model, load_model
    from .readers import ReadOptions, read_batches
    from .tree import PrefixTree


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that ``import flexstream`` stays light."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{home}", __name__), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
