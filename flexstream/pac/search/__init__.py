"""Balle, Castro & Gavaldà's learner whole: guesses of n and μ, one after the other, and what notices a change."""
