"""Automata known exactly, to sample from and to check learners against.

``grammars`` holds small ones written down by hand, ``generate`` makes large ones at random, ``pfa`` is the class of
those that need not be deterministic, ``pautomac`` reads and writes the files of the PAutomaC competition, and
``problem`` puts a target, its traces and its test strings together, and ``long_traces`` is a source of long ones, with
those that went wrong.
"""

from .generate import Recipe, random_hmm, random_pdfa, random_pfa
from .grammars import from_rows, reber, reentrant_line
from .long_traces import LongSource
from .pautomac import model_text, read_model
from .pfa import PFA
from .problem import Problem, write_problem

__all__ = [
    "PFA",
    "LongSource",
    "Problem",
    "Recipe",
    "from_rows",
    "model_text",
    "random_hmm",
    "random_pdfa",
    "random_pfa",
    "read_model",
    "reber",
    "reentrant_line",
    "write_problem",
]
