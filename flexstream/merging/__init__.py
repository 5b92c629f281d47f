"""From counts to states: heuristics, the fold, the search, its journal, and freezing the outcome."""
