"""The page: HTML that holds nothing of the stream; all of that comes later, as JSON, and becomes text."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

from ..pages import filled, hash_of, script_of, text_of
from ..visible import visible


class Page(NamedTuple):
    """A page, and the content security policy that it is to be sent with."""

    html: bytes
    policy: str


def live_html(title: str) -> Page:
    """Return the page.

    Examples
    --------
    >>> page = live_html("orders <today>")
    >>> "<h1>orders &lt;today&gt;</h1>" in page.html.decode(), "connect-src 'self'" in page.policy
    (True, True)
    """
    script, style = script_of(__package__, "live.js"), text_of(__package__, "live.css")
    policy = (
        f"default-src 'none'; script-src '{hash_of(script)}'; style-src '{hash_of(style)}'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    parts = {"TITLE": escape(visible(title)), "STYLE": style, "SCRIPT": script}
    return Page(filled(text_of(__package__, "live.html"), parts).encode(), policy)
