"""What has changed from one model to another, beyond chance."""

from __future__ import annotations

from .alignment import Alignment, Group, Side, align
from .changes import Change
from .difference import Difference, Divergence, Telling, diff

__all__ = ["Alignment", "Change", "Difference", "Divergence", "Group", "Side", "Telling", "align", "diff"]
