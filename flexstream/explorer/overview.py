"""An overview: the pictures of several models on one page, each with words and a link to a page to explore it in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from ..automata.pdfa import PDFA
from ..pages import hash_of
from ..visible import visible
from ..writers.figure import figure
from .stops import as_part

_STYLE = (
    ":root { color-scheme: light dark; } "
    "body { margin: 0 auto; padding: 1rem; max-width: 1400px; font: 15px/1.45 system-ui, Helvetica, Arial, sans-serif; "
    "background: #fff; color: #14212c; } h1 { font-size: 1.35rem; margin: 0; } h2 { font-size: 1.1rem; } "
    "a { color: #1b5e96; white-space: nowrap; } section { border-top: 1px solid #c5cfd8; margin-top: 1rem; } "
    ".picture { overflow: auto; } .picture svg { max-width: 100%; height: auto; } "
    "@media screen and (max-width: 60rem) { .picture svg { max-width: none; } } "  # where words could not be read
    "@media (prefers-color-scheme: dark) { body { background: #11181e; color: #e6edf3; } a { color: #8cc4f2; } "
    ".picture svg { filter: invert(1) hue-rotate(180deg); mix-blend-mode: screen; } } "
    "@media print { body { background: #fff; color: #000; } a { color: #1b5e96; } section { break-inside: avoid; } "
    ".picture svg { filter: none; mix-blend-mode: normal; } }"
)


class Part(NamedTuple):
    """A model of an overview: its heading, what is said of it, and the page to explore it in (beside this one)."""

    heading: str
    words: str
    model: PDFA
    page: str


def overview_page(title: str, about: Sequence[str], parts: Iterable[Part]) -> str:
    """Return a page of HTML that asks nothing of any network.

    Parameters
    ----------
    title : str
    about : sequence of str
        Paragraphs below it.
    parts : iterable of Part

    Examples
    --------
    >>> from flexstream.targets import reber
    >>> page = overview_page("Grammars", ["One of them."], [Part("Reber's", "six states", reber(), "reber.html")])
    >>> '<a href="reber.html">' in page, page.count("<svg")
    (True, 1)
    """
    policy = f"default-src 'none'; style-src '{hash_of(_STYLE)}'; base-uri 'none'; form-action 'none'"
    lines = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="generator" content="flexstream demo">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{_text(title)}</h1>",
        *(f"<p>{_text(line)}</p>" for line in about),
        *(_section(part) for part in parts),
        "</main>\n</body>\n</html>",
    ]
    return "\n".join([*lines, ""])


def _section(part: Part) -> str:
    picture = as_part(figure(part.model))
    return (
        f"<section>\n<h2>{_text(part.heading)}</h2>\n<p>{_text(part.words)} "
        f'<a href="{_text(part.page)}">Explore {_text(part.heading)}</a></p>\n'
        f'<div class="picture" tabindex="0" role="region" aria-label="{_text(part.heading)}, drawn">{picture}</div>\n'
        "</section>"
    )


def _text(text: str) -> str:
    return escape(visible(text))
