"""SVG, PNG and PDF: the picture, drawn by Graphviz, or by a simpler layout of our own where it is missing or slow."""

from __future__ import annotations

import shutil
from dataclasses import replace

from ..automata.pdfa import PDFA
from ..errors import FlexStreamError, MissingProgramError
from .backing import backed, crossed
from .dot import placed, text
from .figure import WIDEST, Figure, figure
from .graphviz_layout import INSTALL, SlowLayoutError, best, render, width_of_picture
from .layered import layered
from .plain_svg import plain_svg
from .view_options import ViewOptions
from .wrapped import wrapped
from .writer import Writer

_FEW = 100
"""Boxes up to which our own layout may be the narrower one; what has more is not read at the width of a page."""


def require_dot() -> None:
    """Raise MissingProgramError if Graphviz's program is not installed, before any work is done for a picture."""
    if shutil.which("dot") is None:
        raise MissingProgramError(INSTALL)


def svg(automaton: PDFA, options: ViewOptions) -> str:
    """Return the picture as SVG; full symbols and counts appear under the mouse.

    There always is one: where Graphviz is missing, fails, or takes too long, the layout is our own.
    """
    return drawn(figure(automaton, options))


def drawn(drawing: Figure) -> str:
    """Return a picture as SVG."""
    return backed(_drawn(drawing))


def _drawn(drawing: Figure) -> str:
    if drawing.rows:
        return plain_svg(wrapped(drawing), drawing.legend)
    try:
        found = best(drawing)
    except MissingProgramError:
        return plain_svg(layered(drawing), drawing.legend)
    except FlexStreamError:
        return plain_svg(layered(drawing), (*drawing.legend, "A simple layout: Graphviz found none in time."))
    if found.width > WIDEST and len(drawing.boxes) <= _FEW:
        own = plain_svg(layered(drawing), drawing.legend)
        return own if width_of_picture(own) < found.width else found.svg
    return found.svg


def png(automaton: PDFA, options: ViewOptions) -> bytes:
    """Return the picture as PNG, 144 dots an inch."""
    return _pixels(figure(automaton, options), "png", "-Gdpi=144")


def pdf(automaton: PDFA, options: ViewOptions) -> bytes:
    """Return the picture as PDF, the only format that carries the date."""
    return _pixels(figure(automaton, options), "pdf")


def _pixels(drawing: Figure, format: str, *arguments: str) -> bytes:
    """Draw a picture with Graphviz; where it finds no layout in time, with the boxes at the places of our own."""
    try:
        found = best(drawing)
        return render(text(drawing, found.direction, crossed(found.svg), found.turned), format, *arguments)
    except SlowLayoutError:
        told = replace(drawing, legend=(*drawing.legend, "A simple layout: Graphviz found none in time."))
        smaller = ("-Gsize=50,50", "-Gdpi=96")  # inches: what has no layout in time is too large to be seen at once
        return render(placed(told, layered(drawing)), format, "-Kneato", "-n2", *smaller)


SVG = Writer(svg, (".svg",), times=True)
PNG = Writer(png, (".png",), binary=True, times=True)
PDF = Writer(pdf, (".pdf",), binary=True, times=True)
