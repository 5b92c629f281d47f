"""The colours of the pictures: one blue in shades, told apart by lightness, for print and for every eye."""

from __future__ import annotations

from collections.abc import Sequence

#: Text; a contrast of at least 9:1 on the darkest fill.
TEXT = "#14212c"
#: Second text: visits and stop probabilities; at least 5:1 on the darkest fill.
QUIET = "#34495b"
#: Outline of a state.
OUTLINE = "#3d5a73"

#: Outline of what evidence contradicts.
ALARM = "#b42318"

_HEAT = ((253, 240, 220), (236, 150, 70))
_SLOW = ((150, 160, 172), (166, 60, 6))
_FILL = ((247, 250, 252), (160, 200, 230))
_EDGE = ((138, 152, 165), (28, 58, 86))


def fill(share: float) -> str:
    """Return the fill of a state, from the share of the visits of the most visited one.

    Examples
    --------
    >>> fill(0), fill(1)
    ('#f7fafc', '#a0c8e6')
    """
    # The square root keeps rare states apart: shares fall over several orders of magnitude.
    return _between(_FILL, share**0.5)


def ink(probability: float) -> str:
    """Return the colour of an edge with this probability.

    Examples
    --------
    >>> ink(0), ink(1)
    ('#8a98a5', '#1c3a56')
    """
    return _between(_EDGE, probability)


def heat(share: float) -> str:
    """Return the fill of a state by how unsure it is.

    Examples
    --------
    >>> heat(0), heat(1)
    ('#fdf0dc', '#ec9646')
    """
    return _between(_HEAT, share)


def slow(share: float) -> str:
    """Return the colour of an arrow by how long it takes.

    Examples
    --------
    >>> slow(0), slow(1)
    ('#96a0ac', '#a63c06')
    """
    return _between(_SLOW, share)


def _between(ends: Sequence[Sequence[int]], place: float) -> str:
    place = min(max(place, 0.0), 1.0)
    return "#" + "".join(f"{round(low + place * (high - low)):02x}" for low, high in zip(*ends, strict=True))
