"""A page that shows a learner at work: its automaton as states come and go, what it takes, and what is strange."""

from .live_page import LivePage

__all__ = ["LivePage"]
