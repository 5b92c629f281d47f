"""SVG, PNG and PDF: the picture, drawn by Graphviz, or by a simpler layout of our own where it is missing or slow."""

from __future__ import annotations

import re
import shutil
import subprocess  # for what Graphviz raises; no command is made here  # nosec B404
import time
from contextlib import suppress
from dataclasses import replace

from ..automata.pdfa import PDFA
from ..errors import FlexStreamError, MissingProgramError
from .backing import backed
from .dot import placed, text
from .figure import WIDEST, Figure, figure
from .layered import layered
from .plain_svg import plain_svg
from .view_options import ViewOptions
from .wrapped import wrapped
from .writer import Writer

#: Seconds after which a layout is stopped; its time grows with the square of the edges and worse.
TIME_LIMIT = 8.0

_INSTALL = (
    "Graphviz's program 'dot' is not installed: 'apt install graphviz', 'brew install graphviz' or "
    "'conda install graphviz'; a .svg or .dot file can be written without it"
)
_FEW = 100
"""Boxes up to which our own layout may be the narrower one; what has more is not read at the width of a page."""
_WIDTH = re.compile(r'<svg width="([\d.]+)pt"')


class SlowLayoutError(FlexStreamError):
    """Graphviz was stopped before it had a layout."""


def require_dot() -> None:
    """Raise MissingProgramError if Graphviz's program is not installed, before any work is done for a picture."""
    if shutil.which("dot") is None:
        raise MissingProgramError(_INSTALL)


def svg(automaton: PDFA, options: ViewOptions) -> str:
    """Return the picture as SVG; full symbols and counts appear under the mouse.

    There always is one: where Graphviz is missing, fails, or takes longer than `TIME_LIMIT`, the layout is our own.
    """
    return drawn(figure(automaton, options))


def drawn(drawing: Figure) -> str:
    """Return a picture as SVG."""
    return backed(_drawn(drawing))


def _drawn(drawing: Figure) -> str:
    if drawing.rows:
        return plain_svg(wrapped(drawing), drawing.legend)
    started = time.monotonic()
    try:
        picture = render(text(drawing), "svg").decode("utf-8")
    except MissingProgramError:
        return plain_svg(layered(drawing), drawing.legend)
    except FlexStreamError:
        return plain_svg(layered(drawing), (*drawing.legend, "A simple layout: Graphviz found none in time."))
    return _narrower(drawing, picture, TIME_LIMIT - (time.monotonic() - started))


def _narrower(drawing: Figure, picture: str, seconds: float) -> str:
    """Return a picture, or the same with another layout, if that makes it narrow enough to be read."""
    if _width(picture) <= WIDEST:
        return picture
    other = "LR" if drawing.direction == "TB" else "TB"
    found = [picture]
    if seconds > 0:
        with suppress(FlexStreamError):
            found.append(render(text(drawing, other), "svg", time_limit=seconds).decode("utf-8"))
    if min(map(_width, found)) > WIDEST and len(drawing.boxes) <= _FEW:
        found.append(plain_svg(layered(drawing), drawing.legend))
    return min(found, key=_width)


def _width(picture: str) -> float:
    found = _WIDTH.search(picture)
    return float(found[1]) if found else 0.0


def png(automaton: PDFA, options: ViewOptions) -> bytes:
    """Return the picture as PNG, 144 dots an inch."""
    return _pixels(figure(automaton, options), "png", "-Gdpi=144")


def pdf(automaton: PDFA, options: ViewOptions) -> bytes:
    """Return the picture as PDF, the only format that carries the date."""
    return _pixels(figure(automaton, options), "pdf")


def _pixels(drawing: Figure, format: str, *arguments: str) -> bytes:
    """Draw a picture with Graphviz; where it finds no layout in time, with the boxes at the places of our own."""
    try:
        return render(text(drawing, backed=True), format, *arguments)
    except SlowLayoutError:
        told = replace(drawing, legend=(*drawing.legend, "A simple layout: Graphviz found none in time."))
        smaller = ("-Gsize=50,50", "-Gdpi=96")  # inches: what has no layout in time is too large to be seen at once
        return render(placed(told, layered(drawing)), format, "-Kneato", "-n2", *smaller)


def render(text: str, format: str, *arguments: str, time_limit: float | None = None) -> bytes:
    """Draw a DOT text.

    Parameters
    ----------
    text : str
        In DOT.
    format : str
        As Graphviz names it.
    *arguments : str
        More arguments for the program.
    time_limit : float, optional
        Seconds; by default `TIME_LIMIT`.

    Raises
    ------
    MissingProgramError
        If Graphviz's program is not installed.
    SlowLayoutError
        If it takes too long.
    FlexStreamError
        If it fails.
    """
    from graphviz import backend

    limit = TIME_LIMIT if time_limit is None else time_limit
    command = [backend.DOT_BINARY, f"-T{format}", *arguments]
    try:
        # What graphviz.Source(text).pipe(...) does, which has no time limit of its own. Warnings (a font's
        # substitute, a label's width) are captured, not shown.
        done = backend.execute.run_check(command, input=text.encode(), capture_output=True, quiet=True, timeout=limit)
    except (backend.ExecutableNotFound, OSError):
        raise MissingProgramError(_INSTALL) from None
    except subprocess.TimeoutExpired:
        raise SlowLayoutError(
            f"Graphviz found no layout in {limit:g} s: show fewer states or only probable transitions, "
            "or write a .dot file"
        ) from None
    except subprocess.CalledProcessError as error:
        raise FlexStreamError(f"Graphviz failed: {_first_line(error.stderr)}") from None
    return bytes(done.stdout)


def _first_line(stderr: bytes) -> str:
    lines = stderr.decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in lines if line.strip()), "it gave no reason")


SVG = Writer(svg, (".svg",), times=True)
PNG = Writer(png, (".png",), binary=True, times=True)
PDF = Writer(pdf, (".pdf",), binary=True, times=True)
