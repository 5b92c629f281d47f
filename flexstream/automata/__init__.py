"""Automata that were learned or are known: PDFA, mixtures of them, and what can be done with both."""
