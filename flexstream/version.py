"""The version, on the ground floor: what is written into files says it."""

__version__ = "0.1.0"
