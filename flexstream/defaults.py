"""Defaults that the library and the command line share, each said once."""

from __future__ import annotations

HEURISTIC = "evidence"
GROW_AT = 2
"""Visits before a node of the prefix tree grows."""
MEMORY = "512MiB"
"""What a learner and its readers may take beyond what a process needs at its start."""
