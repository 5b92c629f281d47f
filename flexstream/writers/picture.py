"""SVG, PNG and PDF: the picture, drawn by Graphviz."""

from __future__ import annotations

import shutil
import subprocess

from ..automata.pdfa import PDFA
from ..errors import FlexStreamError, MissingProgramError
from .dot import dot
from .view import ViewOptions
from .writer import Writer

#: Seconds after which a layout is stopped; its time grows with the square of the edges and worse.
TIME_LIMIT = 120.0

_INSTALL = (
    "Graphviz's program 'dot' is not installed: 'apt install graphviz', 'brew install graphviz' or "
    "'conda install graphviz'; a .dot file can be written without it"
)


def require_dot() -> None:
    """Raise MissingProgramError if Graphviz's program is not installed, before any work is done for a picture."""
    if shutil.which("dot") is None:
        raise MissingProgramError(_INSTALL)


def svg(automaton: PDFA, options: ViewOptions) -> str:
    """Return the picture as SVG; full symbols and counts appear under the mouse."""
    return render(dot(automaton, options), "svg").decode("utf-8")


def png(automaton: PDFA, options: ViewOptions) -> bytes:
    """Return the picture as PNG, 144 dots an inch."""
    return render(dot(automaton, options), "png", "-Gdpi=144")


def pdf(automaton: PDFA, options: ViewOptions) -> bytes:
    """Return the picture as PDF, the only format that carries the date."""
    return render(dot(automaton, options), "pdf")


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
    FlexStreamError
        If it fails or takes too long.
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
        raise FlexStreamError(
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
