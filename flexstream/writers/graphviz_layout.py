"""Graphviz, for which time is limited, and the layout of its that is read most easily."""

from __future__ import annotations

import re
import subprocess  # for what Graphviz raises; no command is made here  # nosec B404
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..errors import FlexStreamError, MissingProgramError
from .backing import points
from .dot import TURNED, text
from .figure import WIDEST, Figure
from .orientation import Turned, turned

#: Seconds after which a layout is stopped; its time grows with the square of the edges and worse.
TIME_LIMIT = 8.0

INSTALL = (
    "Graphviz's program 'dot' is not installed: 'apt install graphviz', 'brew install graphviz' or "
    "'conda install graphviz'; a .svg or .dot file can be written without it"
)
_PLAIN, _MOST = 16, 80
"""Boxes up to which one layout is as good as another, and arrows above which trying several takes too long."""
_SHORTER = 0.85
"""How long the arrows of another layout may be at most, by those of the first, for it to be taken."""
_WIDTH = re.compile(r'<svg width="([\d.]+)pt"')
_EDGE = re.compile(r'class="edge">.*?<path [^>]*?\bd="([^"]*)"', re.DOTALL)
_TITLE = re.compile(rf'(<g id="{TURNED}\d+" class="edge">\n<title>)(\w+)(&#45;&gt;)(\w+)(</title>)')


class SlowLayoutError(FlexStreamError):
    """Graphviz was stopped before it had a layout."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A layout of Graphviz's, and what it was asked for with."""

    svg: str
    direction: str
    turned: Turned

    @property
    def width(self) -> float:
        """Points."""
        return width_of_picture(self.svg)

    @property
    def length(self) -> float:
        """Length of all arrows, points: what the eye has to follow."""
        return sum(float(np.hypot(*np.diff(points(path), axis=0).T).sum()) for path in _EDGE.findall(self.svg))


def width_of_picture(svg: str) -> float:
    """Return the width of a picture of SVG, in points; 0 if it says none."""
    found = _WIDTH.search(svg)
    return float(found[1]) if found else 0.0


def best(drawing: Figure) -> Drawn:
    """Return the layout that is read most easily: narrow enough for a page, and with short arrows.

    Graphviz's own is taken if it is narrow enough and has few boxes; else others are tried while there is time: other
    arrows lead back, or all lead to another side.

    Raises
    ------
    MissingProgramError, SlowLayoutError, FlexStreamError
        As `render` does for the first layout.
    """
    until = time.monotonic() + TIME_LIMIT
    found = [_rendered(drawing, drawing.direction, frozenset(), TIME_LIMIT)]
    if (len(drawing.arrows) <= _MOST and len(drawing.boxes) > _PLAIN) or found[0].width > WIDEST:
        for direction, back in _others(drawing):
            try:
                found.append(_rendered(drawing, direction, back, until - time.monotonic()))
            except FlexStreamError:
                break
    if min(one.width for one in found) > WIDEST:
        return min(found, key=lambda one: one.width)
    fitting = [one for one in found if one.width <= WIDEST]
    return min(fitting, key=lambda one: one.length * (_SHORTER if not one.turned else 1.0))


def _others(drawing: Figure) -> Iterator[tuple[str, Turned]]:
    """Yield directions, and arrows that lead back, that may make another layout."""
    other = "LR" if drawing.direction == "TB" else "TB"
    yield other, frozenset()
    if len(drawing.boxes) > _PLAIN and len(drawing.arrows) <= _MOST:
        for back in dict.fromkeys(turned(drawing, likely) for likely in (False, True)):
            yield drawing.direction, back
            yield other, back


def _rendered(drawing: Figure, direction: str, back: Turned, seconds: float) -> Drawn:
    if seconds <= 0:
        raise SlowLayoutError("Graphviz has no time left")
    svg = render(text(drawing, direction, turned=back), "svg", time_limit=seconds).decode("utf-8")
    return Drawn(_TITLE.sub(r"\1\4\3\2\5", svg), direction, back)


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
        raise MissingProgramError(INSTALL) from None
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
