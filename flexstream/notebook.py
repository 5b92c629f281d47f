"""Models, learners and differences in notebooks: what they are, and the picture."""

from __future__ import annotations

import re
from html import escape

from .automata.mixture import Ensemble
from .automata.pdfa import PDFA
from .difference import Difference, graphic
from .difference.words import text
from .display import Displayed
from .errors import FlexStreamError
from .explorer import explorer_page
from .learning.learner import StreamLearner
from .writers.figure import figure
from .writers.graphviz_layout import width_of_picture
from .writers.picture import drawn

SECONDS = 3.0
"""What Graphviz may take for the pictures to explore: somebody waits for the cell."""
_FRAME = "width:100%;height:760px;border:1px solid #c5cfd8"
_READABLE = 0.6
"""By how much a picture is drawn smaller at most: its words, of 10 points, are 8 pixels high then."""
_BEFORE_SVG = re.compile(r"^.*?(?=<svg)", re.DOTALL)


def svg(shown: Displayed) -> str | None:
    """Return the picture of a model, or of a learner's, as an element of SVG; None where it cannot be drawn.

    A model always has one; a difference has none without Graphviz's program.

    Examples
    --------
    >>> from flexstream.targets import reber
    >>> svg(reber()).startswith("<svg ")
    True
    """
    try:
        picture = graphic.picture(shown, "svg").decode() if isinstance(shown, Difference) else _model(shown)
    except FlexStreamError:
        return None
    return _BEFORE_SVG.sub("", picture)  # what stands before the element is for files of its own


def html(shown: Displayed) -> str:
    """Return what a notebook shows: what it is, what is wrong with it, and the picture.

    Examples
    --------
    >>> from flexstream.targets import reber
    >>> html(reber()).splitlines()[1]
    '<p><b>PDFA(6 states, 10 transitions, 5 symbols)</b></p>'
    """
    if isinstance(shown, Difference):
        words = f'<pre style="white-space:pre-wrap">{escape(text(shown))}</pre>'
        return "\n".join(["<div>", words, _scaled(svg(shown) or ""), "</div>"])
    automaton = _automaton(shown)
    lines = [f"<b>{escape(repr(shown))}</b>"]
    if shown is not automaton:
        lines.append(escape(f"{'best of them: ' if isinstance(shown, Ensemble) else ''}{automaton!r}"))
    lines += [f"{escape(str(verdict.text))}" for verdict in getattr(shown, "verdicts", ())]
    page = explorer_page(shown if isinstance(shown, Ensemble) else automaton, repr(automaton), SECONDS)
    frame = f'<iframe sandbox="allow-scripts" style="{_FRAME}" title="The model" srcdoc="{escape(page)}"></iframe>'
    parts = [f"<details open><summary>Explore</summary>{frame}</details>"]
    parts.append(f"<details><summary>Picture</summary>{_scaled(svg(shown) or '')}</details>")
    return "\n".join(["<div>", *(f"<p>{line}</p>" for line in lines), *parts, "</div>"])


def _model(shown: Displayed) -> str:
    return drawn(figure(_automaton(shown)))


def _automaton(shown: Displayed) -> PDFA:
    if isinstance(shown, PDFA):
        return shown
    if isinstance(shown, Ensemble):
        return shown.best
    assert isinstance(shown, StreamLearner)
    return shown.automaton


def _scaled(picture: str) -> str:
    """Return a picture that is no wider than the page, as long as its words can be read; else it moves sideways."""
    least = _READABLE * width_of_picture(picture) * 4 / 3  # pixels; a point is 4/3 of them
    style = f"max-width:100%;min-width:{least:.0f}px;height:auto"
    styled = picture.replace("<svg ", f'<svg style="{style}" ', 1)
    return f'<div style="overflow-x:auto">{styled}</div>'
