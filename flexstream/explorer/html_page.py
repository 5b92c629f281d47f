"""The page: one file of HTML that asks nothing of any network.

What a hostile log may hold stands in the page as JSON whose ``<`` are escapes, and gets into the document as text only.
The content security policy lets one script and one style run, named by their hashes, and nothing be loaded.
"""

from __future__ import annotations

import json
import time
from html import escape
from typing import Any

from ..automata.mixture import Ensemble
from ..automata.pdfa import PDFA
from ..learning.frontiers import Frontier
from ..pages import filled, hash_of, script_of, text_of
from ..visible import visible
from ..writers.colours import Colours
from ..writers.palette import ALARM
from ..writers.view import View
from ..writers.view_options import Trust, ViewOptions
from .knowledge import facts
from .other_sizes import check_frontier, sizes
from .stops import SECONDS, stops


def explorer_page(
    model: PDFA | Ensemble,
    title: str = "A model of FlexStream",
    seconds: float = SECONDS,
    frontier: Frontier | None = None,
    trust: Trust | None = None,
) -> str:
    """Return a page to explore a model in.

    Parameters
    ----------
    model : PDFA or Ensemble
        Of an ensemble its best member.
    title : str
        What stands above it.
    seconds : float
        What Graphviz may take for all pictures together; later ones have layouts of flexstream's own.
    frontier : Frontier, optional
        With automata of other sizes, of the stream that the model was learned from: a slider chooses among them.
    trust : Trust, optional
        What the report says of the model's states: a switch colours them by it.

    Raises
    ------
    UsageError
        If the frontier holds no automata, or is of another stream, or what is said is of another number of states.

    Examples
    --------
    >>> from flexstream.targets import reber
    >>> explorer_page(reber(), "Reber's grammar").splitlines()[0]
    '<!DOCTYPE html>'
    """
    known = _known(model, seconds, frontier) | {"trust": _trust(model, trust)}
    pictures = _all_pictures([known, *known["sizes"]])
    script, style = script_of(__package__, "explorer.js"), text_of(__package__, "explorer.css")
    parts = {
        "POLICY": f"default-src 'none'; script-src '{hash_of(script)}'; style-src '{hash_of(style)}'; "
        "base-uri 'none'; form-action 'none'",
        "TITLE": escape(visible(title)),
        "ABOUT": "".join(f"<p>{escape(line)}</p>" for line in known.pop("about")),
        "STYLE": style,
        "PICTURES": "\n".join(f'<div class="picture" hidden>{picture}</div>' for picture in pictures),
        "DATA": _json(known),
        "SCRIPT": script,
    }
    return filled(text_of(__package__, "explorer.html"), parts)


def _known(model: PDFA | Ensemble, seconds: float, frontier: Frontier | None) -> dict[str, Any]:
    """Return all that the page knows; what the pictures of the model leave of the time is for those of other sizes."""
    if frontier is not None:
        check_frontier(model, frontier)
    until = time.monotonic() + seconds
    known = facts(model) | {"stops": stops(model.best if isinstance(model, Ensemble) else model, seconds)}
    others = {"sizes": [], "place": 0} if frontier is None else sizes(model, frontier, until - time.monotonic())
    return known | others


def _trust(model: PDFA | Ensemble, trust: Trust | None) -> dict[str, Any] | None:
    """Return what the switch needs: the colours are those of pictures."""
    if trust is None:
        return None
    automaton = model.best if isinstance(model, Ensemble) else model
    colours = Colours(View.of(automaton, ViewOptions(colour="trust", trust=trust)))
    return {
        "widths": list(trust.widths),
        "contradicted": list(trust.contradicted),
        "proven": trust.proven,
        "fills": [colours.fill(state) for state in range(len(automaton))],
        "alarm": ALARM,
        "legend": "; ".join(colours.legend()),
    }


def _all_pictures(known: list[dict[str, Any]]) -> list[str]:
    """Take the pictures of all sizes out of what is known of them, which keeps where each has its first."""
    pictures: list[str] = []
    for one in known:
        one["stops"]["first"] = len(pictures)
        pictures += one["stops"].pop("pictures")
    return pictures


def _json(values: Any) -> str:
    """Return JSON that can stand in a script element: nothing in it ends that, or begins a comment."""
    text = json.dumps(values, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
