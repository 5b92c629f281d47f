"""Models, learners and differences in notebooks: the picture where it can be drawn, words or a table where not."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Any

from .automata.mixture import Ensemble
from .automata.pdfa import PDFA
from .difference import Difference
from .difference.graphic import dot as dot_of_difference
from .difference.words import text
from .display import Displayed
from .errors import FlexStreamError
from .explanation import Explainer, Outgoing
from .learning.learner import StreamLearner
from .writers.dot import dot
from .writers.labels import count, probability
from .writers.naming import labels_of
from .writers.picture import render
from .writers.view import View, ViewOptions

MOST_STATES, MOST_ROWS, MOST_FOLLOWING = 40, 30, 4
"""States of a picture and of a table, outcomes told of each."""
SECONDS = 10.0
"""What drawing may take: somebody waits for the cell."""
_BEFORE_SVG = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_CELL = 'style="text-align:left;vertical-align:top"'


def svg(shown: Displayed) -> str | None:
    """Return the picture of a model, or of a learner's, as an element of SVG; None where it cannot be drawn.

    Of more than `MOST_STATES` states those are shown that are visited most; the page says so.

    Examples
    --------
    >>> from flexstream.targets import reber
    >>> svg(reber()).startswith("<svg ")
    True
    """
    try:
        return _drawn(dot_of_difference(shown) if isinstance(shown, Difference) else _dot(_automaton(shown)))
    except FlexStreamError:
        return None


def html(shown: Displayed) -> str:
    """Return what a notebook shows: what it is, what is wrong with it, and the picture or the states.

    Examples
    --------
    >>> from flexstream.targets import reber
    >>> html(reber()).splitlines()[1]
    '<p><b>PDFA(6 states, 10 transitions, 5 symbols)</b></p>'
    """
    if isinstance(shown, Difference):
        words = f"<pre>{escape(text(shown))}</pre>"
        return "\n".join(["<div>", words, _scaled(svg(shown) or ""), "</div>"])
    automaton = _automaton(shown)
    lines = [f"<b>{escape(repr(shown))}</b>"]
    if shown is not automaton:
        lines.append(escape(f"{'best of them: ' if isinstance(shown, Ensemble) else ''}{automaton!r}"))
    lines += [f"{escape(str(verdict.text))}" for verdict in getattr(shown, "verdicts", ())]
    try:
        body, hidden = _scaled(_drawn(_dot(automaton))), View.of(automaton, _options(automaton)).caption
    except FlexStreamError as error:
        body, hidden = _table(automaton), f"No picture: {error}."
    lines += [escape(hidden)] if hidden else []
    return "\n".join(["<div>", *(f"<p>{line}</p>" for line in lines), body, "</div>"])


def _automaton(shown: Displayed) -> PDFA:
    if isinstance(shown, PDFA):
        return shown
    if isinstance(shown, Ensemble):
        return shown.best
    assert isinstance(shown, StreamLearner)
    return shown.automaton


def _options(automaton: PDFA) -> ViewOptions:
    return ViewOptions(max_states=MOST_STATES) if len(automaton) > MOST_STATES else ViewOptions()


def _dot(automaton: PDFA) -> str:
    return dot(automaton, _options(automaton))


def _drawn(drawing: str) -> str:
    picture = render(drawing, "svg", time_limit=SECONDS).decode()
    return _BEFORE_SVG.sub("", picture)  # what stands before the element is for files of its own


def _scaled(picture: str) -> str:
    """Return a picture that is no wider than the page."""
    return picture.replace("<svg ", '<svg style="max-width:100%;height:auto" ', 1)


def _table(automaton: PDFA) -> str:
    explainer, labels = Explainer(automaton), labels_of(automaton)
    most_visited = sorted(range(len(automaton)), key=lambda state: (-automaton.visits[state], state))
    rows = [_row("th", ["state", "", "visits", "what follows"])]
    for state in most_visited[:MOST_ROWS]:
        follows = _following(explainer.outcomes(state), labels)
        rows.append(_row("td", [f"q{state}", explainer.names[state], count(float(automaton.visits[state])), follows]))
    if len(automaton) > MOST_ROWS:
        rows.append(_row("td", ["…", f"{len(automaton) - MOST_ROWS:,} more, less visited", "", ""]))
    return "\n".join(["<table>", *rows, "</table>"])


def _following(outcomes: Iterable[Outgoing], labels: dict[str, str]) -> str:
    told = [
        f"the end {probability(outcome.probability)}"
        if outcome.symbol is None
        else f"{labels[outcome.symbol]} {probability(outcome.probability)} → q{outcome.target}"
        for outcome in outcomes
    ]
    return "; ".join([*told[:MOST_FOLLOWING], *(["…"] if len(told) > MOST_FOLLOWING else [])])


def _row(tag: str, cells: Iterable[Any]) -> str:
    return "<tr>" + "".join(f"<{tag} {_CELL}>{escape(str(cell))}</{tag}>" for cell in cells) + "</tr>"
