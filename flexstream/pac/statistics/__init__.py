"""Bounds, tests and intervals that plans and reports rest on."""
