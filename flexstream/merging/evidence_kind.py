"""Kinds of evidence: what the scores of a heuristic are worth; apart, so that a report loads no kernels for it."""

from __future__ import annotations

from enum import StrEnum


class EvidenceKind(StrEnum):
    """What the scores of a heuristic say of how sure its decisions are; a report is judged by that."""

    BAYES_FACTOR = "bayes-factor"
    """Log Bayes factors in nats: with even odds beforehand they are the odds that a decision is right."""
    TEST = "test"
    """Shares are compared by Hoeffding's bound at the level ``alpha``, an option of the heuristic; the score chooses
    among what passed."""
    UNJUDGED = "unjudged"
    """Nothing is known of how often such decisions are wrong."""
