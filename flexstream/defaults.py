"""Defaults that the library and the command line share, each said once."""

from __future__ import annotations

HEURISTIC = "evidence"
GROW_AT = 2
"""Visits before a node of the prefix tree grows."""
MEMORY = "512MiB"
"""What a learner and its readers may take beyond what a process needs at its start."""
EPS, DELTA = 0.1, 0.05
"""Error by which the theorems are judged, and the probability with which a promise or a report may fail."""
DEPTH = 3
"""Events of the longest words by which states are compared."""
FUTURES = 2
"""Events within which a plan supposes that states differ."""
CHANCE = 0.05
"""Probability with which two samples of one source may be told to differ."""
