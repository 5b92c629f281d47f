"""FlexStream learns probabilistic automata from endless streams of events, in one pass and bounded memory.

>>> import flexstream
>>> learner = flexstream.StreamLearner()
>>> for _ in range(200):
...     learner.learn_one(["load", "run", "unload"])
...     learner.learn_one(["load", "setup", "run", "unload"])
>>> learner.automaton
PDFA(5 states, 5 transitions, 4 symbols)
>>> round(2 ** learner.automaton.log2_prob(["load", "run", "unload"]), 2)
0.5
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .display import Displayed
from .version import __version__ as __version__

__all__ = [
    "END",
    "PDFA",
    "UNKNOWN",
    "Alarm",
    "Alphabet",
    "Calibration",
    "DataError",
    "Ensemble",
    "Fleet",
    "FleetLearner",
    "FlexStreamError",
    "Judge",
    "Model",
    "ModelError",
    "PrefixTree",
    "ReadOptions",
    "StreamLearner",
    "TraceBatch",
    "UsageError",
    "Verdict",
    "diff",
    "judge",
    "learn",
    "load_fleet",
    "load_model",
    "read",
    "read_batches",
]
_HOMES = {
    "Alarm": "monitoring.alarm",
    "Alphabet": "stream.alphabet",
    "Calibration": "automata.calibration",
    "DataError": "errors",
    "END": "automata.pdfa",
    "Ensemble": "automata.mixture",
    "Fleet": "automata.fleet",
    "FleetLearner": "learning.fleet_learner",
    "FlexStreamError": "errors",
    "Judge": "monitoring.alarm",
    "Model": "automata.model_file",
    "ModelError": "errors",
    "PDFA": "automata.pdfa",
    "PrefixTree": "summary.tree",
    "ReadOptions": "readers",
    "StreamLearner": "learning.learner",
    "TraceBatch": "stream.batch",
    "UNKNOWN": "automata.pdfa",
    "UsageError": "errors",
    "Verdict": "verdict",
    "diff": "difference",
    "judge": "verdict",
    "learn": "calls",
    "load_fleet": "automata.model_file",
    "load_model": "automata.model_file",
    "read": "calls",
    "read_batches": "readers",
}

if TYPE_CHECKING:
    from .automata.calibration import Calibration
    from .automata.fleet import Fleet
    from .automata.mixture import Ensemble
    from .automata.model_file import Model, load_fleet, load_model
    from .automata.pdfa import END, PDFA, UNKNOWN
    from .calls import learn, read
    from .difference import diff
    from .errors import DataError, FlexStreamError, ModelError, UsageError
    from .learning.fleet_learner import FleetLearner
    from .learning.learner import StreamLearner
    from .monitoring.alarm import Alarm, Judge
    from .readers import ReadOptions, read_batches
    from .stream.alphabet import Alphabet
    from .stream.batch import TraceBatch
    from .summary.tree import PrefixTree
    from .verdict import Verdict, judge


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that ``import flexstream`` stays light."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{home}", __name__), name)


class _Notebook:
    """Draws models and learners: imported when a notebook first shows one."""

    def svg(self, shown: Displayed) -> str | None:
        from .notebook import svg

        return svg(shown)

    def html(self, shown: Displayed) -> str | None:
        from .notebook import html

        return html(shown)


Displayed.renderer = _Notebook()


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
