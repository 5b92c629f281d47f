"""What a model means: states with names, what was decided about them, and where a trace leaves the beaten path."""

from __future__ import annotations

from ..writers.naming import state_names
from .explanation import Explainer, Outgoing, StateExplanation, Step

__all__ = ["Explainer", "Outgoing", "StateExplanation", "Step", "state_names"]
